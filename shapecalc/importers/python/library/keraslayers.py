"""Layers of Keras as objects: made of arguments of any age, applied to tensors, subclassed."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.layers import (
    argument_of,
    computed_layer,
    flat,
    held_layer,
    holds_unknown,
    run_layer,
)
from shapecalc.importers.python.library.freezing import is_frozen
from shapecalc.importers.python.library.kerasmaking import construct, named
from shapecalc.importers.python.library.kerasmasks import with_mask
from shapecalc.importers.python.library.kerasrecurrent import CELLS, run_cells
from shapecalc.importers.python.library.kerastensors import (
    shape_of,
    sizes_from,
    standard_size,
    symbolic,
)
from shapecalc.importers.python.open import open_in
from shapecalc.importers.python.reading import needed
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
    method_of,
)
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.network import call_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: Class names of older releases that mean a layer of today, beside those of Keras 1.
_RENAMED: Final = {
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU",
    "Convolution2DTranspose": "Conv2DTranspose", "MaxPool2D": "MaxPooling2D",
    "MaxPool1D": "MaxPooling1D", "MaxPool3D": "MaxPooling3D", "AvgPool2D": "AveragePooling2D",
    "AvgPool1D": "AveragePooling1D", "AvgPool3D": "AveragePooling3D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D", "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "SeparableConvolution2D": "SeparableConv2D", "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
}  # fmt: skip


# Calling layers.


def call_layer(m: Machine, instance: Instance, call: Call) -> Value:
    """Call a layer: what its class says in ``call``, or what Keras's does."""
    lost = holds_unknown([*call.args, *call.kwargs.values()])
    if lost is not None and any(holds_unknown(each) is not None for each in call.args):
        m.need(lost, call.position)
        return lost.lost()
    own = method(m, instance, "call")
    if own is not None:
        _build(m, instance, call)
        if isinstance(own.function if hasattr(own, "function") else None, Builtin):
            return UNKNOWN
        call.kwargs = with_mask(own, call, _understood(own, call.kwargs))
        return _recorded(m, instance, own, call)
    return _plain(m, instance, call)


def _plain(m: Machine, instance: Instance, call: Call) -> Value:
    """Call what a layer of Keras is, past what the program says."""
    if "?inside" in instance.attrs:
        return _distributed(m, instance, call)
    if CELLS in instance.attrs:
        return run_cells(m, instance, call)
    if "?function" in instance.attrs:
        return _lambda(m, instance, call)
    if isinstance(instance.payload, Layer):
        return _applied(m, instance, instance.payload, call)
    return Unknown(instance.cls.name, instance.made)


def _recorded(m: Machine, instance: Instance, own: Value, call: Call) -> Value:
    """Call a layer of the program where its inputs are recorded, with what it makes itself."""
    outer = m.tape
    if outer is None:
        m.tape = next((each.tape for each in flat(call.args) if each.tape is not None), None)
    tape, nested = m.tape, m.state.get("keras call")
    begin = 0 if tape is None else len(tape.network.nodes)
    m.state["keras call"] = True
    try:
        output = m.call(own, call.args, call.kwargs, call.position)
    finally:
        m.tape, m.state["keras call"] = outer, nested
    if tape is not None and not nested:
        tape.group(begin, instance)
    instance.attrs["?read"], instance.attrs["?output"] = call.get(0, "inputs"), output
    return output


def _distributed(m: Machine, instance: Instance, call: Call) -> Value:
    """Apply a layer of the program to each step: by itself it is a model of what one step is."""
    from shapecalc.importers.python.library.kerasgraph import Graph
    from shapecalc.importers.python.library.kerasmodels import as_layer

    inner, x = instance.attrs["?inside"], call.get(0, "inputs")
    if not isinstance(x, Tensor) or len(x.shape) < 2:  # noqa: PLR2004  (batch and steps)
        return UNKNOWN
    step = symbolic(m, [None, *shape_of(x)[2:]], None, call.position, given=False)
    output = m.call(inner, [step], {}, call.position)
    if not flat(output) or holds_unknown(output) is not None:
        return Unknown("TimeDistributed", call.position)
    inner.payload = Graph(step, output)
    layer = as_layer(inner)
    inner.payload = None
    made = held_layer(m, KERAS, "TimeDistributed", {"layer": layer}, instance.made)
    return UNKNOWN if made is None else _applied(m, instance, made, call)


