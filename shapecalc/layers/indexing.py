"""Parts of a tensor as Python's brackets take them: numbers, slices, new axes."""

from __future__ import annotations

import re
from functools import lru_cache
from types import EllipsisType
from typing import TYPE_CHECKING, Annotated, Any, Final

from shapecalc.dims import Shape, Size, at_least, maximum, minimum, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind

if TYPE_CHECKING:
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


SliceKey = Annotated[str, ArgumentKind('an index, such as ":, 1:-1"', _key)]


def taken(scope: Scope, key: str, x: Shape) -> Shape:
    """Return what each part takes: a number drops its axis, a slice counts; raises `ShapeError`."""
    parts = list(read_key(key))
    used = sum(part is not ... and part is not None for part in parts)
    if ... not in parts:
        parts.append(...)
    if used > len(x):
        raise ShapeError(f"takes [{key}] of {shape_text(x)}, which has fewer axes")
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
    return tuple(output)


def _check_index(index: int, size: Size, x: Shape, scope: Scope) -> None:
    least = index + 1 if index >= 0 else -index
    scope.require(at_least(size, least), "takes number {} of {} in {}", index, size, x)


def _length(size: Size, start: int | None, stop: int | None, step: int) -> Size:
    """Count what a slice takes: ``ceil((stop - start)/step)``, as far as both are in the axis.

    Bounds that can only make the slice empty are not cut off at the ends of the axis.
    """
    if step > 0 and (start or 0) <= 0 and stop is None:
        # All, or the last few: never less than nothing, as no size is.
        return ((minimum(size, -start) if start else size) + step - 1) // step
    if step > 0:
        first = maximum(size + start, 0) if start and start < 0 else start or 0
        last = size if stop is None else minimum(stop, size) if stop >= 0 else size + stop
        return maximum((last - first + step - 1) // step, 0)
    first = size - 1 if start is None else minimum(start, size - 1) if start >= 0 else size + start
    last = -1 if stop is None else stop if stop >= 0 else maximum(size + stop, -1)
    return maximum((first - last - step - 1) // -step, 0)
