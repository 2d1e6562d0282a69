"""Operations of ``keras.ops`` on axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.reshaping import reshaped
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def new_shape(a: Applied) -> Out:
    """Return other sizes, the batch among them."""
    x, (batch, *sizes) = a.plain(), a.outputs[0]
    if batch == a.shape[0]:
        return Out(reshaped(a, x, sizes))
    wanted = [a.run_time_size(size) for size in sizes]
    return Out(Call(f"{x}.reshape", ("-1", *wanted)))


def transpose(a: Applied) -> Out:
    """Put the axes into another order."""
    layer: Any = a.layer
    axes = layer.axes or tuple(reversed(range(a.rank)))
    return Out(Call(f"{a.plain()}.permute", tuple(map(str, axes))))


def expand_dims(a: Applied) -> Out:
    """Add axes of size 1."""
    layer: Any = a.layer
    rank = len(a.outputs[0])
    new = sorted(axis % rank for axis in layer.axis or (0,))
    return Out(a.plain() + "".join(f".unsqueeze({axis})" for axis in new))


def squeeze(a: Applied) -> Out:
    """Leave out axes of size 1."""
    layer: Any = a.layer
    if layer.axis is None:
        gone = [axis for axis, size in enumerate(a.shape) if size == 1]
        if len(a.shape) - len(gone) != len(a.outputs[0]):
            a.refuse("leaves out axes that the data decides")
        return Out(Call(f"{a.plain()}.squeeze", (literal(tuple(gone)),)))
    return Out(Call(f"{a.plain()}.squeeze", (literal(layer.axis),)))


def tile(a: Applied) -> Out:
    """Repeat the whole tensor along each axis."""
    layer: Any = a.layer
    return Out(Call("torch.tile", (a.plain(), literal(tuple(layer.repeats)))))


def repeat_elements(a: Applied) -> Out:
    """Repeat each part along an axis."""
    layer: Any = a.layer
    along = [] if layer.axis is None else [("dim", str(layer.axis))]
    return Out(Call(f"{a.plain()}.repeat_interleave", (str(layer.repeats),), along))


def pad(a: Applied) -> Out:
    """Add zeros before and after each axis."""
    layer: Any = a.layer
    widths = layer.pad_width * a.rank if len(layer.pad_width) == 1 else layer.pad_width
    flat = [str(width) for pair in reversed(widths) for width in pair]
    return Out(a.functional("pad", a.plain(), tupled(*flat)))


def one_hot(a: Applied) -> Out:
    """Make a row of 0 and one 1 of each number."""
    layer: Any = a.layer
    call = a.functional("one_hot", f"{a.plain()}.long()", str(layer.num_classes))
    rows = a.let("rows", call)
    place = layer.axis % len(a.outputs[0])
    moved = "" if place == a.rank else f".movedim(-1, {place})"
    return Out(f"{rows}.float(){moved}")


def top_k(a: Applied) -> list[Out]:
    """Return the largest numbers, and where they stand."""
    layer: Any = a.layer
    largest, places = a.unpacked("largest", 0), a.unpacked("places", 1)
    a.line(f"{largest.name}, {places.name}", Call("torch.topk", (a.plain(), str(layer.k))))
    return [Out(largest), Out(places)]


def slice_(a: Applied) -> Out:
    """Take a part, as Python's brackets do."""
    layer: Any = a.layer
    parts = [part.strip() for part in str(layer.key).split(",")]
    if any(part.count(":") == 2 and part.rpartition(":")[2].startswith("-") for part in parts):  # noqa: PLR2004
        a.refuse("goes backwards along an axis, which PyTorch's brackets do not")
    return Out(f"{a.plain()}[{', '.join(parts)}]")


def split(a: Applied) -> list[Out]:
    """Cut along an axis, into equal parts or at places."""
    layer: Any = a.layer
    parts = literal(layer.indices_or_sections)
    call = Call("torch.tensor_split", (a.plain(), parts), [("dim", str(layer.axis))])
    name = a.let("parts", call)
    return [Out(f"{name}[{place}]") for place in range(len(a.outputs))]


def unstack(a: Applied) -> list[Out]:
    """Return each part along an axis."""
    layer: Any = a.layer
    name = a.let("parts", Call(f"{a.plain()}.unbind", (str(layer.axis),)))
    return [Out(f"{name}[{place}]") for place in range(len(a.outputs))]


WRITERS: Final[dict[str, Writer]] = {
    "NewShape": new_shape,
    "Transpose": transpose,
    "ExpandDims": expand_dims,
    "Squeeze": squeeze,
    "Tile": tile,
    "RepeatElements": repeat_elements,
    "Pad": pad,
    "OneHot": one_hot,
    "TopK": top_k,
    "Slice": slice_,
    "Split": split,
    "Unstack": unstack,
}
