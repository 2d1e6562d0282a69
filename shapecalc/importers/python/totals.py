"""Python's functions that make one value of many: their sum, the largest, whether all hold."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, maximum, minimum
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.natives import ordered
from shapecalc.importers.python.operators import binary, truth
from shapecalc.importers.python.repeats import Repeat
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import UNKNOWN, Tensor, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.machine import Machine


def _sum(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    if values is None:
        return UNKNOWN
    total = call.get(1, "start", 0)
    m.go_over(len(values), call.position)
    if all(type(each) is int for each in (total, *values)):
        return sum(values, total)
    m.go_over(len(values), call.position, slowly=True)
    for each in values:
        # A second one of those that are alike adds as all further ones do.
        for one in [each.element] * 2 if isinstance(each, Repeat) else [each]:
            begins = total == 0 and isinstance(one, Tensor)
            total = one if begins else binary(m, "Add", total, one, call.position)  # type: ignore[arg-type]
        if isinstance(each, Repeat) and not isinstance(total, Tensor):
            return UNKNOWN
    return total


def _of_sizes(name: str, values: list[Value]) -> Value:
    """Return the largest or the smallest of sizes."""
    if all(type(each) is int for each in values):
        return (max if name == "max" else min)(values)
    return reduce(maximum if name == "max" else minimum, values)


def _extreme(name: str) -> Callable[[Machine, Call], Value]:
    def find(m: Machine, call: Call) -> Value:
        values: list[Value] | None = call.args
        if len(call.args) == 1:
            found = iterate(m, call.args[0], call.position)
            values = None if found is None else list(found)
        if values is None:
            return UNKNOWN
        m.go_over(len(values), call.position, slowly=True)
        if not values:
            if "default" in call.kwargs:
                return call.kwargs["default"]
            m.fail("ValueError", f"{name}() arg is an empty sequence", call.position)
        if "key" in call.kwargs:
            rows = ordered(m, values, Call(m, [], {"key": call.kwargs["key"]}, call.position))
            return rows[-1 if name == "max" else 0] if isinstance(rows, list) else UNKNOWN
        if all(isinstance(each, Dim | int) for each in values):
            return _of_sizes(name, values)
        if not all(isinstance(each, int | float | str) for each in values):
            return UNKNOWN
        try:
            return max(values) if name == "max" else min(values)
        except TypeError as error:
            return m.fail("TypeError", str(error), call.position)

    return find


def _all(m: Machine, call: Call) -> Value:
    return _every(m, call, stops=False)


def _any(m: Machine, call: Call) -> Value:
    return _every(m, call, stops=True)


def _every(m: Machine, call: Call, *, stops: bool) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    if values is None:
        return UNKNOWN
    m.go_over(len(values), call.position, slowly=True)
    known = [truth(m, each) for each in values]
    if stops in known:
        return stops
    return UNKNOWN if None in known else not stops


TOTALS: Final[dict[str, Any]] = {
    "sum": _sum,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "all": _all,
    "any": _any,
}
