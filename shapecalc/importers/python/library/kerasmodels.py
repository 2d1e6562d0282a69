"""Models of Keras: graphs between tensors, stacks, and classes of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError, did_you_mean
from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.layers import flat, holds_unknown, run_layer
from shapecalc.importers.python.library import kerasstacks
from shapecalc.importers.python.library.freezing import FROZEN, is_frozen
from shapecalc.importers.python.library.kerasgraph import Graph
from shapecalc.importers.python.library.keraslayers import (
    LAYER,
    call_layer,
    input_tensor,
    layer_class,
)
from shapecalc.importers.python.library.kerasmaking import named
from shapecalc.importers.python.library.kerasorder import layers_of
from shapecalc.importers.python.library.kerasrecurrent import CELLS
from shapecalc.importers.python.library.kerastensors import shape_of, symbolic
from shapecalc.importers.python.library.kerastraining import TRAINING
from shapecalc.importers.python.models import Recorded, called_model
from shapecalc.importers.python.open import Open
from shapecalc.importers.python.values import (
    HIDDEN,
    UNCLEAR,
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer


def is_keras_model(value: Value) -> bool:
    """Return whether a value is a model of Keras."""
    return isinstance(value, Instance) and MODEL in value.cls.mro


def as_layer(value: Instance) -> Layer | None:
    """Return a model as a layer of another one."""
    from shapecalc.tracing.nested import Model

    if not isinstance(value.payload, Graph):
        return None
    name = "Sequential" if SEQUENTIAL in value.cls.mro else "Functional"
    known = value.attrs.get("?network")
    if known is None or known[0] is not value.payload:
        known = value.attrs["?network"] = (value.payload, value.payload.network())
    return Model(class_name=name, network=known[1])


# Making models.


def _construct(m: Machine, instance: Instance, call: Call) -> None:
    """Make a model of tensors, or the base of a class of the program."""
    given = call.kwargs.get("name")
    instance.attrs["name"] = given if isinstance(given, str) else named(m, "Functional")
    inputs = _in_order(call.get(0, "inputs", call.kwargs.get("input")))
    outputs = _in_order(call.get(1, "outputs", call.kwargs.get("output")))
    if outputs is None:
        return
    lost = holds_unknown([inputs, outputs])
    if lost is not None or not flat(outputs):
        what = lost if lost is not None and lost.name else Unknown("an output of the model")
        m.need(what, call.position)
        return
    instance.payload = Graph(inputs, outputs)
    other = instance.payload.unconnected()
    if other is not None:
        text = f"the outputs depend on {other}, which is not among the inputs of the model"
        m.fail("ValueError", text, call.position, rule="argument")
    _require_names(m, instance, call)
    m.models.append(record(instance, call))


def _require_names(m: Machine, instance: Instance, call: Call) -> None:
    """Refuse layers of which two have the same name, where the program gave it to both."""
    layers = _layers(m, instance)
    if not isinstance(layers, list):
        return
    seen: set[str] = set()
    for each in layers:
        name = each.attrs.get("name") if isinstance(each, Instance) else None
        if name is None or not each.attrs.get("?named"):
            continue
        if name in seen:
            text = f'the name "{name}" is that of two layers of the model: each needs its own'
            m.fail("ValueError", text, call.position, rule="argument")
        seen.add(name)


def _in_order(value: Value) -> Value:
    """Return tensors that are named in the order in which Keras takes them: of their names."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return dict(sorted(value.items()))
    return value


def record(instance: Instance, call: Call) -> Recorded:
    """Return a model as it is where it is made or called."""
    network = instance.payload.network(frozen=is_frozen(instance))
    return Recorded(instance, network, instance.payload.outputs, call.position)


# Calling models.


def called(m: Machine, instance: Instance, call: Call) -> Value:
    """Call a model on tensors."""
    lost = holds_unknown(call.args)
    if lost is not None:
        m.need(lost, call.position)
        instance.attrs[UNCLEAR] = True
        return Unknown(lost.name, lost.position or call.position)
    own = method(m, instance, "call")
    if isinstance(own, Bound) and isinstance(own.function, Function):
        graph = m.state.get("keras tape")
        built = any(t.tape is graph and graph is not None for t in flat(call.args))
        if m.tape is not None or built:
            return call_layer(m, instance, call)
        return called_model(m, instance, call, lambda call: call_layer(m, instance, call))
    inputs = [_keras(each) for each in flat([_in_order(each) for each in call.args])]
    if "?layers" in instance.attrs and instance.payload is None:
        begin = next((each for each in call.args if isinstance(each, Open)), None)
        kerasstacks.begin_with(m, instance, inputs[0] if begin is None else begin, call)
        begun = isinstance(instance.payload, Graph)
    else:
        begun = False
    if not isinstance(instance.payload, Graph) or not inputs:
        return Unknown(instance.attrs.get("name", "model"), call.position)
    if all(each.tape is None for each in inputs) and m.tape is None:
        if begun:
            m.models.append(record(instance, call))
        return instance.payload.applied(m, inputs, call)
    for mine, other in zip(instance.payload.inputs, inputs, strict=False):
        instance.payload.check(m, mine, other, call)
    layer = as_layer(instance)
    assert layer is not None  # noqa: S101  (it has a graph)
    outputs = run_layer(
        m, layer, inputs, call.position, library="keras", made=instance.made,
        label=instance.attrs["name"], owner=instance,
    )  # fmt: skip
    return outputs[0] if len(outputs) == 1 else outputs


