"""A Python program as a source: read anew for each question, and never run."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Any

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.importers.python.entry import chosen, described
from shapecalc.importers.python.findings import finding
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.hints import call_to_write
from shapecalc.importers.python.machine import Machine
from shapecalc.importers.python.missing import comment_to_write
from shapecalc.importers.python.notebooks import cells_of, located
from shapecalc.importers.python.signals import OverBudget, Raised
from shapecalc.importers.python.sizes import Given
from shapecalc.importers.python.statements import pass_over
from shapecalc.importers.python.training import said
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.values import Module
from shapecalc.language.facts import GivenFacts
from shapecalc.network import Apply
from shapecalc.tracing.opening import opened
from shapecalc.tracing.trace import stop_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.dims import Size, Truth
    from shapecalc.importers.python.models import Recorded
    from shapecalc.importers.python.positions import Position
    from shapecalc.importers.python.rewrites import Rewrite
    from shapecalc.language.shapes import GivenShape
    from shapecalc.network import Edit, Network, Node, Source


class Program:
    """The text of a program, and which of its models is meant.

    Attributes:
        text: the source.
        path: what messages call it.
        expression: what stands behind the path; None where the models are found.
        facts: what is known about letters.
        number: which of the models that are found it is.
        taken: the inputs, values and facts with which its network was read; None before.
        asked: what the program asked of letters while it ran.
        trains: whether the model was in its training mode.
        leaves_data: whether models are not called on the data that they are trained on.
        opens: whether models within models are laid open.
        before: the text that was edited to it; None without an edit.
        skipped: the statements at the top that are passed over, by their places.
        failed: the place of the statement at the top in which it failed when it was read last.
        left: the error that a repair of another one left; None where it works.
    """

    #: It is read anew for other inputs and values, and has taken them in then.
    is_run = True

    def __init__(
        self,
        text: str,
        path: str,
        expression: str | None = None,
        *,
        facts: GivenFacts | None = None,
        number: int = 0,
        before: str | None = None,
    ) -> None:
        self.text = text
        self.path = path
        self.expression = expression
        self.facts = facts or GivenFacts()
        self.number = number
        self.before = before
        #: Changes of the text that may mend what it raised when it was read last.
        self._rewrites: Sequence[Rewrite] = ()
        self.notes: Sequence[ShapecalcError] = ()
        self.taken: tuple[object, ...] | None = None
        self.asked: Sequence[Truth] = ()
        self.trains = False
        self.leaves_data = False
        self.opens = False
        self.skipped: frozenset[int] = frozenset()
        self.failed: int | None = None
        self.left: ShapecalcError | None = None
        self._network: Network | None = None

    def under(self, facts: GivenFacts) -> Program:
        """Return the same program with facts on letters."""
        return self._like(facts=facts)

    def without_data(self) -> Program:
        """Return the same program, whose models are not called on the data of their training."""
        return self._like(leaves_data=True)

    def laid_open(self) -> Program:
        """Return the same program, whose models show the layers of models within them."""
        return self._like(opens=True)

    def without_statements(self, places: Iterable[int]) -> Program:
        """Return the same program, of which some statements at the top are passed over."""
        return self._like(skipped=frozenset(places))

    def with_text(self, text: str) -> Program:
        """Return the same program with another text, which was made of this one."""
        return self._like(text=text, before=self.text if self.before is None else self.before)

    def _like(self, **changes: Any) -> Program:  # noqa: ANN401
        made = Program(self.text, self.path, self.expression, facts=self.facts, number=self.number)
        made.before, made.leaves_data = self.before, self.leaves_data
        made.skipped, made.opens = self.skipped, self.opens
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    @property
    def change(self) -> str:
        """The lines in which an edit changed it."""
        from shapecalc.importers.python.edits import changed_lines

        lines = changed_lines(self.before or self.text, self.text)
        return "; ".join(f"{self.located(line)}: {text}" for line, text in lines)

    def located(self, line: int) -> str:
        """Return a line of the text as messages call it: in a notebook by its cell."""
        cells = cells_of(self.text.split("\n")) if self.path.endswith(".ipynb") else []
        path, inner = located(self.path, cells, line)
        return f"{path}:{inner}"

    @property
    def network(self) -> Network | None:
        """The network that was read last, or as much of it as there was before it failed."""
        return self._network

    @property
    def behind(self) -> int:
        """How many statements at the top come after the one in which it failed when it was read."""
        return 0 if self.failed is None else len(self._tree().body) - self.failed

    @property
    def letters(self) -> AbstractSet[str]:
        """No letters stand in arguments."""
        return frozenset()

    def place(self, node: Node) -> None:  # noqa: ARG002
        """Return None: the origin of a node knows its place, which is of another kind."""
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
        try:
            return self._read_all(inputs, values)
        except ShapecalcError as error:
            stop = stop_of(error)
            self._network = None if stop is None else stop.trace.network
            raise

    def _read_all(
        self, inputs: Mapping[str | None, GivenShape], values: Mapping[str, Size]
    ) -> list[tuple[str, Network]]:
        given = Given(inputs, values, self.facts)
        given.leaves_data = self.leaves_data
        tree = self._tree()
        machine, frame = self._started(given, tree)
        try:
            found = self._models(machine, frame)
        except (Raised, OverBudget, RecursionError, MemoryError) as error:
            self.failed = _at_top(tree, machine.begun)
            raise self._finding(error) from None
        if not found:
            needed = call_to_write(frame)
            path = "model.py" if self.path.startswith("<") else self.path
            raise SpecError(
                f"{self.path} has no model that is understood",
                help="name one after the path, such as model.py:Net()"
                if needed is None
                else f"write its call after the path, with its arguments: {path}:{needed}",
                notes=[_placed(note, self.path) for note in machine.notes.values()],
            )
        networks = []
        for number, model in enumerate(found):
            network = opened(model.network) if self.opens else model.network
            source = self._like(number=number, before=None)
            source._note(machine, network)  # noqa: SLF001  (one of its own kind)
            # What is not known is said once, not with each model.
            source.notes = source.notes if number == 0 else ()
            network.say(said(machine, model, tree, alone=len(found) == 1))
            source.taken = (inputs, values, self.facts)
            network.source = source
            networks.append((described(model, frame), network))
        return networks

    def _finding(self, error: Raised | OverBudget | RecursionError | MemoryError) -> ShapecalcError:
        """Return what an exception of the program says, and keep what may mend it."""
        self._rewrites = error.rewrites if isinstance(error, Raised) else ()
        return finding(error)

    def rewritten(self) -> Iterator[Program]:
        """Give programs in which one change may mend what this one raised."""
        for each in self._rewrites:
            if each.path == self.path:
                yield self.with_text(each.applied(self.text))

    def _note(self, machine: Machine, network: Network) -> None:
        """Keep what a run found beside a network."""
        self.notes = list(machine.notes.values())
        told = comment_to_write(machine.missing, self.path)
        if told is not None and self.notes:
            *others, last = self.notes
            self.notes = [*others, last.replaced(help=told)]
        given = machine.given
        self.asked = given.asked_of(network)
        self.trains = given.trains(network)
        self._network = network

    def _tree(self) -> ast.Module:
        try:
            return tree_of(self.text)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise _unreadable(error, self.path, self.text) from None

    def _started(self, given: Given, tree: ast.Module) -> tuple[Machine, Frame]:
        """Run the module itself."""
        machine = Machine(given)
        module = Module("__main__", self.path, self.text)
        module.attrs["__name__"] = "__main__"
        machine.modules["__main__"] = module
        # A package that imports the file gets this very module.
        machine.modules[os.path.abspath(self.path)] = module  # noqa: PTH100
        frame = Frame(module)
        try:
            for self.failed, node in enumerate(tree.body):
                if self.failed in self.skipped:
                    pass_over(node, frame)
                else:
                    machine.execute([node], frame)
            self.failed = None
        except Raised as error:
            ended = error.kind in {"SystemExit", "KeyboardInterrupt"} or _declines(error, tree)
            if error.is_finding and not ended:
                raise self._finding(error) from None
            if not ended:
                _note_end(machine, error)
        except (OverBudget, RecursionError, MemoryError) as error:
            raise self._finding(error) from None
        return machine, frame

    def _models(self, machine: Machine, frame: Frame) -> list[Recorded]:
        expression: Any = None
        if self.expression is not None:
            try:
                expression = ast.parse(self.expression.strip(), mode="eval").body
            except (SyntaxError, ValueError) as error:
                raise SpecError(
                    f"{self.expression} is not a Python expression: {error}", source=self.expression
                ) from None
        return chosen(machine, frame, expression)

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Write edits into the source."""
        from shapecalc.importers.python.edits import edited

        found: Source = edited(self, edits)
        return found

    def written(self, edits: Sequence[Edit]) -> str | None:  # noqa: ARG002  (the same for all)
        """Return None: to write edits into a program is to read it."""
        return None

    def __str__(self) -> str:
        if self._network is None:
            raise SpecError(f"{self.path} is source code, which has no text as a spec")
        return _spec(self._network)


