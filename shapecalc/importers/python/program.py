"""A Python program as a source: read anew for each question, and never run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.importers.python.entry import chosen, described
from shapecalc.importers.python.findings import finding
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.machine import Machine
from shapecalc.importers.python.notebooks import cells_of, located
from shapecalc.importers.python.signals import OverBudget, Raised
from shapecalc.importers.python.sizes import Given
from shapecalc.importers.python.values import Module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.dims import Size
    from shapecalc.importers.python.models import Recorded
    from shapecalc.language.facts import GivenFacts
    from shapecalc.language.shapes import GivenShape
    from shapecalc.network import Edit, Network, Node, Source


class Program:
    """The text of a program, and which of its models is meant.

    Attributes:
        text: the source.
        path: what messages call it.
        expression: what stands behind the path; None where the models are found.
        place_of_model: which of the models that are found it is.
    """

    #: It has taken in the inputs and values with which it was read.
    is_run = True

    def __init__(
        self,
        text: str,
        path: str,
        expression: str | None = None,
        *,
        facts: GivenFacts | None = None,
        number: int = 0,
    ) -> None:
        self.text: str | None = text
        self.path = path
        self.expression = expression
        self.facts = facts
        self.number = number
        self.notes: Sequence[ShapecalcError] = ()

    @property
    def letters(self) -> AbstractSet[str]:
        """No letters stand in arguments."""
        return frozenset()

    def place(self, node: Node) -> None:  # noqa: ARG002
        """A node has a place of its own kind, which its origin knows."""
        return

    def read(
        self,
        inputs: Mapping[str | None, GivenShape],
        values: Mapping[str, Size],
    ) -> Network:
        """Read the model that is meant; raises `ShapeError` for what Python would raise."""
        found = self.networks(inputs, values)
        return found[min(self.number, len(found) - 1)][1]

    def networks(
        self, inputs: Mapping[str | None, GivenShape], values: Mapping[str, Size]
    ) -> list[tuple[str, Network]]:
        """Read all models that are meant, each with its name."""
        given = Given(inputs, values, self.facts)
        machine, frame = self._started(given)
        try:
            found = self._models(machine, frame)
        except (Raised, OverBudget, RecursionError) as error:
            raise finding(error) from None
        if not found:
            raise SpecError(
                f"{self.path} has no model that is understood",
                help="name one behind the path, such as model.py:Net()",
                notes=[note.message for note in machine.notes.values()],
            )
        networks = []
        for number, model in enumerate(found):
            network = model.network
            source = Program(
                self.text or "", self.path, self.expression, facts=self.facts, number=number
            )
            source.notes = list(machine.notes.values())
            network.source = source
            networks.append((described(model, frame), network))
        return networks

    def _started(self, given: Given) -> tuple[Machine, Frame]:
        """Run the module itself."""
        try:
            tree = ast.parse(self.text or "")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise _unreadable(error, self.path, self.text or "") from None
        machine = Machine(given)
        module = Module("__main__", self.path, self.text or "")
        module.attrs["__name__"] = "__main__"
        machine.modules["__main__"] = module
        frame = Frame(module)
        try:
            machine.execute(tree.body, frame)
        except Raised as error:
            if error.kind not in {"SystemExit", "KeyboardInterrupt"}:
                raise finding(error) from None
        except (OverBudget, RecursionError) as error:
            raise finding(error) from None
        return machine, frame

    def _models(self, machine: Machine, frame: Frame) -> list[Recorded]:
        expression: Any = None
        if self.expression is not None:
            try:
                expression = ast.parse(self.expression.strip(), mode="eval").body
            except (SyntaxError, ValueError) as error:
                raise SpecError(
                    f"{self.expression} is no expression of Python: {error}", source=self.expression
                ) from None
        return chosen(machine, frame, expression)

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Write edits into the source."""
        from shapecalc.importers.python.edits import edited

        found: Source = edited(self, edits)
        return found

    def __str__(self) -> str:
        raise SpecError(f"{self.path} is source code, which has no text as a spec")


def _unreadable(error: BaseException, path: str, text: str) -> ShapecalcError:
    """Say that a text is no Python 3, with the place."""
    from shapecalc.errors import Place

    if not isinstance(error, SyntaxError) or error.lineno is None:
        return SpecError(f"{path} cannot be read as Python: {error}")
    lines = text.split("\n")
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    column = max((error.offset or 1) - 1, 0)
    end = max((error.end_offset or 0) - 1, column + 1)
    cells = cells_of(lines) if path.endswith(".ipynb") else []
    path, number = located(path, cells, error.lineno)
    place = Place(path, number, column, number, end, line)
    old = "print " in line and "Missing parentheses" in str(error.msg)
    message = "this is Python 2" if old else f"{error.msg}"
    return SpecError(message, place=place)
