"""Flatten and its opposite: axes become one, or one becomes several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size, product, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Integer, Kind, size_or_open
from shapecalc.layers.layer import rule
from shapecalc.layers.reshape import fitted
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names


def _sizes(value: Any) -> tuple[Size, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError
    sizes = tuple(map(size_or_open, value))
    if sum(size == -1 for size in sizes) > 1:
        raise ValueError("can leave only one size to be found by -1")
    return sizes


Sizes = Annotated[
    tuple[Size, ...],
    Kind("the sizes of the new axes, of which one can be -1", _sizes, variadic=True, least=1),
]


class Flatten(Module):
    """Makes one axis of those from ``start_dim`` to ``end_dim``, by default of all but the batch.

    Shape   (N, C, H, W) -> (N, C*H*W)
    Errors  there is no such dim, or start_dim comes after end_dim (usual cause: no batch axis)
    Source  torch.nn.Flatten
    """

    examples = ("in:N:16:5:5,flatten,linear:400:120", "in:N:C:H:W,flatten:2")

    start_dim: Integer = 1
    end_dim: Integer = -1

    def output_axes(self, names: Names, rank: int) -> Names:
        """The axes that become one are features."""
        if not names:
            return ("features",)
        count = len(names) - rank
        start = self.start_dim % len(names)
        return (*names[:start], "features", *names[start + count + 1 :])

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say what the sizes come to."""
        from shapecalc.layers.explaining import factor

        x = applied.inputs[0]
        start, end = (dim_of(dim, x) for dim in (self.start_dim, self.end_dim))
        merged, made = x[start : end + 1], applied.outputs[0][start]
        factors = "*".join(map(factor, merged))
        yield f"axes {start} to {end} become one: {factors or 1} = {made}"


@rule(Flatten)
def flatten(layer: Flatten, _scope: Scope, x: Shape) -> Result:
    """Multiply the sizes of the axes that become one; a single number becomes an axis of 1."""
    start, end = dim_of(layer.start_dim, x), dim_of(layer.end_dim, x)
    if start > end:
        raise RankError(
            f"flattens from axis {layer.start_dim} to axis {layer.end_dim}, which comes before it "
            f"in {shape_text(x)}"
        )
    return Result((*x[:start], product(x[start : end + 1]), *x[end + 1 :]))


class Unflatten(Module):
    """Makes several axes of one; the numbers stay the same, and so does how many there are.

    Shape   (N, C*H*W) -> (N, C, H, W), with dim 1 and unflattened_size C H W, one of which
            can be -1
    Errors  the new sizes do not multiply to that of the axis; there is no such dim
    Source  torch.nn.Unflatten
    """

    examples = ("in:N:50,unflatten:1:2:5:5", "in:N:F,unflatten:1:-1:4")

    dim: Integer
    unflattened_size: Sizes


@rule(Unflatten)
def unflatten(layer: Unflatten, scope: Scope, x: Shape) -> Result:
    """Put the new sizes, which hold as many numbers, in the place of the axis."""
    if not x:
        raise RankError("needs at least 1 axis, but gets ()")
    dim = dim_of(layer.dim, x)
    made = fitted(scope, layer.unflattened_size, (x[dim],), x)
    return Result((*x[:dim], *made, *x[dim + 1 :]))
