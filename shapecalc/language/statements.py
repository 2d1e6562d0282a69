"""Statements on letters, read as Python reads them: ``T >= 10``, ``T == S or S == 1``.

all    = any { "," any } ;
any    = every { "or" every } ;
every  = one { "and" one } ;
one    = "not" one | "(" any ")" | comparison ;
comparison = size sign size { sign size } | size [ "not" ] "in" "(" size { "," size } ")" ;
sign   = ">=" | "<=" | "==" | "!=" | ">" | "<" ;
"""

from __future__ import annotations

import re
from itertools import chain, product
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import (
    Size,
    SizeReader,
    SizeTextError,
    Truth,
    any_of,
    at_least,
    equal,
    letters,
    substitute,
)
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from shapecalc.errors import Span

#: How deep parentheses and ``not`` nest.
MAX_DEPTH: Final = 40
#: What must hold is written out as so many alternatives at most.
MAX_CLAUSES: Final = 256
#: So many comparisons stand in one text at most.
MAX_COMPARISONS: Final = 500

_SIGN = re.compile(r"(>=|<=|==|!=|>|<|=)")
_IN = re.compile(r"(not\s+)?in\s*(?=[(\[])")
_AND, _OR, _NOT = (re.compile(rf"{word}\b\s*") for word in ("and", "or", "not"))
_COMMA, _BLANK = (re.compile(text) for text in (r",\s*", r"\s*"))
_STATES = re.compile(r"[<>=!]|\bin\s*[(\[]")
_SIGNS: Final = "compare with >=, <=, ==, !=, > or <"
_OPPOSITE: Final = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}


class Comparison(NamedTuple):
    """Two sizes with a sign between them, and where they stand."""

    left: Size
    sign: str
    right: Size
    span: Span

    @property
    def letters(self) -> frozenset[str]:
        """The letters on both sides."""
        return letters(self.left) | letters(self.right)

    def truth(self, values: Mapping[str, Size] | None = None) -> Truth:
        """Return what it states, with values instead of letters."""
        left, right = self.left, self.right
        try:
            if values:
                left, right = substitute(left, values), substitute(right, values)
            return _truth(left, self.sign, right)
        except ZeroDivisionError:
            return False

    @property
    def opposite(self) -> Comparison:
        """The comparison that holds just where this one does not."""
        return self._replace(sign=_OPPOSITE[self.sign])


class Alternatives(NamedTuple):
    """Comparisons of which one must hold, and where they stand."""

    options: tuple[Comparison, ...]
    span: Span
    sign: str = "or"

    @property
    def letters(self) -> frozenset[str]:
        """The letters in any of them."""
        return frozenset().union(*(each.letters for each in self.options))

    def truth(self, values: Mapping[str, Size] | None = None) -> Truth:
        """Return what they state, with values instead of letters."""
        return any_of(*(each.truth(values) for each in self.options))


Statement = Comparison | Alternatives


def statements(text: str) -> list[Statement]:
    """Read statements that must all hold; raises `SpecError` where that is not possible."""
    try:
        return _Reader(text).read()
    except SizeTextError as error:
        span = (error.start, error.end)
        raise SpecError(error.message, span=span, source=text, help=_SIGNS) from None


class _Node(NamedTuple):
    """What a text says: comparisons that hold together where ``word`` is empty."""

    word: str
    parts: tuple[Any, ...]
    #: What must hold for the sizes to be defined at all.
    defined: tuple[Comparison, ...] = ()


