"""Shapes as text, ``B,T,10`` or ``"(B, T, 10)"``, and as Python values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

from shapecalc.dims import Dim, Size, SizeReader, SizeTextError
from shapecalc.dims.bounds import interval
from shapecalc.errors import SpecError

#: A shape as it is given: None is an unknown size.
GivenShape = tuple[Size | None, ...]


def read_shape(text: str) -> GivenShape:
    """Read a shape, with or without its parentheses; None, ``?`` and ``_`` are unknown sizes."""
    inner = text.strip()
    if inner[:1] + inner[-1:] in {"()", "[]"} and _encloses(inner):
        inner = inner[1:-1]
    if not inner.strip():
        if text.strip() in {"()", "[]"}:
            return ()
        raise SpecError("a shape is expected, such as B,T,10", span=(0, len(text)), source=text)
    sizes: list[Size | None] = []
    offset = text.find(inner)
    pos = 0
    while pos < len(inner):
        size, pos = _read_size(inner, pos, text, offset)
        sizes.append(size)
        if pos < len(inner) and inner[pos] != ",":
            span = (offset + pos, len(text))
            raise SpecError(
                f"{inner[pos:].strip()!r} does not belong here",
                span=span,
                source=text,
                help="commas separate the sizes of a shape",
            )
        pos += 1
    return tuple(sizes)


def _encloses(text: str) -> bool:
    """Whether the first bracket is closed by the last one."""
    depth = 0
    for place, mark in enumerate(text):
        depth += (mark in "([") - (mark in ")]")
        if depth == 0:
            return place == len(text) - 1
    return False


def _read_size(inner: str, pos: int, text: str, offset: int) -> tuple[Size | None, int]:
    reader = SizeReader(inner, pos)
    reader.skip()
    start = reader.pos
    for unknown in ("None", "?", "_"):
        end = start + len(unknown)
        if inner.startswith(unknown, start) and inner[end : end + 1].strip() in {"", ","}:
            reader.pos = end
            reader.skip()
            return None, reader.pos
    try:
        size = reader.read()
    except SizeTextError as error:
        span = (offset + error.start, offset + error.end)
        raise SpecError(error.message, span=span, source=text) from None
    reader.skip()
    check_positive(size, (offset + start, offset + reader.pos), text)
    return size, reader.pos


def check_positive(size: Size, span: tuple[int, int], source: str | None) -> None:
    """Refuse a size that is certainly below 1."""
    highest = interval(size, {})[1]
    if highest is not None and highest < 1:
        raise SpecError(f"a size is at least 1, but this is {size}", span=span, source=source)


def given_shape(shape: Any) -> GivenShape:  # noqa: ANN401
    """Take a shape as text or as a sequence of numbers, sizes, texts and None."""
    if isinstance(shape, str):
        return read_shape(shape)
    if not isinstance(shape, (Sequence, Iterable)):
        raise SpecError(f"a shape is a text or a tuple, not {type(shape).__name__}")
    return tuple(_given_size(size) for size in shape)


def _given_size(size: Any) -> Size | None:  # noqa: ANN401
    if size is None:
        return None
    if isinstance(size, Dim):
        return size
    if isinstance(size, str):
        (only,) = read_shape(size) if "," not in size else (None,)
        return only
    try:
        number = index(size)
    except TypeError:
        raise SpecError(f"a size is a whole number or a letter, not {size!r}") from None
    if number < 0:
        raise SpecError(f"a size is at least 1, but this is {number}")
    return number
