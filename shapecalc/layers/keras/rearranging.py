"""Operations of ``keras.ops`` on axes, as functional models hold them as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import (
    Shape,
    at_least,
    equal,
    multiple_of,
    product,
    shape_text,
)
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Integer, PositiveInteger
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.ops import axes_of, axis_of
from shapecalc.layers.keras.opvalues import (
    Counts,
    NewSizes,
    OptionalAxes,
    OptionalAxis,
    OptionalCounts,
    OptionalNumbers,
    Widths,
)
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.sizes import is_one

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class NewShape(KerasLayer):
    """Reshapes a tensor, the batch included; the values stay the same.

    Shape   (batch, ...) -> shape, where -1 is found from the other sizes
    Errors  the new shape holds more or fewer numbers than the old one
    Source  keras.ops.reshape
    """

    reshapes = True
    moves = True
    examples = ("in:B:T:4,newshape:-1:2",)

    shape: NewSizes

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "Reshape"


@rule(NewShape)
def new_shape(layer: NewShape, scope: Scope, x: Shape) -> Result:
    """Find the size that is left open; a first one that is unknown is the batch."""
    sizes = list(layer.shape)
    if sizes and sizes[0] is None and x:
        # The others are found by dividing by it.
        scope.require(at_least(x[0], 1), "keeps the batch of {}, which is empty", x)
        sizes[0] = x[0]
    total, known = product(x), product(size for size in sizes if size not in {None, -1})
    open_places = [place for place, size in enumerate(sizes) if size in {None, -1}]
    why = "needs a multiple of {} numbers, but gets {} from {}"
    if len(open_places) == 1:
        scope.require(known != 0 and multiple_of(total, known), why, known, total, x)
        sizes[open_places[0]] = total // known
    elif open_places:
        raise ShapeError("leaves more than one size open")
    else:
        scope.require(equal(total, known), "needs {} numbers, but gets {} from {}", known, total, x)
    return Result(tuple(size for size in sizes if size is not None))


class Transpose(KerasLayer):
    """Permutes the axes, by default in reverse; the batch is axis 0.

    Shape   (batch, a, b) -> (batch, b, a), with axes 0 2 1
    Errors  the axes are not those of the input
    Source  keras.ops.transpose
    """

    moves = True

    axes: OptionalNumbers = None

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import placed

        rank = passed.rank
        return placed([axis % rank for axis in self.axes or range(rank - 1, -1, -1)])


@rule(Transpose)
def transpose(layer: Transpose, _scope: Scope, x: Shape) -> Result:
    """Take each axis from its old place."""
    axes = layer.axes or tuple(reversed(range(len(x))))
    order = [axis_of(axis, len(x), x) for axis in axes]
    if sorted(order) != list(range(len(x))):
        raise ShapeError(f"orders axes {shape_text(axes)}, but gets {shape_text(x)}")
    return Result(tuple(x[axis] for axis in order))


class ExpandDims(KerasLayer):
    """Adds an axis of size 1.

    Shape   (batch, n) -> (batch, 1, n), with axis 1
    Errors  there is no such place; a place is named twice
    Source  keras.ops.expand_dims
    """

    moves = True

    axis: OptionalNumbers = None

    def looks(self, passed: Passed) -> Looks:
        """Return the axes, with new ones between them."""
        from shapecalc.layers.looking import placed

        new = {axis % passed.rank for axis in self.axis or (0,)}
        rest = iter(range(passed.rank))
        return placed([None if axis in new else next(rest) for axis in range(passed.rank)])


@rule(ExpandDims)
def expand_dims(layer: ExpandDims, _scope: Scope, x: Shape) -> Result:
    """Put 1 at each of the new places."""
    axes = layer.axis or (0,)
    rank = len(x) + len(axes)
    new = axes_of("adds", axes, rank, x)
    rest = iter(x)
    return Result(tuple(1 if place in new else next(rest) for place in range(rank)))


class Squeeze(KerasLayer):
    """Removes axes of size 1: that one, or all.

    Shape   (batch, 1, n) -> (batch, n)
    Errors  the axis is larger than 1
    Source  keras.ops.squeeze
    """

    moves = True

    axis: OptionalAxes = None


@rule(Squeeze)
def squeeze(layer: Squeeze, scope: Scope, x: Shape) -> Result:
    """Leave out what must be 1."""
    if layer.axis is None:
        return Result(tuple(size for size in x if not is_one(size, scope)))
    gone = axes_of("leaves out", layer.axis, len(x), x)
    for axis in gone:
        scope.require(equal(x[axis], 1), "leaves out axis {} of {}, which is not 1", axis, x)
    return Result(tuple(size for axis, size in enumerate(x) if axis not in gone))


class Tile(KerasLayer):
    """Repeats the whole tensor along each axis.

    Shape   (batch, a, b) -> (batch, 2*a, b), with repeats 1 2 1
    Errors  a number of times is below 0
    Source  keras.ops.tile
    """

    examples = ("in:B:T:4,tile:1:2:1",)

    repeats: Counts


@rule(Tile)
def tile(layer: Tile, _scope: Scope, x: Shape) -> Result:
    """Multiply each size; what is missing in front is 1."""
    rank = max(len(x), len(layer.repeats))
    shape = (*([1] * (rank - len(x))), *x)
    times = (*([1] * (rank - len(layer.repeats))), *layer.repeats)
    return Result(tuple(size * count for size, count in zip(shape, times, strict=True)))


class RepeatElements(KerasLayer):
    """Repeats each element along an axis.

    Shape   (batch, steps, n) -> (batch, 3*steps, n), with 3 along axis 1
    Errors  there is no such axis
    Source  keras.ops.repeat
    """

    examples = ("in:B:T:4,repeatelements:3:axis=1",)

    repeats: PositiveInteger
    axis: OptionalAxis = None

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "Repeat"


@rule(RepeatElements)
def repeat_elements(layer: RepeatElements, _scope: Scope, x: Shape) -> Result:
    """Multiply the axis, or how many numbers there are in all."""
    if layer.axis is None:
        return Result((product(x) * layer.repeats,))
    axis = axis_of(layer.axis, len(x), x)
    return Result((*x[:axis], x[axis] * layer.repeats, *x[axis + 1 :]))


class Pad(KerasLayer):
    """Adds values before and after each axis.

    Shape   (batch, steps, n) -> (batch, steps + 2, n), with 0x0, 1x1 and 0x0
    Errors  there are not two widths for each axis; a width is below 0
    Source  keras.ops.pad
    """

    examples = ("in:B:T:4,pad:(0x0,1x1,0x0)",)

    pad_width: Widths

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees where it comes from."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import shifted

        widths = self.pad_width * passed.rank if len(self.pad_width) == 1 else self.pad_width
        return each_axis(passed.rank, {axis: shifted(a) for axis, (a, _) in enumerate(widths)})


@rule(Pad)
def pad(layer: Pad, _scope: Scope, x: Shape) -> Result:
    """Add both widths to each size."""
    widths = layer.pad_width * len(x) if len(layer.pad_width) == 1 else layer.pad_width
    if len(widths) != len(x):
        raise ShapeError(f"has widths for {len(widths)} axes, but gets {shape_text(x)}")
    return Result(tuple(size + sum(width) for size, width in zip(x, widths, strict=True)))


class OneHot(KerasLayer):
    """Encodes each integer as a one-hot vector, on a new axis.

    Shape   (batch, steps) -> (batch, steps, num_classes)
    Errors  there is no such place for the axis
    Source  keras.ops.one_hot
    """

    num_classes: PositiveInteger
    axis: Integer = -1


@rule(OneHot)
def one_hot(layer: OneHot, _scope: Scope, x: Shape) -> Result:
    """Put the classes at the new place."""
    place = axis_of(layer.axis, len(x) + 1, x)
    return Result((*x[:place], layer.num_classes, *x[place:]))


class TopK(KerasLayer):
    """Returns the ``k`` largest values of the last axis, and their indices.

    Shape   (batch, n) -> (batch, k) and (batch, k)
    Errors  the last axis is shorter than k
    Source  keras.ops.top_k
    """

    examples = ("in:B:T:8,topk:3",)

    k: PositiveInteger


@rule(TopK)
def top_k(layer: TopK, scope: Scope, x: Shape) -> Result:
    """Replace the last size by k."""
    if not x:
        raise ShapeError("needs an axis, but gets ()")
    scope.require(at_least(x[-1], layer.k), "takes the {} largest of {} in {}", layer.k, x[-1], x)
    return Result((*x[:-1], layer.k), (*x[:-1], layer.k))


class Take(KerasLayer):
    """Takes elements along an axis by their indices; ``count`` is the shape of these indices.

    Shape   (batch, steps, n) -> (batch, count, n), along axis 1
    Errors  there is no such axis; a size in count is below 0
    Source  keras.ops.take
    """

    count: OptionalCounts = None
    axis: OptionalAxis = None


@rule(Take)
def take(layer: Take, _scope: Scope, x: Shape) -> Result:
    """Replace the axis by the shape of the numbers."""
    if layer.axis is None:
        return Result(tuple(layer.count or ()))
    axis = axis_of(layer.axis, len(x), x)
    return Result((*x[:axis], *(layer.count or ()), *x[axis + 1 :]))