def _keras(tensor: Tensor) -> Tensor:
    return (
        tensor if tensor.library == "keras" else Tensor(tensor.shape, "keras", whole=tensor.whole)
    )


def _build(m: Machine, instance: Instance, call: Call) -> Value:
    """``build`` says the shape of the input."""
    shape = call.get(0, "input_shape")
    if not isinstance(shape, list | tuple) or instance.payload is not None:
        instance.attrs[UNCLEAR] = True
        return None
    if shape and isinstance(shape[0], list | tuple):
        tensors: Value = [symbolic(m, list(each), None, call.position) for each in shape]
    else:
        tensors = symbolic(m, list(shape), None, call.position)
    own = method(m, instance, "call")
    if isinstance(own, Bound) and isinstance(own.function, Function):
        output = call_layer(m, instance, type(call)(m, [tensors], {}, call.position))
        if flat(output):
            instance.payload = Graph(tensors, output)
            m.models.append(record(instance, call))
        return None
    return called(m, instance, type(call)(m, [tensors], {}, call.position))


def recorded(m: Machine, instance: Instance) -> Recorded:
    """Return the network that a model is; one without an input is called on what it is made for."""
    if isinstance(instance.payload, Graph):
        network = instance.payload.network(frozen=is_frozen(instance))
        return Recorded(instance, network, instance.payload.outputs, instance.made)
    from shapecalc.importers.python.entry import called_with_inputs

    own = method(m, instance, "call")
    if isinstance(own, Bound) and isinstance(own.function, Function):
        args = own.function.args
        names = [each.arg for each in (*args.posonlyargs, *args.args)][1:]
        names = names[: len(names) - len(args.defaults)] if args.defaults else names
        names = [name for name in names if name not in {"training", "mask"}]
        return called_with_inputs(
            m, instance, names, instance.made, library="keras", forward=own.function
        )
    if instance.attrs.get("?layers"):
        _require_layers(instance)
        return called_with_inputs(m, instance, ["input"], instance.made, library="keras")
    raise SpecError(
        f"the model {instance.attrs.get('name')} has no layers that are understood",
        notes=[note.message for note in m.notes.values()],
    )


def _require_layers(instance: Instance) -> None:
    """Refuse to look for the input of a stack of which a layer is not known."""
    for place, each in enumerate(instance.attrs["?layers"], 1):
        if isinstance(each, Unknown):
            why = f": what {each.name} gives is not known here" if each.name else ""
            where = each.position
        elif isinstance(each, Instance) and not _is_understood(each):
            why = f": an argument of {each.cls.name.rpartition('.')[2]} is not known here"
            where = each.made
        else:
            continue
        line = "" if where is None or where.place is None else f", line {where.place.line},"
        raise SpecError(
            f"layer {place} of {instance.attrs.get('name')}{line} is not understood{why}"
        )


def _is_understood(layer: Instance) -> bool:
    """Return whether a layer can be called: of Keras with its arguments, or of the program."""
    own = {"?function", "?inside", "?layers", CELLS}
    return (
        layer.payload is not None or isinstance(layer.cls, Class) or not own.isdisjoint(layer.attrs)
    )


# What models have.


def _nothing(_m: Machine, _instance: Instance, _call: Call) -> Value:
    return None


def _unknown(_m: Machine, _instance: Instance, _call: Call) -> Value:
    return UNKNOWN


def _tensors(which: str) -> Callable[[Machine, Instance], Value]:
    def tensors(m: Machine, instance: Instance) -> Value:
        kerasstacks.require_built(m, instance, which)
        if not isinstance(instance.payload, Graph):
            return UNKNOWN
        found = instance.payload.inputs if which.startswith("input") else instance.payload.outputs
        several = flat(found)
        if which.endswith("s"):
            return several
        return several[0] if len(several) == 1 else several

    return tensors


