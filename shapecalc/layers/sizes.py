"""What every size of a layer must be: those of its arguments, and those of what it makes."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from shapecalc.dims import (
    Dim,
    Shape,
    Size,
    TooLargeError,
    any_of,
    at_least,
    check_digits,
    equal,
)
from shapecalc.dims.expression import plain_letter
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind
from shapecalc.layers.result import LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.layers.result import Result
    from shapecalc.layers.scope import Scope

#: With more axes even sizes that are not large can multiply to too many digits.
_MANY_AXES: Final = 16


#: Parameters that take sizes in letters, and how small these can be.
SizeArguments = tuple[tuple[str, int], ...]


@cache
def size_arguments(cls: type[Layer]) -> SizeArguments:
    """Return the parameters of a class that take sizes in letters, and how small these can be."""
    return tuple(
        (name, part.least)
        for name, field in cls.__pydantic_fields__.items()
        for part in field.metadata
        if isinstance(part, ArgumentKind) and part.least is not None
    )


def require_sizes(layer: Layer, arguments: SizeArguments, scope: Scope) -> None:
    """Require that the arguments that are sizes in letters are not too small."""
    for name, least in arguments:
        value = getattr(layer, name)
        if value.__class__ is int or value is None:
            continue
        for size in _in_letters(value):
            why = "takes sizes of at least {} as {}, but gets {}"
            scope.require(at_least(size, least), why, least, name, size)


def _in_letters(value: object) -> Iterator[Dim]:
    """Yield the sizes in letters of an argument, which may be a nested list of sizes."""
    if isinstance(value, Dim):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _in_letters(each)


def check_outputs(names: str, inputs: Sequence[Shape], result: Result, scope: Scope) -> None:
    """Refuse outputs that no tensor has: negative sizes, numbers without end.

    An axis of 0 is that of an empty tensor, which stays where the framework makes one. The rules
    of this package give no size in letters that can be negative; those of plugins, which say the
    ``names`` of their layers, are asked.
    """
    for shape in result.outputs:
        for size in shape:
            if size.__class__ is int:
                if 0 <= size < LARGE:
                    continue
            elif size.__class__ is Dim and size.plain and -LARGE < size.const < LARGE and not names:
                continue
            if shape in inputs:
                break
            _check_size(names, size, scope)


def check_weights(result: Result) -> None:
    """Raise `ShapeError` for weights whose sizes or number have too many digits.

    Those that are still to be made have small sizes.
    """
    what, large = "a weight", False
    try:
        for weight in result.made or ():
            if _has_large_sizes(weight.shape):
                large = True
        if large:
            what = "a count of parameters"
            check_digits(result.params)
    except TooLargeError as error:
        raise ShapeError(f"makes too large {what}: {error}") from None


def _check_size(names: str, size: Size, scope: Scope) -> None:
    try:
        check_digits(size)
    except TooLargeError as error:
        raise ShapeError(f"makes too large a size: {error}") from None
    if isinstance(size, Dim) and plain_letter(size) is None:
        scope.compound = True
    if names or isinstance(size, int):
        why = "makes an axis of {}, and a size is never negative"
        scope.require(at_least(size, 0), why, size)


@lru_cache(maxsize=4096)
def _has_large_sizes(shape: Shape) -> bool:
    """Return whether sizes may multiply to too many digits; refuses one that has too many."""
    for size in shape:
        check_digits(size)
    return len(shape) > _MANY_AXES or any(map(_is_large, shape))


def _is_large(size: Size) -> bool:
    if isinstance(size, int):
        return size >= LARGE
    return abs(size.const) >= LARGE or any(abs(factor) >= LARGE for _, factor in size.terms)


def is_one(size: Size, scope: Scope) -> bool:
    """Return whether a size is 1; of one that may be or not, it is assumed that it is not."""
    one = equal(size, 1)
    known = scope.facts.decide(one)
    if known is None:
        why = "leaves out what is 1, and has to know whether {} is"
        empty = scope.facts.decide(equal(size, 0)) is not False and equal(size, 0)
        if not scope.assume(any_of(at_least(size, 2), empty), why, size):
            scope.require(one, why, size)
            return True
    return known is True
