"""Functions on axes, which stand as in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import literal, tupled
from shapecalc.exporters.port.from_torch.values import Out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.families import Writer


def reshape(a: Applied) -> Out:
    """Give other sizes; one that is not known is left to be found."""
    x, sizes = a.plain(), a.outputs[0]
    keeps = bool(sizes) and bool(a.shape) and sizes[0] == a.shape[0]
    rest = sizes[1:] if keeps else sizes
    unknown = [size for size in rest if not isinstance(size, int)]
    if len(unknown) > 1:
        a.refuse("leaves more than one size open, which Keras does not")
    given = [str(size) if isinstance(size, int) else "-1" for size in rest]
    if not keeps:
        return Out(a.ops("reshape", x, tupled(*given)))
    if len(rest) == 1:
        return Out(a.plainly("Flatten", x))
    return Out(a.plainly("Reshape", x, tupled(*given)))


def ordered(a: Applied, order: Sequence[int]) -> Out:
    """Put the axes into an order."""
    x = a.plain()
    if list(order) == list(range(a.rank)):
        return Out(a.values[0])
    if order[0] == 0:
        return Out(a.plainly("Permute", x, literal(tuple(order[1:]))))
    return Out(a.ops("transpose", x, literal(tuple(order))))


def permute(a: Applied) -> Out:
    """Put the axes into the order that it says."""
    layer: Any = a.layer
    return ordered(a, [dim % a.rank for dim in layer.dims])


def transpose(a: Applied) -> Out:
    """Swap two axes."""
    layer: Any = a.layer
    one, other = (getattr(layer, name) % a.rank for name in ("dim0", "dim1"))
    order = list(range(a.rank))
    order[one], order[other] = order[other], order[one]
    return ordered(a, order)


def movedim(a: Applied) -> Out:
    """Move axes to other places."""
    layer: Any = a.layer
    sources, targets = (
        [axis % a.rank for axis in ((given,) if isinstance(given, int) else given)]
        for given in (layer.source, layer.destination)
    )
    order = [axis for axis in range(a.rank) if axis not in sources]
    for target, source in sorted(zip(targets, sources, strict=True)):
        order.insert(target, source)
    return ordered(a, order)


def squeeze(a: Applied) -> Out:
    """Leave out axes of size 1."""
    layer: Any = a.layer
    x = a.plain()
    dims = layer.dim
    if dims is None:
        dims = tuple(axis for axis, size in enumerate(a.shape) if size == 1)
    named = [dim % a.rank for dim in ((dims,) if isinstance(dims, int) else dims)]
    gone = tuple(dim for dim in named if a.shape[dim] == 1)
    if len(a.outputs[0]) != a.rank - len(gone):
        a.refuse("leaves out axes that the data decides")
    return Out(a.ops("squeeze", x, axis=literal(gone))) if gone else Out(a.values[0])


def unsqueeze(a: Applied) -> Out:
    """Add an axis of size 1."""
    layer: Any = a.layer
    return Out(a.ops("expand_dims", a.plain(), axis=str(layer.dim)))


def select(a: Applied) -> Out:
    """Take one place of an axis."""
    layer: Any = a.layer
    before = [":"] * (layer.dim % a.rank)
    return Out(f"{a.plain()}[{', '.join([*before, str(layer.index)])}]")


def chunk(a: Applied) -> list[Out]:
    """Cut an axis into parts."""
    layer: Any = a.layer
    axis = layer.dim % a.rank
    sizes = [shape[axis] for shape in a.outputs]
    if not all(isinstance(size, int) and size == sizes[0] for size in sizes):
        a.refuse("cuts into parts of different or unknown sizes")
    x = a.plain()
    name = a.let("parts", a.ops("split", x, str(len(sizes)), axis=str(axis)))
    return [Out(f"{name}[{place}]") for place in range(len(sizes))]


def flip(a: Applied) -> Out:
    """Turn axes round."""
    layer: Any = a.layer
    dims: Expression = literal(tuple(dim % a.rank for dim in layer.dims))
    return Out(a.ops("flip", a.plain(), axis=dims))


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys(("Flatten", "Unflatten", "View", "Reshape"), reshape),
    "Permute": permute,
    "Transpose": transpose,
    "Movedim": movedim,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Select": select,
    "Chunk": chunk,
    "Flip": flip,
}
