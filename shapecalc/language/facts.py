"""Facts as text: ``T >= 10, H % 32 == 0, 3 <= W <= 9``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import (
    Contradiction,
    Facts,
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
from shapecalc.errors import ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.errors import Span

_SIGN: Final = r"(>=|<=|==|!=|>|<|=)"
_AND: Final = r"(,|and\b)"
_SIGNS: Final = "compare with >=, <=, ==, !=, > or <"


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
            return _statement(left, self.sign, right)
        except ZeroDivisionError:
            return False


class GivenFacts(NamedTuple):
    """Facts as they were given, and the text in which they stand."""

    comparisons: tuple[Comparison, ...] = ()
    text: str = ""

    def said(self, comparison: Comparison) -> str:
        """Return a comparison as it was written."""
        return self.text[slice(*comparison.span)].strip()


def given_facts(text: str) -> GivenFacts:
    """Read facts that can hold together; raises as `parse_facts` does."""
    parse_facts(text)
    return GivenFacts(tuple(_ordered(text)), text)


def parse_facts(text: str) -> Facts:
    """Read facts; raises `SpecError` where they cannot be read, `ShapeError` for contradictions."""
    facts = Facts()
    for comparison in _ordered(text):
        try:
            facts.require(comparison.truth())
        except Contradiction:
            said = text[slice(*comparison.span)].strip()
            raise ShapeError(
                f"{said} contradicts the other facts", span=comparison.span, source=text
            ) from None
    return facts


def _ordered(text: str) -> list[Comparison]:
    """Return the comparisons in an order that does not depend on how they were written.

    Equalities come first, those with fewest letters before the others.
    """
    return sorted(
        comparisons(text),
        key=lambda each: (each.sign != "==", len(each.letters), str(each.truth()), each.span),
    )


def comparisons(text: str) -> Iterator[Comparison]:
    """Read comparisons, one after the other; raises `SpecError` where that is not possible."""
    pos = 0
    while pos < len(text):
        try:
            found, pos = _comparison(text, pos)
        except SizeTextError as error:
            span = (error.start, error.end)
            raise SpecError(error.message, span=span, source=text, help=_SIGNS) from None
        yield from found
        separator = re.compile(_AND).match(text, pos)
        if separator is None and pos < len(text):
            raise SpecError(
                f"{text[pos:].strip()!r} does not belong here",
                span=(pos, len(text)),
                source=text,
                help="commas separate facts",
            )
        pos = separator.end() if separator else pos


def _comparison(text: str, start: int) -> tuple[list[Comparison], int]:
    divisors: list[Size] = []
    left, pos = _size(text, start, divisors)
    parts: list[tuple[Size, str, Size]] = []
    sign = re.compile(_SIGN)
    while match := sign.match(text, pos):
        if match[0] == "=":
            hint = "did you mean ==?"
            raise SpecError("= is not understood", span=match.span(), source=text, help=hint)
        right, pos = _size(text, match.end(), divisors)
        parts.append((left, match[0], right))
        left = right
    if not parts:
        raise SizeTextError("a comparison is expected here", pos, pos + 1)
    # What divides holds only where it is positive.
    parts += [(divisor, ">=", 1) for divisor in divisors]
    return [Comparison(*part, (start, pos)) for part in parts], pos


def _size(text: str, pos: int, divisors: list[Size]) -> tuple[Size, int]:
    reader = SizeReader(text, pos, certain=False)
    reader.skip()
    size = reader.read()
    reader.skip()
    divisors += reader.doubtful
    return size, reader.pos


def _statement(left: Size, sign: str, right: Size) -> Truth:
    if sign == "==":
        return equal(left, right)
    if sign == "!=":
        return any_of(at_least(left, right + 1), at_least(right, left + 1))
    if sign in {">=", ">"}:
        return at_least(left, right + (sign == ">"))
    return at_least(right, left + (sign == "<"))
