"""Hooks of torch's modules: functions that are called with what a module gets and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.values import (
    Bound,
    Builtin,
    Function,
    Instance,
    LibraryClass,
    Partial,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _remove(_m: Machine, handle: Instance, _call: Call) -> None:
    held, hook = handle.payload
    if hook in held:
        held.remove(hook)


_HANDLE: Final = LibraryClass(
    "torch.utils.hooks.RemovableHandle", attributes={"remove": method_of(_remove)}
)


def hooked(kind: str) -> Callable[[Machine, Instance, Call], Value]:
    """Return a method that keeps a hook, and gives what takes it away again."""

    def register(m: Machine, instance: Instance, call: Call) -> Value:
        hook = call.get(0, "hook")
        handle = Instance(_HANDLE, call.position)
        held = instance.attrs.setdefault(kind, [])
        handle.payload = (held, hook)
        if isinstance(hook, Function | Bound | Partial | Builtin):
            held.append(hook)
            m.changes += 1
        return handle

    return register


def before(m: Machine, instance: Instance, call: Call) -> None:
    """Call the hooks that come first, which may give other arguments."""
    for hook in [*instance.attrs["?prehooks"]]:
        given = m.call(hook, [instance, tuple(call.args)], {}, call.position)
        if given is not None:
            call.args = list(given) if isinstance(given, tuple) else [given]


def after(m: Machine, instance: Instance, call: Call, output: Value) -> Value:
    """Call the hooks that come last, which may give another output."""
    for hook in [*instance.attrs["?hooks"]]:
        given = m.call(hook, [instance, tuple(call.args), output], {}, call.position)
        output = output if given is None else given
    return output
