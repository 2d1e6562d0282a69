"""``dataclasses``, ``enum`` and ``types``: classes that are lists of fields."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.fields import fields_of, with_fields
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    Descriptor,
    Function,
    Instance,
    LibraryClass,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


# dataclasses


def _dataclass(_m: Machine, call: Call) -> Value:
    """``@dataclass``, with or without arguments."""
    kw_only = call.kwargs.get("kw_only") is True

    def apply(cls: Value) -> Value:
        if isinstance(cls, Class):
            annotations = cls.attrs.get("?annotations", {})
            names = [name for name, node in annotations.items() if not _is_of_class(node)]
            by_name = names if kw_only else []
            mark = next((name for name in names if _text(annotations[name]) == "KW_ONLY"), None)
            if mark is not None:
                by_name = names[names.index(mark) + 1 :]
                names.remove(mark)
            with_fields(cls, names, by_name)
        return cls

    if call.args:
        return apply(call.args[0])
    return Builtin("dataclasses.dataclass", lambda _m, inner: apply(inner.get(0, "cls")))


def _is_of_class(node: ast.expr) -> bool:
    """Return whether an annotation says that a name is not a field, but one of the class."""
    return _text(node).startswith("ClassVar")


def _text(node: ast.expr) -> str:
    """Return an annotation without the module of its name."""
    text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    return str(text).replace("typing.", "").replace("dataclasses.", "")


def _field(_m: Machine, instance: Instance, call: Call) -> None:
    instance.payload = dict(call.kwargs)


FIELD: Final = LibraryClass("dataclasses.field", construct=_field)


def _names(value: Value) -> list[str]:
    """Return the names of the fields of a dataclass or of an object of one."""
    return fields_of(value.cls if isinstance(value, Instance) else value)


def _as_dict(_m: Machine, call: Call) -> Value:
    return _dict_of(call.get(0, "obj"))


def _dict_of(value: Value) -> Value:
    names = _names(value) if isinstance(value, Instance) else []
    if names:
        return {name: _dict_of(value.attrs.get(name, UNKNOWN)) for name in names}
    return [_dict_of(each) for each in value] if isinstance(value, list) else value


def _as_tuple(_m: Machine, call: Call) -> Value:
    value = call.get(0, "obj")
    return tuple(value.attrs.get(name, UNKNOWN) for name in _names(value))


def _fields(_m: Machine, call: Call) -> Value:
    found = []
    for name in _names(call.get(0, "class_or_instance")):
        made = Instance(FIELD, call.position)
        made.attrs.update(name=name)
        found.append(made)
    return tuple(found)


def _replace(m: Machine, call: Call) -> Value:
    value = call.get(0, "obj")
    if not isinstance(value, Instance):
        return UNKNOWN
    given = {name: value.attrs[name] for name in _names(value) if name in value.attrs}
    return m.call(value.cls, [], given | call.kwargs, call.position)


# enum


def _members(cls: Class, _annotations: Mapping[str, Any]) -> None:
    """Make the members of an enumeration: each has a name and a value."""
    held: dict[str, Value] = {}
    for place, (name, value) in enumerate(list(cls.attrs.items())):
        ours = isinstance(value, Function | Descriptor | Class | Builtin)
        if ours or name.startswith(("_", "?")):
            continue
        member = Instance(cls, cls.position)
        is_auto = isinstance(value, Instance) and value.cls is _AUTO
        own = place + 1 if is_auto else value
        member.attrs.update(name=name, value=own, _value_=own, _name_=name)
        cls.attrs[name] = held[name] = member
    cls.attrs["__members__"] = held


def _member(m: Machine, instance: Instance, call: Call) -> Value:
    """Return the member of a value, ``Color(1)``."""
    held = instance.cls.attrs.get("__members__", {}) if isinstance(instance.cls, Class) else {}
    for each in held.values():
        if call.args and each.attrs["value"] == call.args[0]:
            return each
    return UNKNOWN if m else None


_AUTO: Final = LibraryClass("enum.auto")
ENUM: Final = LibraryClass("enum.Enum", construct=_member, derived=_members)


# types


def _namespace(_m: Machine, instance: Instance, call: Call) -> None:
    instance.attrs.update(call.kwargs)


def _method_type(_m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.values import Bound

    return Bound(*call.take(2))


_FUNCTIONS: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "dataclass": _dataclass,
    "asdict": _as_dict,
    "astuple": _as_tuple,
    "fields": _fields,
    "replace": _replace,
    "is_dataclass": lambda _m, call: bool(_names(call.get(0, "obj"))),
}

NAMES: Final[dict[str, Any]] = {
    **{
        f"dataclasses.{name}": Builtin(f"dataclasses.{name}", function)
        for name, function in _FUNCTIONS.items()
    },
    "dataclasses.field": FIELD,
    "dataclasses.KW_ONLY": UNKNOWN,
    **dict.fromkeys((f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag")), ENUM),
    "enum.auto": _AUTO,
    "enum.unique": Builtin("enum.unique", lambda _m, call: call.take(1)[0]),
    "types.SimpleNamespace": LibraryClass("types.SimpleNamespace", construct=_namespace),
    "types.MethodType": Builtin("types.MethodType", _method_type),
    "types.FunctionType": LibraryClass("typing.Callable"),
}
