"""Records anew what real Keras says of the models in ``models/``: ``record_models.py [FILE …]``.

Run with the extra ``oracle`` (``KERAS_BACKEND=numpy`` is the fastest) it builds the models of
``small``, ``applications``, ``quantized`` and ``called`` from their JSON, stacks the layers of
``failing``, writes the files, and says which records changed. A model that this version of Keras cannot read stays as it is, and
so does ``legacy``, whose files are those of Keras 1 and 2.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import keras
from extract import pack
from record_layers import layer

MODELS = Path(__file__).parent / "models"


def shapes_of(tensors: Any) -> list[list[int | None]]:
    return [list(tensor.shape) for tensor in keras.tree.flatten(tensors)]


def size_of(weights: list[Any]) -> int:
    return sum(weight.value.size for weight in weights)


def rows(model: Any) -> list[dict[str, Any]]:
    """Each layer and operation with what it reads and gives where it is first applied."""
    # A Sequential names its input nowhere but in the functional model that it is made of.
    return [row(one) for one in getattr(model, "_functional", model).operations]


def row(one: Any) -> dict[str, Any]:
    node = one._inbound_nodes[0]  # noqa: SLF001  (nothing public says it)
    # Masks, which Keras hands on by keyword, are no inputs.
    given = node.arguments.kwargs.items()
    named = [tensor for name, tensor in given if not name.endswith("mask")]
    read = [] if isinstance(one, keras.layers.InputLayer) else [node.arguments.args, named]
    facts: dict[str, Any] = {
        "name": one.name,
        "class": type(one).__name__,
        "input_shapes": shapes_of(
            [x for x in keras.tree.flatten(read) if isinstance(x, keras.KerasTensor)]
        ),
        "output_shapes": shapes_of(node.output_tensors),
    }
    if not isinstance(one, keras.layers.Layer):
        return facts | {"is_op": True, "module": type(one).__module__, "params": 0}
    facts["params"] = size_of(one.weights)
    return facts | ({"sublayers": rows(one)} if isinstance(one, keras.Model) else {})


def reloaded(record: dict[str, Any]) -> dict[str, Any]:
    """What Keras says of a model that it builds from JSON."""
    model = keras.models.model_from_json(json.dumps(record["json"]))
    facts = {
        "input_shape": shapes_of(model.inputs),
        "output_shape": shapes_of(model.outputs),
        "layers": rows(model),
        "total_params": size_of(model.weights),
        "trainable_params": size_of(model.trainable_weights),
    }
    return {name: fact for name, fact in facts.items() if name in record}


def stacked(record: dict[str, Any]) -> dict[str, Any]:
    """Which of the layers of a stack refuses what the one before it gives."""
    if "layers" not in record or record.get("builds"):
        return {}
    tensor = keras.KerasTensor(tuple(record["input_shape"]))
    before: list[list[int | None]] = []
    for place, step in enumerate(record["layers"]):
        try:
            tensor = layer(step["layer"], step["config"])(tensor)
        except Exception:  # noqa: BLE001  (Keras refuses in many ways)
            return {"fails_at": place, "fails_layer": step["layer"], "shapes_before": before}
        before.append(list(tensor.shape))
    return {"fails_at": None, "shapes_before": before}


def main(names: list[str]) -> None:
    for name in names or ["small", "applications", "quantized", "called", "failing"]:
        path = MODELS / f"{name}.jsonl.gz"
        records = list(map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines()))
        changed = kept = 0
        for record in records:
            keras.backend.clear_session()
            try:
                found = (stacked if name == "failing" else reloaded)(record)
            except Exception as error:  # noqa: BLE001  (old files are of old versions)
                kept += 1
                sys.stdout.write(f"{name}: {record['id']} is kept: {str(error).splitlines()[:1]}\n")
                continue
            if record | found != record:
                changed += 1
                differs = [key for key, fact in found.items() if record.get(key) != fact]
                sys.stdout.write(f"{name}: {record['id']} says otherwise in {', '.join(differs)}\n")
                record.update(found)
        lines = [json.dumps(record, separators=(",", ":")) + "\n" for record in records]
        pack(MODELS / name, "".join(lines))
        sys.stdout.write(f"{name}: {changed} of {len(records)} changed, {kept} kept\n")


if __name__ == "__main__":
    main(sys.argv[1:])
