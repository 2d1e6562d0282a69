"""Functions of ``keras.ops``, ``keras.backend`` and ``tf`` that call functions of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.layers import computed_layer, flat, run_layer
from shapecalc.importers.python.library.kerastensors import indexed
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Function,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _given(m: Machine, value: Value, call: Call) -> Value:
    """Return a value, or what a function without arguments gives that stands for it."""
    if isinstance(value, Function | Bound | Builtin):
        return m.call(value, [], {}, call.position)
    return value


def _either(m: Machine, call: Call) -> Value:
    """``cond``: one of two functions; on a condition that is not known both must agree."""
    test = call.get(0, "pred")
    functions = (call.get(1, "true_fn"), call.get(2, "false_fn"))
    if isinstance(test, bool):
        return _given(m, functions[not test], call)
    first, second = (_given(m, each, call) for each in functions)
    alike = [t.shape for t in flat(first)] == [t.shape for t in flat(second)]
    return first if alike else Unknown("cond", call.position)


def _switched(m: Machine, call: Call) -> Value:
    """``switch`` of the backend: values too, of which the first says the shape."""
    return _given(m, call.get(1, "then_expression"), call)


def _first(m: Machine, call: Call) -> Value:
    return _given(m, call.get(0, "x"), call)


def _second(m: Machine, call: Call) -> Value:
    return _given(m, call.get(1, "new_x"), call)


def _stacked(m: Machine, values: Value, lengths: tuple[Size, ...], at: int, call: Call) -> Value:
    """Return what each step gives with the axis of the steps before its axis ``at``."""
    if isinstance(values, list | tuple):
        return type(values)(_stacked(m, each, lengths, at, call) for each in values)
    if not isinstance(values, Tensor):
        return UNKNOWN
    layer = computed_layer([(*values.shape[:at], *lengths, *values.shape[at:])], "ops.Map")
    return run_layer(m, layer, [values], call.position, library="keras")[0]


def _step(m: Machine, values: Value, axis: int, call: Call) -> Value:
    """Return tensors without one of their first axes: what they are in one step."""
    if isinstance(values, list | tuple):
        return type(values)(_step(m, each, axis, call) for each in values)
    if not isinstance(values, Tensor):
        return values
    index = (*(slice(None),) * axis, 0)
    return indexed(m, values, index, call.position)


def _mapped(m: Machine, call: Call) -> Value:
    """``map_fn``: a function of what is along the first axis."""
    function = call.get(0, "fn", call.kwargs.get("f", call.kwargs.get("function")))
    elements = call.get(1, "elems", call.kwargs.get("xs", call.kwargs.get("elements")))
    tensors = flat(elements)
    if not tensors or not tensors[0].shape:
        return UNKNOWN
    made = m.call(function, [_step(m, elements, 0, call)], {}, call.position)
    return _stacked(m, made, tensors[0].shape[:1], 0, call)


def _scanned(m: Machine, call: Call) -> Value:
    """``scan``: what is carried on, and what each step gives."""
    function, carried, elements = call.get(0, "f"), call.get(1, "init"), call.get(2, "xs")
    tensors = flat(elements)
    if not tensors or not tensors[0].shape:
        return UNKNOWN
    made = m.call(function, [carried, _step(m, elements, 0, call)], {}, call.position)
    if not isinstance(made, list | tuple) or len(made) != 2:  # noqa: PLR2004  (carried, given)
        return UNKNOWN
    return made[0], _stacked(m, made[1], tensors[0].shape[:1], 0, call)


def _unrolled(m: Machine, call: Call) -> Value:
    """``rnn`` of the backend: the last output, those of all steps, and the states."""
    function, x, states = (call.get(place, name) for place, name in enumerate(_OF_RNN))
    if not isinstance(x, Tensor) or len(x.shape) < 2:  # noqa: PLR2004  (batch and steps)
        return UNKNOWN
    made = m.call(function, [_step(m, x, 1, call), states], {}, call.position)
    if not isinstance(made, list | tuple) or len(made) != 2:  # noqa: PLR2004  (output, states)
        return UNKNOWN
    return made[0], _stacked(m, made[0], x.shape[1:2], 1, call), made[1]


_OF_RNN: Final = ("step_function", "inputs", "initial_states")


def _repeated(place: int, name: str) -> Callable[[Machine, Call], Value]:
    """Return what a loop changes: each turn gives the shapes that it gets."""
    return lambda _m, call: call.get(place, name)


MAPPING: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "cond": _either, "switch": _switched, "in_train_phase": _first, "in_test_phase": _first,
    "update": _second, "moving_average_update": _first,
    **dict.fromkeys(("map_fn", "map", "vectorized_map"), _mapped),
    "scan": _scanned, "rnn": _unrolled,
    "associative_scan": _repeated(1, "elems"), "vectorize": _repeated(0, "pyfunc"),
    "while_loop": _repeated(2, "loop_vars"), "fori_loop": _repeated(3, "init_val"),
}  # fmt: skip
