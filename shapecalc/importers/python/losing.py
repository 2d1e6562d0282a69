"""What statements may change that are not followed, or that may not run at all."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.importers.python.values import UNCLEAR, UNKNOWN, Class, Instance, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.importers.python.frames import Frame

#: Methods that change what they are called on.
_CHANGING: Final = frozenset({
    "append", "extend", "insert", "add", "update", "pop", "remove", "clear", "add_module",
    "setdefault", "appendleft", "reverse", "sort",
})  # fmt: skip

_MISSING: Final = object()


class Slot(NamedTuple):
    """A place that has a value: a name, or an attribute of an object."""

    names: dict[str, Value]
    name: str

    @property
    def value(self) -> Value:
        """What is there now."""
        return self.names.get(self.name, _MISSING)

    @value.setter
    def value(self, value: Value) -> None:
        if value is _MISSING:
            self.names.pop(self.name, None)
        else:
            self.names[self.name] = value


def changed(nodes: Sequence[ast.AST], frame: Frame) -> list[Slot]:
    """Return what statements may change beside names: attributes, and what grows in place."""
    found: dict[tuple[int, str], Slot] = {}
    for target, is_set in _targets(nodes):
        slot = _slot(target, frame)
        if slot is not None and (is_set or _grows(slot.value)):
            found[id(slot.names), slot.name] = slot
    for owner in _called_on(nodes, frame):
        for name, value in owner.attrs.items():
            if isinstance(value, list | dict | set | int) and not name.startswith("?"):
                found[id(owner.attrs), name] = Slot(owner.attrs, name)
    return list(found.values())


def _called_on(nodes: Sequence[ast.AST], frame: Frame) -> Iterator[Instance]:
    """Yield the objects of the program whose methods are called and may change them."""
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                slot = _slot(each.func.value, frame)
                value = None if slot is None else slot.value
                if isinstance(value, Instance) and _is_plain(value):
                    yield value


def _is_plain(value: Instance) -> bool:
    """Return whether an object is of a class of the program that is neither a layer nor a model."""
    return isinstance(value.cls, Class) and all(e.name == "object" for e in value.cls.libraries)


def _targets(nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.expr, bool]]:
    """Yield the expressions that are set or changed by a call of a method."""
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                if each.func.attr in _CHANGING:
                    yield each.func.value, False
            elif isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
                yield each.value, False
            elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
                yield each, True


def _slot(target: ast.expr, frame: Frame) -> Slot | None:
    """Return where a name or an attribute of a named object stands."""
    if isinstance(target, ast.Name):
        home: Frame | None = frame
        while home is not None and target.id not in home.names:
            home = home.outer
        return None if home is None else Slot(home.names, target.id)
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        try:
            owner = frame.find(target.value.id)
        except KeyError:
            return None
        return Slot(owner.attrs, target.attr) if isinstance(owner, Instance) else None
    return None


def _grows(value: Value) -> bool:
    """Return whether a value holds others that shapes depend on."""
    if isinstance(value, Instance):
        return "?items" in value.attrs or "?layers" in value.attrs
    return isinstance(value, list | dict | set)


def forget(nodes: Sequence[ast.AST], frame: Frame) -> None:
    """Say of all that statements may change that it is not known."""
    for slot in changed(nodes, frame):
        slot.value = UNKNOWN
    for each in (inner for node in nodes for inner in ast.walk(node)):
        named = _slot(each, frame) if isinstance(each, ast.Name) else None
        if named is not None and isinstance(named.value, Instance):
            named.value.attrs[UNCLEAR] = True


class Held:
    """The values of places before one of several ways is gone, and what each way made of them."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.slots = slots
        self._before = [(slot.value, _contents(slot.value)) for slot in slots]
        self._ends: list[list[tuple[Value, Any]]] = []

    def begin(self) -> None:
        """Put everything back as it was."""
        for slot, (value, contents) in zip(self.slots, self._before, strict=True):
            slot.value = value
            _restore(value, contents)

    def end(self) -> None:
        """Keep what a way that goes on made of it."""
        self._ends.append([(slot.value, _contents(slot.value)) for slot in self.slots])

    def join(self) -> None:
        """Keep what all ways agree on, and forget the rest."""
        for place, slot in enumerate(self.slots):
            ends = [end[place] for end in self._ends]
            if not ends:
                continue
            value, contents = ends[0]
            slot.value = value
            _restore(value, contents)
            for end in ends[1:]:
                slot.value = _common(ends[0], end) if slot.value is value else UNKNOWN


def _common(one: tuple[Value, Any], other: tuple[Value, Any]) -> Value:
    """Return what two ways made of a place where it is the same."""
    from shapecalc.importers.python.branches import agreed

    (a, contents), (b, others) = one, other
    if a is b:
        return a if contents is None or _same(contents, others) else UNKNOWN
    return UNKNOWN if a is _MISSING or b is _MISSING else agreed(a, b)


def _contents(value: Value) -> Any:  # noqa: ANN401
    """Return what is in a value that changes in place; None of one that does not."""
    if isinstance(value, Instance):
        held = value.attrs.get("?items")
        return dict(held) if isinstance(held, dict) else None
    return value.copy() if isinstance(value, list | dict | set) else None


def _restore(value: Value, contents: Any) -> None:  # noqa: ANN401
    if contents is None:
        return
    if isinstance(value, Instance):
        value.attrs["?items"] = dict(contents)
    elif isinstance(value, list):
        value[:] = contents
    else:
        value.clear()
        value.update(contents)


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Return whether two contents are the same values in the same places."""
    if isinstance(a, dict):
        return list(a) == list(b) and all(a[key] is b[key] for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))
    return bool(a == b)
