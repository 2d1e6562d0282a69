"""Shapes as text, ``B,T,10`` or ``"(B, T, 10)"``, and as Python values."""

from __future__ import annotations

import re
from typing import Any, Final

from shapecalc.dims import Size, SizeReader, SizeTextError
from shapecalc.errors import SpecError
from shapecalc.layers.given import MAX_AXES, UNKNOWN, check_positive, given_sizes

#: A size, or several as a kernel is written.
_TIMES: Final = r"\s*(?:[A-Z]\w*|\?|[0-9]+(?:x[0-9]+)*)\s*"

#: A shape as it is given: None is an unknown size.
GivenShape = tuple[Size | None, ...]


def read_shape(text: str, least: int = 1) -> GivenShape:
    """Read a shape, with or without its parentheses; None, ``?`` and ``_`` are unknown sizes.

    ``least`` is the least size that is taken.
    """
    inner = text.strip()
    if inner[:1] + inner[-1:] in {"()", "[]"} and _encloses(inner):
        inner = inner[1:-1]
    if not inner.strip():
        if text.strip() in {"()", "[]"}:
            return ()
        raise SpecError("a shape is expected, such as B,T,10", span=(0, len(text)), source=text)
    if "x" in inner and all(re.fullmatch(_TIMES, part) for part in inner.split(",")):
        sizes_apart = inner.replace("x", ",").replace(" ", "")
        whole = sizes_apart if inner.strip()[:1].isalpha() else f"B,{sizes_apart}"
        raise SpecError(
            f"{text.strip()} is not a shape: commas separate its sizes, the batch first",
            help=whole,
        )
    sizes: list[Size | None] = []
    offset = text.find(inner)
    pos = 0
    while pos < len(inner):
        size, pos = _read_size(inner, pos, text, offset, least)
        sizes.append(size)
        if len(sizes) > MAX_AXES:
            raise SpecError(f"a shape has at most {MAX_AXES} axes")
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
    """Return whether the first bracket is closed by the last one."""
    depth = 0
    for place, mark in enumerate(text):
        depth += (mark in "([") - (mark in ")]")
        if depth == 0:
            return place == len(text) - 1
    return False


def _read_size(inner: str, pos: int, text: str, offset: int, least: int) -> tuple[Size | None, int]:
    reader = SizeReader(inner, pos)
    reader.skip()
    start = reader.pos
    for unknown in UNKNOWN:
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
    check_positive(size, (offset + start, offset + reader.pos), text, least)
    return size, reader.pos


def given_shape(shape: Any, least: int = 1) -> GivenShape:  # noqa: ANN401
    """Take a shape as text or as a sequence of numbers, sizes, texts and None."""
    return read_shape(shape, least) if isinstance(shape, str) else given_sizes(shape, least)


def required_shape(shape: Any) -> GivenShape:  # noqa: ANN401
    """Take the shape that an output is to have, which may be empty."""
    return given_shape(shape, least=0)
