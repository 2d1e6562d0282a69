"""``clone_model``: a model with the same layers, and weights of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.library.copying import copied
from shapecalc.importers.python.library.kerasgraph import Graph
from shapecalc.importers.python.library.kerasmaking import named
from shapecalc.importers.python.library.kerasmodels import MODEL, is_keras_model, record
from shapecalc.importers.python.library.kerasstacks import restack
from shapecalc.importers.python.library.kerastensors import shape_of, symbolic
from shapecalc.importers.python.models import Recorded
from shapecalc.importers.python.values import Instance, Tensor, Unknown, Value
from shapecalc.network import Network

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def clone_model(m: Machine, call: Call) -> Value:
    """Return a copy of a stack, or of a model between tensors; others are not known."""
    model, tensors = call.get(0, "model"), call.get(1, "input_tensors")
    if not is_keras_model(model):
        return Unknown("clone_model", call.position)
    known: dict[int, Value] = {}
    made = Instance(model.cls, call.position)
    if "?layers" in model.attrs:
        made.attrs["name"] = named(m, "Sequential")
        made.attrs["?layers"] = [_copy(m, each, known) for each in model.attrs["?layers"]]
        begin = flat(tensors) or [_like(m, t, call) for t in flat(model.attrs.get("?first"))]
        made.attrs["?now"] = None
        if begin:
            restack(m, made, begin[0], call)
        m.models.append(Recorded(made, Network([], ()), None, call.position))
        return made
    if not isinstance(model.payload, Graph) or model.cls is not MODEL:
        return Unknown("clone_model", call.position)
    made.attrs["name"] = named(m, "Functional")
    inputs = flat(tensors) or [_like(m, each, call) for each in model.payload.inputs]
    outputs = model.payload.applied(m, inputs, call, lambda owner: _copy(m, owner, known))
    if len(inputs) != len(model.payload.inputs) or not flat(outputs):
        return Unknown("clone_model", call.position)
    made.payload = Graph(inputs, outputs)
    m.models.append(record(made, call))
    return made


def _like(m: Machine, tensor: Tensor, call: Call) -> Tensor:
    """Return an input as a model has it."""
    return symbolic(m, shape_of(tensor), None, call.position, whole=tensor.whole, given=False)


def _copy(m: Machine, layer: Value, known: dict[int, Value]) -> Any:  # noqa: ANN401
    """Return a copy of a layer, which has read nothing yet."""
    if not isinstance(layer, Instance) or id(layer) in known:
        return known.get(id(layer), layer)
    made = copied(m, layer, known)
    for key in ("?read", "?output", "?built"):
        made.attrs.pop(key, None)
    return made