def _at_top(tree: ast.Module, position: Position | None) -> int | None:
    """Return the place of the statement at the top of a file in which a position is."""
    if position is None or position.module.name != "__main__":
        return None
    line = position.line
    for place, node in enumerate(tree.body):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            return place
    return None


def _spec(network: Network) -> str:
    """Write a network as a spec; raises `SpecError` with the line of what none can say."""
    from shapecalc.importers.python.living import living
    from shapecalc.language.writer import write_network
    from shapecalc.layers.coded import Uncalled

    for node in network.nodes:
        if isinstance(node, Apply) and node.tied:
            raise SpecError(f"{node.label}: weights of another layer cannot be written in a spec")
        if isinstance(node, Apply) and node.turns != 1 and node.origin is not None:
            fact = (
                f"a loop of {node.turns} turns cannot be written in a spec, unless -s says a number"
            )
            raise SpecError(fact, place=node.origin.code)
        if isinstance(node, Apply) and node.layer.in_spec() is None and node.origin is not None:
            if isinstance(node.layer, Uncalled):
                continue
            name = (node.title or node.layer.called).rpartition(".")[2]
            raise SpecError(f"{name} cannot be written in a spec", place=node.origin.code)
    if not network.outputs:
        raise SpecError("a model without outputs cannot be written in a spec")
    return write_network(living(network))


