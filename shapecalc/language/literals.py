r"""Values of arguments as a spec writes them: texts, numbers, lists.

TEXT   = '"' { CHAR | ESCAPE } '"' | "'" { CHAR | ESCAPE } "'" ;
ESCAPE = "\u{" HEX "}" ;                              (the character of this number: a quote is 22)

Nothing else is an escape, so that paths and patterns stand in quotes as they are. A quote ends at
the next quote of its kind, on the same line.
"""

from __future__ import annotations

import re
from math import isfinite
from sys import maxunicode
from typing import Any, Final

from shapecalc.dims import Dim
from shapecalc.dims.reader import MAX_BITS, MAX_DIGITS
from shapecalc.errors import SpecError

MAX_LIST_DEPTH: Final = 8

_WORD = re.compile(r"[a-z][A-Za-z0-9_]*")
_NO_WORD: Final = frozenset({"true", "false", "none", "max", "min"})
_ESCAPE: Final = r"\\u\{([0-9A-Fa-f]{1,6})\}"
#: A number with more digits than may stand together.
_LONG: Final = rf"(?<![A-Za-z0-9_])[0-9]{{{MAX_DIGITS + 1},}}"


def read_text(inner: str) -> str:
    """Read what stands between quotes."""
    return re.sub(_ESCAPE, _escaped, inner) if "\\" in inner else inner


def _escaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= maxunicode else match[0]


def text_literal(text: str) -> str:
    """Write a text in quotes, on one line, with escapes for what is not seen."""
    quote = "'" if '"' in text and "'" not in text else '"'
    # A text that holds what would be read as an escape gives up the backslash of it.
    taken = {match.start() for match in re.finditer(_ESCAPE, text)}
    marks = (
        mark if mark.isprintable() and mark != quote and place not in taken else _escape(mark)
        for place, mark in enumerate(text)
    )
    return f"{quote}{''.join(marks)}{quote}"


def _escape(mark: str) -> str:
    return f"\\u{{{ord(mark):x}}}"


def data_text(value: Any, depth: int = 0) -> str:  # noqa: ANN401
    """Write a value of Python as the text of a spec has it.

    Raises `SpecError` where a spec has no such value.
    """
    if isinstance(value, str):
        plain = _WORD.fullmatch(value) and value not in _NO_WORD
        return value if plain else text_literal(value)
    if isinstance(value, (list, tuple)):
        return _list_text(value, depth)
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, Dim)):
        return size_text(value)
    if isinstance(value, float) and isfinite(value):
        return repr(value)
    raise SpecError(f"{value} cannot be written in a spec")


def _list_text(values: list[Any] | tuple[Any, ...], depth: int) -> str:
    if depth >= MAX_LIST_DEPTH:
        raise SpecError(f"a list more than {MAX_LIST_DEPTH} deep cannot be written in a spec")
    texts = [data_text(item, depth + 1) for item in values]
    if len(texts) > 1 and all(text.isdigit() for text in texts):
        return "x".join(texts)
    return f"({','.join(texts)}{',' * (len(texts) == 1)})"


def size_text(size: int | Dim) -> str:
    """Write a size without blanks; a number too long for one literal is made of several."""
    if isinstance(size, int) and size.bit_length() > MAX_BITS:
        raise SpecError("a number of so many digits cannot be written in a spec")
    return re.sub(_LONG, lambda match: f"({_parts(match[0])})", str(size).replace(" ", ""))


def _parts(digits: str) -> str:
    """Write a number as ``high*10**k + low``, with at most so many digits in each literal."""
    if len(digits) <= MAX_DIGITS:
        return str(int(digits))
    high, low = digits[:-MAX_DIGITS], digits[-MAX_DIGITS:]
    left = high if len(high) <= MAX_DIGITS else f"({_parts(high)})"
    return f"{left}*10**{MAX_DIGITS}+{int(low)}"
