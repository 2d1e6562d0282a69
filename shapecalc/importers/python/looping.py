"""Loops of as many turns as a letter says: followed where each turn leaves what it found."""

from __future__ import annotations

import ast
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim, at_least
from shapecalc.importers.python.losing import Slot, changed
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.repeats import repeated, same
from shapecalc.importers.python.signals import Break, Continue, Raised
from shapecalc.importers.python.values import Number, Tensor, Unknown, Value
from shapecalc.importers.python.within import Within
from shapecalc.network import Apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.repeats import Repeat


class _State:
    """What a turn may change: names, attributes, and what is in lists and dicts."""

    def __init__(self, frame: Frame, slots: Sequence[Slot]) -> None:
        self.names = dict(frame.names)
        self.values = [slot.value for slot in slots]
        held = [*self.values, *self.names.values()]
        self.contents = {
            id(each): (each, each.copy()) for each in held if isinstance(each, list | dict)
        }

    def of(self, key: object) -> Value:
        """Return the value of a name, or of a slot."""
        return self.values[key] if isinstance(key, int) else self.names.get(str(key))

    def restore(self, frame: Frame, slots: Sequence[Slot]) -> None:
        """Put everything back as it was."""
        frame.names.clear()
        frame.names.update(self.names)
        for slot, value in zip(slots, self.values, strict=True):
            slot.value = value
        for value, contents in self.contents.values():
            if isinstance(value, list):
                value[:] = contents
            else:
                value.clear()
                value.update(contents)


