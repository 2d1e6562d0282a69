"""Containers of stored models: the descriptions of training runs, TensorFlow.js, other tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.configs import is_stored
from shapecalc.importers.keras.numbering import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

#: The keys under which tools store a model, the first that is there counts: TensorFlow.js,
#: HDF5 and training runs, frugally-deep and keras2cpp.
_KEYS: Final = ("modelTopology", "model_config", "architecture", "config", "model")
#: How many wrappings may lie around a model.
_MAX_WRAPPINGS: Final = 8


def model_in(data: Any, name: str, decoded: Callable[[str, str], Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return the stored model in decoded data; raises `SpecError` where there is none.

    ``decoded`` reads a text that lies in the data.
    """
    for _ in range(_MAX_WRAPPINGS):
        if isinstance(data, str):
            data = decoded(data, name)
            continue
        model = _bare(data)
        if model is not None:
            return model
        if not isinstance(data, Mapping):
            break
        _refuse_graph(data, name)
        inner = next(
            (data[key] for key in _KEYS if isinstance(data.get(key), (Mapping, str))), None
        )
        if inner is None:
            break
        data = _with_version(inner, data)
    raise SpecError(f"{name}: this is not a Keras model", help="model.to_json() writes one")


def _bare(data: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the model that data is, whole, or as the list or the config of its layers.

    Else None.
    """
    if isinstance(data, list) and data and all(map(is_stored, data)):
        return {"class_name": "Sequential", "config": {"layers": data}}
    if not isinstance(data, Mapping):
        return None
    if is_stored(data):
        config = data.get("config")
        whole = isinstance(config, dict) and "layers" in config
        if data["class_name"] in {*MODELS, "Graph"} or whole:
            return dict(data)
        return {"class_name": "Sequential", "config": {"layers": [dict(data)]}}
    if isinstance(data.get("node_config"), list):
        return {"class_name": "Graph", "config": dict(data)}
    if isinstance(data.get("layers"), list):
        kind = "Functional" if "input_layers" in data else "Sequential"
        return {"class_name": kind, "config": dict(data)}
    return None


def _with_version(inner: Any, data: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a model with the version of Keras that its wrapping says."""
    version = data.get("keras_version")
    if isinstance(inner, Mapping) and isinstance(version, str):
        return {"keras_version": version, **inner}
    return inner


def _refuse_graph(data: Mapping[str, Any], name: str) -> None:
    topology = data.get("modelTopology", data)
    if data.get("format") == "graph-model" or (
        isinstance(topology, Mapping) and isinstance(topology.get("node"), list)
    ):
        raise SpecError(
            f"{name}: this is a TensorFlow graph, not a Keras model",
            help="the model that it was converted from can be read; model.to_json() writes it",
        )