def _shape(which: str) -> Callable[[Machine, Instance], Value]:
    def shape(m: Machine, instance: Instance) -> Value:
        found = _tensors(which)(m, instance)
        if isinstance(found, Tensor):
            return shape_of(found)
        return [shape_of(each) for each in found] if isinstance(found, list) else UNKNOWN

    return shape


def _layers(_m: Machine, instance: Instance) -> Value:
    """Return the layers of a model, in order."""
    if HIDDEN in instance.attrs:
        return UNKNOWN
    if "?layers" in instance.attrs:
        return list(instance.attrs["?layers"])
    if isinstance(instance.payload, Graph) and not isinstance(instance.cls, Class):
        inputs = layer_class("InputLayer")
        assert inputs is not None  # noqa: S101  (Keras has it)
        return layers_of(instance.payload, inputs)
    held = [each for key, each in instance.attrs.items() if not key.startswith("?")]
    return [
        each for each in held if isinstance(each, Instance) and LAYER in each.cls.mro
    ] or UNKNOWN


def _get_layer(m: Machine, instance: Instance, call: Call) -> Value:
    name, index = call.get(0, "name"), call.get(1, "index")
    layers = _layers(m, instance)
    known = isinstance(layers, list) and all(isinstance(each, Instance) for each in layers)
    if not known or not isinstance(index if name is None else name, int | str):
        return Unknown(f"{instance.attrs.get('name')}.get_layer", call.position)
    if name is None:
        return layers[index] if -len(layers) <= index < len(layers) else UNKNOWN
    names = [str(each.attrs.get("name")) for each in layers]
    if name in names:
        return layers[names.index(name)]
    hint = did_you_mean(str(name), names) or f"its layers are {', '.join(names)}"
    text = f"{instance.attrs.get('name')} has no layer {name}; {hint}"
    return m.fail("ValueError", text, call.position, rule="argument")


_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    **{
        name: method_of(_nothing)
        for name in "summary save save_weights load_weights reset_states set_weights "
        "make_predict_function".split()
    },
    **{name: method_of(_unknown) for name in "get_weights to_json get_config count_params".split()},
    **TRAINING,
    "build": method_of(_build),
    "get_layer": method_of(_get_layer),
    "layers": _layers,
    **{name: _tensors(name) for name in ("inputs", "outputs", "input", "output")},
    "input_shape": _shape("input"),
    "output_shape": _shape("output"),
    "optimizer": lambda _m, _instance: UNKNOWN,
    "trainable": lambda _m, _instance: True,
    "__call__": lambda m, instance: Builtin("__call__", lambda _m, call: called(m, instance, call)),
}

MODEL: Final = LibraryClass(
    "keras.Model", LAYER, construct=_construct, apply=called, attributes=_ATTRIBUTES
)
SEQUENTIAL: Final = LibraryClass(
    "keras.Sequential",
    MODEL,
    construct=kerasstacks.construct,
    apply=called,
    attributes={"add": method_of(kerasstacks.add), "pop": method_of(kerasstacks.pop)},
)


def latest(m: Machine, model: Recorded) -> Recorded | None:
    """Return a stack as it is at the end; None for one that has nothing in it."""
    if SEQUENTIAL not in model.value.cls.mro:
        if FROZEN in m.state and isinstance(model.value.payload, Graph):
            frozen = is_frozen(model.value)
            return model._replace(network=model.value.payload.network(frozen=frozen))
        return model
    if model.network.nodes:
        return model
    if not model.value.attrs["?layers"] and model.value.payload is None:
        return None
    return recorded(m, model.value)


def input_call(m: Machine, call: Call) -> Value:
    """``Input``: the shape without the batch, or with it."""
    names = ("shape", "batch_size", "dtype")
    found = {name: call.get(place, name) for place, name in enumerate(names)}
    batch = call.kwargs.get("batch_shape", call.kwargs.get("batch_input_shape"))
    shape = found["shape"]
    if batch is not None:
        sizes: Any = batch
    elif isinstance(shape, int) and not isinstance(shape, bool):
        text = f"the shape of an input is a tuple, not {shape}: write ({shape},)"
        return m.fail("ValueError", text, call.position, rule="argument")
    elif isinstance(shape, list | tuple):
        sizes = [found["batch_size"], *shape]
    else:
        tensor = call.kwargs.get("tensor")
        if isinstance(tensor, Tensor):
            return tensor
        return Unknown("Input", call.position)
    name = call.kwargs.get("name")
    return input_tensor(
        m, list(sizes), name if isinstance(name, str) else None, call, found["dtype"]
    )