class _Reader:
    """Reads statements, from the beginning of a text to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self._depth = 0
        self._comparisons = 0

    def read(self) -> list[Statement]:
        """Return all that is stated, in the order of the text."""
        found: list[Statement] = []
        while self.pos < len(self.text):
            start = self.pos
            for clause in self._written_out(self._any(), start):
                span = (start, self.pos)
                first, *more = clause
                found.append(Alternatives((first, *more), span) if more else first)
            if not self._takes(_COMMA) and self.pos < len(self.text):
                raise SpecError(
                    f"{self.text[self.pos :].strip()!r} does not belong here",
                    span=(self.pos, len(self.text)),
                    source=self.text,
                    help="commas separate facts",
                )
        return found

    def _written_out(self, node: _Node, start: int) -> list[list[Comparison]]:
        try:
            return _clauses(node)
        except _TooManyError:
            message = f"written out, this has more than {MAX_CLAUSES} alternatives"
            raise SizeTextError(message, start, self.pos) from None

    def _any(self) -> _Node:
        return self._parted("or", _OR, self._every)

    def _every(self) -> _Node:
        return self._parted("and", _AND, self._one)

    def _parted(self, word: str, mark: re.Pattern[str], part: Callable[[], _Node]) -> _Node:
        parts = [part()]
        while self._takes(mark):
            parts.append(part())
        return _Node(word, (*parts,)) if len(parts) > 1 else parts[0]

    def _one(self) -> _Node:
        self._takes(_BLANK)
        start = self.pos
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SizeTextError(f"this nests more than {MAX_DEPTH} deep", start, start + 1)
        if self._takes(_NOT):
            found = _Node("not", (self._one(),))
        elif self.text.startswith("(", start) and self._states(start):
            self.pos += 1
            found = self._any()
            if not self.text.startswith(")", self.pos):
                raise SizeTextError("this parenthesis is not closed", start, start + 1)
            self.pos += 1
            self._takes(_BLANK)
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _states(self, start: int) -> bool:
        """Return whether the parentheses that open here hold statements, and not a size."""
        depth = 0
        for pos in range(start, len(self.text)):
            depth += (self.text[pos] in "([") - (self.text[pos] in ")]")
            if depth == 0:
                return _STATES.search(self.text, start, pos) is not None
        return _STATES.search(self.text, start) is not None

    def _comparison(self) -> _Node:
        start = self.pos
        divisors: list[Size] = []
        left = self._size(divisors)
        listed = _IN.match(self.text, self.pos)
        if listed is not None:
            sizes = self._list(listed.end(), divisors)
            parts = [(left, "==", size) for size in sizes]
        else:
            parts = self._chain(left, divisors)
        span = (start, self.pos)
        self._comparisons += len(parts)
        if self._comparisons > MAX_COMPARISONS:
            raise SizeTextError(f"this has more than {MAX_COMPARISONS} comparisons", *span)
        # What divides holds only where it is positive.
        defined = tuple(Comparison(each, ">=", 1, span) for each in divisors)
        found = tuple(Comparison(*each, span) for each in parts)
        if listed is None:
            return _Node("", found, defined)
        node = _Node("or", tuple(_Node("", (each,), defined) for each in found))
        return _Node("not", (node,)) if listed[1] else node

    def _chain(self, left: Size, divisors: list[Size]) -> list[tuple[Size, str, Size]]:
        """Read ``3 <= T <= 8`` from the first sign on."""
        parts: list[tuple[Size, str, Size]] = []
        while match := _SIGN.match(self.text, self.pos):
            if match[0] == "=":
                hint = "did you mean ==?"
                span = match.span()
                raise SpecError("= is not understood", span=span, source=self.text, help=hint)
            self.pos = match.end()
            right = self._size(divisors)
            parts.append((left, match[0], right))
            left = right
        if not parts:
            raise SizeTextError("a comparison is expected here", self.pos, self.pos + 1)
        return parts

    def _list(self, start: int, divisors: list[Size]) -> list[Size]:
        """Read sizes in parentheses or in brackets."""
        closing = ")" if self.text[start] == "(" else "]"
        self.pos = start + 1
        found = [self._size(divisors)]
        while self._takes(_COMMA) and not self.text.startswith(closing, self.pos):
            found.append(self._size(divisors))
        if not self.text.startswith(closing, self.pos):
            raise SizeTextError("this list is not closed", start, start + 1)
        self.pos += 1
        self._takes(_BLANK)
        return found

    def _size(self, divisors: list[Size]) -> Size:
        self._takes(_BLANK)
        reader = SizeReader(self.text, self.pos, certain=False)
        size = reader.read()
        self.pos = reader.pos
        self._takes(_BLANK)
        divisors += reader.doubtful
        return size

    def _takes(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()
        return match is not None


class _TooManyError(Exception):
    """Too much to be written out."""


def _clauses(node: _Node, *, holds: bool = True) -> list[list[Comparison]]:
    """Return comparisons of which, list by list, one must hold: where the node does, or does not.

    ``(A and B) or C = (A or C) and (B or C)``, and ``not (A or B) = not A and not B``.
    """
    if node.word == "not":
        return _clauses(node.parts[0], holds=not holds)
    if not node.word:
        said = [[each] for each in node.parts]
        opposite = [[each.opposite for each in node.parts]]
        return [*(said if holds else opposite), *([each] for each in node.defined)]
    parts = [_clauses(each, holds=holds) for each in node.parts]
    if (node.word == "and") is holds:
        return _bounded(chain.from_iterable(parts))
    if prod(map(len, parts)) > MAX_CLAUSES:
        raise _TooManyError
    return _bounded([*chain.from_iterable(chosen)] for chosen in product(*parts))


def _bounded(clauses: Iterable[list[Comparison]]) -> list[list[Comparison]]:
    found = [*clauses]
    if sum(map(len, found)) > MAX_CLAUSES * MAX_CLAUSES:
        raise _TooManyError
    return found


def _truth(left: Size, sign: str, right: Size) -> Truth:
    if sign == "==":
        return equal(left, right)
    if sign == "!=":
        return any_of(at_least(left, right + 1), at_least(right, left + 1))
    if sign in {">=", ">"}:
        return at_least(left, right + (sign == ">"))
    return at_least(right, left + (sign == "<"))
