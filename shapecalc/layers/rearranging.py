"""Operations of ``keras.ops`` on axes, as functional models hold them as nodes."""

from __future__ import annotations

import re
from typing import Final

from shapecalc.dims import (
    Shape,
    Size,
    at_least,
    equal,
    maximum,
    minimum,
    multiple_of,
    product,
    shape_text,
)
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Integer, PositiveInteger, Text
from shapecalc.layers.base import Layer, Result, Scope, rule
from shapecalc.layers.ops import axes_of, axis_of
from shapecalc.layers.opvalues import (
    NewSizes,
    Numbers,
    OptionalAxes,
    OptionalAxis,
    OptionalNumbers,
    Sections,
    Widths,
)


class NewShape(Layer):
    """Gives a tensor other axes, the batch among them; the numbers stay the same.

    Shape   (batch, ...) -> shape, where -1 is found from the other sizes
    Errors  the new shape holds more or fewer numbers than the old one
    Source  keras.ops.reshape
    """

    examples = ("in:B:T:4,newshape:-1:2",)

    shape: NewSizes

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "Reshape"


@rule(NewShape)
def new_shape(layer: NewShape, scope: Scope, x: Shape) -> Result:
    """Find the size that is left open; a first one that is unknown is the batch."""
    sizes = [
        x[0] if size is None and not place and x else size for place, size in enumerate(layer.shape)
    ]
    total, known = product(x), product(size for size in sizes if size not in {None, -1})
    open_places = [place for place, size in enumerate(sizes) if size in {None, -1}]
    why = "needs a multiple of {} numbers, but gets {} from {}"
    if len(open_places) == 1:
        scope.require(multiple_of(total, known), why, known, total, x)
        sizes[open_places[0]] = total // known
    elif open_places:
        raise ShapeError("leaves more than one size open")
    else:
        scope.require(equal(total, known), "needs {} numbers, but gets {} from {}", known, total, x)
    return Result(tuple(size for size in sizes if size is not None))


class Transpose(Layer):
    """Puts the axes in another order, by default in reverse; the batch is axis 0.

    Shape   (batch, a, b) -> (batch, b, a), with axes 0 2 1
    Errors  the axes are not those of the input
    Source  keras.ops.transpose
    """

    axes: OptionalNumbers = None


@rule(Transpose)
def transpose(layer: Transpose, _scope: Scope, x: Shape) -> Result:
    """Take each axis from its old place."""
    axes = layer.axes or tuple(reversed(range(len(x))))
    order = [axis_of(axis, len(x), x) for axis in axes]
    if sorted(order) != list(range(len(x))):
        raise ShapeError(f"orders axes {shape_text(axes)}, but gets {shape_text(x)}")
    return Result(tuple(x[axis] for axis in order))


class ExpandDims(Layer):
    """Adds an axis of size 1.

    Shape   (batch, n) -> (batch, 1, n), with axis 1
    Errors  there is no such place; a place is named twice
    Source  keras.ops.expand_dims
    """

    axis: OptionalNumbers = None


@rule(ExpandDims)
def expand_dims(layer: ExpandDims, _scope: Scope, x: Shape) -> Result:
    """Put 1 at each of the new places."""
    axes = layer.axis or (0,)
    rank = len(x) + len(axes)
    new = axes_of("adds", axes, rank, x)
    rest = iter(x)
    return Result(tuple(1 if place in new else next(rest) for place in range(rank)))


class Squeeze(Layer):
    """Leaves out axes of size 1: that one, or all.

    Shape   (batch, 1, n) -> (batch, n)
    Errors  the axis is larger than 1
    Source  keras.ops.squeeze
    """

    axis: OptionalAxes = None


@rule(Squeeze)
def squeeze(layer: Squeeze, scope: Scope, x: Shape) -> Result:
    """Leave out what must be 1."""
    if layer.axis is None:
        return Result(tuple(size for size in x if size != 1))
    gone = axes_of("leaves out", layer.axis, len(x), x)
    for axis in gone:
        scope.require(equal(x[axis], 1), "leaves out axis {} of {}, which is not 1", axis, x)
    return Result(tuple(size for axis, size in enumerate(x) if axis not in gone))


_SLICE = re.compile(r"(?:(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?)")


