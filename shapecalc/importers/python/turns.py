"""Turns of a loop: whether one did what the one before it did, and more of them tell nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.branches import agreed
from shapecalc.importers.python.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine

#: How many names and attributes are looked at in a step.
_LOOKED_AT: Final = 8
_GROWING: Final = (list, dict, set, Instance)


def state(m: Machine, frame: Frame) -> tuple[tuple[int, int], dict[str, Value], dict[str, int]]:
    """Return what a turn of a loop outside models may change: objects, names and lists."""
    names = dict(frame.names)
    sizes = {n: _parts(v) for n, v in names.items() if isinstance(v, _GROWING)}
    objects = sum(sizes[n] for n in sizes if isinstance(names[n], Instance))
    m.charge((len(names) + objects) // _LOOKED_AT, None)
    return (m.objects, m.freezes), names, sizes


def _parts(value: Value, depth: int = 2) -> int:
    """Return how many parts a value has; an object those of what it holds too."""
    if not isinstance(value, Instance):
        return len(value)
    found = len(value.attrs)
    if depth:
        held = value.attrs.values()
        found += sum(_parts(each, depth - 1) for each in held if isinstance(each, _GROWING))
    return found


def is_same(before: Any, after: Any, target: ast.expr) -> bool:  # noqa: ANN401
    """Return whether a turn of a loop did what the one before it did, as far as known."""
    turned = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
    (objects, old, sizes), (now, new, grown) = before, after
    if objects != now or sizes != grown or old.keys() != new.keys():
        return False
    names = [name for name in new if name not in turned and old[name] is not new[name]]
    return all(
        isinstance(old[name], Unknown)
        if isinstance(new[name], Unknown)
        else not isinstance(agreed(old[name], new[name]), Unknown)
        for name in names
    )
