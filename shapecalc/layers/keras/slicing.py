"""Operations of ``keras.ops`` that take parts of a tensor: slices, equal shares, single places."""

from __future__ import annotations

import re
from functools import lru_cache
from types import EllipsisType
from typing import Annotated, Any, Final

from shapecalc.dims import (
    Shape,
    Size,
    at_least,
    equal,
    maximum,
    minimum,
    multiple_of,
    shape_text,
)
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Integer, Kind
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.ops import axis_of
from shapecalc.layers.keras.opvalues import OptionalAxis, Sections
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

#: What stands between the commas of the brackets: a number, a slice, ``None`` for a new axis, or
#: ``...`` for all other axes.
Index = int | slice | EllipsisType | None

_NUMBER = re.compile(r"-?[0-9]+")
_MOST_DIGITS: Final = 40


@lru_cache(maxsize=256)
def read_key(text: str) -> tuple[Index, ...]:
    """Read what stands in brackets to its parts; raises `ValueError` with what is wrong."""
    parts = tuple(_index(part.strip()) for part in text.split(","))
    if parts.count(...) > 1:
        raise ValueError("has ... twice")
    return parts


def _index(text: str) -> Index:
    if text in {"...", "None"}:
        return ... if text == "..." else None
    bounds = [_bound(each.strip(), text) for each in text.split(":")]
    if len(bounds) == 1:
        if bounds[0] is None:
            raise ValueError("has an empty part")
        return bounds[0]
    if len(bounds) > 3:  # noqa: PLR2004  (start, stop and step)
        raise ValueError(f"takes start:stop:step, not {text}")
    start, stop, step = (*bounds, None)[:3]
    if step == 0:
        raise ValueError(f"takes a step other than 0, not {text}")
    return slice(start, stop, step)


def _bound(text: str, part: str) -> int | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"takes numbers and slices such as 1:-1, not {part}")
    digits = len(text.lstrip("-"))
    if digits > _MOST_DIGITS:
        raise ValueError(f"has a number of {digits} digits, and takes at most {_MOST_DIGITS}")
    return int(text)


def _key(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str) or not value:
        raise ValueError
    read_key(value)
    return value


SliceKey = Annotated[str, Kind('what stands in brackets, such as ":, 1:-1"', _key)]


class Slice(KerasLayer):
    """Takes a part of a tensor, as Python's brackets do: ``key=":, -1"`` is the last step.

    Shape   (batch, steps, n) -> (batch, n), with ":, -1"; (batch, steps - 1, n), with ":, 1:"
    Errors  an axis is too short for a number; there are more parts than axes; a step is 0
    Source  keras.ops, x[...]
    """

    examples = (
        'in:B:T:4,slice:":,-1"',
        'in:B:T:4,slice:":,1:"',
    )

    key: SliceKey

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "GetItem"


@rule(Slice)
def slice_(layer: Slice, scope: Scope, x: Shape) -> Result:
    """Go through the parts: a number leaves its axis out, a slice counts what it takes."""
    parts = list(read_key(layer.key))
    used = sum(part is not ... and part is not None for part in parts)
    if ... not in parts:
        parts.append(...)
    if used > len(x):
        raise ShapeError(f"takes [{layer.key}] of {shape_text(x)}, which has fewer axes")
    output: list[Size] = []
    axes = iter(x)
    for part in parts:
        if part is ...:
            output += [next(axes) for _ in range(len(x) - used)]
        elif part is None:
            output.append(1)
        elif isinstance(part, slice):
            output.append(_length(next(axes), part.start, part.stop, part.step or 1))
        else:
            _check_index(part, next(axes), x, scope)
    return Result(tuple(output))


def _check_index(index: int, size: Size, x: Shape, scope: Scope) -> None:
    least = index + 1 if index >= 0 else -index
    scope.require(at_least(size, least), "takes number {} of {} in {}", index, size, x)


def _length(size: Size, start: int | None, stop: int | None, step: int) -> Size:
    """Count what a slice takes: ``ceil((stop - start)/step)``, as far as both are in the axis.

    Bounds that can only make the slice empty are not cut off at the ends of the axis.
    """
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


class Split(KerasLayer):
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


class Unstack(KerasLayer):
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
