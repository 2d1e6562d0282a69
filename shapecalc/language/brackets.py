"""Brackets and quotes: what opens is closed, before anything is split."""

from __future__ import annotations

import re
from typing import Final

from shapecalc.errors import SpecError

_CLOSING: Final = {"(": ")", "[": "]"}
_MARK = re.compile(r"""[()\[\]{}"'#]""")


def match_brackets(text: str) -> dict[int, int]:
    """Return the place of the closing bracket for each opening one, and that of each closing quote.

    Raises `SpecError` with the place of what is open, or closed without being open.
    """
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    pos = 0
    while match := _MARK.search(text, pos):
        start, mark = match.start(), match[0]
        pos = match.end()
        if mark == "#":
            end = text.find("\n", pos)
            pos = len(text) if end < 0 else end
        elif mark in "\"'":
            end = text.find(mark, pos)
            if end < 0 or "\n" in text[pos:end]:
                hint = (
                    None if end < 0 else "a string must be on one line; a line feed in it is \\u{a}"
                )
                raise _error(text, "this quote is not closed", start, hint)
            pairs[start] = end
            pos = end + 1
        elif mark in "{}":
            hint = "braces mark choices, only in the command sweep"
            raise _error(text, f"{mark} is not allowed here", start, hint)
        elif mark in _CLOSING:
            waiting.append(start)
        elif not waiting:
            raise _error(text, f"unmatched {mark}", start)
        elif _CLOSING[text[waiting[-1]]] != mark:
            opened = text[waiting[-1]]
            raise _error(
                text, f"{mark} does not close {opened}", start, f"write {_CLOSING[opened]}"
            )
        else:
            pairs[waiting.pop()] = start
    if waiting:
        raise _error(text, f"{text[waiting[-1]]} is not closed", waiting[-1])
    return pairs


def _error(text: str, message: str, start: int, hint: str | None = None) -> SpecError:
    return SpecError(message, span=(start, start + 1), help=hint, source=text)
