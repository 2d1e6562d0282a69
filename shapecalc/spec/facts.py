"""Facts as text: ``T >= 10, H % 32 == 0, 3 <= W <= 9``."""

from __future__ import annotations

import re
from typing import Final

from shapecalc.dims import (
    Contradiction,
    Facts,
    Size,
    SizeReader,
    SizeTextError,
    Truth,
    at_least,
    equal,
)
from shapecalc.errors import ShapeError, SpecError

_SIGN = re.compile(r"(>=|<=|==|!=|>|<|=)")
_AND = re.compile(r"(,|and\b)")
_SIGNS: Final = "compare with >=, <=, ==, > or <"


def parse_facts(text: str) -> Facts:
    """Read facts; raises `SpecError` where they cannot be read, `ShapeError` for contradictions."""
    facts = Facts()
    pos = 0
    while pos < len(text):
        start = pos
        try:
            statements, pos = _comparison(text, pos)
        except SizeTextError as error:
            span = (error.start, error.end)
            raise SpecError(error.message, span=span, source=text, help=_SIGNS) from None
        try:
            for statement in statements:
                facts.require(statement)
        except Contradiction:
            said = text[start:pos].strip()
            raise ShapeError(
                f"{said} cannot hold beside the facts before it", span=(start, pos), source=text
            ) from None
        separator = _AND.match(text, pos)
        if separator is None and pos < len(text):
            raise SpecError(
                f"{text[pos:].strip()!r} does not belong here",
                span=(pos, len(text)),
                source=text,
                help="commas separate facts",
            )
        pos = separator.end() if separator else pos
    return facts


def _comparison(text: str, pos: int) -> tuple[list[Truth], int]:
    left, pos = _size(text, pos)
    statements: list[Truth] = []
    while match := _SIGN.match(text, pos):
        if match[0] in {"=", "!="}:
            hint = "did you mean ==?" if match[0] == "=" else _SIGNS
            raise SpecError(
                f"{match[0]} is not understood", span=match.span(), source=text, help=hint
            )
        right, pos = _size(text, match.end())
        statements.append(_statement(left, match[0], right))
        left = right
    if not statements:
        raise SizeTextError("a comparison is expected here", pos, pos + 1)
    return statements, pos


def _size(text: str, pos: int) -> tuple[Size, int]:
    reader = SizeReader(text, pos)
    reader.skip()
    size = reader.read()
    reader.skip()
    return size, reader.pos


def _statement(left: Size, sign: str, right: Size) -> Truth:
    if sign == "==":
        return equal(left, right)
    if sign in {">=", ">"}:
        return at_least(left, right + (sign == ">"))
    return at_least(right, left + (sign == "<"))
