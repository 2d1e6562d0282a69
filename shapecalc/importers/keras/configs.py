"""From what Keras stores of a layer to the layer: only what changes shapes is kept as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError, UnknownLayerError
from shapecalc.importers.keras.shapeless import is_inherited, is_shapeless
from shapecalc.layers.catalogue import Entry, fold
from shapecalc.layers.keras.activations import ACTIVATIONS
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.policies import in_blocks, is_named, policy_name
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Classes that later became another one, with what they set.
_RENAMED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "BatchNormalizationV1": ("BatchNormalization", {}),
    "BatchNormalizationV2": ("BatchNormalization", {}),
    "CuDNNGRU": ("GRU", {"reset_after": True}),
    "LSTMV2": ("LSTM", {}),
    "GRUV2": ("GRU", {}),
    "SyncBatchNormalization": ("BatchNormalization", {}),
}

#: What a layer did before Keras 3 where its file says nothing of it.
_UNSAID: Final[dict[str, dict[str, Any]]] = {
    "GRU": {"reset_after": False},
    "GRUCell": {"reset_after": False},
}

#: Initializers as Keras 2 stored them, by the arguments of their VarianceScaling.
_SCALINGS: Final[dict[tuple[Any, Any, str], str]] = {
    (1.0, "fan_avg", "uniform"): "glorot_uniform",
    (1.0, "fan_avg", "normal"): "glorot_normal",
    (2.0, "fan_in", "uniform"): "he_uniform",
    (2.0, "fan_in", "normal"): "he_normal",
    (1.0, "fan_in", "uniform"): "lecun_uniform",
    (1.0, "fan_in", "normal"): "lecun_normal",
}

_STORED: Final = ("_initializer", "_regularizer", "_constraint")
_NAMES: Final = {fold(name): name for name in ACTIVATIONS}


def is_stored(data: Any) -> bool:  # noqa: ANN401
    """Return whether this is how Keras stores an object: its class and its arguments."""
    return isinstance(data, dict) and isinstance(data.get("class_name"), str)


def entry_of(data: Mapping[str, Any]) -> Entry | None:
    """Return the layer of the catalogue that stored data names; None for a user-defined class."""
    if ">" in str(data.get("registered_name") or ""):
        return None
    module = data.get("module")
    if module is not None and not str(module).startswith(("keras", "tensorflow", "tf_keras")):
        return None
    name, _ = _RENAMED.get(data["class_name"], (data["class_name"], {}))
    entry = CATALOGUE.find(name) if name[:1].isupper() else None
    return None if entry is None or entry.preset else entry


def layer_of(data: Mapping[str, Any], held: Callable[[Mapping[str, Any]], Layer]) -> Layer:
    """Make the layer of stored data; raises `SpecError` where its arguments make none.

    ``held`` makes the layers that it holds.
    """
    entry = entry_of(data)
    if entry is None:
        raise UnknownLayerError(data["class_name"])
    cls = CATALOGUE.load(entry)
    config = data.get("config")
    if not isinstance(config, dict):
        raise SpecError(f"{data['class_name']} has no config")
    _, preset = _RENAMED.get(data["class_name"], ("", {}))
    unsaid = {} if "module" in data else _UNSAID.get(entry.cls, {})
    kept = arguments(cls, unsaid | config | preset, held)
    return validate(cls, kept, str(config.get("name") or entry.name))


def arguments(
    cls: type[Layer], config: Mapping[str, Any], held: Callable[[Mapping[str, Any]], Layer]
) -> dict[str, Any]:
    """Return the arguments of a layer class among what is stored.

    A key that is none, and not known to change no shape, is kept, so that it is refused.
    """
    known = parameters(cls)
    found: dict[str, Any] = {}
    for key, stored in config.items():
        if key in {"name", "input_shape"} or is_inherited(cls.__name__, key):
            continue
        if key == "input_length" and key in known:
            # It says again what the shape of the input says.
            continue
        if key not in known:
            if not is_shapeless(key, stored):
                found[key] = stored
            continue
        value = _value(key, stored, known[key].default, held)
        if value is not _DEFAULT:
            found[key] = value
    if cls.__name__ == "Lambda":
        _drop_code(found, config)
    _drop_what_follows(found)
    return found


_DEFAULT: Final = object()


def _value(
    name: str,
    stored: Any,  # noqa: ANN401
    default: Any,  # noqa: ANN401
    held: Callable[[Mapping[str, Any]], Layer],
) -> Any:  # noqa: ANN401
    """Read one argument; `_DEFAULT` where it is what the layer has anyway."""
    if name == "dtype":
        named = is_stored(stored) and is_named(stored)
        policy = policy_name(stored) if named else stored
        return _DEFAULT if policy is None or policy == "float32" else policy
    if name == "quantization_config":
        return _DEFAULT if stored is None else stored
    if name.endswith(_STORED):
        return _named(stored, default)
    if name == "function" or (name == "data_format" and stored == "channels_last"):
        return _DEFAULT
    if name == "axis" and isinstance(default, int) and isinstance(stored, list):
        stored = stored[0] if len(stored) == 1 else stored
    if name.endswith("activation") and default is None and stored == "linear":
        return _DEFAULT
    if is_stored(stored) and name.endswith("activation"):
        return _activation(stored)
    if is_stored(stored):
        return _object(stored, held)
    if isinstance(stored, list):
        return [_object(each, held) if is_stored(each) else each for each in stored]
    return stored


def _named(stored: Any, default: Any) -> Any:  # noqa: ANN401
    """Return the name of an initializer, a regularizer or a constraint.

    What it is set to is left out.
    """
    name = _initializer(stored) if is_stored(stored) else stored
    if not isinstance(name, str):
        return _DEFAULT if stored is None and default is None else None
    same = isinstance(default, str) and fold(name) == fold(default)
    return _DEFAULT if same else name


def _initializer(stored: Mapping[str, Any]) -> str:
    """Return the name of a stored object; of an initializer the one that its arguments have."""
    name, config = str(stored["class_name"]), stored.get("config")
    if not isinstance(config, dict):
        return name
    if name == "VarianceScaling":
        # A normal one is truncated_normal, untruncated_normal or normal.
        drawn = str(config.get("distribution")).rpartition("_")[2]
        return _SCALINGS.get((config.get("scale"), config.get("mode"), drawn), name)
    if name == "RandomUniform" and (config.get("minval"), config.get("maxval")) == (-0.05, 0.05):
        return "uniform"
    return name


def _activation(stored: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the name of an activation that is stored as an object.

    A user-defined one stays one.
    """
    config = stored.get("config")
    name = config if isinstance(config, str) else stored["class_name"]
    return _NAMES.get(fold(name)) or dict(stored)


