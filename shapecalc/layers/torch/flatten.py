"""Axes that become one, and one that becomes several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size, product, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, size_or_open
from shapecalc.layers.layer import rule
from shapecalc.layers.reshape import filled, refuse_several_open
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def _sizes(value: Any) -> tuple[Size, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError
    sizes = tuple(map(size_or_open, value))
    refuse_several_open(sizes)
    return sizes


Sizes = Annotated[
    tuple[Size, ...], ArgumentKind("sizes, of which one can be -1", _sizes, variadic=True, least=1)
]


class Flatten(Module):
    """Flattens the axes from ``start_dim`` to ``end_dim`` to one; the batch stays by default.

    Shape   (N, C, H, W) -> (N, C*H*W)
    Errors  there is no such dim; start_dim is after end_dim
    Source  torch.nn.Flatten
    """

    reshapes = True
    moves = True
    examples = ("in:N:16:5:5,flatten", "in:N:C:H:W,flatten:2")

    start_dim: Integer = 1
    end_dim: Integer = -1

    def output_axes(self, names: Names, rank: int) -> Names | None:
        """Return the axes: all axes but the batch are features, where that is what it does."""
        return (names[0], "features") if rank == 2 else None  # noqa: PLR2004

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what the sizes come to."""
        from shapecalc.layers.explaining import factor

        x, made = applied.inputs[0], applied.outputs[0]
        if x:
            start, end = dim_of(self.start_dim, x), dim_of(self.end_dim, x)
            factors = "*".join(map(factor, x[start : end + 1]))
            yield f"axes {start} to {end} become one: {factors} = {made[start]}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the axes before and after stay."""
        from shapecalc.layers.looking import placed

        (x, *_) = passed.inputs
        start, end = (dim_of(self.start_dim, x), dim_of(self.end_dim, x)) if x else (0, 0)
        kept = None if end > start or not x else start
        return placed((*range(start), kept, *range(end + 1, len(x))))


@rule(Flatten)
def flatten(layer: Flatten, _scope: Scope, x: Shape) -> Result:
    """Multiply the sizes from one dim to another."""
    start, end = dim_of(layer.start_dim, x), dim_of(layer.end_dim, x)
    if start > end:
        raise ShapeError(f"has start_dim {layer.start_dim} after end_dim {layer.end_dim}")
    return Result((*x[:start], product(x[start : end + 1]), *x[end + 1 :]))


class Unflatten(Module):
    """Splits one axis into several; it undoes a Flatten.

    Shape   (*, n, *) -> (*, *unflattened_size, *), where -1 is found from the other sizes
    Errors  the sizes do not multiply to n; there is no such dim
    Source  torch.nn.Unflatten
    """

    reshapes = True
    moves = True
    examples = ("in:N:400,unflatten:1:16:5:5",)

    dim: Integer
    unflattened_size: Sizes

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the axes before and after stay."""
        from shapecalc.layers.looking import placed

        (x, *_) = passed.inputs
        dim, new = dim_of(self.dim, x), passed.rank - len(x) + 1
        return placed((*range(dim), *(None,) * new, *range(dim + 1, len(x))))


@rule(Unflatten)
def unflatten(layer: Unflatten, scope: Scope, x: Shape) -> Result:
    """Replace the axis by the sizes; one that is left open is found."""
    if not x:
        raise ShapeError(f"splits an axis, but gets {shape_text(x)}")
    dim = dim_of(layer.dim, x)
    return Result((*x[:dim], *filled(scope, layer.unflattened_size, x[dim], x), *x[dim + 1 :]))
