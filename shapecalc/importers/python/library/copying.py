"""``copy``: a copy of a module is another module, with weights of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import UNKNOWN, Builtin, Instance, Tensor, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def copied(m: Machine, value: Value, known: dict[int, Value]) -> Value:
    """Return a value with copies of all that is in it, each made once."""
    if id(value) in known:
        return known[id(value)]
    if not isinstance(value, list | dict | set | tuple | Instance | Tensor):
        return value
    m.counts["copied"] = m.counts.get("copied", 0) + 1
    m.limit(m.counts["copied"], m.here)
    made: Value
    if isinstance(value, Instance):
        made = known[id(value)] = Instance(value.cls, value.made)
        made.payload = value.payload
        made.attrs.update({k: copied(m, each, known) for k, each in value.attrs.items()})
    elif isinstance(value, Tensor):
        made = value if value.tape is not None else _tensor(value)
    elif isinstance(value, list):
        m.charge(len(value) // 2, m.here)
        made = known[id(value)] = type(value)()
        made += [copied(m, each, known) for each in value]
    elif isinstance(value, dict):
        made = known[id(value)] = value.copy()
        made.update({key: copied(m, each, known) for key, each in value.items()})
    elif isinstance(value, tuple):
        made = tuple(copied(m, each, known) for each in value)
    else:
        made = set(value)
    known[id(value)] = made
    return made


def _tensor(value: Tensor) -> Tensor:
    made = Tensor(value.shape, value.library, whole=value.whole, trained=value.trained)
    made.held, made.numbers, made.reach = value.held, value.numbers, value.reach
    return made


def _deep(m: Machine, call: Call) -> Value:
    # What is copied is kept, so that no other value gets its place while it is known by it.
    return copied(m, call.get(0, "x", UNKNOWN), {})


def _shallow(_m: Machine, call: Call) -> Value:
    value = call.get(0, "x", UNKNOWN)
    if isinstance(value, Instance):
        made = Instance(value.cls, value.made)
        made.payload = value.payload
        made.attrs.update(value.attrs)
        return made
    return value.copy() if isinstance(value, list | dict | set) else value


NAMES: Final[dict[str, Any]] = {
    "copy.deepcopy": Builtin("copy.deepcopy", _deep),
    "copy.copy": Builtin("copy.copy", _shallow),
}
