"""Containers of torch: Sequential, and lists and dicts of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import UNKNOWN, Builtin, Instance, Unknown, Value, method_of
from shapecalc.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _sequential(m: Machine, instance: Instance, call: Call) -> None:
    first = call.get(0, "modules")
    if isinstance(first, dict):
        instance.attrs["?items"] = dict(first)
        return
    for each in call.args:
        if not isinstance(each, Instance | Unknown):
            name = getattr(each, "name", type(each).__name__).rpartition(".")[2]
            m.fail("TypeError", f"{name} is not a Module subclass", call.position, rule="argument")
    instance.attrs["?items"] = {str(place): each for place, each in enumerate(call.args)}


def _list(m: Machine, instance: Instance, call: Call) -> None:
    given = call.get(0, "modules", [])
    if isinstance(given, Instance) and isinstance(given.payload, Layer):
        name = given.payload.called
        text = f"a list of modules is made of several, but gets a {name} alone"
        m.fail("TypeError", text, call.position, rule="argument")
    values = iterate(m, given, call.position)
    instance.attrs["?items"] = {str(place): each for place, each in enumerate(values or ())}


def _dict(_m: Machine, instance: Instance, call: Call) -> None:
    given = call.get(0, "modules", {})
    if isinstance(given, list):
        given = dict(given)
    instance.attrs["?items"] = dict(given) if isinstance(given, dict) else {}
    instance.attrs["?keyed"] = True


def _getter(_m: Machine, instance: Instance) -> Value:
    return Builtin("__getitem__", lambda m, call: _item(m, instance, call))


def _item(m: Machine, instance: Instance, call: Call) -> Value:
    held, index = instance.attrs["?items"], call.get(0, "index")
    if isinstance(index, str) or instance.attrs.get("?keyed"):
        if index in held:
            return held[index]
        return m.fail("KeyError", repr(index), call.position)
    values = list(held.values())
    if isinstance(index, slice):
        made = Instance(instance.cls, instance.made)
        made.attrs["?items"] = {str(n): each for n, each in enumerate(values[index])}
        return made
    if not isinstance(index, int):
        return UNKNOWN
    try:
        return values[index]
    except IndexError:
        return m.fail("IndexError", f"index {index} is out of range", call.position)


def _set_item(_m: Machine, instance: Instance, call: Call) -> Value:
    held, (index, value) = instance.attrs["?items"], call.args
    if isinstance(index, str):
        held[index] = value
    elif isinstance(index, int) and -len(held) <= index < len(held):
        held[list(held)[index]] = value


def _append(_m: Machine, instance: Instance, call: Call) -> Value:
    held = instance.attrs["?items"]
    held[str(len(held))] = call.get(0, "module")
    return instance


def _extend(m: Machine, instance: Instance, call: Call) -> Value:
    for each in iterate(m, call.get(0, "modules"), call.position) or ():
        _append(m, instance, type(call)(m, [each], {}, call.position))
    return instance


def _insert(_m: Machine, instance: Instance, call: Call) -> Value:
    values = list(instance.attrs["?items"].values())
    values.insert(call.args[0], call.args[1])
    instance.attrs["?items"] = {str(n): each for n, each in enumerate(values)}


def _listing(what: str) -> Callable[[Machine, Instance], Value]:
    def listing(_m: Machine, instance: Instance) -> Value:
        held = instance.attrs["?items"]
        return Builtin(what, lambda _m, _call: list(getattr(held, what)()))

    return listing


def _update(_m: Machine, instance: Instance, call: Call) -> Value:
    instance.attrs["?items"].update(call.get(0, "modules", {}))


CONTAINER_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    "__getitem__": _getter,
    "__setitem__": method_of(_set_item),
    "append": method_of(_append),
    "extend": method_of(_extend),
    "insert": method_of(_insert),
    "update": method_of(_update),
    **{name: _listing(name) for name in ("keys", "values", "items")},
}

CONSTRUCTORS: Final = {
    "Sequential": _sequential,
    "ModuleList": _list,
    "ParameterList": _list,
    "ModuleDict": _dict,
    "ParameterDict": _dict,
}
