"""Merges: join several tensors into one, element-wise or side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from shapecalc.dims import (
    Shape,
    Size,
    equal,
    shape_text,
)
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, Switch, whole
from shapecalc.layers.broadcast import agree, broadcast
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _dot_axes(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return whole(value)
    if len(value) != 2:  # noqa: PLR2004  (one for each tensor)
        raise ValueError
    return tuple(map(whole, value))


DotAxes = Annotated[
    int | tuple[int, ...],
    ArgumentKind("an axis, or two of them, one for each tensor; the batch is axis 0", _dot_axes),
]


class Elementwise(KerasLayer):
    """Base class of the element-wise merges."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    merges: ClassVar[bool] = True
    keeps_rank = True

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what is joined."""
        from shapecalc.layers.explaining import joined

        yield joined(applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees the same one of all tensors."""
        from shapecalc.layers.looking import matched

        return matched(passed.inputs, passed.output, after_batch=True)


class Add(Elementwise):
    """Adds tensors element-wise; a residual connection adds a block's input to its output.

    A size of 1 is broadcast. A tensor with fewer axes counts as if it had further ones of
    size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1 (usual cause: the branch changed the channels,
            or halved the image); the batch sizes differ, even if one is 1
    Source  keras.layers.Add
    """

    examples = (
        "in:B:T:8,add(dense:8|)",
        "in:B:T:8@one,in:B:T:8@two,add:@one",
    )


class Subtract(Elementwise):
    """Subtracts the second tensor from the first, element-wise; it takes just two.

    A size of 1 is broadcast. A tensor with fewer axes counts as if it had further ones of
    size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1; the batch sizes differ, even if one is 1;
            it gets more than two tensors
    Source  keras.layers.Subtract
    """

    arity = (2, 2)


class Multiply(Elementwise):
    """Multiplies tensors element-wise; a gate multiplies a tensor by weights from 0 to 1.

    A size of 1 is broadcast, as in (batch, 1, 1, channels) for a weight of each channel. A
    tensor with fewer axes counts as if it had further ones of size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1; the batch sizes differ, even if one is 1
    Source  keras.layers.Multiply
    """


class Average(Elementwise):
    """Averages tensors element-wise.

    A size of 1 is broadcast. A tensor with fewer axes counts as if it had further ones of
    size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1; the batch sizes differ, even if one is 1
    Source  keras.layers.Average
    """


class Maximum(Elementwise):
    """Takes the element-wise maximum of tensors.

    A size of 1 is broadcast. A tensor with fewer axes counts as if it had further ones of
    size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1; the batch sizes differ, even if one is 1
    Source  keras.layers.Maximum
    """


class Minimum(Elementwise):
    """Takes the element-wise minimum of tensors.

    A size of 1 is broadcast. A tensor with fewer axes counts as if it had further ones of
    size 1 right after the batch.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1; the batch sizes differ, even if one is 1
    Source  keras.layers.Minimum
    """


@rule(Add, Subtract, Multiply, Average, Maximum, Minimum)
def elementwise(_layer: Elementwise, scope: Scope, *inputs: Shape) -> Result:
    """Join the batch sizes, and broadcast the other axes, aligned at the last one."""
    for shape in inputs:
        at_least_axes(shape, "batch")
    batch = agree(scope, inputs, 0)
    rank = max(map(len, inputs))
    places = range(rank - 1, 0, -1)
    return Result((batch, *(broadcast(scope, inputs, place) for place in places)))


class Concatenate(KerasLayer):
    """Concatenates tensors along an axis, by default the last; all numbers are kept.

    A U-Net puts the channels of the way down beside those of the way up.

    Shape   (batch, ..., m) and (batch, ..., n) -> (batch, ..., m + n)
    Errors  another axis differs (usual cause: an odd size that was halved and doubled again);
            the tensors have different numbers of axes; there is no such axis
    Source  keras.layers.Concatenate
    """

    examples = (
        "in:B:T:8@one,in:B:T:4@two,concat:@one",
        "in:B:H:W:3,concat(conv2d:8:1|conv2d:16:3:same)",
    )

    arity = (2, None)
    merges: ClassVar[bool] = True
    keeps_rank = True

    axis: Integer = -1

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[tuple[str | Size, ...]]:
        """Return a shape of any size along the joined axis."""
        first: list[str | Size] = list(read[0])
        if -len(first) <= self.axis < len(first):
            first[self.axis] = "F" if self.axis in {-1, len(first) - 1} else "L"
        return [tuple(first)]

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain whose sizes add up."""
        axis = self.axis
        sizes = " + ".join(str(shape[axis]) for shape in applied.inputs)
        other = applied.other_axis(axis)
        named = "" if other is None else f", the {other}"
        total = applied.outputs[0][axis]
        yield f"axis {axis}{named}: {sizes} = {total}; all other axes must agree"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the same position of all tensors, except along the joined axis."""
        from shapecalc.layers.looking import beside

        return beside(passed, self.axis)


