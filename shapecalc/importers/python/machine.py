"""Runs a program over values that are known as far as shapes need them.

Nothing of it is run by Python: its syntax tree is walked, and what it calls of libraries is looked
up in tables that say what becomes of shapes. What is in no table is unknown.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NoReturn

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.importers.python.expressions import EXPRESSIONS
from shapecalc.importers.python.nesting import CONTAINERS, parts_of
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.signals import MAX_LENGTH, OverBudget, Raised
from shapecalc.importers.python.statements import STATEMENTS
from shapecalc.importers.python.values import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.missing import Missing
    from shapecalc.importers.python.models import Known
    from shapecalc.importers.python.rewrites import Rewrite
    from shapecalc.importers.python.sizes import Given
    from shapecalc.importers.python.tape import Tape
    from shapecalc.importers.python.training import Compared
    from shapecalc.importers.python.values import Module

#: How many expressions and statements are looked at, how deep calls nest, how often loops turn.
MAX_STEPS: Final = 500_000
MAX_DEPTH: Final = 120
MAX_TURNS: Final = 20_000
#: How many steps it takes to apply a layer, to raise an exception, and to call.
APPLY: Final = 15
RAISE: Final = 50
_CALL: Final = 5
#: How many layers are made, each of which pays for its application and for a statement: a model of
#: many layers is no loop without end.
MAX_LAYERS: Final = 25_000
_PAID: Final = 25
#: Over how many parts Python goes in a step, and this program.
_PARTS: Final = 128
_SLOW_PARTS: Final = 8
#: How many of them are counted and compared in a step, and how many are copied.
_COUNTED_PARTS: Final = 4
_COPIED_PARTS: Final = 1024
#: How many parts of lists and texts are made in all, which may all stay in memory.
MAX_PARTS: Final = 8_000_000
#: Over how many lists, and how many values in them, a library goes in a step of what it is given.
_PASSED: Final = 4
_PASSED_PARTS: Final = 4


class Machine:
    """A run of a program: what it has made so far, and where it is.

    Attributes:
        tape: where layers are recorded now; None outside of models.
        modules: the files that were read, by their names.
        notes: what is not known and should be, each once.
        models: the models that it made or called, in order.
        given: the input shapes that are given beside the source, and values of letters.
    """

    def __init__(self, given: Given, path: Sequence[str] = ()) -> None:
        self.given = given
        self.path = path
        self.tape: Tape | None = None
        self.modules: dict[str, Module] = {}
        self.notes: dict[str, ShapecalcError] = {}
        self.models: list[Any] = []
        #: The losses of torch that it applied, in order.
        self.losses: list[Compared] = []
        self.calls: list[Position] = []
        #: The innermost call, with arguments, of a function that the program itself calls.
        self.helper: Position | None = None
        self.counts: dict[str, int] = {}
        #: What models were called on outside of others, and how often attributes were set.
        self.called: dict[Any, Known] = {}
        self.changes = 0
        #: Arguments of layers that are not known.
        self.missing: list[Missing] = []
        #: How often a weight was frozen, or was again trained.
        self.freezes = 0
        #: Whether a letter says how long some list is.
        self.repeats = False
        #: Whether objects were given to what is not known, which may set attributes of them.
        self.gives_away = False
        #: How many models and layers of the program are being made now.
        self.making = 0
        #: How many objects were made.
        self.objects = 0
        #: Where the model or the function stands that is tried now, which nothing at the top calls.
        self.begun: Position | None = None
        #: The layers that were made, by what they are made of.
        self.layers: dict[Any, Any] = {}
        #: What libraries keep during the run, by their names.
        self.state: dict[str, Any] = {}
        self._steps = 0
        self._layers = 0
        self._parts = 0

    # Walking the tree.

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """Return the value of an expression."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            self._stop(frame, node)
        return EXPRESSIONS[type(node)](self, node, frame)

    def execute(self, statements: Sequence[ast.stmt], frame: Frame) -> None:
        """Run statements one after the other."""
        for node in statements:
            self._steps += 1
            if self._steps > MAX_STEPS:
                self._stop(frame, node)
            STATEMENTS[type(node)](self, node, frame)

    def step(self, frame: Frame, node: ast.AST) -> None:
        """Count what is looked at; raises `OverBudget`."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            self._stop(frame, node)

    def _stop(self, frame: Frame, node: ast.AST) -> NoReturn:
        raise OverBudget(
            f"more than {MAX_STEPS:,} steps are not followed", Position(frame.module, node)
        )

    def call(
        self,
        function: Value,
        args: Sequence[Value] = (),
        kwargs: Mapping[str, Value] | None = None,
        position: Position | None = None,
    ) -> Value:
        """Call a value."""
        from shapecalc.importers.python.calling import call

        self._steps += _CALL
        if len(self.calls) > MAX_DEPTH:
            self.fail("RecursionError", "maximum recursion depth exceeded", position)
        return call(self, function, args, kwargs or {}, position)

    def attribute(self, value: Value, name: str, position: Position | None = None) -> Value:
        """Look up an attribute of a value."""
        from shapecalc.importers.python.attributes import attribute

        return attribute(self, value, name, position)

    # What goes wrong.

    def fail(
        self,
        kind: Value,
        message: str,
        position: Position | None,
        *,
        rule: str = "python",
        rewrites: Sequence[Rewrite] = (),
    ) -> NoReturn:
        """Raise an exception of the program."""
        self.charge(RAISE, position or self.here)
        error = Raised(kind, message, self.visible(position), rule=rule)
        error.inside = self.tape is not None or self.making > 0
        error.rewrites = rewrites
        raise error

    def refuse(
        self,
        error: ShapecalcError,
        position: Position | None,
        made: Position | None = None,
        kind: str = "RuntimeError",
        rule: str = "",
        rewrites: Sequence[Rewrite] = (),
    ) -> NoReturn:
        """Raise the exception that the refusal of a layer is to the program."""
        if isinstance(error, SpecError) and not rule:
            rule = "argument"
        where, made = self.visible(position), made and self.visible(made)
        raised = Raised(kind, error.message, where, error=error, made=made, rule=rule)
        raised.rewrites = rewrites
        raise raised

    @property
    def here(self) -> Position | None:
        """Where the program is: the innermost call."""
        return self.calls[-1] if self.calls else None

    def visible(self, position: Position | None) -> Position | None:
        """Return a position, or where the program calls the library in which it is."""
        if position is not None and not position.module.is_hidden:
            return position
        return next((each for each in reversed(self.calls) if not each.module.is_hidden), position)

    def need(self, value: Value, position: Position | None) -> None:
        """Note a value on which a model depends, and which is not known."""
        if isinstance(value, Unknown) and value.name:
            where = self.visible(value.position or position)
            place = where.place if where else None
            text = f"what {value.name} gives is not known here"
            self.notes.setdefault(text, ShapecalcError(text, place=place))

    def share(self) -> int:
        """Return after how many steps in all a loop ends that begins now: half of what is left.

        What comes after it, such as models after a training, is to be followed as well. A loop of
        a model has all that is left.
        """
        if self.tape is not None or self.making:
            return MAX_STEPS
        return (self._steps + MAX_STEPS) // 2

    def is_endless(
        self, turns: int, position: Position, share: int, most: int | None = None
    ) -> bool:
        """Return whether a loop turns more often or longer than is followed, which is noted.

        ``share`` is what it was given when it began, ``most`` how often such a loop may turn.
        """
        most = most or (MAX_TURNS if self.tape is None else MAX_TURNS // 10)
        if turns < most and (self._steps < share or share == MAX_STEPS):
            return False
        how_often = min(turns, most)
        text = f"a loop of more than {how_often:,} turns is not followed"
        self.notes.setdefault(text, ShapecalcError(text, place=position.place))
        return True

    def charge(self, steps: int, position: Position | None) -> None:
        """Count what takes as long as many steps; raises `OverBudget`."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise OverBudget(f"more than {MAX_STEPS:,} steps are not followed", position)

    def go_over(self, count: int, position: Position | None, *, slowly: bool = False) -> None:
        """Count what it takes to go over so many parts; raises `OverBudget`."""
        self.charge(count // (_SLOW_PARTS if slowly else _PARTS), position)
        self.weigh(count, position)

    def copy(self, length: int, position: Position | None) -> None:
        """Count what it takes to make a list or a text of so many parts; raises `OverBudget`."""
        self.limit(length, position)
        self.charge(length // _COPIED_PARTS, position)
        self.weigh(length, position)

    def weigh(self, count: int, position: Position | None) -> None:
        """Count parts that are made, which take room; raises `OverBudget`."""
        self._parts += count
        if self._parts > MAX_PARTS:
            raise OverBudget(f"more than {MAX_PARTS:,} parts are not followed", position)

    def go_through(self, value: Value, position: Position | None, times: int = 1) -> None:
        """Count what it takes Python to go through all that is in a value; raises `OverBudget`."""
        if isinstance(value, CONTAINERS):
            self.charge(sum(parts_of(value, {})) * times // _COUNTED_PARTS, position)

    def pass_on(self, values: Iterable[Value], position: Position | None) -> None:
        """Count what it takes a library to go through what it is given; raises `OverBudget`."""
        known: dict[int, tuple[int, int]] = {}
        for value in values:
            if isinstance(value, CONTAINERS):
                containers, others = parts_of(value, known)
                self.charge(containers // _PASSED + others // _PASSED_PARTS, position)

    def count_layer(self, position: Position | None) -> None:
        """Count a layer that is made; raises `OverBudget`."""
        self._layers += 1
        if self._layers > MAX_LAYERS:
            raise OverBudget(f"more than {MAX_LAYERS:,} layers are not followed", position)
        self._steps -= _PAID

    def limit(self, length: int, position: Position | None) -> None:
        """Refuse to make something of more than so many parts."""
        if length > MAX_LENGTH:
            raise OverBudget(f"more than {MAX_LENGTH:,} parts are not followed", position)

    def size(self, size: Size) -> Size:
        """Return a size with the values of letters put in."""
        return self.given.substituted(size)
