"""How layers of Keras are made: of their arguments, and of those that older releases took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import (
    config_of,
    held_layer,
)
from shapecalc.importers.python.library.arrays import ArrayInt
from shapecalc.importers.python.library.kerasrecurrent import keep_cells
from shapecalc.importers.python.values import (
    UNKNOWN,
    Class,
    Instance,
    Unknown,
    Value,
)
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS
from shapecalc.layers.keras.names import snake_case
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: What a first layer may say of its input, beside its own arguments.
_OF_INPUT: Final = (
    "input_shape", "batch_input_shape", "batch_shape", "input_dim", "input_length", "batch_size",
    "weights",
)  # fmt: skip
#: What a machine keeps under the names that a program gives its own functions and classes.
CUSTOM: Final = "keras custom objects"
_DROPPED: Final = frozenset({"kernel", "function", "arguments", "mask"})


def named(m: Machine, cls: str) -> str:
    """Return the name that Keras gives the next layer of a class."""
    base = snake_case(cls)
    counts = m.state.setdefault("keras names", {})
    count = counts[base] = counts.get(base, -1) + 1
    return f"{base}_{count}" if count else base


def construct(m: Machine, instance: Instance, call: Call) -> None:
    """Make a layer; what it says of its input is kept for the model that it begins."""
    library = instance.library()
    name = next((each.layer for each in (library.mro if library else []) if each.layer), "")
    entry = CATALOGUE.find(name)
    assert entry is not None  # noqa: S101  (there is a class of that name)
    cls = CATALOGUE.load(entry)
    given = call.kwargs.pop("name", None)
    instance.attrs["name"] = given if isinstance(given, str) else named(m, entry.cls)
    instance.attrs["?named"] = isinstance(given, str)
    own = parameters(cls)
    said: dict[str, Value] = {
        key: call.kwargs.pop(key) for key in _OF_INPUT if key in call.kwargs and key not in own
    }
    if "input_shape" in call.kwargs:
        said["input_shape"] = call.kwargs.pop("input_shape")
    _old_arguments(library.name.rpartition(".")[2] if library else "", call, own)
    _refuse_numbers(m, entry.cls, call)
    _custom_activations(m, entry.cls, call)
    instance.attrs["?input"] = _input_shape(m, said, instance, call)
    instance.payload = None
    trainable = call.kwargs.get("trainable")
    if isinstance(trainable, Unknown):
        del call.kwargs["trainable"]
    if _waits(instance, entry.cls, call):
        return
    _lower_words(call, own)
    config = config_of(m, cls, call, _DROPPED)
    if config is not None:
        config.pop("name", None)
        instance.payload = held_layer(m, KERAS, entry.cls, config, call.position)


def _waits(instance: Instance, cls: str, call: Call) -> bool:
    """Keep what an object is made of that becomes a layer only when it is called, or never."""
    if cls == "InputLayer":
        instance.attrs["?input"] = instance.attrs["?input"] or [None, *call.get(0, "shape", ())]
        return True
    if cls == "Lambda":
        instance.attrs["?function"] = call.get(0, "function")
        instance.attrs["?arguments"] = call.kwargs.get("arguments") or {}
        return True
    if isinstance(instance.cls, Class) and call.kwargs.get("filters", 0) is None:
        # A convolution whose kernel the class makes itself, in its own build.
        return True
    _models_inside(call)
    inner = call.get(0, "layer")
    if cls == "TimeDistributed" and isinstance(inner, Instance) and inner.payload is None:
        instance.attrs["?inside"] = inner
        return True
    return cls in {"RNN", "StackedRNNCells"} and keep_cells(instance, cls, call)


def _refuse_numbers(m: Machine, cls: str, call: Call) -> None:
    """Refuse numbers that are not whole ones of Python where Keras takes no others."""
    for key in ("kernel_size", "strides", "pool_size", "size", "dilation_rate"):
        if isinstance(call.kwargs.get(key), float):
            call.fail(f"{cls}: {key} is a whole number, not {call.kwargs[key]}")
    if cls == "Dense" and isinstance(call.get(0, "units"), ArrayInt):
        units = call.get(0, "units")
        text = f"Dense: units is {units}, a NumPy number: int(...) converts it"
        m.fail("ValueError", text, call.position, rule="argument")


def _models_inside(call: Call) -> None:
    """Put models that a wrapper holds in their place as layers."""
    from shapecalc.importers.python.library.kerasmodels import as_layer, is_keras_model

    for place, value in enumerate(call.args):
        if is_keras_model(value):
            call.args[place] = as_layer(value) or value
    for key, value in call.kwargs.items():
        if is_keras_model(value):
            call.kwargs[key] = as_layer(value) or value


def _custom_activations(m: Machine, cls: str, call: Call) -> None:
    """Take an activation that the program has named itself for one that changes no shape."""
    custom: dict[str, Value] = m.state.get(CUSTOM, {})
    if not custom:
        return
    for key in ("activation", "recurrent_activation"):
        if isinstance(call.kwargs.get(key), str) and call.kwargs[key] in custom:
            call.kwargs[key] = "linear"
    if cls == "Activation" and call.args and call.args[0] in custom:
        call.args[0] = "linear"


def _lower_words(call: Call, own: Any) -> None:  # noqa: ANN401
    """Take words such as ``"SAME"`` as Keras does, which ignores their case."""
    for key in ("padding", "data_format", "interpolation"):
        value = call.kwargs.get(key)
        if isinstance(value, str) and key in own:
            call.kwargs[key] = value.lower()
    for place, value in enumerate(call.args):
        if isinstance(value, str) and value.lower() in {"same", "valid", "causal"}:
            call.args[place] = value.lower()


def _old_arguments(name: str, call: Call, own: Any) -> None:  # noqa: ANN401
    """Rename the arguments of Keras 1, where some of them are used."""
    if name != "Convolution2D" and all(key in own for key in call.kwargs):
        return
    from shapecalc.importers.keras.keras1_layers import LAYERS

    old = LAYERS.get(name)
    if old is None:
        return
    if name == "Convolution2D" and len(call.args) > 2 and isinstance(call.args[1], int):  # noqa: PLR2004
        call.args[1:3] = [(call.args[1], call.args[2])]
    for key in list(call.kwargs):
        if key in own or key not in old.keys:
            continue
        new = old.keys[key]
        value = call.kwargs.pop(key)
        if new and new in own:
            call.kwargs[new] = value


def _input_shape(
    m: Machine, said: dict[str, Value], instance: Instance, call: Call
) -> list[Value] | Unknown | None:
    """Return the shape of the input that a first layer says, with the batch as its first axis."""
    batch = said.get("batch_size")
    if "batch_input_shape" in said or "batch_shape" in said:
        found = said.get("batch_input_shape", said.get("batch_shape"))
        return list(found) if isinstance(found, list | tuple) else UNKNOWN
    if "input_shape" in said:
        found = said["input_shape"]
        if isinstance(found, int) and not isinstance(found, bool):
            m.fail(
                "ValueError",
                f"input_shape is a tuple, not {found}: write ({found},)",
                call.position,
                rule="argument",
            )
        return [batch, *found] if isinstance(found, list | tuple) else UNKNOWN
    if "input_dim" in said:
        length = [said["input_length"]] if "input_length" in said else []
        recurrent = _name(instance) in {"LSTM", "GRU", "SimpleRNN", "Conv1D", "Convolution1D"}
        steps = length or ([None] if recurrent else [])
        return [batch, *steps, said["input_dim"]]
    if _name(instance) == "Embedding" and call.kwargs.get("input_length") is not None:
        words = call.kwargs["input_length"]
        return [batch, *words] if isinstance(words, list | tuple) else [batch, words]
    return None


def _name(instance: Instance) -> str:
    library = instance.library()
    return library.name.rpartition(".")[2] if library else ""