def _declines(error: Raised, tree: ast.Module) -> bool:
    """Return whether the script itself, outside its models, stops for a missing argument."""
    node = error.position.node if error.position is not None else None
    if error.error is not None or error.inside or not isinstance(node, ast.Assert | ast.Raise):
        return False
    classes = [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
    return not any(each.lineno <= node.lineno <= (each.end_lineno or 0) for each in classes)


def _placed(note: ShapecalcError, path: str) -> str:
    """Return a note with the line that it is about, and its file where that is another one."""
    where = note.place
    if where is None:
        return note.message
    file = "" if where.path == path else f"{where.path}, "
    return f"{file}line {where.line}: {note.message}"


def _note_end(machine: Machine, error: Raised) -> None:
    """Note where a program ends that does not fail in a model."""
    place = error.position.place if error.position is not None else None
    text = f"what comes after is not followed: {error.message}"
    machine.notes.setdefault(text, ShapecalcError(text, place=place))


def _unreadable(error: BaseException, path: str, text: str) -> ShapecalcError:
    """Say that a text is not Python 3, with the place."""
    from shapecalc.errors import Place

    if not isinstance(error, SyntaxError) or error.lineno is None:
        reason = str(error) or "it is nested too deeply"
        return SpecError(f"{path} cannot be read as Python: {reason}")
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


def program(content: bytes, path: str, expression: str | None = None) -> Program:
    """Return the program that a file holds; raises `SpecError` where it is not text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: byte {error.start} is not UTF-8") from None
    if path.endswith(".ipynb"):
        from shapecalc.importers.python.notebooks import program_text

        try:
            text = program_text(text)
        except SpecError as error:
            raise error.replaced(message=f"{path}: {error.message}") from None
    return Program(text.replace("\r\n", "\n").replace("\r", "\n"), path, expression)
