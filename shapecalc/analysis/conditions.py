"""The conditions of a trace as they grow row by row, each said as the table says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import AnyOf, Condition, Contradiction
from shapecalc.language.inputs import letters_in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Conditions:
    """What is known about letters before a row: given facts, and what earlier rows require."""

    def __init__(self, trace: Trace) -> None:
        """Begin with the facts that were given."""
        self._facts = trace.given.copy()
        self._order = letters_in_order(shape for _, shape in trace.inputs)
        self._assumed = set(trace.assumptions)

    def add(self, truths: Iterable[object]) -> list[str]:
        """Add statements; returns what is known now and was not before, letter by letter."""
        asked = [truth for truth in truths if isinstance(truth, (Condition, AnyOf))]
        if not asked:
            return []
        before = self._facts
        for truth in asked:
            grown = self._facts.copy()
            try:
                grown.require(truth)
            except Contradiction:
                # What was assumed and taken back later no longer holds.
                continue
            self._facts = grown
        return self._facts.conditions(self._order, given=before)

    def add_row(self, row: Row) -> tuple[list[str], list[str]]:
        """Add what a row asked: what must hold for it beyond what did, and what it assumes."""
        exact = [truth for truth in row.required if str(truth) not in self._assumed]
        assumed = [truth for truth in row.required if str(truth) in self._assumed]
        return self.add(exact), self.add(assumed)
