"""Methods of values that are Python's own: texts, lists, dicts, sets, numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.nesting import is_huge
from shapecalc.importers.python.operators import compare, truth
from shapecalc.importers.python.repeats import element, repeats_in
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.tensors import ValuesAndIndices
from shapecalc.importers.python.texts import braces, plain, str_of_size
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Native,
    Ratio,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.machine import Machine

#: Methods that Python itself may run: they change nothing outside, and make nothing large.
_SAFE: Final[dict[type, str]] = {
    str: "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower "
    "isupper lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition "
    "rsplit rstrip split splitlines startswith strip swapcase title upper isspace isidentifier",
    bytes: "startswith endswith",
    list: "append clear copy insert remove reverse",
    tuple: "count index",
    dict: "clear copy items keys values",
    set: "add clear copy difference discard intersection issubset issuperset remove union",
    frozenset: "copy difference intersection issubset issuperset union",
    int: "bit_length",
    float: "is_integer",
    range: "index count",
}


#: How many parts of a list take the room of an entry of a dict.
_ENTRY: Final = 8

#: Those that take as long however much there is.
_SHORT: Final = frozenset({"append", "bit_length", "is_integer"})


def native_attribute(value: Value, name: str) -> Value | None:
    """Return an attribute of a value of Python's own; None where it has none."""
    kind = int if isinstance(value, Dim | bool) else type(value)
    for each in kind.__mro__:
        special = _SPECIAL.get((each, name))
        if special is not None:
            return Native(name, partial(_specially, special, value))
        if each in _SAFE and name in _SAFE[each].split():
            return Native(name, lambda m, call: _direct(m, value, name, call))
    if kind in {int, float} and name in {"real", "numerator"}:
        return value
    if name == "__class__":
        from shapecalc.importers.python.builtins import BUILTINS

        return BUILTINS.get(kind.__name__, UNKNOWN)
    if isinstance(value, ValuesAndIndices) and name in {"values", "indices"}:
        return getattr(value, name)
    if isinstance(value, slice) and name in {"start", "stop", "step"}:
        return getattr(value, name)
    if hasattr(value, name) and not isinstance(value, Dim):
        return Builtin(name, lambda _m, _call: UNKNOWN)
    return None if value is None or kind in _SAFE else UNKNOWN


def _specially(special: Any, value: Value, m: Machine, call: Call) -> Value:  # noqa: ANN401
    return special(m, value, call)


def _direct(m: Machine, value: Any, name: str, call: Call) -> Value:  # noqa: ANN401
    """Let Python run a method of its own value."""
    if name not in _SHORT:
        m.go_over(len(value), call.position)
        times = len(value) if isinstance(value, list | tuple) else 1
        for each in call:
            m.go_through(each, call.position, times)
    if isinstance(value, str) and not all(map(plain, call)):
        return UNKNOWN
    args = [str_of_size(each) for each in call.args] if isinstance(value, str) else call.args
    try:
        made = getattr(value, name)(*args, **call.kwargs)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        if any(isinstance(each, Unknown | Dim | Ratio) for each in (*args, *call.kwargs.values())):
            return UNKNOWN
        return m.fail(type(error).__name__, str(error), call.position)
    if isinstance(made, str | list):
        m.copy(len(made), call.position)
    elif not isinstance(made, bool | int | tuple | set | frozenset | float | type(None) | dict):
        m.weigh(_ENTRY * len(value), call.position)
        return list(made)
    elif isinstance(made, dict | set | frozenset):
        m.weigh(_ENTRY * len(made), call.position)
    return made


def _join(m: Machine, value: str, call: Call) -> Value:
    parts = iterate(m, call.get(0, "iterable"), call.position)
    if parts is None or not all(isinstance(part, str) for part in parts):
        return UNKNOWN
    m.copy(sum(map(len, parts)) + len(value) * len(parts), call.position)
    return value.join(map(str, parts))


def _format(m: Machine, value: str, call: Call) -> Value:
    return braces(m, value, call.args, call.kwargs)


def _width(name: str, m: Machine, value: str, call: Call) -> Value:
    width = call.get(0, "width", 0)
    if not isinstance(width, int) or not plain(call.args):
        return UNKNOWN
    m.limit(width, call.position)
    return getattr(value, name)(*call.args)


def _extend(m: Machine, value: list[Value], call: Call) -> Value:
    more = iterate(m, call.get(0, "iterable"), call.position)
    if more is not None:
        m.limit(len(value) + len(more), call.position)
        value.extend(more)
    else:
        # How many they are is not known; that there are more is.
        given = call.args[0] if call.args else None
        value.append(given if isinstance(given, Unknown) else UNKNOWN)
    return None


