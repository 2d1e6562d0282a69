"""``collections``: dicts and lists of other kinds, and named tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.fields import with_fields
from shapecalc.importers.python.library.annotating import CLASSES
from shapecalc.importers.python.library.holding import plain
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    Instance,
    Library,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


class Defaults(dict[Any, Value]):
    """A dict that makes what it lacks."""

    default_factory: Value = None


class Deque(list[Value]):
    """A list that grows and shrinks at both ends, so that what is in it later is not followed."""


def _filled(m: Machine, found: dict[Any, Value], given: list[Value], call: Call) -> Value:
    """Put what dicts and pairs say into a dict."""
    for each in given:
        value = plain(each)
        if isinstance(value, dict):
            found.update(value)
            continue
        pairs = iterate(m, value, call.position)
        if pairs is None or not all(isinstance(p, tuple | list) and len(p) == 2 for p in pairs):  # noqa: PLR2004
            return UNKNOWN
        found.update(dict(pairs))  # type: ignore[arg-type]
    found.update(call.kwargs)
    return found


def _ordered(m: Machine, call: Call) -> Value:
    return _filled(m, {}, call.args, call)


def _defaults(m: Machine, call: Call) -> Value:
    found = Defaults()
    found.default_factory = call.args[0] if call.args else None
    return _filled(m, found, call.args[1:], call)


def _counter(m: Machine, call: Call) -> Value:
    found = Defaults()
    found.default_factory = Builtin("int", lambda _m, _call: 0)
    given = call.get(0, "iterable", [])
    values = given if isinstance(given, dict) else iterate(m, given, call.position)
    if values is None or any(
        isinstance(each, Unknown | list | dict | set | slice) for each in values
    ):
        return Unknown("collections.Counter", call.position)
    m.go_over(len(values), call.position, slowly=True)
    for each in values:
        more = values[each] if isinstance(values, dict) else 1
        if not isinstance(more, int):
            return UNKNOWN
        found[each] = found.get(each, 0) + more
    return found


def _deque(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable", []), call.position)
    return UNKNOWN if values is None else Deque(values)


# Named tuples.


def _as_dict(instance: Instance) -> dict[str, Value]:
    fields = instance.attrs.get("?fields", ())
    return {name: instance.attrs[name] for name in fields}


def _replaced(m: Machine, instance: Instance, call: Call) -> Value:
    return m.call(instance.cls, [], _as_dict(instance) | call.kwargs, call.position)


def _bound(name: str, function: Any) -> Any:  # noqa: ANN401
    return lambda _m, instance: Builtin(name, lambda m, call: function(m, instance, call))


TUPLE_METHODS: Final = {
    "_asdict": _bound("_asdict", lambda _m, instance, _call: _as_dict(instance)),
    "_replace": _bound("_replace", _replaced),
    "__len__": _bound("__len__", lambda _m, instance, _call: len(_as_dict(instance))),
}


def _fields(cls: Class, annotations: Mapping[str, ast.expr]) -> None:
    with_fields(cls, list(annotations))


NAMED_TUPLE: Final = LibraryClass("typing.NamedTuple", attributes=TUPLE_METHODS, derived=_fields)


def named_tuple(m: Machine, call: Call) -> Value:
    """Make a class of the names of its fields."""
    name, fields = call.get(0, "typename"), call.get(1, "field_names")
    if isinstance(fields, str):
        fields = fields.replace(",", " ").split()
    if not isinstance(fields, list | tuple) or call.position is None:
        return UNKNOWN
    names = [each[0] if isinstance(each, tuple) and each else each for each in fields]
    if not all(isinstance(each, str) for each in names):
        return UNKNOWN
    m.limit(len(names), call.position)
    attrs: dict[str, Value] = {}
    defaults = call.kwargs.get("defaults") or ()
    if isinstance(defaults, list | tuple):
        attrs.update(zip(reversed(names), reversed(defaults), strict=False))
    made = Class(str(name), [NAMED_TUPLE], attrs, call.position)
    with_fields(made, names)
    return made


_FUNCTIONS: Final = {
    "OrderedDict": _ordered,
    "defaultdict": _defaults,
    "Counter": _counter,
    "deque": _deque,
    "namedtuple": named_tuple,
    "ChainMap": _ordered,
    "UserDict": _ordered,
}

NAMES: Final[dict[str, Any]] = {
    **{
        f"collections.{name}": Builtin(f"collections.{name}", function)
        for name, function in _FUNCTIONS.items()
    },
    **{f"collections.abc.{name}": cls for name, cls in CLASSES.items()},
    **{f"collections.{name}": cls for name, cls in CLASSES.items()},
    "collections.abc": Library("collections.abc"),
    "typing.NamedTuple": NAMED_TUPLE,
}
