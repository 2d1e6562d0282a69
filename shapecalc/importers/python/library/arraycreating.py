"""The functions of numpy that make arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim
from shapecalc.importers.python.library.arrays import array, as_array, is_whole
from shapecalc.importers.python.library.torchcreating import CREATING
from shapecalc.importers.python.values import UNKNOWN, Tensor, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def sized(default: Value = None) -> Callable[[Machine, Call], Value]:
    """``zeros(shape)``, ``full(shape, value)``."""

    def run(_m: Machine, call: Call) -> Value:
        shape = call.get(0, "shape", default)
        sizes = list(shape) if isinstance(shape, list | tuple) else [shape]
        if isinstance(shape, Tensor) and shape.numbers is not None:
            sizes = list(shape.numbers)
        if not all(isinstance(each, int | Dim) for each in sizes):
            lost = next((each for each in sizes if isinstance(each, Unknown)), UNKNOWN)
            return lost.lost()
        if any(isinstance(each, int) and each < 0 for each in sizes):
            call.machine.fail("ValueError", "negative dimensions are not allowed", call.position)
        return array(sizes, whole=is_whole(call.kwargs.get("dtype", "float64")))

    return run


def like(_m: Machine, call: Call) -> Value:
    """``zeros_like(a)``: another array of the same shape."""
    value = as_array(call.get(0, "a"))
    return UNKNOWN if value is None else array(value.shape, whole=value.whole)


def of_torch(name: str) -> Callable[[Machine, Call], Value]:
    """Return what torch makes too, with the same arguments."""

    def run(m: Machine, call: Call) -> Value:
        outer, m.tape = m.tape, None
        try:
            made = CREATING[name](m, call)
        finally:
            m.tape = outer
        if not isinstance(made, Tensor):
            return made
        found = array(made.shape, whole=made.whole)
        found.numbers = made.numbers
        return found

    return run


def from_values(_m: Machine, call: Call) -> Value:
    """``array([[1, 2], [3, 4]])``."""
    value = call.get(0, "object", call.kwargs.get("a"))
    if isinstance(value, Unknown):
        return value
    found = as_array(value)
    if found is None:
        return Unknown("numpy.array", call.position)
    made = array(found.shape, whole=found.whole)
    made.numbers, made.classes = found.numbers, found.classes
    if "dtype" in call.kwargs or (len(call.args) > 1 and not isinstance(call.args[1], bool)):
        made.whole = is_whole(call.get(1, "dtype"))
    return made


def eye(_m: Machine, call: Call) -> Value:
    """``eye(rows, columns)``."""
    rows = call.get(0, "N", call.kwargs.get("n"))
    columns = call.get(1, "M", rows)
    known = all(isinstance(each, int | Dim) for each in (rows, columns))
    return array([rows, rows if columns is None else columns], whole=False) if known else UNKNOWN


def linspace(_m: Machine, call: Call) -> Value:
    """``linspace(start, stop, num)``."""
    count = call.get(2, "num", 50)
    return array([count], whole=False) if isinstance(count, int | Dim) else UNKNOWN