def _pop(m: Machine, value: list[Value], call: Call) -> Value:
    place = call.get(0, "index", -1)
    if not isinstance(place, int):
        return UNKNOWN
    if m.repeats and repeats_in(value):
        found = element(m, value, place)
        value[:] = [UNKNOWN]
        return found
    try:
        return value.pop(place)
    except (IndexError, OverflowError):
        return m.fail("IndexError", "pop index out of range", call.position)


def _index(m: Machine, value: list[Value], call: Call) -> Value:
    for place, each in enumerate(value):
        m.charge(1, call.position)
        if truth(m, compare(m, "Eq", each, call.args[0], call.position)):  # type: ignore[arg-type]
            return place
    return m.fail("ValueError", "the item is not in the list", call.position)


def _count(m: Machine, value: list[Value], call: Call) -> Value:
    m.charge(len(value), call.position)
    found = (compare(m, "Eq", each, call.args[0], call.position) for each in value)  # type: ignore[arg-type]
    return sum(bool(truth(m, each)) for each in found)


def _sort(m: Machine, value: list[Value], call: Call) -> Value:
    found = ordered(m, value, call)
    if isinstance(found, list):
        value[:] = found
    return None


def ordered(m: Machine, values: Any, call: Call) -> Value:  # noqa: ANN401
    """Return values in order, by a key where one is given."""
    key, turned = call.kwargs.get("key"), call.kwargs.get("reverse", False)
    m.go_over(len(values), call.position, slowly=True)
    keys = [each if key is None else m.call(key, [each], {}, call.position) for each in values]
    if not plain(keys) or any(isinstance(each, Dim) for each in keys):
        return UNKNOWN
    m.go_through(keys, call.position, len(keys).bit_length())
    try:
        order = sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(turned))
    except TypeError as error:
        return m.fail("TypeError", str(error), call.position)
    return [values[place] for place in order]


def _get(m: Machine, value: dict[Any, Value], call: Call) -> Value:
    key, default = call.get(0, "key"), call.get(1, "default")
    if isinstance(key, Unknown | list | dict | set | slice):
        return UNKNOWN
    m.go_through(key, call.position)
    if key not in value and getattr(value, "is_open", False):
        return UNKNOWN
    return value.get(key, default)


def _pop_key(m: Machine, value: dict[Any, Value], call: Call) -> Value:
    if call.args and isinstance(call.args[0], list | dict | set | slice):
        return m.fail("TypeError", "unhashable type", call.position)
    m.go_through(call.get(0, "key"), call.position)
    if call.args and call.args[0] in value:
        return value.pop(call.args[0])
    if len(call.args) > 1:
        return call.args[1]
    key = call.get(0, "key", "")
    return m.fail("KeyError", "..." if is_huge(key) else repr(key), call.position)


def _default(m: Machine, value: dict[Any, Value], call: Call) -> Value:
    m.go_through(call.get(0, "key"), call.position)
    return value.setdefault(call.get(0, "key"), call.get(1, "default"))


def _update(m: Machine, value: dict[Any, Value] | set[Value], call: Call) -> Value:
    more = call.get(0, "other", {})
    if isinstance(value, dict):
        if isinstance(more, dict):
            value.update(more)
        elif not isinstance(more, Unknown):
            pairs = iterate(m, more, call.position)
            m.go_through(pairs, call.position)
            value.update(
                {pair[0]: pair[1] for pair in pairs or () if isinstance(pair, tuple | list)}
            )
        value.update(call.kwargs)
    else:
        found = iterate(m, more, call.position)
        m.go_through(found, call.position)
        value.update(found or ())
    return None


def _as_integer_ratio(_m: Machine, value: Value, _call: Call) -> Value:
    return UNKNOWN if isinstance(value, Dim | Ratio) else value.as_integer_ratio()


_SPECIAL: Final[dict[tuple[type, str], Callable[[Machine, Any, Call], Value]]] = {
    (str, "join"): _join,
    (str, "format"): _format,
    **{(str, name): partial(_width, name) for name in ("center", "ljust", "rjust", "zfill")},
    (list, "extend"): _extend,
    (list, "pop"): _pop,
    (list, "index"): _index,
    (list, "sort"): _sort,
    (list, "count"): _count,
    (dict, "get"): _get,
    (dict, "pop"): _pop_key,
    (dict, "setdefault"): _default,
    (dict, "update"): _update,
    (set, "update"): _update,
    (tuple, "numel"): lambda _m, value, _call: _product(value),
    (float, "as_integer_ratio"): _as_integer_ratio,
    (int, "item"): lambda _m, value, _call: value,
    (tuple, "as_list"): lambda _m, value, _call: list(value),
    (list, "as_list"): lambda _m, value, _call: list(value),
}


def _product(values: Any) -> Value:  # noqa: ANN401
    found: Value = 1
    for each in values:
        found = found * each
    return found
