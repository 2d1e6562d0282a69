"""Models of Keras 1, and of Keras 0, as Keras 2 would store them.

What is translated is plain data: the reader of models knows only today's classes. A class or an
argument that is not in the tables of `keras1_layers` is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.configs import entry_of, is_stored
from shapecalc.importers.keras.keras1_graph import functional
from shapecalc.importers.keras.keras1_layers import LAYERS, ONLY_OLD, ONLY_OLD_CLASSES
from shapecalc.importers.keras.keras1_merges import joined, merge_layer
from shapecalc.importers.keras.numbering import MODELS
from shapecalc.layers.keras.stored import INITIALIZERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Data = dict[str, Any]

#: Arguments that no layer of Keras 1 had.
_NEW: Final = frozenset(
    {"data_format", "filters", "kernel_initializer", "kernel_size", "units", "use_bias"}
)
_FORMATS: Final = {"th": "channels_first", "tf": "channels_last"}
#: How many axes an input has that is given by its last size alone.
_FLAT: Final = frozenset({"Dense", "MaxoutDense", "Highway"})


def modern(model: Data, custom_classes: Collection[str] = ()) -> Data:
    """Return a stored model as Keras 2 would store it, if it is of an older one.

    ``custom_classes`` names classes of which the user says what they do. Raises `SpecError`.
    """
    version = str(model.get("keras_version") or "")
    if version and not version.startswith(("0.", "1.")):
        return model
    if not version:
        found = list(_dicts(model))
        if any(map(_is_new, found)) or not any(map(_is_old, found)):
            return model
    return _Translator(model, custom_classes).model(model)


def _dicts(data: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    """Yield all dicts in data, each once."""
    waiting, seen = [data], set()
    while waiting:
        value = waiting.pop()
        if not isinstance(value, (dict, list)) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield value
        waiting.extend(value.values() if isinstance(value, dict) else value)


def _is_new(value: Mapping[str, Any]) -> bool:
    """Return whether only Keras 2 or 3 stored this: a user may call a class as Keras 1 did."""
    config = value.get("config")
    if not is_stored(value) or not isinstance(config, dict):
        return False
    return "module" in value or (entry_of(value) is not None and not _NEW.isdisjoint(config))


def _is_old(value: Mapping[str, Any]) -> bool:
    """Return whether only Keras 1 or 0 stored this."""
    config = value.get("config")
    name = value.get("class_name")
    if isinstance(name, str) and isinstance(config, dict):
        padding = config.get("padding") if name.startswith("ZeroPadding") else None
        ends = isinstance(padding, dict) or (isinstance(padding, list) and len(padding) > 3)  # noqa: PLR2004
        return name in ONLY_OLD_CLASSES or ends or not ONLY_OLD.get(name, set()).isdisjoint(config)
    return any(map(_is_bare, _inside(value)))


def _inside(value: Mapping[str, Any]) -> list[Any]:
    """Return what stands where a model has its layers, or a Graph its nodes."""
    layers, nodes = value.get("layers"), value.get("nodes")
    found = layers if isinstance(layers, list) else []
    return [*found, *nodes.values()] if isinstance(nodes, dict) else found


def _is_bare(layer: Any) -> bool:  # noqa: ANN401
    """Return whether a layer is stored as in Keras 0: its class as name, beside its arguments."""
    return (
        isinstance(layer, dict)
        and "class_name" not in layer
        and (layer.get("name") in LAYERS or layer.get("name") in MODELS)
    )


class _Translator:
    """Translates a model; ``ordering`` is that of layers that do not say theirs."""

    def __init__(self, model: Data, custom_classes: Collection[str]) -> None:
        self._custom_classes = custom_classes
        self._done: dict[int, Data] = {}
        said = {
            config.get("dim_ordering")
            for each in _dicts(model)
            for config in (each.get("config", each),)
            if isinstance(config, dict) and config.get("dim_ordering") in _FORMATS
        }
        bare = any(_is_bare(layer) for each in _dicts(model) for layer in _inside(each))
        self._ordering = said.pop() if len(said) == 1 else "th" if bare else "tf"

    def model(self, data: Data) -> Data:
        """Return a Sequential, a functional model, or a Graph."""
        config = data.get("config")
        if data.get("class_name") == "Graph":
            if not isinstance(config, dict):
                raise SpecError("Graph has no config")
            return functional(config, self.layer)
        held = config if isinstance(config, list) else config.get("layers") if config else None
        if not isinstance(held, list):
            raise SpecError(
                f"{data.get('class_name')} is not a model: the file lists no layers of it"
            )
        own = config if isinstance(config, dict) else {}
        layers = [self.layer(each) for each in held]
        kept = {key: own[key] for key in ("input_layers", "output_layers") if key in own}
        name = own.get("custom_name") or (None if _is_bare(own) else own.get("name"))
        told = {} if name in {None, "Sequential"} else {"name": name}
        return {
            "class_name": "Functional" if kept else "Sequential",
            "config": {**told, "layers": layers, **kept},
        }

    def layer(self, data: Any) -> Data:  # noqa: ANN401
        """Return a layer, or a model within a model, with the calls that the file has of it.

        An object that stands in many places is translated once.
        """
        if id(data) not in self._done:
            stored = _stored(data)
            kept: Data = {key: stored[key] for key in ("name", "inbound_nodes") if key in stored}
            self._done[id(data)] = {**self._translated(stored), **kept}
        return self._done[id(data)]

    def _translated(self, stored: Data) -> Data:
        cls = stored["class_name"]
        if cls in MODELS or cls == "Graph":
            return self.model(stored)
        if cls not in LAYERS:
            if entry_of(stored) is not None and cls not in self._custom_classes:
                raise SpecError(f"{_name(stored)}: {cls} of Keras 1 is not read")
            return stored
        config = self._renamed(stored)
        if cls == "Merge":
            inner = config.pop("layers", None)
            merge = merge_layer(config)
            return merge if inner is None else joined(merge, [self.layer(each) for each in inner])
        shape = _input_shape(cls, config)
        if shape is not None:
            config["batch_input_shape"] = shape
        if cls == "TimeDistributedDense":
            return _timed(config)
        return {"class_name": LAYERS[cls].cls, "config": _joined(cls, config)}

    def _renamed(self, stored: Data) -> Data:
        """Return the arguments by their names of today.

        Raises `SpecError` for one that is not known.
        """
        cls, config = stored["class_name"], stored.get("config")
        if not isinstance(config, dict):
            raise SpecError(f"{cls} has no config")
        keys = LAYERS[cls].keys
        found: Data = {}
        for key, value in config.items():
            if key not in keys:
                raise SpecError(f"{_name(stored)}: {key} of Keras 1's {cls} is not read")
            new = keys[key]
            if new and not (value is None and new.startswith("input_")):
                found[new] = self._value(new, value)
        if "dim_ordering" in keys:
            ordering = found.pop("dim_ordering", self._ordering)
            if ordering not in _FORMATS:
                raise SpecError(f"{_name(stored)}: dim_ordering takes th or tf, not {ordering!r}")
            found["data_format"] = _FORMATS[ordering]
        return {key: value for key, value in found.items() if value is not _LEFT_OUT}

    def _value(self, key: str, value: Any) -> Any:  # noqa: ANN401
        """Return an argument.

        The objects that Keras 1 stored by their names are stored as today's.
        """
        if key == "padding" and value == "full":
            raise SpecError("border_mode='full' works only on Theano, and cannot be read")
        if key == "layer":
            return self.layer(value)
        if key.endswith("_initializer"):
            return value if value in INITIALIZERS else _LEFT_OUT
        if key.endswith("_regularizer") and value is not None:
            return {"class_name": "L1L2"}
        if key.endswith("_constraint") and isinstance(value, dict):
            return {"class_name": value.get("name")}
        return value


#: What is set only when the layer runs: an initializer that is unknown here.
_LEFT_OUT: Final = object()


def _stored(data: Any) -> Data:  # noqa: ANN401
    """Return a layer with its class beside its config, as Keras 0 did not store it."""
    if is_stored(data):
        return dict(data)
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        raise SpecError("a layer of the model has no class_name")
    own = {"name": data["custom_name"]} if data.get("custom_name") else {}
    config = {key: value for key, value in data.items() if key != "name"}
    return {"class_name": data["name"], "config": config | own}


def _name(stored: Mapping[str, Any]) -> str:
    config = stored.get("config")
    own = config.get("name") if isinstance(config, dict) else None
    return str(own or stored.get("name") or stored["class_name"])


def _input_shape(cls: str, config: Data) -> list[Any] | None:
    """Return the shape of an input that a layer says by its sizes, in the ways that Keras 1 had."""
    dim, length = config.get("input_dim"), config.get("input_length")
    if cls != "Embedding":
        config.pop("input_dim", None)
        config.pop("input_length", None)
    whole, rest = config.pop("batch_input_shape", None), config.pop("input_shape", None)
    if whole is not None:
        return list(whole)
    if rest is not None:
        return [None, *rest]
    if cls == "Embedding":
        return None if length is None else [None, length]
    if dim is None:
        return None
    return [None, dim] if cls in _FLAT else [None, length, dim]


def _timed(config: Data) -> Data:
    """Return a Dense for each step, which is all that TimeDistributedDense was."""
    outer = {key: config.pop(key) for key in ("name", "batch_input_shape") if key in config}
    held = {"class_name": "Dense", "config": config}
    return {"class_name": "TimeDistributed", "config": {**outer, "layer": held}}


def _joined(cls: str, config: Data) -> Data:
    """Arguments of which several are one today, or one says more than it did."""
    for parts in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if parts[0] in config:
            config["kernel_size"] = [config.pop(part, None) for part in parts]
    if config.pop("ignore_border", True) is False:
        raise SpecError(f"{config.get('name', cls)}: ignore_border=False of Keras 0 is not read")
    if cls == "Deconvolution2D":
        shape = config.pop("output_shape", None)
        first = 2 if config["data_format"] == "channels_first" else 1
        if not isinstance(shape, list) or len(shape) != 4:  # noqa: PLR2004  (an image)
            raise SpecError(f"{config.get('name', cls)}: output_shape has no four sizes")
        config["output_size"] = shape[first : first + 2]
    if cls.startswith("ZeroPadding"):
        config["padding"] = _padding(cls, config.get("padding", 1))
    return config


#: The ends of an axis that a dict of paddings names, which is 0 where it does not.
_ENDS: Final = (("top_pad", "bottom_pad"), ("left_pad", "right_pad"))


def _padding(cls: str, padding: Any) -> Any:  # noqa: ANN401
    """Return what is added at each end, of which Keras 1 also took four numbers, or names."""
    if isinstance(padding, dict):
        axes = _ENDS[1:] if cls == "ZeroPadding1D" else _ENDS
        extra = set(padding) - {end for ends in axes for end in ends}
        if extra or cls == "ZeroPadding3D":
            raise SpecError(f"padding {sorted(padding)} of Keras 1's {cls} is not read")
        found = [[padding.get(end, 0) for end in ends] for ends in axes]
        return found[0] if cls == "ZeroPadding1D" else found
    if isinstance(padding, list) and len(padding) == 4:  # noqa: PLR2004
        return [padding[:2], padding[2:]]
    return padding
