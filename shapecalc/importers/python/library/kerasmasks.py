"""The masks that Keras hands on from layer to layer."""

from __future__ import annotations

from shapecalc.importers.python.calling import parameters
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.values import Tensor, Value
from shapecalc.network import Apply

#: How many axes a mask has: batch and steps.
_AXES = 2


def with_mask(function: Value, call: Call, kwargs: dict[str, Value]) -> dict[str, Value]:
    """Add the mask of its input to the arguments of a layer that takes one."""
    names = parameters(function)
    tensors = flat(call.args[:1])
    if "mask" not in names or "mask" in kwargs or names.index("mask") < len(call.args):
        return kwargs
    if len(tensors) != 1 or len(tensors[0].shape) <= _AXES or not _is_masked(tensors[0]):
        return kwargs
    return kwargs | {"mask": Tensor(tensors[0].shape[:_AXES], "keras")}


def _is_masked(x: Tensor) -> bool:
    """Return whether a layer makes a mask among those that a tensor comes from."""
    if x.tape is None or x.port is None:
        return False
    nodes = x.tape.network.nodes
    seen: set[int] = set()
    waiting = [x.port.node]
    while waiting:
        place = waiting.pop()
        node = nodes[place]
        if place in seen or not isinstance(node, Apply):
            continue
        if getattr(node.layer, "mask_zero", False) or node.layer.called == "Masking":
            return True
        seen.add(place)
        waiting += [port.node for port in node.inputs]
    return False