def _understood(function: Value, kwargs: dict[str, Value]) -> dict[str, Value]:
    """Leave out what ``__call__`` takes and ``call`` does not: the mode and the mask."""
    from shapecalc.importers.python.calling import parameters as names_of

    names = names_of(function)
    return {k: v for k, v in kwargs.items() if k in names or k not in {"training", "mask"}}


def _build(m: Machine, instance: Instance, call: Call) -> None:
    """Let a layer of the program make its weights, once."""
    if instance.attrs.get("?built") or not call.args:
        return
    instance.attrs["?built"] = True
    build = method(m, instance, "build")
    if build is not None and not isinstance(build, Builtin):
        x = call.args[0]
        shape: Value = shape_of(x) if isinstance(x, Tensor) else UNKNOWN
        if isinstance(x, list | tuple):
            shape = [shape_of(each) for each in x if isinstance(each, Tensor)]
        m.call(build, [shape], {}, call.position)


def _lambda(m: Machine, instance: Instance, call: Call) -> Value:
    """Follow the function of a Lambda for its shapes; it is one row."""
    inputs = flat(call.args[0]) if call.args else []
    given = call.args[0] if call.args else UNKNOWN
    outer, m.tape = m.tape, None
    try:
        bare = _bare(given)
        made = m.call(
            instance.attrs["?function"], [bare], instance.attrs["?arguments"], call.position
        )
    finally:
        m.tape = outer
    outputs = flat(made)
    lost = holds_unknown(made)
    if not outputs or lost is not None:
        m.need(lost or Unknown("the function of a Lambda", call.position), call.position)
        return Unknown("Lambda", call.position)
    layer = computed_layer([each.shape for each in outputs], "Lambda")
    found = run_layer(
        m, layer, inputs, call.position, library="keras", made=instance.made,
        label=instance.attrs["name"], owner=instance,
    )  # fmt: skip
    output = found[0] if isinstance(made, Tensor) else found
    instance.attrs["?read"], instance.attrs["?output"] = given, output
    return output


def _bare(value: Value) -> Value:
    """Tensors by themselves, with what is unknown of their shapes."""
    if isinstance(value, Tensor):
        made = Tensor(value.shape, "keras", whole=value.whole)
        made.numbers = None
        made.open_letters = value.open_letters or (value.tape.unknown if value.tape else None)
        return made
    if isinstance(value, list | tuple):
        return type(value)(_bare(each) for each in value)
    return value


#: Recurrent layers whose loops pass over states behind those that they carry: how many these are.
_OWN_LOOPS: Final = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}


def _carried(m: Machine, layer: Layer, inputs: list[Tensor], call: Call) -> list[Tensor]:
    """Return the input and the states that a layer carries, and say which it passes over."""
    given = len(inputs) - 1
    count = _OWN_LOOPS.get(type(layer).__name__, given)
    where = m.visible(call.position)
    if given > count and where is not None:
        first = "first" if count == 1 else f"first {count}"
        said = f"{layer.called} reads only the {first} of {given} initial states"
        m.notes.setdefault(said, ShapecalcError(said, place=where.place))
    return inputs[: 1 + count]


