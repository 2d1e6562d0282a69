"""Classes of a program that are dicts or lists: ``class Config(dict)``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.natives import native_attribute
from shapecalc.importers.python.sequences import contains, item, iterate, set_item
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The methods of each, but for those between underscores.
_METHODS: Final = {
    "dict": "keys values items get pop update setdefault copy clear",
    "list": "append extend insert pop remove reverse index count sort copy clear",
}


def _construct(kind: str, m: Machine, instance: Instance, call: Call) -> None:
    from shapecalc.importers.python.builtins import BUILTINS

    instance.payload = m.call(BUILTINS[kind], call.args, call.kwargs, call.position)


def _method(name: str, _m: Machine, instance: Instance) -> Value:
    found = native_attribute(_held(instance), name)
    return UNKNOWN if found is None else found


def _held(instance: Instance) -> Any:  # noqa: ANN401
    """Return the dict or the list that an object is; a constructor may not have been called."""
    if instance.payload is None:
        instance.payload = {} if DICT in instance.cls.mro else []
    return instance.payload


def _item(m: Machine, instance: Instance, call: Call) -> Value:
    from shapecalc.importers.python.attributes import method

    held, key = _held(instance), call.args[0]
    if isinstance(held, dict) and key not in held:
        missing = method(m, instance, "__missing__")
        if missing is not None:
            return m.call(missing, [key], {}, call.position)
    return UNKNOWN if call.position is None else item(m, held, key, call.position)


def _from_keys(m: Machine, call: Call) -> Value:
    keys = iterate(m, call.get(0, "iterable"), call.position)
    return UNKNOWN if keys is None else dict.fromkeys(keys, call.get(1, "value"))


FROM_KEYS: Final = Builtin("fromkeys", _from_keys)


def _set_item(m: Machine, instance: Instance, call: Call) -> None:
    if call.position is not None:
        key, value = call.take(2)
        set_item(m, _held(instance), key, value, call.position)


def _contains(m: Machine, instance: Instance, call: Call) -> Value:
    found = contains(m, _held(instance), call.args[0])
    return UNKNOWN if found is None else found


_SPECIAL: Final[dict[str, Callable[[Machine, Instance, Call], Value]]] = {
    "__getitem__": _item,
    "__setitem__": _set_item,
    "__contains__": _contains,
    "__len__": lambda _m, instance, _call: len(_held(instance)),
    "__iter__": lambda _m, instance, _call: list(_held(instance)),
}


def _class(kind: str) -> LibraryClass:
    methods = {name: partial(_method, name) for name in _METHODS[kind].split()}
    special = {name: method_of(function) for name, function in _SPECIAL.items()}
    return LibraryClass(kind, construct=partial(_construct, kind), attributes=methods | special)


DICT: Final = _class("dict")
LIST: Final = _class("list")


def base_of(value: Value) -> LibraryClass | None:
    """Return the class that stands for a type of Python as a base; None for what is no such."""
    name = value.name.rpartition(".")[2] if isinstance(value, Builtin) else ""
    return {"dict": DICT, "OrderedDict": DICT, "UserDict": DICT, "list": LIST}.get(name)


def plain(value: Value) -> Value:
    """Return the dict or the list that an object of the program is; else the value."""
    if isinstance(value, Instance) and (DICT in value.cls.mro or LIST in value.cls.mro):
        return _held(value)
    return value
