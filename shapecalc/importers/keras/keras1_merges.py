"""The Merge of Keras 1: one layer for what are eight today; it could hold what it joins."""

from __future__ import annotations

from typing import Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.numbering import MODELS

Data = dict[str, Any]

_PLAIN: Final = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}


def merge_layer(config: Data) -> Data:
    """Return the layer of today that joins tensors as the mode says; raises `SpecError`."""
    own = {key: config[key] for key in ("name", "trainable") if key in config}
    mode = config.get("mode", "sum")
    if config.get("mode_type") not in {None, "raw"}:
        told = config.get("output_shape_type") in {None, "raw"}
        shape = config.get("output_shape") if told else None
        return {"class_name": "Lambda", "config": {**own, "output_shape": shape}}
    if mode in _PLAIN:
        return {"class_name": _PLAIN[mode], "config": own}
    if mode == "concat":
        return {
            "class_name": "Concatenate",
            "config": {**own, "axis": config.get("concat_axis", -1)},
        }
    if mode in {"dot", "cos"}:
        axes = config.get("dot_axes", -1)
        if isinstance(axes, list):
            axes = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in axes]
        return {"class_name": "Dot", "config": {**own, "axes": axes, "normalize": mode == "cos"}}
    raise SpecError(f"{config.get('name', 'Merge')}: mode {mode!r} of Keras 1's Merge is not read")


def joined(merge: Data, branches: list[Data]) -> Data:
    """Return a model that joins what its branches give, each of which has inputs of its own."""
    name = str(merge["config"].get("name", "merge"))
    layers: list[Data] = []
    entries: list[list[Any]] = []
    ends: list[list[Any]] = []
    for number, branch in enumerate(map(_whole, branches)):
        reads = []
        for shape in input_shapes(branch):
            if shape is None:
                raise SpecError(f"{name}: the file does not say the shape of an input")
            entry = f"{name}_input_{len(entries)}"
            config = {"name": entry, "batch_input_shape": shape}
            layers.append({"class_name": "InputLayer", "name": entry, "config": config})
            entries.append([entry, 0, 0])
            reads.append([entry, 0, 0])
        own = f"{name}_{number}"
        layers.append({**branch, "name": own, "inbound_nodes": [reads]})
        ends.append([own, 0, 0])
    inner = f"{name}_all"
    config = {**merge["config"], "name": inner}
    layers.append({**merge, "config": config, "name": inner, "inbound_nodes": [ends]})
    return {
        "class_name": "Functional",
        "config": {
            "name": name,
            "layers": layers,
            "input_layers": entries,
            "output_layers": [[inner, 0, 0]],
        },
    }


def _whole(branch: Data) -> Data:
    """Return a branch as a model, even of a single layer."""
    if branch["class_name"] in MODELS:
        return branch
    return {"class_name": "Sequential", "config": {"layers": [branch]}}


def input_shapes(model: Data) -> list[Any]:
    """Return the shapes of the inputs of a translated model.

    None where the file does not say one.
    """
    config = model["config"]
    layers = config["layers"]
    if "input_layers" in config:
        by_name = {each.get("name") or each["config"].get("name"): each for each in layers}
        named = [by_name[place[0]]["config"] for place in config["input_layers"]]
        return [each.get("batch_input_shape") for each in named]
    if not layers:
        return [None]
    if layers[0]["class_name"] in MODELS:
        return input_shapes(layers[0])
    return [layers[0]["config"].get("batch_input_shape")]