class Loop:
    """A loop over as many values that are alike as a size says."""

    def __init__(
        self, m: Machine, node: ast.For | ast.AsyncFor, repeat: Repeat, frame: Frame
    ) -> None:
        self._m = m
        self._node = node
        self._repeat = repeat
        self._frame = frame
        self._slots = changed(node.body, frame)
        self._turned = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
        #: What is not the same after a turn: names, slots, and lists and dicts.
        self._lost: set[object] = set()
        #: Names and slots whose values grow by as much at every turn, and by what.
        self._growing: dict[object, Any] = {}

    def follow(self) -> bool:
        """Turn once, and see that further turns do the same; return whether they do.

        What the first turn did is what is recorded.
        """
        changes, tape = self._m.changes, self._m.tape
        begin = 0 if tape is None else len(tape.network.nodes)
        if self._counts_lists():
            return False
        states = [_State(self._frame, self._slots)]
        within = Within(self._frame, self._slots)
        states.append(self._turn())
        moved = within.count(states[0].contents)
        if moved or changes != self._m.changes or not self._is_settled(*states):
            count = 0 if tape is None else len(tape.network.nodes)
            within = Within(self._frame, self._slots)
            try:
                settled = self._settle(states) and within.is_kept(states[0].contents)
            except (Raised, Break):
                settled = False
            if tape is not None:
                tape.forget(count)
            within.restore(states[0].contents, self._unlike(None))
            states[1].restore(self._frame, self._slots)
            if not settled:
                return False
        for node in [] if tape is None else tape.network.nodes[begin:]:
            if isinstance(node, Apply):
                node.turns = node.turns * self._repeat.count
        self._end(states[0], states[1])
        return True

    def _turn(self) -> _State:
        from shapecalc.importers.python.statements import assign

        assign(self._m, self._node.target, self._repeat.element, self._frame)
        with suppress(Continue):
            self._m.execute(self._node.body, self._frame)
        return _State(self._frame, self._slots)

    def _is_settled(self, before: _State, after: _State) -> bool:
        """Return whether the first turn changed nothing that a second one would read otherwise."""
        grown = [value for value, contents in after.contents.values()
                 if self._tail(before, value, contents) is not None]  # fmt: skip
        return not self._differing(before, after) and not (grown and self._reads_lists())

    def _settle(self, states: list[_State]) -> bool:
        """Turn on, from what is not known where turns differ; return whether all else stays."""
        states.append(self._turn())
        self._lost = self._differing(states[1], states[2])
        growing = self._growth(states[1], states[2], self._lost)
        if growing:
            states.append(self._turn())
            further = self._growth(states[2], states[3], growing.keys())
            self._growing = {k: v for k, v in growing.items() if same(v, further.get(k))}
            self._lost -= self._growing.keys()
        if self._lost:
            self._forget(states[1])
            states.append(self._turn())
            if not self._differing(states[1], states[-1]) <= {*self._lost, *self._growing}:
                return False
        return self._grows_alike(states[0], states[1], states[-1 if self._lost else 2])

    def _growth(self, before: _State, after: _State, keys: Iterable[object]) -> dict[object, Any]:
        """Return by what values grew."""
        found = {}
        for key in keys:
            growth = _grown(before.of(key), after.of(key))
            if growth is not None:
                found[key] = growth
        return found

    def _differing(self, before: _State, after: _State) -> set[object]:
        """Return what is not the same after a turn, but for lists that grew at their end."""
        lost: set[object] = {
            name
            for name, value in before.names.items()
            if name not in self._turned and not self._alike(value, after.names.get(name))
        }
        lost |= {
            place
            for place, (a, b) in enumerate(zip(before.values, after.values, strict=True))
            if not self._alike(a, b)
        }
        for key, (value, contents) in before.contents.items():
            now = after.contents.get(key)
            if now is not None and self._tail(before, value, now[1]) is None:
                lost |= set() if same(contents, now[1]) else {("in", key)}
        return lost

    def _alike(self, a: Value, b: Value) -> bool:
        """Return whether values are alike; what is in a list that is the same one is looked at."""
        return a is b or same(a, b)

    @staticmethod
    def _tail(before: _State, value: Value, contents: Any) -> list[Value] | None:  # noqa: ANN401
        """Return what was added at the end of a list; None where it did not grow so."""
        old = before.contents.get(id(value))
        if old is None or not isinstance(value, list) or len(contents) <= len(old[1]):
            return None
        begin = contents[: len(old[1])]
        alike = all(a is b or same(a, b) for a, b in zip(begin, old[1], strict=True))
        return list(contents[len(old[1]) :]) if alike else None

    def _grows_alike(self, begin: _State, first_turn: _State, next_turn: _State) -> bool:
        """Return whether each list grew by the same at two turns."""
        for value, contents in first_turn.contents.values():
            first = self._tail(begin, value, contents)
            later = next_turn.contents.get(id(value))
            tail = None if later is None else self._tail(first_turn, value, later[1])
            if not same(first or [], tail or []):
                return False
        return True

    def _forget(self, state: _State) -> None:
        """Begin a turn with what is not known, where turns differ."""
        state.restore(self._frame, self._slots)
        self._lose(state)

    def _lose(self, state: _State) -> None:
        for name, value in state.names.items():
            if name in self._lost:
                self._frame.names[name] = self._unlike(value)
        for place, slot in enumerate(self._slots):
            if place in self._lost:
                slot.value = self._unlike(state.values[place])
        for key, (value, _) in state.contents.items():
            if ("in", key) in self._lost and isinstance(value, list):
                value[:] = [self._unlike(None)]
            elif ("in", key) in self._lost:
                value.clear()

    def _grow(self, before: _State, after: _State) -> None:
        """Give what grew what it has after all turns."""
        more = self._repeat.count - 1
        for key, growth in self._growing.items():
            value, first = after.of(key), before.of(key)
            # What the first turn added is recorded.
            added = _grown(first, value)
            if isinstance(value, Tensor):
                final: Value = self._stretched(value, growth, more)
            elif same(added, growth) and all(same(added[0], each) for each in added):
                each = repeated(self._m, added[0], self._repeat.count * len(added))
                final = type(value)([*first, each])
            else:
                final = self._unlike(None)
            if isinstance(key, int):
                self._slots[key].value = final
            else:
                self._frame.names[str(key)] = final

    def _stretched(self, value: Tensor, growth: Sequence[Size], more: Size) -> Value:
        """Return a tensor that grew at so many turns more."""
        from shapecalc.importers.python.layers import computed_layer, run_layer

        shape = [size + by * more for size, by in zip(value.shape, growth, strict=True)]
        name = "loop"
        if value.tape is not None and value.port is not None:
            node: Any = value.tape.network.nodes[value.port.node]
            name = getattr(node, "title", None) or name
        layer = computed_layer([shape], name)
        (found,) = run_layer(
            self._m, layer, [value], Position(self._frame.module, self._node),
            library=value.library, title=name,
        )  # fmt: skip
        found.whole = value.whole
        return found

    def _unlike(self, value: Value) -> Value:
        """Return what is known of a value that turns change: of a number that it is one."""
        numbers = (int, float, Dim, Number)
        if isinstance(value, numbers) and not isinstance(value, bool):
            return Number()
        return Unknown(self._repeat.name, self._repeat.position)

    def _nodes(self) -> list[ast.AST]:
        return [each for part in self._node.body for each in ast.walk(part)]

    def _collected(self) -> list[ast.expr]:
        """Return where a turn adds to lists: the expressions for these."""
        return [
            each.func.value
            for each in self._nodes()
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr in {"append", "extend"}
        ]

    def _reads_lists(self) -> bool:
        """Return whether a turn reads what turns before it collected."""
        collected = self._collected()
        grown, added = set(map(ast.unparse, collected)), set(map(id, collected))
        return any(
            isinstance(each, ast.Name | ast.Attribute)
            and id(each) not in added
            and ast.unparse(each) in grown
            for each in self._nodes()
        )

    def _counts_lists(self) -> bool:
        """Return whether what a turn does depends on how many turns collected before it."""
        grown = set(map(ast.unparse, self._collected()))
        asked: list[ast.AST] = []
        for each in self._nodes() if grown else ():
            if isinstance(each, ast.If | ast.IfExp | ast.While):
                asked.append(each.test)
            elif isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Slice):
                asked.append(each.value)
        return any(_stands_in(each, grown) for each in asked)

    def _end(self, before: _State, after: _State) -> None:
        """Say what there is after all turns."""
        m, count = self._m, self._repeat.count
        if any(not self._alike(value, after.names.get(name, value))
               for name, value in before.names.items() if name not in self._turned):  # fmt: skip
            m.given.require(m, at_least(count, 1), Position(self._frame.module, self._node))
        self._lose(after)
        self._grow(before, after)
        ends_early = any(isinstance(each, ast.Break) for each in _own(self._node.body))
        for value, contents in list(after.contents.values()):
            tail = self._tail(before, value, contents)
            if tail is None:
                continue
            alike = all(same(tail[0], each) for each in tail) and not ends_early
            value[len(contents) - len(tail) :] = [
                repeated(m, tail[0], count * len(tail)) if alike else self._unlike(None)
            ]


def _grown(a: Value, b: Value) -> Any:  # noqa: ANN401
    """Return what was added to a list or a tuple at its end, or to the sizes of a tensor."""
    if isinstance(a, list | tuple) and type(a) is type(b) and len(a) < len(b):
        return list(b[len(a) :]) if same(list(a), list(b[: len(a)])) else None
    if isinstance(a, Tensor) and isinstance(b, Tensor) and len(a.shape) == len(b.shape):
        return [y - x for x, y in zip(a.shape, b.shape, strict=True)]
    return None


def _stands_in(node: ast.AST, grown: set[str]) -> bool:
    """Return whether a list is read in an expression as a whole, not one of its items."""
    if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in grown:
        return True
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return _stands_in(node.slice, grown)
    return any(_stands_in(each, grown) for each in ast.iter_child_nodes(node))


def _own(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a loop, but for those of loops within it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.FunctionDef):
            waiting += ast.iter_child_nodes(node)
