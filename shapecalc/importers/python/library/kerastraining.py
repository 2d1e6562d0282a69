"""What trains a model of Keras: its loss is noted, and it is called on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.layers import flat, holds_unknown
from shapecalc.importers.python.library.kerasgraph import Graph
from shapecalc.importers.python.library.kerastensors import symbolic
from shapecalc.importers.python.training import compile_call, fit_call
from shapecalc.importers.python.values import (
    UNCLEAR,
    UNKNOWN,
    Bound,
    Function,
    Instance,
    Tensor,
    Value,
    method_of,
)
from shapecalc.network import BATCH_SIZE

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _called_on_data(m: Machine, instance: Instance, call: Call) -> Value:
    """``fit`` and its kin call the model on the data."""
    from shapecalc.importers.python.library.kerasmodels import called

    x = call.get(0, "x")
    instance.attrs[UNCLEAR] = True
    if holds_unknown(x) is not None:
        return UNKNOWN
    data = flat(x) if isinstance(x, list | tuple | Tensor | dict) else []
    if not data or any(not each.shape for each in data):
        return UNKNOWN
    given = call.kwargs.get("batch_size")
    batch = given if isinstance(given, int) else BATCH_SIZE
    if isinstance(instance.payload, Graph):
        tensors = [Tensor((batch, *each.shape[1:]), "keras", whole=each.whole) for each in data]
        return instance.payload.applied(m, tensors, call)
    if instance.attrs.get("?layers"):
        begin = symbolic(m, [None, *data[0].shape[1:]], None, call.position)
        return called(m, instance, type(call)(m, [begin], {}, call.position))
    own = method(m, instance, "call")
    if (
        isinstance(own, Bound)
        and isinstance(own.function, Function)
        and not instance.attrs.get("?built")
    ):
        tensors = [Tensor((batch, *each.shape[1:]), "keras", whole=each.whole) for each in data]
        value = (
            tensors
            if isinstance(x, list)
            else tuple(tensors)
            if isinstance(x, tuple)
            else tensors[0]
        )
        return called(m, instance, type(call)(m, [value], {}, call.position))
    return UNKNOWN


def _trained(m: Machine, instance: Instance, call: Call) -> Value:
    """``fit`` calls the model, and gives numbers; its data are left to who asks of them."""
    fit_call(instance, call)
    if not m.given.leaves_data:
        _called_on_data(m, instance, call)
    return UNKNOWN


def _evaluated(m: Machine, instance: Instance, call: Call) -> Value:
    """``evaluate`` calls the model, and gives numbers."""
    if not m.given.leaves_data:
        _called_on_data(m, instance, call)
    return UNKNOWN


def _compiled(_m: Machine, instance: Instance, call: Call) -> Value:
    """``compile`` says the loss."""
    compile_call(instance, call)
    return None


#: The methods that train a model, or call it on data.
TRAINING: Final[dict[str, Any]] = {
    "compile": method_of(_compiled),
    "fit": method_of(_trained),
    **{name: method_of(_evaluated) for name in ("evaluate", "train_on_batch", "test_on_batch")},
    "predict": method_of(_called_on_data),
}
