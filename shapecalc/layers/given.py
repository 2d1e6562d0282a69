"""Sizes and shapes given in Python: each element is read as one size, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from collections.abc import Set as AbstractSet
from operator import index
from typing import Any, Final

from shapecalc.dims import Dim, Size, SizeTextError, TooLargeError, check_digits, parse_size
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.reader import MAX_DIGITS
from shapecalc.errors import SpecError

#: How many axes a shape may be given with.
MAX_AXES: Final = 1000
#: Stands for an unknown size in texts.
UNKNOWN: Final = ("None", "?", "_")

_TOO_LARGE: Final = 10**MAX_DIGITS
# What is below needs no look at its digits.
_FEW_DIGITS: Final = 10**18


def given_sizes(shape: Any, least: int = 1) -> tuple[Size | None, ...]:  # noqa: ANN401
    """Take a shape as a sequence of numbers, sizes, texts and None; raises `SpecError`.

    ``least`` is the least size that is taken: an output may be empty where an input may not.
    """
    if shape.__class__ is not tuple:
        _check_order(shape)
    if len(shape) > MAX_AXES:
        raise SpecError(f"a shape has at most {MAX_AXES} axes")
    for size in shape:
        if size.__class__ is int:
            if least <= size < _FEW_DIGITS:
                continue
        elif size is None or (size.__class__ is Dim and _is_few(size)):
            continue
        return tuple([given_size(each, least) for each in shape])
    return tuple(shape)


def _check_order(shape: Any) -> None:  # noqa: ANN401
    ordered = isinstance(shape, Iterable) and isinstance(shape, Sized)
    if not ordered or isinstance(shape, (str, bytes, bytearray, Mapping, AbstractSet)):
        raise SpecError(
            f"a shape is a tuple of sizes, not {_shown(shape)}", help="such as (None, 28, 28, 1)"
        )


def given_size(value: Any, least: int = 1) -> Size | None:  # noqa: ANN401
    """Read a size: a whole number, a `Dim` or a text; None is unknown. Raises `SpecError`."""
    if value is None or (value.__class__ is int and least <= value < _FEW_DIGITS):
        return value
    if isinstance(value, Dim):
        return value if _is_few(value) else _checked(value, least)
    if isinstance(value, str):
        return _read(value.strip(), least)
    try:
        # A bool is a number to Python, but never meant as a size.
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None:
        meant = isinstance(value, float) and value.is_integer() and abs(value) < _TOO_LARGE
        raise SpecError(
            f"a size is a whole number or letters, not {_shown(value)}",
            help=f"did you mean {int(value)}?" if meant else None,
        )
    if abs(number) >= _TOO_LARGE:
        raise SpecError(f"a number has at most {MAX_DIGITS} digits, this one has more")
    return _checked(number, least)


def _is_few(size: Dim) -> bool:
    """Return whether it is a letter and few digits: whatever is asked, it can be large enough."""
    return bool(size.plain) and -_FEW_DIGITS < size.const < _FEW_DIGITS


def check_positive(
    size: Size, span: tuple[int, int] | None = None, source: str | None = None, least: int = 1
) -> None:
    """Raise `SpecError` for a size that is certainly below 1, or below another least one."""
    highest = interval(size, FREE)[1]
    if highest is not None and highest < least:
        fact = f"a size is at least {least}, but this is {size}"
        raise SpecError(fact, span=span, source=source)


def _checked(size: Size, least: int) -> Size:
    try:
        check_digits(size)
    except TooLargeError as error:
        raise SpecError(str(error)) from None
    check_positive(size, least=least)
    # A subclass of int, such as those of enums, stays behind.
    return int(size) if isinstance(size, int) else size


def _read(text: str, least: int) -> Size | None:
    """Read a text that holds one size, and nothing else."""
    if text in UNKNOWN:
        return None
    try:
        size = parse_size(text, certain=True)
    except SizeTextError as error:
        raise SpecError(
            error.message,
            span=(error.start, error.end),
            source=text,
            help="a string within a shape is one size" if "," in text else None,
        ) from None
    check_positive(size, (0, len(text)), text, least)
    return size


def _shown(value: Any) -> str:  # noqa: ANN401
    """Return what a message calls a value, however long it is."""
    if value is None or isinstance(value, bool):
        return str(value)
    return str(float(value)) if isinstance(value, float) else type(value).__name__
