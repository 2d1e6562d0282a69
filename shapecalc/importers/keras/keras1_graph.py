"""The Graph of Keras 0 and 1: nodes by their names, each of which may join what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.importers.keras.keras1_merges import merge_layer

if TYPE_CHECKING:
    from collections.abc import Callable

Data = dict[str, Any]

#: What a node and an output say beside what they read; whether a node is an output too.
_MERGED = ("concat_axis", "dot_axes")
_KEYS = frozenset({"name", "input", "inputs", "merge_mode", "create_output", *_MERGED})


def functional(config: Data, layer: Callable[[Any], Data]) -> Data:
    """Return the functional model that a graph is; ``layer`` translates the layer of a node."""
    layers: list[Data] = []
    for entry in config["input_config"]:
        shape = entry.get("batch_input_shape") or [None, *(entry.get("input_shape") or ())]
        kept = {"name": entry["name"], "batch_input_shape": shape}
        layers.append({"class_name": "InputLayer", "name": entry["name"], "config": kept})
    for node in config["node_config"]:
        read = _read(node, layers)
        made = layer(config["nodes"][node["name"]])
        layers.append({**made, "name": node["name"], "inbound_nodes": [[[read, 0, 0]]]})
    outputs = [[_read(output, layers), 0, 0] for output in config["output_config"]]
    return {
        "class_name": "Functional",
        "config": {
            "layers": layers,
            "input_layers": [[entry["name"], 0, 0] for entry in config["input_config"]],
            "output_layers": outputs,
        },
    }


def _read(node: Data, layers: list[Data]) -> str:
    """Return the name of what a node reads.

    Of several tensors that of a new layer, which joins them.
    """
    extra = set(node) - _KEYS
    if extra:
        raise SpecError(f"{node.get('name')}: {min(extra)} of Keras 0's Graph is not read")
    names = [node["input"]] if node.get("input") else list(node.get("inputs") or ())
    if len(names) == 1:
        return str(names[0])
    own = f"{node['name']}_merge"
    told = {key: node[key] for key in _MERGED if key in node}
    merge = merge_layer({"name": own, "mode": node.get("merge_mode") or "concat", **told})
    reads = [[name, 0, 0] for name in names]
    layers.append({**merge, "name": own, "inbound_nodes": [reads]})
    return own
