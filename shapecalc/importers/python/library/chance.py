"""``random``: unknown numbers, and lists of known lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import UNKNOWN, Builtin, Number, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _number(m: Machine, call: Call) -> Value:  # noqa: ARG001
    return Number("random", call.position)


def _sample(m: Machine, call: Call) -> Value:
    count = call.get(1, "k")
    if not isinstance(count, int):
        return UNKNOWN
    m.limit(count, call.position)
    return [Unknown("random.sample", call.position)] * max(count, 0)


def _choices(m: Machine, call: Call) -> Value:
    count = call.kwargs.get("k", 1)
    if not isinstance(count, int):
        return UNKNOWN
    m.limit(count, call.position)
    return [Unknown("random.choices", call.position)] * max(count, 0)


def _choice(m: Machine, call: Call) -> Value:  # noqa: ARG001
    values = call.get(0, "seq")
    if isinstance(values, list | tuple) and values:
        if len(values) == 1:
            return values[0]
        if all(isinstance(each, int | float) for each in values):
            return Number("random.choice", call.position)
    return Unknown("random.choice", call.position)


def _shuffle(m: Machine, call: Call) -> Value:  # noqa: ARG001
    values = call.get(0, "x")
    if isinstance(values, list):
        values[:] = (
            [
                each if each is values[0] or each == values[0] else Unknown("random.shuffle")
                for each in values
            ]
            if all(isinstance(each, int | str | float) for each in values)
            else values
        )
    return None


_NUMBERS: Final = [
    "random",
    "uniform",
    "randint",
    "randrange",
    "gauss",
    "normalvariate",
    "betavariate",
    "expovariate",
    "triangular",
    "lognormvariate",
    "getrandbits",
]  # fmt: skip

NAMES: Final[dict[str, Any]] = {
    **{f"random.{name}": Builtin(f"random.{name}", _number) for name in _NUMBERS},
    "random.sample": Builtin("random.sample", _sample),
    "random.choices": Builtin("random.choices", _choices),
    "random.choice": Builtin("random.choice", _choice),
    "random.shuffle": Builtin("random.shuffle", _shuffle),
    "random.seed": Builtin("random.seed", lambda _m, _call: None),
}
