"""Records anew what real Keras makes of each case of ``keras_layers.jsonl``.

``KERAS_BACKEND=numpy python record_layers.py [LAYER …]`` with the extra ``oracle`` calls every layer,
or those that are named, on symbolic tensors, writes the file, and says which records changed. The
layers on texts need TensorFlow; without it their records stay.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keras

CASES = Path(__file__).parent / "keras_layers.jsonl"
LISTS = {
    "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
    "Attention", "AdditiveAttention", "HashedCrossing",
}  # fmt: skip
CELLS = {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}
INTEGERS = {
    "Embedding", "ReversibleEmbedding", "CategoryEncoding", "Hashing", "HashedCrossing",
    "IntegerLookup",
}  # fmt: skip
TEXTS = {"StringLookup", "TextVectorization"}


def made(value: Any) -> Any:
    """An argument, with the layers that stand in it."""
    if isinstance(value, dict) and value.keys() == {"layer", "config"}:
        return layer(value["layer"], value["config"])
    if isinstance(value, list):
        return [made(item) for item in value]
    return value


def layer(name: str, config: dict[str, Any]) -> Any:
    return getattr(keras.layers, name)(**{key: made(value) for key, value in config.items()})


def dtype_of(name: str) -> str:
    return "int32" if name in INTEGERS else "string" if name in TEXTS else "float32"


def recorded(name: str, config: dict[str, Any], shapes: list[list[int | None]]) -> dict[str, Any]:
    """What Keras says: output shapes with parameters, or the first line of its error."""
    keras.backend.clear_session()
    try:
        one = layer(name, config)
        inputs = [keras.KerasTensor(tuple(shape), dtype=dtype_of(name)) for shape in shapes]
        outputs = called(one, name, inputs)
    except Exception as error:  # noqa: BLE001  (Keras refuses in many ways)
        return {"error": (str(error).splitlines() or [type(error).__name__])[0]}
    counts = {
        "params": sum(weight.value.size for weight in one.weights),
        "trainable": sum(weight.value.size for weight in one.trainable_weights),
    }
    return {"output_shapes": [list(each.shape) for each in keras.tree.flatten(outputs)], **counts}


def called(one: Any, name: str, inputs: list[Any]) -> Any:
    """The outputs of a layer, called as its class wants its inputs."""
    if not inputs:
        return one.output
    if name in LISTS:
        return one(inputs)
    if name in CELLS:
        return one(inputs[0], inputs[1:])
    return one(*inputs)


def main(names: list[str]) -> None:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    changed = 0
    for place, line in enumerate(lines):
        case = json.loads(line)
        if names and case["layer"] not in names:
            continue
        asked = {key: case[key] for key in ("layer", "config", "input_shapes")}
        found = recorded(*asked.values())
        # The words of an error differ from version to version; that there is one does not.
        if "error" in found and ("error" in case or "requires TensorFlow" in found["error"]):
            continue
        if asked | found != case:
            changed += 1
            lines[place] = json.dumps(asked | found, separators=(",", ":"))
            sys.stdout.write(f"{line}\n  is now {json.dumps(found)}\n")
    CASES.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sys.stdout.write(f"{changed} of {len(lines)} records changed\n")


if __name__ == "__main__":
    main(sys.argv[1:])
