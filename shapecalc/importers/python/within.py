"""What turns of a loop change within objects, by methods that they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.importers.python.repeats import same
from shapecalc.importers.python.values import Instance, Number, Value

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.losing import Slot

#: How many objects and lists are looked at.
_MOST = 4096


class Within:
    """The attributes of objects that names stand for, and the lists that are in them."""

    def __init__(self, frame: Frame, slots: Sequence[Slot]) -> None:
        self._set = {(id(slot.names), slot.name) for slot in slots}
        self._held: list[tuple[Any, Any]] = []
        seen: set[int] = set()
        waiting: list[Value] = list(frame.names.values())
        while waiting and len(seen) < _MOST:
            value = waiting.pop()
            held = value.attrs if isinstance(value, Instance) else value
            if not isinstance(held, list | dict) or id(held) in seen:
                continue
            seen.add(id(held))
            self._held.append((held, held.copy()))
            waiting += held.values() if isinstance(held, dict) else held

    def _changes(self, known: Container[int]) -> Iterator[tuple[Any, Any]]:
        """Yield what has changed, and the key of it; None for the whole of a list."""
        for held, before in self._held:
            if id(held) in known:
                continue
            if isinstance(held, list):
                if not same(before, held):
                    yield held, None
                continue
            for key in {*held, *before}:
                old, new = before.get(key), held.get(key)
                if old is not new and (id(held), key) not in self._set and not same(old, new):
                    yield held, key

    def count(self, known: Container[int]) -> bool:
        """Return whether something has changed; numbers that have are not known from now on."""
        changes = list(self._changes(known))
        for held, key in changes:
            if key is not None and type(held.get(key)) in {int, float}:
                held[key] = Number()
        return bool(changes)

    def is_kept(self, known: Container[int]) -> bool:
        """Return whether nothing has changed."""
        return not any(True for _ in self._changes(known))

    def restore(self, known: Container[int], lost: Value) -> None:
        """Put everything back as it was, but for what has changed unlike, which is not known."""
        changes = list(self._changes(known))
        for held, before in self._held:
            if isinstance(held, list):
                held[:] = before
            else:
                held.clear()
                held.update(before)
        for held, key in changes:
            if key is None:
                held[:] = [lost]
            else:
                held[key] = lost