def _object(stored: Mapping[str, Any], held: Callable[[Mapping[str, Any]], Layer]) -> Any:  # noqa: ANN401
    """Return an object within a layer: a tuple, an array, or a layer that it holds."""
    cls, config = stored["class_name"], stored.get("config")
    if cls == "__tuple__":
        return tuple(stored.get("items", ()))
    if cls in {"__numpy__", "__tensor__"}:
        return config.get("value") if isinstance(config, dict) else None
    return held(stored)


def _drop_code(found: dict[str, Any], config: Mapping[str, Any]) -> None:
    """Leave out an output_shape that is a function: what it gives is known only where it runs."""
    shape = found.get("output_shape")
    sizes = shape if isinstance(shape, (list, tuple)) else [shape]
    plain = config.get("output_shape_type") in {None, "raw"}
    if not plain or not all(size is None or isinstance(size, int) for size in sizes):
        found.pop("output_shape", None)


def _drop_what_follows(found: dict[str, Any]) -> None:
    """Leave out what files always tell although it follows from the rest."""
    if is_stored(found.get("quantization_config")):
        found |= in_blocks(found.get("dtype"), found.pop("quantization_config"))
    if "pool_size" in found and found.get("strides") == found["pool_size"]:
        del found["strides"]
    ahead, back = found.get("layer"), found.get("backward_layer")
    if isinstance(back, Layer) and isinstance(ahead, Layer):
        turned = {"go_backwards": not getattr(ahead, "go_backwards", False)}
        if type(ahead) is type(back) and ahead.model_copy(update=turned) == back:
            del found["backward_layer"]
