"""Classes of the program that are made of ``dict``: what they hold is a dict of Python."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.builtins import BUILTINS
from shapecalc.importers.python.natives import native_attribute
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Function,
    Instance,
    LibraryClass,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _construct(m: Machine, instance: Instance, call: Call) -> None:
    made = m.call(BUILTINS["dict"], call.args, call.kwargs, call.position)
    instance.attrs["?items"] = made if isinstance(made, dict) else {}
    instance.attrs["?keyed"] = True


def _held(instance: Instance) -> dict[str, Value]:
    held: dict[str, Value] = instance.attrs.setdefault("?items", {})
    instance.attrs["?keyed"] = True
    return held


def _native(name: str, _m: Machine, instance: Instance) -> Value:
    return native_attribute(_held(instance), name)


def _own(name: str, m: Machine, call: Call) -> Value:
    """``dict.get`` and its kin as attributes of a class, which Python binds to its objects."""
    instance, *args = call.args
    if not isinstance(instance, Instance):
        return m.call(native_attribute(instance, name), args, call.kwargs, call.position)
    return m.call(_ATTRIBUTES[name](m, instance), args, call.kwargs, call.position)


def _from_keys(m: Machine, call: Call) -> Value:
    keys = iterate(m, call.get(0, "iterable"), call.position)
    return UNKNOWN if keys is None else dict.fromkeys(keys, call.get(1, "value"))


def _get_item(m: Machine, instance: Instance, call: Call) -> Value:
    held, key = _held(instance), call.get(0, "key")
    if key in held:
        return held[key]
    absent = method(m, instance, "__missing__")
    if isinstance(absent, Bound) and isinstance(absent.function, Function):
        return m.call(absent, [key], {}, call.position)
    return m.fail("KeyError", repr(key), call.position)


def _set_item(_m: Machine, instance: Instance, call: Call) -> Value:
    key, value = call.args
    _held(instance)[key] = value
    return None


_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    **{
        name: partial(_native, name)
        for name in (
            "get",
            "keys",
            "values",
            "items",
            "setdefault",
            "pop",
            "update",
            "copy",
            "clear",
        )
    },
    "__getitem__": method_of(_get_item),
    "__setitem__": method_of(_set_item),
}
#: What ``dict.get`` and its kin are, which a class may have under another name.
METHODS: Final = frozenset(_ATTRIBUTES) | {"fromkeys"}

DICT: Final = LibraryClass("dict", construct=_construct, attributes=_ATTRIBUTES)


def unbound(name: str) -> Builtin:
    """Return a method of ``dict`` as an attribute of it."""
    if name == "fromkeys":
        return Builtin("fromkeys", _from_keys)
    return Builtin(f"dict.{name}", partial(_own, name))