class Slice(Layer):
    """Takes a part of a tensor, as Python's brackets do: ``key=":, -1"`` is the last step.

    Shape   (batch, steps, n) -> (batch, n), with ":, -1"; (batch, steps - 1, n), with ":, 1:"
    Errors  an axis is too short for a number; there are more parts than axes
    Source  keras.ops, x[...]
    """

    examples = (
        'in:B:T:4,slice:":,-1"',
        'in:B:T:4,slice:":,1:"',
    )

    key: Text

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "GetItem"


@rule(Slice)
def slice_(layer: Slice, scope: Scope, x: Shape) -> Result:
    """Go through the parts: a number leaves its axis out, a slice counts what it takes."""
    parts = [part.strip() for part in layer.key.split(",")]
    used = sum(part not in {"...", "None"} for part in parts)
    if "..." not in parts:
        parts.append("...")
    if used > len(x):
        raise ShapeError(f"takes [{layer.key}] of {shape_text(x)}, which has fewer axes")
    output: list[Size] = []
    axes = iter(x)
    for part in parts:
        if part == "...":
            output += [next(axes) for _ in range(len(x) - used)]
        elif part == "None":
            output.append(1)
        elif (match := _SLICE.fullmatch(part)) is not None:
            bounds = [None if text is None else int(text) for text in match.groups()]
            output.append(_length(next(axes), *bounds))
        else:
            _check_index(part, next(axes), x, scope)
    return Result(tuple(output))


def _check_index(part: str, size: Size, x: Shape, scope: Scope) -> None:
    try:
        index = int(part)
    except ValueError:
        raise ShapeError(f"cannot take [{part}] of {shape_text(x)}") from None
    least = index + 1 if index >= 0 else -index
    scope.require(at_least(size, least), "takes number {} of {} in {}", index, size, x)


