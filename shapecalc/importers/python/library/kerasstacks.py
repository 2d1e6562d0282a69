"""Stacks of layers of Keras: what is added, and the input that they begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.library.kerasgraph import Graph
from shapecalc.importers.python.library.keraslayers import input_tensor
from shapecalc.importers.python.library.kerasmaking import named
from shapecalc.importers.python.library.kerastensors import shape_of, symbolic
from shapecalc.importers.python.models import Recorded
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import UNCLEAR, Instance, Tensor, Unknown, Value
from shapecalc.network import Network

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def construct(m: Machine, instance: Instance, call: Call) -> None:
    """Make a stack, with the layers that it is given."""
    given = call.kwargs.get("name", call.args[1] if len(call.args) > 1 else None)
    instance.attrs["name"] = given if isinstance(given, str) else named(m, "Sequential")
    instance.attrs["?layers"] = []
    instance.attrs["?now"] = None
    layers = iterate(m, call.get(0, "layers", []) or [], call.position)
    for each in layers or ():
        _add_layer(m, instance, each, call)
    m.models.append(Recorded(instance, Network([], ()), None, call.position))


def add(m: Machine, instance: Instance, call: Call) -> Value:
    """``add``: one more layer."""
    _add_layer(m, instance, call.get(0, "layer"), call)
    return None


def _add_layer(m: Machine, instance: Instance, layer: Value, call: Call) -> None:
    """Put a layer on a stack; as soon as the input is known, shapes are."""
    if isinstance(layer, Tensor):
        # ``Input(...)`` stands for the input of the stack.
        instance.attrs["?now"] = layer
        instance.attrs["?first"] = layer
        return
    if isinstance(layer, Unknown):
        m.need(layer, call.position)
    if layer is None or isinstance(layer, str | int | list | tuple):
        m.fail("TypeError", "a stack takes layers", call.position, rule="argument")
    where = layer.made if isinstance(layer, Instance) and layer.made is not None else call.position
    if isinstance(layer, Instance) and layer.cls.name.endswith("InputLayer"):
        shape = layer.attrs.get("?input")
        if isinstance(shape, list):
            made = input_tensor(m, shape, None, call, None)
            instance.attrs["?now"] = instance.attrs["?first"] = made
        return
    stacked = instance.attrs["?layers"]
    _require_name(m, instance, layer, call)
    stacked.append(layer)
    if instance.attrs["?now"] is None and len(stacked) == 1 and isinstance(layer, Instance):
        shape = _begins(layer)
        if shape is not None:
            made = input_tensor(m, shape, None, call, None)
            instance.attrs["?now"] = instance.attrs["?first"] = made
    now = instance.attrs["?now"]
    if now is not None:
        inside = call.position is not None and where is not None
        position = where if inside and _in_list(call) else call.position
        instance.attrs["?now"] = m.call(layer, [now], {}, position)
        _settle(instance)


def _require_name(m: Machine, instance: Instance, layer: Value, call: Call) -> None:
    """Refuse a layer with the name of another one, where the program gave it to both."""
    if not isinstance(layer, Instance) or not layer.attrs.get("?named"):
        return
    names = instance.attrs.setdefault("?names", set())
    name = layer.attrs["name"]
    if name in names:
        text = f'the name "{name}" is that of two layers of the model: each needs its own'
        m.fail("ValueError", text, call.position, rule="argument")
    names.add(name)


def _in_list(call: Call) -> bool:
    """Return whether a layer is in the list of a constructor, on a line of its own."""
    return (bool(call.args) and isinstance(call.args[0], list | tuple)) or "layers" in call.kwargs


def _begins(layer: Instance) -> list[Value] | None:
    """Return the shape of the input that the first layer of a stack says."""
    if isinstance(layer.payload, Graph):
        (first, *_) = layer.payload.inputs
        return list(shape_of(first))
    found = layer.attrs.get("?input")
    if isinstance(found, list):
        return found
    inner = layer.attrs.get("?inner")
    return _begins(inner) if isinstance(inner, Instance) else None


def _settle(instance: Instance) -> None:
    first, now = instance.attrs.get("?first"), instance.attrs["?now"]
    if isinstance(first, Tensor) and flat(now):
        instance.payload = Graph(first, now)
    else:
        instance.payload = None


def pop(m: Machine, instance: Instance, call: Call) -> Value:
    """``pop``: without the last layer."""
    stacked = instance.attrs["?layers"]
    if stacked:
        gone = stacked.pop()
        if isinstance(gone, Instance):
            instance.attrs.get("?names", set()).discard(gone.attrs.get("name"))
    first = instance.attrs.get("?first")
    if isinstance(first, Tensor):
        restack(m, instance, first, call)
    return None


def restack(m: Machine, instance: Instance, first: Tensor, call: Call) -> None:
    """Apply the layers of a stack to the tensor that it begins with."""
    now: Value = first
    for layer in instance.attrs["?layers"]:
        now = m.call(layer, [now], {}, call.position)
    instance.attrs["?first"], instance.attrs["?now"] = first, now
    _settle(instance)


def require_built(m: Machine, instance: Instance, which: str) -> None:
    """Refuse to say the tensors of a stack that has no input yet, and was never called."""
    layers = instance.attrs.get("?layers")
    if layers is None or instance.payload is not None or "?first" in instance.attrs:
        return
    if UNCLEAR in instance.attrs or not all(isinstance(each, Instance) for each in layers):
        return
    name = instance.attrs.get("name")
    text = f"The layer {name} has never been called and thus has no defined {which}"
    m.fail("AttributeError", text, None, rule="argument")


def begin_with(m: Machine, instance: Instance, x: Value, call: Call) -> None:
    """Give a stack its input, which is like what it is called on first."""
    # It is a model by itself, whichever other one calls it.
    outer, m.tape = m.tape, None
    first: Value = x
    try:
        if isinstance(x, Tensor):
            shape = [None, *shape_of(x)[1:]]
            first = symbolic(m, shape, None, call.position, whole=x.whole, given=False)
        now = first
        for layer in instance.attrs["?layers"]:
            where = layer.made if isinstance(layer, Instance) else call.position
            now = m.call(layer, [now], {}, where)
    finally:
        m.tape = outer
    instance.attrs["?first"], instance.attrs["?now"] = first, now
    _settle(instance)
