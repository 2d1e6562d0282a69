"""``functools``, ``itertools`` and ``operator``: an iterator is the list of what it gives."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.library.annotating import SAME
from shapecalc.importers.python.operators import binary, compare, truth, unary
from shapecalc.importers.python.sequences import item, iterate
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    Function,
    LibraryClass,
    Partial,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: How many values stand for an iterator that has no end.
_ENDLESS: Final = 10_000


# functools


def _partial(_m: Machine, call: Call) -> Value:
    function = call.args[0] if call.args else UNKNOWN
    return Partial(function, tuple(call.args[1:]), dict(call.kwargs))


def _renaming(wrapped: Value) -> Value:
    """Return the decorator ``@wraps(function)``."""
    return Builtin("wraps", lambda _m, call: _renamed(call.get(0, "wrapper"), wrapped))


def _renamed(wrapper: Value, wrapped: Value) -> Value:
    """Give a function the name and the attributes of the one that it stands for."""
    if isinstance(wrapper, Function):
        if isinstance(wrapped, Function | Class):
            wrapper.name = wrapped.name
        if isinstance(wrapped, Function):
            wrapper.attrs |= wrapped.attrs
        wrapper.attrs["__wrapped__"] = wrapped
    return wrapper


def _reduce(m: Machine, call: Call) -> Value:
    (function, values), initial = call.take(2), call.args[2:3]
    found = iterate(m, values, call.position)
    if found is None:
        return UNKNOWN
    left = [*initial, *found]
    if not left:
        m.fail("TypeError", "reduce() of empty iterable with no initial value", call.position)
    value = left[0]
    for each in left[1:]:
        value = m.call(function, [value, each], {}, call.position)
    return value


def _cached(_m: Machine, call: Call) -> Value:
    """``@lru_cache`` with or without brackets: the function works as before."""
    if call.args and isinstance(call.args[0], Function | Class | Builtin | Partial):
        return call.args[0]
    return SAME


# itertools


def _columns(m: Machine, call: Call) -> list[list[Value]] | None:
    columns = [iterate(m, each, call.position) for each in call.args]
    return None if None in columns else [list(each) for each in columns if each is not None]


def _chain(m: Machine, call: Call) -> Value:
    columns = _columns(m, call)
    if columns is None:
        return UNKNOWN
    m.limit(sum(map(len, columns)), call.position)
    return [value for column in columns for value in column]


def _made_chain(m: Machine, _instance: Value, call: Call) -> Value:
    return _chain(m, call)


def _from_iterable(_m: Machine, values: Value) -> Value:
    def run(m: Machine, call: Call) -> Value:
        rows = iterate(m, values, call.position)
        if rows is None:
            return UNKNOWN
        return _chain(m, type(call)(m, list(rows), {}, call.position))

    return Builtin("itertools.chain.from_iterable", run)


def _product(m: Machine, call: Call) -> Value:
    columns, repeat = _columns(m, call), call.kwargs.get("repeat", 1)
    if columns is None or not isinstance(repeat, int):
        return UNKNOWN
    bits = sum(max(len(column), 1).bit_length() for column in columns) * max(repeat, 0)
    m.limit(2 ** min(bits, 64) if bits > 40 else _times(columns, repeat), call.position)  # noqa: PLR2004
    return list(itertools.product(*columns, repeat=repeat))


def _times(columns: list[list[Value]], repeat: int) -> int:
    found = 1
    for column in columns:
        found *= len(column) ** repeat
    return found


def _choosing(name: str, count: Callable[[int, int], int]) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        values = iterate(m, call.get(0, "iterable"), call.position)
        size = call.get(1, "r", None if values is None else len(values))
        if values is None or not isinstance(size, int) or size < 0:
            return UNKNOWN
        if len(values) > 2000 or size > 2000:  # noqa: PLR2004
            m.limit(10**9, call.position)
        m.limit(count(len(values), size), call.position)
        return list(getattr(itertools, name)(values, size))

    return run


def _zip_longest(m: Machine, call: Call) -> Value:
    columns = _columns(m, call)
    if columns is None:
        return UNKNOWN
    return list(itertools.zip_longest(*columns, fillvalue=call.kwargs.get("fillvalue")))


def _repeat(m: Machine, call: Call) -> Value:
    value, times = call.get(0, "object"), call.get(1, "times", _ENDLESS)
    if not isinstance(times, int):
        return UNKNOWN
    m.limit(times, call.position)
    return [value] * times


def _cycle(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    if values is None:
        return UNKNOWN
    return list(itertools.islice(itertools.cycle(values), _ENDLESS))


def _count(_m: Machine, call: Call) -> Value:
    start, step = call.get(0, "start", 0), call.get(1, "step", 1)
    if not isinstance(start, int) or not isinstance(step, int) or not step:
        return UNKNOWN
    return range(start, start + step * 10**9, step)


def _islice(m: Machine, call: Call) -> Value:
    values = iterate(m, call.take(2)[0], call.position)
    bounds = slice(*call.args[1:4])
    known = all(each is None or isinstance(each, int) for each in call.args[1:4])
    if values is None or not known:
        return UNKNOWN
    found: list[Value] = list(values[bounds])
    m.limit(len(found), call.position)
    return found


def _accumulate(m: Machine, call: Call) -> Value:
    values, function = iterate(m, call.get(0, "iterable"), call.position), call.get(1, "func")
    if values is None:
        return UNKNOWN
    initial = call.kwargs.get("initial")
    found: list[Value] = [] if initial is None else [initial]
    m.charge(len(values), call.position)
    for each in values:
        if not found:
            found.append(each)
        elif function is None:
            found.append(binary(m, "Add", found[-1], each, call.position))  # type: ignore[arg-type]
        else:
            found.append(m.call(function, [found[-1], each], {}, call.position))
    return found


def _pairwise(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    return UNKNOWN if values is None else list(itertools.pairwise(values))


def _tee(m: Machine, call: Call) -> Value:
    values, count = iterate(m, call.get(0, "iterable"), call.position), call.get(1, "n", 2)
    if values is None or not isinstance(count, int) or not 0 <= count <= 64:  # noqa: PLR2004
        return UNKNOWN
    return tuple(list(values) for _ in range(count))


def _starmap(m: Machine, call: Call) -> Value:
    rows = iterate(m, call.get(1, "iterable"), call.position)
    if rows is None or not all(isinstance(row, tuple | list) for row in rows):
        return UNKNOWN
    return [m.call(call.args[0], [*row], {}, call.position) for row in rows]  # type: ignore[misc]


def _batched(m: Machine, call: Call) -> Value:
    values, size = iterate(m, call.get(0, "iterable"), call.position), call.get(1, "n")
    if values is None or not isinstance(size, int) or size < 1:
        return UNKNOWN
    return [tuple(values[start : start + size]) for start in range(0, len(values), size)]


def _compress(m: Machine, call: Call) -> Value:
    columns = _columns(m, call)
    if columns is None or len(columns) != 2:  # noqa: PLR2004  (data and selectors)
        return UNKNOWN
    known = [truth(m, each) for each in columns[1]]
    return UNKNOWN if None in known else list(itertools.compress(columns[0], known))


_FUNCTOOLS: Final = {
    "partial": _partial,
    "partialmethod": _partial,
    "reduce": _reduce,
    "wraps": lambda _m, call: _renaming(call.get(0, "wrapped")),
    "update_wrapper": lambda _m, call: _renamed(call.get(0, "wrapper"), call.get(1, "wrapped")),
    "lru_cache": _cached,
    "cache": _cached,
    "cached_property": _cached,
    "total_ordering": lambda _m, call: call.get(0, "cls"),
    "singledispatch": _cached,
}
_ITERTOOLS: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "product": _product,
    "zip_longest": _zip_longest,
    "repeat": _repeat,
    "cycle": _cycle,
    "count": _count,
    "islice": _islice,
    "accumulate": _accumulate,
    "pairwise": _pairwise,
    "tee": _tee,
    "starmap": _starmap,
    "batched": _batched,
    "compress": _compress,
    "combinations": _choosing("combinations", math.comb),
    "permutations": _choosing("permutations", math.perm),
    "combinations_with_replacement": _choosing(
        "combinations_with_replacement", lambda n, k: math.comb(max(n + k - 1, 0), k)
    ),
}


# operator


def _applied(
    function: Any,  # noqa: ANN401
    *before: str,
    count: int,
    turned: bool = False,
) -> Callable[[Machine, Call], Value]:
    """Return what applies an operator of the language to so many arguments."""

    def run(m: Machine, call: Call) -> Value:
        given = call.take(count)
        return function(m, *before, *(given[::-1] if turned else given), call.position)

    return run


def _item_getter(_m: Machine, call: Call) -> Value:
    keys = list(call.args)

    def get(m: Machine, inner: Call) -> Value:
        (value,) = inner.take(1)
        found = [item(m, value, key, inner.position) for key in keys]  # type: ignore[arg-type]
        return found[0] if len(found) == 1 else tuple(found)

    return Builtin("operator.itemgetter", get)


def _attribute_getter(_m: Machine, call: Call) -> Value:
    names = list(call.args)

    def get(m: Machine, inner: Call) -> Value:
        found = []
        for name in names:
            (value,) = inner.take(1)
            for part in str(name).split("."):
                value = m.attribute(value, part, inner.position)
            found.append(value)
        return found[0] if len(found) == 1 else tuple(found)

    return Builtin("operator.attrgetter", get)


_BINARY: Final = {
    "add": "Add", "sub": "Sub", "mul": "Mult", "truediv": "Div", "floordiv": "FloorDiv",
    "mod": "Mod", "pow": "Pow", "matmul": "MatMult", "iadd": "Add", "imul": "Mult",
    "and_": "BitAnd", "or_": "BitOr", "concat": "Add",
}  # fmt: skip
_COMPARING: Final = {
    "eq": "Eq", "ne": "NotEq", "lt": "Lt", "le": "LtE", "gt": "Gt", "ge": "GtE", "is_": "Is",
    "is_not": "IsNot",
}  # fmt: skip
_OPERATOR: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{name: _applied(binary, kind, count=2) for name, kind in _BINARY.items()},
    **{name: _applied(compare, kind, count=2) for name, kind in _COMPARING.items()},
    "contains": _applied(compare, "In", count=2, turned=True),
    "neg": _applied(unary, "USub", count=1),
    "not_": _applied(unary, "Not", count=1),
    "getitem": _applied(item, count=2),
    "itemgetter": _item_getter,
    "attrgetter": _attribute_getter,
}

NAMES: Final[dict[str, Any]] = {
    f"{home}.{name}": Builtin(f"{home}.{name}", function)
    for home, table in (
        ("functools", _FUNCTOOLS),
        ("itertools", _ITERTOOLS),
        ("operator", _OPERATOR),
    )
    for name, function in table.items()
} | {
    "itertools.chain": LibraryClass(
        "itertools.chain", construct=_made_chain, attributes={"from_iterable": _from_iterable}
    ),
}
