"""What is given beside the source: input shapes, values of letters, facts; and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Contradiction, Dim, Facts, substitute
from shapecalc.errors import ShapeError
from shapecalc.language.facts import GivenFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Size, Truth
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.importers.python.tape import Tape
    from shapecalc.language.shapes import GivenShape
    from shapecalc.network import Network


class Given:
    """What is given beside the source.

    ``batch`` is the letter of the batch, where an input is found for which no shape is given.
    """

    def __init__(
        self,
        inputs: Mapping[str | None, GivenShape] | None = None,
        values: Mapping[str, Size] | None = None,
        facts: GivenFacts | None = None,
    ) -> None:
        self.inputs = inputs or {}
        self.values = values or {}
        self.facts = facts or GivenFacts()
        self.batch: Dim | None = None
        #: Whether models are not called on the data that they are trained on.
        self.leaves_data = False
        self._alone = Facts()
        #: What runs recorded, and what the program asked for in each; by network.
        self.tapes: list[Tape] = []
        self.asked: list[tuple[Network, Truth]] = []

    def substituted(self, size: Size) -> Size:
        """Return a size with values instead of letters."""
        return substitute(size, self.values) if self.values else size

    def decide(self, m: Machine, statement: Truth) -> bool | None:
        """Say whether a statement on letters holds, as far as that is known."""
        if isinstance(statement, bool):
            return statement
        facts = self._alone if m.tape is None else m.tape.scope.facts
        found: Any = facts.decide(statement)
        return found if isinstance(found, bool) else None

    def asked_of(self, network: Network) -> list[Truth]:
        """Return what the program asked of letters where it made a network."""
        return [truth for asked, truth in self.asked if _is_part(network, asked)]

    def trains(self, network: Network) -> bool:
        """Return whether a network was recorded in the mode of training."""
        return any(t.scope.trains for t in self.tapes if _is_part(network, t.network))

    def require_all(
        self, m: Machine, statements: Sequence[Truth] | None, where: Position | None
    ) -> None:
        """Ask that all statements hold; nothing where it cannot be said what must."""
        for each in statements or ():
            self.require(m, each, where)

    def require(self, m: Machine, statement: Truth, where: Position | None) -> None:
        """Ask that a statement holds, without which the program would raise."""
        if m.tape is None:
            return
        try:
            m.tape.scope.require(statement, "the program requires {}", str(statement))
            self.asked.append((m.tape.network, statement))
        except (ShapeError, Contradiction):
            m.fail("AssertionError", f"{statement} does not hold", where)


def _is_part(network: Network, whole: Network) -> bool:
    """Return whether a network is one that was recorded, or lies in it."""
    first = network.nodes[0] if network.nodes else None
    return first is not None and any(each is first for each in whole.nodes)
