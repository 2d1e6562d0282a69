"""Keras by its names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.library.kerasfunctions import FUNCTIONS, function_of
from shapecalc.importers.python.library.keraslayers import LAYER, layer_class
from shapecalc.importers.python.library.kerasmaking import CUSTOM
from shapecalc.importers.python.library.kerasmodels import MODEL, SEQUENTIAL, input_call
from shapecalc.importers.python.training import keras_loss
from shapecalc.importers.python.values import UNKNOWN, Builtin, Library, Tensor, Unknown, Value
from shapecalc.layers.keras.dialect import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_MODULES: Final = frozenset(
    "layers models backend ops utils activations initializers regularizers constraints losses "
    "metrics optimizers callbacks datasets applications preprocessing engine legacy wrappers "
    "random config saving mixed_precision".split()
)
#: What is passed over: it trains a model.
_SILENT: Final = frozenset(
    "initializers regularizers constraints metrics optimizers callbacks".split()
)
_MODELS: Final = {"Model": MODEL, "Functional": MODEL, "Sequential": SEQUENTIAL}
#: The functions that merge tensors, each the call of a layer.
_MERGES: Final = {
    "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average",
    "maximum": "Maximum", "minimum": "Minimum", "concatenate": "Concatenate", "dot": "Dot",
}  # fmt: skip
_ACTIVATIONS: Final = frozenset(
    "relu sigmoid tanh softmax elu selu gelu softplus softsign swish silu linear exponential "
    "hard_sigmoid leaky_relu relu6 mish log_softmax hard_silu hard_swish".split()
)


@cache
def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    parts = name.split(".")
    last, home = parts[-1], parts[1] if len(parts) > 1 else ""
    if name == "keras" or (len(parts) == 2 and home in _MODULES):  # noqa: PLR2004
        return Library(name)
    if last in _MODELS and home in {"", "models", "engine", last}:
        return _MODELS[last]
    if last == "Input" and home in {"", "layers", "engine", "models", "Input"}:
        return Builtin("keras.Input", input_call)
    if home in {"layers", "engine", "legacy", "wrappers", "Layer", "InputSpec"}:
        return _of_layers(name, parts, last)
    if home in {"backend", "ops", "random", "config"}:
        return (_of_random if home == "random" else _of_backend)(name, last)
    if home == "activations":
        if last == "get":
            return Builtin(name, _activation)
        return function_of(last) if last in _ACTIVATIONS else None
    if home == "losses":
        return keras_loss(name)
    if home in _SILENT:
        return Unknown("")
    return _elsewhere(name, parts, last, home)


def _cloned(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.library.kerascloning import clone_model

    return clone_model(m, call)


def _elsewhere(name: str, parts: list[str], last: str, home: str) -> Value | None:
    if last == "clone_model":
        return Builtin(name, _cloned)
    if last in {"get_custom_objects", "custom_object_scope", "CustomObjectScope"}:
        return Builtin(name, _custom_objects)
    if last == "pad_sequences":
        return Builtin(name, _padded)
    if home == "utils" and last in {"to_categorical", "np_utils"}:
        return Library(name) if last == "np_utils" else Builtin(name, _categories)
    if home == "datasets":
        return _of_datasets(name, parts, last)
    return _of_applications(name, parts, last) if home == "applications" else None


def _of_layers(name: str, parts: list[str], last: str) -> Value | None:
    if last == "Layer":
        return LAYER
    if last == "merge" and len(parts) == 3:  # noqa: PLR2004
        return Builtin(name, _merge_of_old)
    if last in _MERGES:
        return Builtin(name, _merged(_MERGES[last]))
    found = layer_class(last)
    if found is None and last.islower() and len(parts) <= 4:  # noqa: PLR2004
        return Library(name)
    return found


def _merged(cls: str) -> Any:  # noqa: ANN401
    def merge(m: Machine, call: Call) -> Value:
        made = layer_class(cls)
        inputs = call.args[:1] or [call.kwargs.pop("inputs", UNKNOWN)]
        layer = m.call(made, call.args[1:], call.kwargs, call.position)
        return m.call(layer, inputs, {}, call.position)

    return merge


#: What the one merge of Keras 1 is by its mode.
_MODES: Final = {
    "sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum",
    "min": "Minimum", "dot": "Dot", "cos": "Dot",
}  # fmt: skip


def _merge_of_old(m: Machine, call: Call) -> Value:
    """``merge`` of Keras 1: a layer by its mode."""
    mode = call.get(1, "mode", "sum")
    axes = {
        "Concatenate": {"axis": call.get(2, "concat_axis", -1)},
        "Dot": {"axes": call.get(3, "dot_axes", -1), "normalize": mode == "cos"},
    }
    if not isinstance(mode, str) or mode not in _MODES:
        return Unknown("merge", call.position)
    options: dict[str, Value] = dict(axes.get(_MODES[mode], {}))
    if "name" in call.kwargs:
        options["name"] = call.kwargs["name"]
    layer = m.call(layer_class(_MODES[mode]), [], options, call.position)
    return m.call(layer, [call.get(0, "inputs")], {}, call.position)


def _of_backend(name: str, last: str) -> Value | None:
    if last in _BACKEND:
        return Builtin(name, _BACKEND[last])
    if last in FUNCTIONS:
        return function_of(last)
    return Library(name) if last in {"image", "nn", "numpy", "linalg"} else None


def _of_random(name: str, last: str) -> Value | None:
    """Return a function of ``keras.random``: what seeds it says nothing of shapes."""
    if last == "SeedGenerator":
        return Builtin(name, lambda _m, _call: Unknown(""))
    drawn = _of_backend(name, last)
    if drawn is None:
        return None

    def unseeded(m: Machine, call: Call) -> Value:
        kwargs = {key: value for key, value in call.kwargs.items() if key != "seed"}
        return m.call(drawn, call.args, kwargs, call.position)

    return Builtin(name, unseeded)


def _activation(m: Machine, call: Call) -> Value:
    """``activations.get``: a function by its name, a function itself, or the one of None."""
    given = call.get(0, "identifier")
    if given is None:
        return function_of("linear")
    if isinstance(given, str):
        if given not in _ACTIVATIONS:
            text = f"Could not interpret activation function identifier: {given}"
            m.fail("ValueError", text, call.position, rule="argument")
        return function_of(given)
    return given


def _data_format(_m: Machine, _call: Call) -> Value:
    return "channels_last"


_BACKEND: Final[dict[str, Any]] = {
    "image_data_format": _data_format,
    "image_dim_ordering": lambda _m, _call: "tf",
    "set_image_data_format": lambda _m, _call: None,
    "set_image_dim_ordering": lambda _m, _call: None,
    "clear_session": lambda m, _call: m.state.pop("keras names", None) and None,
    "learning_phase": lambda _m, _call: False,
    "backend": lambda _m, _call: "tensorflow",
    "floatx": lambda _m, _call: "float32",
    "epsilon": lambda _m, _call: 1e-7,
    "is_keras_tensor": lambda _m, call: isinstance(call.get(0, "x"), Tensor),
}


def _padded(_m: Machine, call: Call) -> Value:
    """``pad_sequences``: a row of ``maxlen`` numbers for each sequence."""
    data, length = call.get(0, "sequences"), call.get(1, "maxlen")
    count = data.shape[0] if isinstance(data, Tensor) and data.shape else None
    if isinstance(data, list):
        count = len(data)
    if count is None or not isinstance(length, int):
        return Unknown("pad_sequences", call.position)
    return Tensor((count, length), "numpy", whole=True)


def _custom_objects(m: Machine, call: Call) -> Value:
    """Keep the names that a program gives its own functions and classes."""
    known: dict[Value, Value] = m.state.setdefault(CUSTOM, {})
    given = call.get(0, "objects")
    known.update(given if isinstance(given, dict) else {})
    return known


def _categories(_m: Machine, call: Call) -> Value:
    y, count = call.get(0, "y"), call.get(1, "num_classes")
    if count is None and isinstance(y, Tensor):
        count = y.classes
    if isinstance(y, Tensor) and isinstance(count, int):
        shape = y.shape[:-1] if len(y.shape) > 1 and y.shape[-1] == 1 else y.shape
        return Tensor((*shape, count), "numpy")
    return UNKNOWN


def _of_datasets(name: str, parts: list[str], last: str) -> Value | None:
    if last != "load_data":
        return Library(name) if len(parts) == 3 else None  # noqa: PLR2004
    try:
        from shapecalc.importers.python.library.datasets import load_data
    except ImportError:
        return None
    return Builtin(name, lambda _m, _call: load_data(parts[2]))


def _of_applications(name: str, parts: list[str], last: str) -> Value | None:
    if last == "preprocess_input":
        return Builtin(name, lambda _m, call: call.get(0, "x", UNKNOWN))
    from shapecalc.importers.python.library.kerasapplications import application

    found = application(last)
    if found is None and last.islower() and len(parts) == 3:  # noqa: PLR2004
        return Library(name)
    return found


def public(name: str) -> Iterable[str]:
    """Return the names of a star import."""
    if name == "keras.layers":
        classes = [entry.cls for entry, _ in CATALOGUE.listed()]
        return [*classes, *_MERGES, "Input", "Layer"]
    return {"keras": ["Model", "Sequential", "Input"], "keras.models": ["Model", "Sequential"]}.get(
        name, ()
    )
