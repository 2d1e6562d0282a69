"""``math``: functions of numbers, exact on sizes in letters where the result is a size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import UNKNOWN, Builtin, Number, Ratio, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The largest number of which a factorial is taken, and the like.
_LARGEST: Final = 1000


def lower(m: Machine, call: Call) -> Value:
    """Return the largest whole number that is not above: of ``a/b`` it is ``a // b``."""
    value = call.get(0, "x")
    if isinstance(value, Ratio):
        return value.numerator // value.denominator
    return _whole(m, "floor", value, call)


def upper(m: Machine, call: Call) -> Value:
    """Return the least whole number that is not below: of ``a/b`` it is ``(a + b - 1) // b``."""
    value = call.get(0, "x")
    if isinstance(value, Ratio):
        return (value.numerator + value.denominator - 1) // value.denominator
    return _whole(m, "ceil", value, call)


def _whole(m: Machine, name: str, value: Value, call: Call) -> Value:
    if isinstance(value, Dim):
        return value
    return _computed(m, name, [value], call)


def real(name: str) -> Callable[[Machine, Call], Value]:
    """Return a function of real numbers; of letters it gives a number that is not known."""

    def run(m: Machine, call: Call) -> Value:
        return _computed(m, name, call.args, call)

    return run


def _computed(m: Machine, name: str, args: list[Value], call: Call) -> Value:
    if any(isinstance(each, Dim | Ratio | Number) for each in args):
        return Number(f"math.{name}", call.position)
    if not args or not all(isinstance(each, int | float) for each in args):
        lost = next((each for each in args if isinstance(each, Unknown)), UNKNOWN)
        return Number(lost.name, lost.position)
    if name in {"factorial", "comb", "perm"} and any(each > _LARGEST for each in args):
        return UNKNOWN
    try:
        return getattr(math, name)(*args)
    except (ValueError, TypeError, OverflowError) as error:
        return m.fail(type(error).__name__, str(error), call.position)


def _product(m: Machine, call: Call) -> Value:
    values = iterate(m, call.get(0, "iterable"), call.position)
    if values is None:
        return UNKNOWN
    found = call.kwargs.get("start", 1)
    for each in values:
        found = multiplied(m, found, each, call)
    return found


def multiplied(m: Machine, left: Value, right: Value, call: Call) -> Value:
    """Multiply two values."""
    from shapecalc.importers.python.operators import binary

    return binary(m, "Mult", left, right, call.position)  # type: ignore[arg-type]


def _power(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.operators import binary

    left, right = call.take(2)
    found = binary(m, "Pow", left, right, call.position)  # type: ignore[arg-type]
    return float(found) if isinstance(found, int) and abs(found) < 2**52 else found


_REAL: Final = [
    "sqrt",
    "log",
    "log2",
    "log10",
    "log1p",
    "exp",
    "expm1",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "fabs",
    "hypot",
    "isqrt",
    "gcd",
    "lcm",
    "factorial",
    "comb",
    "perm",
    "degrees",
    "radians",
    "erf",
    "gamma",
    "fmod",
    "trunc",
    "copysign",
    "isnan",
    "isinf",
    "isfinite",
    "isclose",
    "cbrt",
    "exp2",
    "dist",
]  # fmt: skip

FUNCTIONS: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{name: real(name) for name in _REAL if hasattr(math, name)},
    "floor": lower,
    "ceil": upper,
    "prod": _product,
    "pow": _power,
    "fsum": lambda _m, call: Number("math.fsum", call.position),
}


NAMES: Final[dict[str, Any]] = {
    **{f"math.{name}": Builtin(f"math.{name}", function) for name, function in FUNCTIONS.items()},
    "math.pi": math.pi,
    "math.e": math.e,
    "math.tau": math.tau,
    "math.inf": math.inf,
    "math.nan": math.nan,
}
