"""Facts as text: ``T >= 10, H % 32 == 0, 3 <= W <= 9``, and all that conditions are said as."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import Contradiction, Facts
from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from shapecalc.language.statements import Statement


class GivenFacts(NamedTuple):
    """Facts as they were given, and the text in which they stand."""

    statements: tuple[Statement, ...] = ()
    text: str = ""

    def said(self, statement: Statement) -> str:
        """Return a statement as it was written."""
        return self.text[slice(*statement.span)].strip()


def given_facts(text: str) -> GivenFacts:
    """Read facts that can hold together; raises as `parse_facts` does."""
    parse_facts(text)
    return GivenFacts(tuple(_ordered(text)), text)


def parse_facts(text: str) -> Facts:
    """Read facts; raises `SpecError` where they cannot be read, `ShapeError` for contradictions."""
    facts = Facts()
    for statement in _ordered(text):
        try:
            facts.require(statement.truth())
        except Contradiction:
            said = text[slice(*statement.span)].strip()
            raise ShapeError(
                f"{said} contradicts the other facts", span=statement.span, source=text
            ) from None
    return facts


def _ordered(text: str) -> list[Statement]:
    """Return the statements in an order that does not depend on how they were written.

    Equalities come first, those with fewest letters before the others.
    """
    from shapecalc.language.statements import statements

    return sorted(
        statements(text),
        key=lambda each: (each.sign != "==", len(each.letters), str(each.truth()), each.span),
    )