@rule(Concatenate)
def concatenate(layer: Concatenate, scope: Scope, *inputs: Shape) -> Result:
    """Add up the sizes of the axis; all others are equal, and those of the first tensor."""
    first = inputs[0]
    for other in inputs:
        if len(other) != len(first):
            shapes = f"{shape_text(first)} and {shape_text(other)}"
            raise ShapeError(f"joins tensors with the same number of axes, but gets {shapes}")
    if not -len(first) <= layer.axis < len(first):
        raise ShapeError(f"joins along axis {layer.axis}, but gets {shape_text(first)}")
    joined = layer.axis % len(first)
    output = list(first)
    for axis in range(len(first)):
        if axis == joined:
            for other in inputs[1:]:
                output[axis] = output[axis] + other[axis]
        else:
            agree(scope, inputs, axis)
    return Result(tuple(output))


class Dot(KerasLayer):
    """Takes the dot product of two tensors along an axis of each.

    ``normalize`` first scales both to length 1, so that the products are cosines.

    Shape   (batch, n) and (batch, n) -> (batch, 1), with axes 1;
            (batch, a, n) and (batch, b, n) -> (batch, a, b), with axes 2
    Errors  the two axes differ in size; an axis is the batch, or there is none such; the batch
            sizes differ
    Source  keras.layers.Dot
    """

    examples = (
        "in:B:8@one,in:B:8@two,dot:@one:1",
        "in:B:S:8@one,in:B:T:8@two,dot:@one:2",
    )

    arity = (2, 2)
    merges: ClassVar[bool] = True

    axes: DotAxes
    normalize: Switch = False

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees itself, and all along the axes that are multiplied."""
        from shapecalc.layers.looking import multiplied

        terms = [
            [0, *("sum" if axis == gone else (tensor, axis) for axis in range(1, len(shape)))]
            for tensor, (shape, gone) in enumerate(
                zip(passed.inputs, _multiplied(self.axes, *passed.inputs), strict=True)
            )
        ]
        kept: list[object] = [name for term in terms for name in term[1:] if name != "sum"]
        return multiplied(passed, terms, [0, *(kept or [None])])


@rule(Dot)
def dot(layer: Dot, scope: Scope, *inputs: Shape) -> Result:
    """Leave out the axes that are multiplied; the others follow one another."""
    x, y = inputs
    a, b = _multiplied(layer.axes, x, y)
    agree(scope, inputs, 0)
    why = "cannot multiply {} and {}: axis {} of the first has {}, axis {} of the second {}"
    scope.require(equal(x[a], y[b]), why, x, y, a, x[a], b, y[b])
    kept = (*x[1:a], *x[a + 1 :], *y[1:b], *y[b + 1 :])
    products = [Product("product", (*x, *y[1:b], *y[b + 1 :]))]
    return Result((x[0], *(kept or (1,))), products=products)


def _multiplied(axes: int | tuple[int, ...], *inputs: Shape) -> Iterator[int]:
    """Yield the axis of each tensor, counted from the batch."""
    for place, x in enumerate(inputs):
        rank = len(x)
        if rank == 1:
            raise RankError(f"needs tensors of at least 2 axes, but gets {shape_text(x)}")
        axis = axes if isinstance(axes, int) else axes[place]
        wraps = isinstance(axes, int) and axis < 0
        if not (wraps or -rank <= axis < rank):
            raise ShapeError(f"multiplies along axis {axis}, but gets {shape_text(x)}")
        if axis % rank == 0:
            raise ShapeError(f"cannot multiply along the batch, axis {axis} of {shape_text(x)}")
        yield axis % rank
