"""Python's own functions, as far as they say something of shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.asking import ASKED, KINDS
from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.exceptions import exception_class
from shapecalc.importers.python.library.holding import plain
from shapecalc.importers.python.library.torchnumbers import number_of
from shapecalc.importers.python.natives import ordered
from shapecalc.importers.python.operators import binary, truth, unary
from shapecalc.importers.python.repeats import (
    Step,
    beside,
    each_of,
    length,
    numbered,
    repeats_in,
    steps,
)
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.texts import formatted, known_text, of_int, place_of, text_of
from shapecalc.importers.python.totals import TOTALS
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Native,
    Ratio,
    Tensor,
    Unknown,
    Value,
    Whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.machine import Machine


def _range(m: Machine, call: Call) -> Value:
    for each in call.args:
        if each is None or isinstance(each, float | str | list | tuple):
            text = f"'{type(each).__name__}' object cannot be interpreted as an integer"
            m.fail("TypeError", text, call.position)
    if not call.args or not all(isinstance(each, int) for each in call.args):
        shown = f"range({', '.join(map(str, call.args))})"
        if call.args and all(isinstance(each, int | Dim) for each in call.args):
            return steps(m, call.args, shown, call.position)
        if any(isinstance(each, Step) for each in call.args):
            return Unknown("a range up to the turn of a loop", call.position)
        lettered = any(isinstance(each, Dim) for each in call.args)
        return Unknown(shown, call.position) if lettered else UNKNOWN
    try:
        return range(*call.args)
    except (ValueError, TypeError) as error:
        return m.fail(type(error).__name__, str(error), call.position)


def _len(m: Machine, call: Call) -> Value:
    value = call.get(0, "obj")
    if isinstance(value, Instance):
        held = value.attrs.get("?items")
        if isinstance(held, dict):
            return len(held)
        found = method(m, value, "__len__")
        return UNKNOWN if found is None else m.call(found, [], {}, call.position)
    if isinstance(value, Tensor):
        if not value.shape:
            m.fail("TypeError", "len() of a 0-d tensor", call.position)
        return value.shape[0]
    if m.repeats and repeats_in(value):
        return length(value)
    try:
        return len(value)
    except TypeError:
        kinds = (int, float, type(None), Dim)
        if isinstance(value, kinds):
            name = type(value).__name__
            m.fail("TypeError", f"object of type '{name}' has no len()", call.position)
        return UNKNOWN


def _int(m: Machine, call: Call) -> Value:
    value = call.get(0, "x", 0)
    if isinstance(value, Ratio):
        return value.numerator // value.denominator
    if isinstance(value, Dim | bool):
        return value if isinstance(value, Dim) else int(value)
    if isinstance(value, Tensor) and value.library == "torch":
        value = number_of(m, value, call)
    if isinstance(value, Tensor) and value.numbers is not None and len(value.numbers) == 1:
        return _int(m, Call(m, list(value.numbers), {}, call.position))
    if not isinstance(value, int | float | str):
        return value if isinstance(value, Whole) else UNKNOWN
    try:
        return int(value, *call.args[1:]) if isinstance(value, str) else int(value)
    except (ValueError, OverflowError, TypeError) as error:
        return m.fail(type(error).__name__, str(error), call.position)


def _float(m: Machine, call: Call) -> Value:
    value = call.get(0, "x", 0.0)
    if isinstance(value, Tensor) and value.library == "torch":
        value = number_of(m, value, call)
    if isinstance(value, Tensor) and value.numbers is not None and len(value.numbers) == 1:
        value = value.numbers[0]
    if isinstance(value, Dim | Ratio):
        return value if isinstance(value, Ratio) else Ratio(value, 1)
    if not isinstance(value, int | float | str):
        return value if isinstance(value, Whole) else UNKNOWN
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        return m.fail(type(error).__name__, str(error), call.position)


def _str(m: Machine, call: Call) -> Value:
    text = text_of(m, call.get(0, "object", ""))
    return UNKNOWN if text is None else text


def _bool(m: Machine, call: Call) -> Value:
    found = truth(m, call.get(0, "x", False))
    return call.args[0] if found is None else found


def _listed(kind: type) -> Callable[[Machine, Call], Value]:
    def make(m: Machine, call: Call) -> Value:
        if not call.args:
            return kind()
        if kind is set and (count := getattr(call.args[0], "classes", None)) is not None:
            return set(range(count))
        values = iterate(m, call.args[0], call.position)
        if values is None:
            return UNKNOWN
        m.limit(len(values), call.position)
        if kind not in {list, tuple} and m.repeats and repeats_in(values):
            return UNKNOWN
        if kind in {set, frozenset}:
            m.go_through(values, call.position)
        try:
            return kind(values)
        except TypeError:
            return UNKNOWN

    return make


def _dict(m: Machine, call: Call) -> Value:
    found: dict[Any, Value] = {}
    for each in call.args:
        value = plain(each)
        if isinstance(value, dict):
            m.go_over(len(value), call.position, slowly=True)
            found |= value
            continue
        pairs = iterate(m, value, call.position)
        if pairs is None or not all(isinstance(p, tuple | list) and len(p) == 2 for p in pairs):  # noqa: PLR2004
            return UNKNOWN
        m.go_through(pairs, call.position)
        found |= dict(map(tuple, pairs))
    return found | call.kwargs


def _zip(m: Machine, call: Call) -> Value:
    # A range without end may stand beside a column that ends.
    bounded = any(not isinstance(each, range) for each in call.args)
    columns = [
        each if bounded and isinstance(each, range) else iterate(m, each, call.position)
        for each in call.args
    ]
    if any(column is None for column in columns):
        return UNKNOWN
    if m.repeats and any(map(repeats_in, columns)):
        return beside(m, [list(each) for each in columns if each is not None])
    ranges = [each for each in columns if isinstance(each, range)]
    if ranges and len(ranges) == len(columns):
        shortest = min((each.stop - each.start) // each.step for each in ranges)
        m.limit(shortest, call.position)
    found = list(zip(*columns, strict=False))
    # A tuple takes as much room as many parts.
    m.weigh(len(found) * (len(columns) + _TUPLE), call.position)
    return found


#: How many parts of a list take the room of an empty tuple.
_TUPLE: Final = 6


def _enumerate(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    start = call.get(1, "start", 0)
    if values is None or not isinstance(start, int):
        return UNKNOWN
    if m.repeats and repeats_in(values):
        return numbered(m, values, start)
    m.limit(len(values), call.position)
    m.go_over(len(values), call.position, slowly=True)
    return list(enumerate(values, start))


def _reversed(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "sequence"), call.position)
    return UNKNOWN if values is None else list(values)[::-1]


def _sorted(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    return UNKNOWN if values is None else ordered(m, list(values), call)


def _map(m: Machine, call: Call) -> Value:
    function, *columns = call.args
    rows = _zip(m, Call(m, columns, {}, call.position))
    if not isinstance(rows, list):
        return UNKNOWN
    if m.repeats:
        return each_of(m, rows, lambda row: m.call(function, row, {}, call.position))
    return [m.call(function, row, {}, call.position) for row in rows]


def _filter(m: Machine, call: Call) -> Value:
    function, values = call.args
    items = iterate(m, values, call.position)
    if items is None:
        return UNKNOWN
    kept = []
    for each in items:
        found = truth(m, each if function is None else m.call(function, [each], {}, call.position))
        if found is None:
            return UNKNOWN
        if found:
            kept.append(each)
    return kept


def _round(_m: Machine, call: Call) -> Value:
    value, digits = call.get(0, "number"), call.get(1, "ndigits")
    if isinstance(value, Dim) and digits is None:
        return value
    if not isinstance(value, int | float):
        return UNKNOWN
    return round(value, digits) if isinstance(digits, int) else round(value)


def _abs(m: Machine, call: Call) -> Value:
    value = call.get(0, "x")
    if isinstance(value, Tensor):
        return unary(m, "Abs", value, call.position)  # type: ignore[arg-type]
    return abs(value) if isinstance(value, int | float) else UNKNOWN


def _type(_m: Machine, call: Call) -> Value:
    value = call.get(0, "object")
    if isinstance(value, Instance):
        return value.cls
    for name, kind in KINDS.items():
        if isinstance(value, kind) and (name != "int" or not isinstance(value, bool)):
            return BUILTINS[name]
    return UNKNOWN


def _divmod(m: Machine, call: Call) -> Value:
    a, b = call.args
    return tuple(binary(m, name, a, b, call.position) for name in ("FloorDiv", "Mod"))  # type: ignore[arg-type]


def _pow(m: Machine, call: Call) -> Value:
    return binary(m, "Pow", call.args[0], call.args[1], call.position)  # type: ignore[arg-type]


def _format(m: Machine, call: Call) -> Value:
    text = formatted(m, call.get(0, "value"), -1, call.get(1, "format_spec", ""))
    return UNKNOWN if text is None else text


def _repr(m: Machine, call: Call) -> Value:
    return repr(call.args[0]) if known_text(m, call.args[0]) else UNKNOWN


def _next(m: Machine, call: Call) -> Value:
    value = call.get(0, "iterator")
    if isinstance(value, list):
        # An iterator is the list of what is left of it.
        if value:
            return value.pop(0)
        return call.args[1] if len(call.args) > 1 else m.fail("StopIteration", "", call.position)
    if isinstance(value, Instance):
        found = method(m, value, "__next__")
        try:
            return UNKNOWN if found is None else m.call(found, [], {}, call.position)
        except Raised as error:
            if error.kind == "StopIteration" and len(call.args) > 1:
                return call.args[1]
            raise
    return UNKNOWN


def _exit(m: Machine, call: Call) -> Value:
    return m.fail("SystemExit", "", call.position)


def _slice(_m: Machine, call: Call) -> Value:
    return slice(*call.args) if 1 <= len(call.args) <= 3 else UNKNOWN  # noqa: PLR2004


def _nothing(_m: Machine, _call: Call) -> Value:
    return None


def _unknown(_m: Machine, _call: Call) -> Value:
    return UNKNOWN


_FUNCTIONS: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "range": _range, "len": _len, "int": _int, "float": _float, "str": _str, "bool": _bool,
    "list": _listed(list), "tuple": _listed(tuple), "set": _listed(set), "iter": _listed(list),
    "frozenset": _listed(frozenset), "dict": _dict, "zip": _zip, "enumerate": _enumerate,
    "reversed": _reversed, "sorted": _sorted, "map": _map, "filter": _filter, **TOTALS,
    "round": _round, "abs": _abs, **ASKED, "type": _type, "divmod": _divmod, "pow": _pow,
    "format": _format, "repr": _repr, "next": _next,
    **{name: of_int(name) for name in ("chr", "hex", "oct", "bin")}, "ord": place_of,
    "exit": _exit, "quit": _exit, "slice": _slice, "print": _nothing, "display": _nothing,
    **dict.fromkeys(
        ("super", "open", "input", "eval", "exec", "compile", "__import__", "id", "hash", "vars",
         "locals", "globals", "dir", "bytes", "bytearray", "complex", "memoryview", "delattr",
         "breakpoint", "aiter", "anext", "ascii"),
        _unknown,
    ),
}  # fmt: skip

#: Everything that a program has without importing it.
BUILTINS: Final[dict[str, Value]] = {
    **{name: Native(name, function) for name, function in _FUNCTIONS.items()},
    "property": Builtin("property", _unknown),
    "staticmethod": Builtin("staticmethod", _unknown),
    "classmethod": Builtin("classmethod", _unknown),
    "object": LibraryClass("object"),
    "Ellipsis": ...,
    "NotImplemented": UNKNOWN,
    "__name__": "__main__",
    "__file__": "model.py",
    "__doc__": None,
    **{
        name: exception_class(name)
        for name in dir(__import__("builtins"))
        if name.endswith(("Error", "Exception", "Warning", "Interrupt", "Exit", "Iteration"))
    },
}