def _length(size: Size, start: int | None, stop: int | None, step: int | None) -> Size:
    """Count what a slice takes: ``ceil((stop - start)/step)``, as far as both are in the axis.

    Bounds that can only make the slice empty are not cut off at the ends of the axis.
    """
    step = step or 1
    if step > 0:
        first = maximum(size + start, 0) if start and start < 0 else start or 0
        last = size if stop is None else minimum(stop, size) if stop >= 0 else size + stop
        return maximum((last - first + step - 1) // step, 0)
    first = size - 1 if start is None else minimum(start, size - 1) if start >= 0 else size + start
    last = -1 if stop is None else stop if stop >= 0 else maximum(size + stop, -1)
    return maximum((first - last - step - 1) // -step, 0)


def _inside(size: Size, place: int | None, default: Size) -> Size:
    """A place in an axis, counted from its end where negative, and not beyond either end."""
    if place is None:
        return default
    return minimum(place, size) if place >= 0 else maximum(size + place, 0)


#: How many parts a tensor is cut into at most.
MOST_PARTS: Final = 10_000


class Split(Layer):
    """Cuts a tensor along an axis: into so many equal parts, or at these places.

    Each part is an output of its own, ``@label.0``, ``@label.1`` and so on.

    Shape   (batch, 2*n) -> (batch, n) and (batch, n), with 2 parts along axis 1
    Errors  the axis cannot be divided so
    Source  keras.ops.split
    """

    examples = ("in:B:T:8,split:2:axis=-1",)

    indices_or_sections: Sections
    axis: Integer = 0


@rule(Split)
def split(layer: Split, scope: Scope, x: Shape) -> Result:
    """Give each part its share of the axis."""
    axis = axis_of(layer.axis, len(x), x)
    size, cuts = x[axis], layer.indices_or_sections
    if isinstance(cuts, int):
        _check_parts(cuts)
        why = "cannot cut axis {} of {} into {} equal parts"
        scope.require(multiple_of(size, cuts), why, axis, x, cuts)
        shares: list[Size] = [size // cuts] * cuts
    else:
        ends = [_inside(size, cut, size) for cut in cuts]
        shares = [maximum(b - a, 0) for a, b in zip([0, *ends], [*ends, size], strict=True)]
    return Result(*((*x[:axis], share, *x[axis + 1 :]) for share in shares))


def _check_parts(count: int) -> None:
    """Refuse numbers of parts that no model has, and that would take too much to list."""
    if not 1 <= count <= MOST_PARTS:
        limit = f"; the limit is {MOST_PARTS}" if count > MOST_PARTS else ""
        raise ShapeError(f"cannot make {count} parts{limit}")


class Unstack(Layer):
    """Gives each part along an axis as an output of its own, without that axis.

    Shape   (batch, 2, n) -> (batch, n) and (batch, n), along axis 1
    Errors  how many there are is not known; there is no such axis
    Source  keras.ops.unstack
    """

    examples = ("in:B:3:8,unstack:axis=1",)

    num: OptionalAxis = None
    axis: Integer = 0


@rule(Unstack)
def unstack(layer: Unstack, scope: Scope, x: Shape) -> Result:
    """Leave out the axis, once for each."""
    axis = axis_of(layer.axis, len(x), x)
    count = layer.num if layer.num is not None else scope.facts.simplify(x[axis])
    if not isinstance(count, int):
        raise ShapeError(f"does not say how many there are along axis {axis} of {shape_text(x)}")
    _check_parts(count)
    scope.require(equal(x[axis], count), "gives {} parts of {} along axis {}", count, x, axis)
    return Result(*([(*x[:axis], *x[axis + 1 :])] * count))


class Tile(Layer):
    """Repeats the whole tensor along each axis so many times.

    Shape   (batch, a, b) -> (batch, 2*a, b), with repeats 1 2 1
    Errors  none
    Source  keras.ops.tile
    """

    examples = ("in:B:T:4,tile:1:2:1",)

    repeats: Numbers


@rule(Tile)
def tile(layer: Tile, _scope: Scope, x: Shape) -> Result:
    """Multiply each size; what is missing in front is 1."""
    rank = max(len(x), len(layer.repeats))
    shape = (*([1] * (rank - len(x))), *x)
    times = (*([1] * (rank - len(layer.repeats))), *layer.repeats)
    return Result(tuple(size * count for size, count in zip(shape, times, strict=True)))


class RepeatElements(Layer):
    """Repeats each part along an axis so many times.

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


class Pad(Layer):
    """Adds numbers before and after each axis.

    Shape   (batch, steps, n) -> (batch, steps + 2, n), with 0x0, 1x1 and 0x0
    Errors  there are not two widths for each axis
    Source  keras.ops.pad
    """

    examples = ("in:B:T:4,pad:(0x0,1x1,0x0)",)

    pad_width: Widths


@rule(Pad)
def pad(layer: Pad, _scope: Scope, x: Shape) -> Result:
    """Add both widths to each size."""
    widths = layer.pad_width * len(x) if len(layer.pad_width) == 1 else layer.pad_width
    if len(widths) != len(x):
        raise ShapeError(f"has widths for {len(widths)} axes, but gets {shape_text(x)}")
    return Result(tuple(size + sum(width) for size, width in zip(x, widths, strict=True)))


class OneHot(Layer):
    """Makes a row of 0 and one 1 of each number, on a new axis.

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


class TopK(Layer):
    """Gives the k largest numbers of the last axis, and where they stand.

    Shape   (batch, n) -> (batch, k) and (batch, k)
    Errors  the last axis is shorter than k
    Source  keras.ops.top_k
    """

    examples = ("in:B:T:8,topk:3",)

    k: PositiveInteger


@rule(TopK)
def top_k(layer: TopK, scope: Scope, x: Shape) -> Result:
    """Put k in the place of the last size."""
    if not x:
        raise ShapeError("needs an axis, but gets ()")
    scope.require(at_least(x[-1], layer.k), "takes the {} largest of {} in {}", layer.k, x[-1], x)
    return Result((*x[:-1], layer.k), (*x[:-1], layer.k))


class Take(Layer):
    """Takes parts along an axis by their numbers; ``count`` is the shape of these numbers.

    Shape   (batch, steps, n) -> (batch, count, n), along axis 1
    Errors  there is no such axis
    Source  keras.ops.take
    """

    count: OptionalNumbers = None
    axis: OptionalAxis = None


@rule(Take)
def take(layer: Take, _scope: Scope, x: Shape) -> Result:
    """Put the shape of the numbers in the place of the axis."""
    if layer.axis is None:
        return Result(tuple(layer.count or ()))
    axis = axis_of(layer.axis, len(x), x)
    return Result((*x[:axis], *(layer.count or ()), *x[axis + 1 :]))