def _applied(m: Machine, instance: Instance, layer: Layer, call: Call) -> Value:
    """Apply a layer to the tensors of a call."""
    cls = type(layer)
    opened = open_in(call)
    if opened is not None:
        return needed(opened, layer, call)
    if not call.args and not flat(call.kwargs):
        call.fail(f"{layer.called} is called without a tensor")
    inputs = flat([_as_keras(each) for each in call.args])
    masks: list[str] = []
    masked: list[Tensor] = []
    values: dict[str, Any] = {}
    for key, value in call.kwargs.items():
        tensors = flat(_as_keras(value))
        if key in cls.masks and tensors:
            masks += [key] * len(tensors)
            masked += tensors
        elif tensors:
            inputs += tensors
        elif key in cls.call_arguments and value is not None and not isinstance(value, Unknown):
            values[key] = value
    if not inputs:
        return UNKNOWN
    inputs = _carried(m, layer, inputs, call)
    if len(inputs) == 1 and cls.merges and cls.arity[1] is None and not _is_bare(call):
        # Keras joins one tensor to what it is.
        layer = computed_layer([inputs[0].shape], cls.__name__)
    given = call_with(masks, values)
    outputs = run_layer(
        m, layer, [*inputs, *masked], call.position, library="keras", made=instance.made,
        label=instance.attrs.get("name"), owner=instance, call=given,
        frozen=None if is_frozen(instance) else (),
    )  # fmt: skip
    output: Value = outputs[0] if len(outputs) == 1 else outputs
    if "cell" in type(layer).__name__.lower() and len(outputs) > 1:
        from shapecalc.importers.python.library.kerascells import given_by_cell

        output = given_by_cell(layer, outputs, call.get(1, "states"))
    instance.attrs["?read"], instance.attrs["?output"] = call.get(0, "inputs"), output
    return output


def _is_bare(call: Call) -> bool:
    """Return whether a merge is called on a tensor that stands in no list."""
    return isinstance(call.get(0, "inputs"), Tensor)


def _as_keras(value: Value) -> Value:
    """Arrays of numpy are read as tensors."""
    if isinstance(value, Tensor) and value.library == "numpy":
        return Tensor(value.shape, "keras", whole=value.whole)
    if isinstance(value, list | tuple):
        return [_as_keras(each) for each in value]
    return value


# What layers have.


def _base_construct(m: Machine, instance: Instance, call: Call) -> None:
    """Run the constructor of a library's base class, called by a layer of the program."""
    if "name" not in instance.attrs or call.kwargs.get("name") is not None:
        given = call.kwargs.get("name")
        name = given if isinstance(given, str) else named(m, instance.cls.name.rpartition(".")[2])
        instance.attrs["name"] = name
    shape = call.kwargs.get("input_shape")
    instance.attrs.setdefault("?input", None if not isinstance(shape, tuple) else [None, *shape])


def _add_weight(_m: Machine, instance: Instance, call: Call) -> Value:
    shape: Value = call.kwargs.get("shape")
    name = call.kwargs.get("name")
    for each in call.args:
        if isinstance(each, list | tuple):
            shape = each
        elif isinstance(each, str) and name is None:
            name = each
    sizes = sizes_from(shape if isinstance(shape, list | tuple) else ())
    if sizes is None:
        return UNKNOWN
    made = Tensor(sizes, "keras", trained=call.kwargs.get("trainable", True) is not False)
    made.held = f"{instance.attrs.get('name', 'layer')}/{name or 'weight'}"
    return made


def _initial_states(m: Machine, instance: Instance, call: Call) -> Value:
    from shapecalc.importers.python.library.kerascells import initial_states

    return initial_states(m, instance, call)


def _output_shape(m: Machine, instance: Instance, call: Call) -> Value:
    shape = call.get(0, "input_shape")
    sizes = sizes_from(shape) if isinstance(shape, list | tuple) else None
    if sizes is None or not isinstance(instance.payload, Layer):
        return UNKNOWN
    try:
        found = instance.payload.compute_output_shape(tuple(shape))
    except ShapecalcError as error:
        m.refuse(error, call.position, instance.made, kind="ValueError")
    return tuple(found)


