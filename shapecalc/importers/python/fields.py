"""Classes that are lists of fields, dataclasses and named tuples: how their objects are made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.values import UNKNOWN, Class, Instance, Method, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.importers.python.machine import Machine


def with_fields(cls: Class, names: Sequence[str], by_name: Sequence[str] = ()) -> None:
    """Give a class fields, and the ``__init__`` that fills them, unless it has its own.

    The fields ``by_name`` are given by their names only.
    """
    cls.fields = list(names)
    cls.attrs["?by_name"] = by_name

    def fill(m: Machine, call: Call) -> None:
        instance, *args = call.args
        if isinstance(instance, Instance):
            _fill(m, cls, instance, Call(m, args, call.kwargs, call.position))

    cls.attrs.setdefault("__init__", Method("__init__", fill))


def fields_of(cls: Value) -> list[str]:
    """Return the names of the fields of a class, those of its bases first."""
    mro = reversed(cls.mro) if isinstance(cls, Class) else ()
    found = [name for each in mro if isinstance(each, Class) for name in each.fields or ()]
    return list(dict.fromkeys(found))


def _fill(m: Machine, cls: Class, instance: Instance, call: Call) -> None:
    """Give the fields of an object what its class is called with, or their defaults."""
    options = {name: _options(cls, name) for name in fields_of(cls)}
    taken = [name for name, option in options.items() if option.get("init") is not False]
    by_place = [name for name in taken if options[name].get("kw_only") is not True]
    if len(call.args) > len(by_place):
        call.fail(f"{cls.name}() takes {len(by_place)} arguments but {len(call.args)} were given")
    given = dict(zip(by_place, call.args, strict=False)) | call.kwargs
    for name in given:
        if name not in taken:
            call.fail(f"{cls.name}() got an unexpected keyword argument '{name}'")
    passed = []
    for name, option in options.items():
        has_value = name in given or not option.keys().isdisjoint({"default", "default_factory"})
        if name in taken and not has_value:
            call.fail(f"{cls.name}() missing a required argument: '{name}'")
        value = given[name] if name in given else _default(m, option)
        if "InitVar" in option:
            passed.append(value)
        elif has_value:
            instance.attrs[name] = value
    instance.attrs["?fields"] = [name for name in options if name in instance.attrs]
    from shapecalc.importers.python.attributes import method

    after = method(m, instance, "__post_init__")
    if after is not None:
        m.call(after, passed, {}, call.position)


def _options(cls: Class, name: str) -> Mapping[str, Value]:
    """Return what is said of a field: the arguments of ``field``, and of its dataclass."""
    classes = [each for each in cls.mro if isinstance(each, Class)]
    owner = next(each for each in classes if name in (each.fields or ()))
    said: dict[str, Value] = {"kw_only": name in owner.attrs["?by_name"]}
    annotation = owner.attrs.get("?annotations", {}).get(name)
    if annotation is not None and "InitVar" in ast.unparse(annotation):
        said["InitVar"] = True
    try:
        value = cls.find(name)
    except KeyError:
        return said
    if isinstance(value, Instance) and value.cls.name == "dataclasses.field":
        return {**said, **value.payload}
    return said | {"default": value}


def _default(m: Machine, option: Mapping[str, Value]) -> Value:
    """Return the value of a field that was not given."""
    if "default_factory" in option:
        return m.call(option["default_factory"], [], {}, m.here)
    return option.get("default", UNKNOWN)
