"""Choices in braces: ``conv1d:{32,64}:{3..7..2}`` stands for a spec for each combination.

Commas separate choices, save in round and square brackets; ``{8..64..8}`` counts; an empty choice
leaves the part out, and the colon before it; braces nest. In quotes and comments they are text.
"""

from __future__ import annotations

import re
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.errors import Span

#: How many pairs of braces a spec may have, one in the other or side by side.
MAX_CHOICES: Final = 200
_RANGE: Final = re.compile(r"\s*(-?[0-9]{1,18})\.\.(-?[0-9]{1,18})(?:\.\.(-?[0-9]{1,18}))?\s*")


#: Stands for an empty choice, which takes the colon before it along where no argument is left.
NOTHING: Final = "\0"
_EMPTY: Final = re.compile(f":{NOTHING}+(?=[:,|)@\\n]|$)")


class Choices:
    """The specs that a text with choices stands for, none of which is made before it is wanted."""

    def __init__(self, text: str) -> None:
        """Read the text; raises `SpecError` where its braces do not fit."""
        self._text = text
        self._braces = 0
        self._parts, end = self._sequence(0, 0)
        if end < len(text):
            raise self._fail("unmatched }", (end, end + 1))

    @property
    def count(self) -> int:
        """How many there are, found without making any."""
        return _count(self._parts)

    def __iter__(self) -> Iterator[str]:
        """Return all of them, the first choice changing last."""
        return (_EMPTY.sub("", text).replace(NOTHING, "") for text in _texts(self._parts))

    def _fail(self, message: str, span: Span, hint: str | None = None) -> SpecError:
        return SpecError(message, span=span, source=self._text, help=hint)

    def _sequence(self, start: int, depth: int) -> tuple[list[object], int]:
        """Read up to what ends an alternative, or to the end of the text."""
        parts: list[object] = []
        text, pos, begin, inside = self._text, start, start, 0
        while pos < len(text):
            mark = text[pos]
            if mark in "\"'":
                pos = self._quoted(pos)
            elif mark == "#":
                pos = self._commented(pos)
                continue
            elif mark == "{":
                parts += [text[begin:pos]]
                choice, pos = self._choice(pos, depth)
                parts.append(choice)
                begin = pos
                continue
            elif mark == "}" or (mark == "," and depth and not inside):
                break
            else:
                inside += (mark in "([") - (mark in ")]")
            pos += 1
        return [*parts, text[begin:pos]], pos

    def _quoted(self, pos: int) -> int:
        """Return the place of the quote that closes.

        That none does is reported by the reader of the spec.
        """
        end = self._text.find(self._text[pos], pos + 1)
        return pos if end < 0 else end

    def _commented(self, pos: int) -> int:
        """Return the place where a comment ends: a line feed, or the end of the text."""
        end = self._text.find("\n", pos)
        return len(self._text) if end < 0 else end

    def _choice(self, start: int, depth: int) -> tuple[object, int]:
        self._braces += 1
        if self._braces > MAX_CHOICES:
            raise self._fail(f"there are more than {MAX_CHOICES} choices", (start, start + 1))
        end = self._text.find("}", start)
        counted = _RANGE.fullmatch(self._text, start + 1, end) if end > 0 else None
        if counted:
            return self._range(counted), end + 1
        alternatives = []
        pos = start
        while True:
            parts, pos = self._sequence(pos + 1, depth + 1)
            alternatives.append(parts)
            if pos >= len(self._text):
                raise self._fail("this brace is not closed", (start, start + 1), "{32,64}")
            if self._text[pos] == "}":
                return alternatives, pos + 1

    def _range(self, match: re.Match[str]) -> range:
        first, last = int(match[1]), int(match[2])
        step = int(match[3]) if match[3] else 1
        if step == 0:
            raise self._fail("a range needs a step", match.span(), "{8..64..8}")
        step = abs(step) if first <= last else -abs(step)
        return range(first, last + (1 if step > 0 else -1), step)


def _count(parts: Sequence[object]) -> int:
    return prod(_options(part) for part in parts)


def _options(part: object) -> int:
    if isinstance(part, range):
        return len(part)
    return sum(map(_count, part)) if isinstance(part, list) else 1


def _texts(parts: Sequence[object]) -> Iterator[str]:
    """Yield each combination of what the parts can be."""
    if not parts:
        yield ""
        return
    head, rest = parts[0], parts[1:]
    for begin in _alternatives(head):
        for end in _texts(rest):
            yield begin + end


def _alternatives(part: object) -> Iterator[str]:
    if isinstance(part, range):
        return map(str, part)
    if isinstance(part, list):
        return (text or NOTHING for text in chain.from_iterable(map(_texts, part)))
    return iter([str(part)])