def _shape(which: str) -> Callable[[Machine, Instance], Value]:
    """Return the shape of what a layer read, or gave."""

    def shape(_m: Machine, instance: Instance) -> Value:
        found = instance.attrs.get(which, UNKNOWN)
        if isinstance(found, Tensor):
            return shape_of(found)
        several = flat(found)
        return [shape_of(each) for each in several] if several else UNKNOWN

    return shape


def _terms(instance: Instance, what: Callable[[Any], Value]) -> Value:
    """Return what there is to say of the vocabulary of a layer that was given one."""
    layer: Any = instance.payload
    terms = layer.terms() if hasattr(layer, "terms") else None
    return UNKNOWN if terms is None else what([*layer.special(), *terms])


_ATTRIBUTES: Final[dict[str, Callable[[Machine, Instance], Value]]] = {
    "add_weight": method_of(_add_weight),
    "add_variable": method_of(_add_weight),
    "compute_output_shape": method_of(_output_shape),
    "get_initial_state": method_of(_initial_states),
    "get_config": method_of(lambda _m, _instance, _call: {}),
    "build": lambda _m, _instance: Builtin("build", lambda _m, _call: None),
    "get_weights": method_of(lambda _m, _instance, _call: UNKNOWN),
    "set_weights": method_of(lambda _m, _instance, _call: None),
    "vocabulary_size": method_of(lambda _m, instance, _call: _terms(instance, len)),
    "get_vocabulary": method_of(lambda _m, instance, _call: _terms(instance, list)),
    "add_loss": method_of(lambda _m, _instance, _call: None),
    "add_metric": method_of(lambda _m, _instance, _call: None),
    "adapt": method_of(lambda _m, _instance, _call: None),
    "trainable": lambda _m, _instance: True,
    "input": lambda _m, instance: instance.attrs.get("?read", UNKNOWN),
    "output": lambda _m, instance: instance.attrs.get("?output", UNKNOWN),
    "input_shape": _shape("?read"),
    "output_shape": _shape("?output"),
    "__call__": lambda m, instance: Builtin(
        "__call__", lambda _m, call: call_layer(m, instance, call)
    ),
}

LAYER: Final = LibraryClass(
    "keras.layers.Layer", construct=_base_construct, apply=call_layer, plain=_plain,
    attributes=_ATTRIBUTES,
)  # fmt: skip


@cache
def layer_class(name: str) -> LibraryClass | None:
    """Return a layer as a class, by any name that it has had."""
    known = _RENAMED.get(name, name)
    entry = CATALOGUE.find(known)
    if entry is None:
        from shapecalc.importers.keras.keras1_layers import LAYERS

        known = LAYERS[known].cls if known in LAYERS else known
        entry = CATALOGUE.find(known)
    if entry is None or known not in {entry.cls, entry.name}:
        return None
    own = [key for key in parameters(CATALOGUE.load(entry)) if key != "name"]
    fields: dict[str, Callable[[Machine, Instance], Value]] = {
        key: partial(argument_of, key) for key in own
    }
    for own_method in ("trainable", "vocabulary_size"):
        fields.pop(own_method, None)
    return LibraryClass(
        f"keras.layers.{name}", LAYER, construct=construct, attributes=fields, layer=entry.cls
    )


def input_tensor(
    m: Machine, shape: list[Value], name: str | None, call: Call, dtype: Value
) -> Value:
    """Make the tensor that ``Input`` is."""
    shape = [standard_size(m, each, call.position) for each in shape]
    lost = holds_unknown(shape)
    if lost is not None:
        m.need(lost if lost.name else Unknown("a size of the input", call.position), call.position)
        if len(shape) < 2:  # noqa: PLR2004  (how many axes there are is not known either)
            return lost.lost()
    whole = "int" in dtype if isinstance(dtype, str) else None
    return symbolic(m, shape, name, call.position, whole=whole)
