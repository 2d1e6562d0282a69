"""TensorFlowOpLayer: operations of graphs, whose NodeDef is an object, JSON or a message."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from failing import failing

import shapecalc
from shapecalc.dims import Dim

B = Dim("B")


def number(value: int) -> bytes:
    """A whole number in base 128."""
    value %= 1 << 64
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(place: int, value: bytes | int) -> bytes:
    """A field of a message: a number, or bytes with their length."""
    if isinstance(value, int):
        return number(place << 3) + number(value)
    return number(place << 3 | 2) + number(len(value)) + value


def attribute(value: Any) -> tuple[bytes, dict[str, Any]]:
    """An attribute as a message, and as JSON writes it."""
    if isinstance(value, bool):
        return field(5, int(value)), {"b": value}
    if isinstance(value, int):
        return field(3, value), {"i": str(value)}
    if isinstance(value, str):
        text = base64.b64encode(value.encode()).decode()
        return field(2, value.encode()), {"s": text}
    packed = field(3, b"".join(map(number, value)))
    return field(1, packed), {"list": {"i": list(map(str, value))}}


def node_defs(op: str, inputs: int, attrs: dict[str, Any]) -> list[Any]:
    """The NodeDef of an operation, in all the ways in which files have it."""
    names = [f"in_{place}" for place in range(inputs)]
    made = {key: attribute(value) for key, value in attrs.items()}
    plain = {
        "name": "it",
        "op": op,
        "input": [*names, "^wait"],
        "attr": {"T": {"type": "DT_FLOAT"}, **{key: each for key, (_, each) in made.items()}},
    }
    message = field(1, b"it") + field(2, op.encode())
    message += b"".join(field(3, name.encode()) for name in [*names, "^wait"])
    message += field(5, field(1, b"T") + field(2, field(6, 1)))
    for key, (value, _) in made.items():
        message += field(5, field(1, key.encode()) + field(2, value))
    return [plain, json.dumps(plain), base64.b64encode(message).decode()]


def model(node: Any, shapes: list[list[int]], constants: dict[str, Any]) -> dict[str, Any]:
    layers: list[dict[str, Any]] = [
        {
            "class_name": "InputLayer",
            "name": f"x{place}",
            "config": {"batch_input_shape": [None, *shape]},
            "inbound_nodes": [],
        }
        for place, shape in enumerate(shapes)
    ]
    entries = [[each["name"], 0, 0] for each in layers]
    config = {"name": "it", "trainable": True, "node_def": node, "constants": constants}
    layers.append(
        {
            "class_name": "TensorFlowOpLayer",
            "name": "tf_op_layer_it",
            "config": config,
            "inbound_nodes": [[[*entry, {}] for entry in entries]],
        }
    )
    outputs = [["tf_op_layer_it", 0, 0]]
    return {
        "class_name": "Model",
        "config": {"layers": layers, "input_layers": entries, "output_layers": outputs},
    }


CASES: list[tuple[str, dict[str, Any], list[list[int]], dict[str, Any], tuple[Any, ...]]] = [
    ("Softmax", {}, [[6]], {}, (B, 6)),
    ("Relu", {}, [[6]], {}, (B, 6)),
    ("AddV2", {}, [[6, 1], [6, 4]], {}, (B, 6, 4)),
    ("Mul", {}, [[6]], {"1": 2.0}, (B, 6)),
    ("RealDiv", {}, [[6, 3]], {"0": [[1.0, 2.0, 3.0]]}, (B, 6, 3)),
    ("Sub", {}, [[6, 3]], {"1": [1, 2, 3]}, (B, 6, 3)),
    ("SquaredDifference", {}, [[6], [6]], {}, (B, 6)),
    ("Mean", {"keep_dims": False}, [[6, 3]], {"1": 1}, (B, 3)),
    ("Sum", {"keep_dims": True}, [[6, 3]], {"1": [1, 2]}, (B, 1, 1)),
    ("Max", {}, [[6, 3]], {"1": [-1]}, (B, 6)),
    ("ArgMax", {}, [[6, 3]], {"1": -1}, (B, 6)),
    ("Reshape", {}, [[6, 4]], {"1": [-1, 8, 3]}, (B, 8, 3)),
    ("Transpose", {}, [[6, 4]], {"1": [0, 2, 1]}, (B, 4, 6)),
    ("ExpandDims", {}, [[6]], {"1": 1}, (B, 1, 6)),
    ("Squeeze", {"squeeze_dims": [1]}, [[1, 6]], {}, (B, 6)),
    ("Squeeze", {"squeeze_dims": [-1]}, [[6, 1]], {}, (B, 6)),
    ("ConcatV2", {"N": 2}, [[6], [4]], {"2": -1}, (B, 10)),
    ("Pack", {"axis": 1, "N": 2}, [[6], [6]], {}, (B, 2, 6)),
    ("Tile", {}, [[6]], {"1": [1, 3]}, (B, 18)),
    ("Pad", {}, [[6, 5, 2]], {"1": [[0, 0], [1, 1], [2, 0], [0, 0]]}, (B, 8, 7, 2)),
    ("MirrorPad", {"mode": "REFLECT"}, [[6]], {"1": [[0, 0], [2, 2]]}, (B, 10)),
    ("BatchMatMulV2", {"adj_x": False, "adj_y": False}, [[6, 4], [4, 3]], {}, (B, 6, 3)),
    ("MatMul", {"transpose_a": False}, [[6]], {"1": [[1, 2, 3]] * 6}, (B, 3)),
    ("ResizeBilinear", {}, [[6, 5, 3]], {"1": [12, 10]}, (B, 12, 10, 3)),
    (
        "MaxPool",
        {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"},
        [[5, 6, 3]], {}, (B, 3, 3, 3),
    ),
    (
        "AvgPool",
        {"ksize": [1, 3, 3, 1], "strides": [1, 1, 1, 1], "padding": "VALID"},
        [[5, 6, 3]], {}, (B, 3, 4, 3),
    ),
    (
        "StridedSlice",
        {"begin_mask": 1, "end_mask": 3, "shrink_axis_mask": 4},
        [[6, 4]], {"1": [0, 2, -1], "2": [0, 0, 0], "3": [1, 1, 1]}, (B, 4),
    ),
    (
        "StridedSlice",
        {"ellipsis_mask": 1, "new_axis_mask": 2},
        [[6, 4]], {"1": [0, 0, 1], "2": [0, 0, 3], "3": [1, 1, 2]}, (B, 6, 1, 1),
    ),
    ("Einsum", {"equation": "abc,adc->abd"}, [[6, 4], [5, 4]], {}, (B, 6, 5)),
    ("OneHot", {"axis": -1}, [[6]], {"1": 9, "2": 1.0, "3": 0.0}, (B, 6, 9)),
    ("GatherV2", {}, [[6, 4]], {"1": [0, 2], "2": 1}, (B, 2, 4)),
    ("TopKV2", {}, [[6]], {"1": 2}, (B, 2)),
    ("Split", {"num_split": 2}, [[6]], {"0": 1}, (B, 3)),
    ("SplitV", {"num_split": 2}, [[6]], {"1": [4, 2], "2": 1}, (B, 4)),
    ("Unpack", {"num": 6, "axis": 1}, [[6, 4]], {}, (B, 4)),
]  # fmt: skip


def operation_gives_its_shape(
    op: str, attrs: dict[str, Any], shapes: Any, constants: Any, output: Any, way: int
) -> None:
    node = node_defs(op, len(shapes) + len(constants), attrs)[way]
    trace = shapecalc.trace(shapecalc.load(model(node, shapes, constants)))
    (row,) = trace.layers
    assert row.name == "tf_op_layer_it"
    assert trace.output == output
    assert trace.params == 0


@pytest.mark.parametrize("way", [0, 1, 2], ids=["object", "json", "message"])
def test_operations_give_their_shapes(way: int) -> None:
    assert not failing(operation_gives_its_shape, [(*case, way) for case in CASES])


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"op": "Frobnicate", "input": ["a"]}, "no operation Frobnicate"),
        (
            {"op": "MatMul", "input": ["a"], "attr": {"transpose_a": {"b": True}}},
            "no operation MatMul",
        ),
        ({"op": "AddV2", "input": ["a", "b"]}, "AddV2 reads 2 tensors, but gets 1"),
        ({"op": "Reshape", "input": ["a"]}, "reads its sizes or axes from a tensor"),
        ({"input": ["a"]}, "names no operation"),
        (None, "names no operation"),
        ("{", "cannot be read"),
        ("", "cannot be read"),
        ("bm9ub2Rl", "cannot be read"),
        ("\x0a\xff", "cannot be read"),
    ],
)
def test_a_node_that_is_not_understood_is_refused(node: Any, message: str) -> None:
    with pytest.raises(shapecalc.SpecError, match=message):
        shapecalc.load(model(node, [[6]], {}))


def test_a_message_may_stand_as_text() -> None:
    message = base64.b64decode(node_defs("Relu", 1, {})[2]).decode()
    trace = shapecalc.trace(shapecalc.load(model(message, [[6]], {})))
    assert trace.output == (B, 6)
