"""``numpy.random``: arrays of known shapes and unknown values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, product
from shapecalc.importers.python.library.arrays import array, as_array
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    LibraryClass,
    Number,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: Where each function has its ``size``.
_SIZES: Final = {
    "random": 0, "random_sample": 0, "ranf": 0, "sample": 0, "standard_normal": 0,
    "uniform": 2, "normal": 2, "randint": 2, "integers": 2, "random_integers": 2, "binomial": 2,
    "poisson": 1, "exponential": 1, "beta": 2, "gamma": 2, "laplace": 2, "gumbel": 2,
    "logistic": 2, "lognormal": 2, "chisquare": 1, "rayleigh": 1, "geometric": 1, "choice": 1,
    "standard_cauchy": 0, "standard_exponential": 0, "weibull": 1, "triangular": 3,
}  # fmt: skip
_WHOLE: Final = {"randint", "integers", "random_integers", "binomial", "poisson", "geometric"}


def _drawn(name: str, place: int) -> Callable[[Machine, Call], Value]:
    def run(_m: Machine, call: Call) -> Value:
        size = call.get(place, "size")
        whole = name in _WHOLE
        if size is None:
            given = next((each for each in call if isinstance(each, Tensor)), None)
            if given is not None and name != "choice":
                return array(given.shape, whole=whole)
            made = Unknown if name == "choice" else Number
            return made(f"numpy.random.{name}", call.position)
        sizes = list(size) if isinstance(size, list | tuple) else [size]
        made = _of_sizes(sizes, call, whole=whole)
        if name in {"randint", "integers"} and isinstance(made, Tensor):
            made.classes = _classes_of(made, call)
        return made

    return run


def _classes_of(made: Tensor, call: Call) -> int | None:
    """Return of how many classes drawn labels are: all that can be, where many are drawn."""
    low, high = call.get(0, "low"), call.get(1, "high")
    low, high = (0, low) if high is None else (low, high)
    count: Any = product(made.shape)
    if low != 0 or not (isinstance(high, int) and isinstance(count, int)):
        return None
    return high if 0 < _FOR_EACH * high <= count else None


#: How many labels are drawn for each class where none is likely to be missed.
_FOR_EACH: Final = 16


def _of_sizes(sizes: list[Value], call: Call, *, whole: bool) -> Value:
    lost = [each for each in sizes if not isinstance(each, int | Dim)]
    if lost and isinstance(lost[0], Unknown):
        return Unknown(lost[0].name, lost[0].position)
    if lost:
        kind = type(lost[0]).__name__
        text = f"'{kind}' object cannot be interpreted as an integer"
        call.machine.fail("TypeError", text, call.position)
    if any(isinstance(each, int) and each < 0 for each in sizes):
        call.machine.fail("ValueError", "negative dimensions are not allowed", call.position)
    return array(sizes, whole=whole)


def _spread(_m: Machine, call: Call) -> Value:
    """``rand(2, 3)``: the sizes one after the other."""
    if not call.args:
        return Number("numpy.random.rand", call.position)
    return _of_sizes(list(call.args), call, whole=False)


def _permuted(_m: Machine, call: Call) -> Value:
    value = call.get(0, "x")
    if isinstance(value, int | Dim):
        return array([value], whole=True)
    found = as_array(value)
    return UNKNOWN if found is None else array(found.shape, whole=found.whole)


RANDOM: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{name: _drawn(name, place) for name, place in _SIZES.items()},
    "rand": _spread,
    "randn": _spread,
    "permutation": _permuted,
    "permuted": _permuted,
    "seed": lambda _m, _call: None,
    "shuffle": lambda _m, _call: None,
}


def _method(name: str) -> Any:  # noqa: ANN401
    return lambda _m, _instance: Builtin(f"numpy.random.{name}", RANDOM[name])


#: What ``default_rng`` and ``RandomState`` give.
GENERATOR: Final = LibraryClass(
    "numpy.random.Generator", attributes={name: _method(name) for name in RANDOM}
)
