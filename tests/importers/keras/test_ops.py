"""Operations as nodes of functional models give the shapes that Keras gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from importers.keras.recorded import DATA, same_shapes

import shapecalc
from shapecalc.dims import Dim

RECORD = json.loads((DATA / "keras_ops.json").read_text(encoding="utf-8"))
TRACE = shapecalc.trace(shapecalc.load(RECORD["model"]))
ROWS = {row.name: row for row in TRACE.layers}


@pytest.mark.parametrize("name", sorted(RECORD["shapes"].keys() - {"x", "y"}))
def test_operation_gives_the_shapes_of_keras(name: str) -> None:
    assert same_shapes(ROWS[name].outputs, RECORD["shapes"][name])


def test_model_of_operations_prints_as_a_spec() -> None:
    again = shapecalc.trace(str(TRACE.network))
    assert sorted(map(str, again.outputs)) == sorted(map(str, TRACE.outputs))


def test_rows_name_the_classes_of_keras() -> None:
    classes = {row.layer for row in TRACE.layers}
    assert {"GetItem", "Split", "Mean", "NewShape", "Reshape", "TopK"} & classes == {
        "GetItem",
        "Split",
        "Mean",
        "Reshape",
        "TopK",
    }


@pytest.mark.parametrize(
    ("spec", "shape", "conditions"),
    [
        ('in:B:T:4,slice:":,-1"', "(B, 4)", []),
        ('in:B:T:4,slice:":,2"', "(B, 4)", ["T >= 3"]),
        ('in:B:T:4,slice:":,1:"', "(B, T - 1, 4)", []),
        ('in:B:T:4,slice:":,::2"', "(B, (T + 1)//2, 4)", []),
        ('in:B:T:4,slice:"...,None,0"', "(B, T, 1)", []),
        ("in:B:T:4,newshape:-1:6", "(2*B*T//3, 6)", ["B*T % 3 == 0"]),
        ("in:B:T:4,split:2:axis=1", "(B, T//2, 4)", ["T % 2 == 0"]),
        ("in:B:T:4,topk:3", "(B, T, 3)", []),
        ("in:B:T:4,transpose", "(4, T, B)", []),
        ("in:B:T:4@x,matmul:constant=4x7", "(B, T, 7)", []),
        ("in:B:T:4@x,transpose:0:2:1@y,@x,matmul:@y", "(B, T, T)", []),
        ('in:B:T:4@x,in:B:S:4@y,@x,einsum:@y:"btd,bsd->bts"', "(B, T, S)", []),
        ("in:B:T:4@x,pointwise:add:@x", "(B, T, 4)", []),
        ("in:B:T:4,reduce:mean:axis=1", "(B, 4)", []),
        ("in:B:T:4,reduce:sum", "()", []),
        ("in:B:T:4,reduce:max:axis=-1:keepdims", "(B, T, 1)", []),
        ("in:B:T:4,pad:(0x0,1x2,0x0)", "(B, T + 3, 4)", []),
        ("in:B:T:4,tile:2:1:1:1", "(2, B, T, 4)", []),
        ("in:B:T:4@x,in:B:T:4@y,@x,stack:@y:axis=-1", "(B, T, 4, 2)", []),
        ("in:B:T:4,onehot:5", "(B, T, 4, 5)", []),
        ("in:B:T:4,take:2x3:axis=1", "(B, 2, 3, 4)", []),
    ],
)
def test_operation_in_letters(spec: str, shape: str, conditions: list[str]) -> None:
    trace = shapecalc.trace(spec)
    assert _text(trace.output) == shape
    assert trace.conditions == conditions


def _text(shape: Any) -> str:
    return f"({', '.join(str(size) for size in shape)})"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ('in:B:2:4,slice:":,5"', "takes number 5 of 2"),
        ('in:B:T:4,slice:":,:,:,:"', "which has fewer axes"),
        ("in:B:5:4,split:2:axis=1", "cannot cut axis 1"),
        ("in:B:T:4,transpose:0:1", "orders axes"),
        ("in:B:T:4,squeeze:2", "which is not 1"),
        ("in:B:T:4@x,matmul:constant=5x7", "4 columns and 5 rows"),
        ("in:B:T:4,unstack:axis=1", "does not say how many"),
        ("in:B:T:4,reduce:mean:axis=3", "has no axis 3"),
        ("in:2:3:4,newshape:5:5", "needs 25 numbers"),
    ],
)
def test_operation_refuses(spec: str, message: str) -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec)
    assert message in caught.value.message


def test_an_operation_that_is_not_known_has_its_recorded_shape() -> None:
    x = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 8], "keras_history": ["x", 0, 0]},
    }
    out = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 5], "keras_history": ["fft", 0, 0]},
    }
    model = {
        "class_name": "Functional",
        "config": {
            "layers": [
                {
                    "class_name": "InputLayer",
                    "config": {"batch_shape": [None, 8]},
                    "name": "x",
                    "inbound_nodes": [],
                },
                {
                    "module": "keras.src.ops.math",
                    "class_name": "RFFT",
                    "config": {"name": "fft"},
                    "name": "fft",
                    "inbound_nodes": [{"args": [x], "kwargs": {}}],
                },
                {
                    "module": "keras.layers",
                    "class_name": "ReLU",
                    "config": {"name": "r"},
                    "name": "r",
                    "inbound_nodes": [{"args": [out], "kwargs": {}}],
                },
            ],
            "input_layers": ["x", 0, 0],
            "output_layers": ["r", 0, 0],
        },
    }
    network = shapecalc.load(model)
    trace = shapecalc.trace(network)
    assert trace.output == (Dim("B"), 5)
    assert [row.layer for row in trace.layers] == ["RFFT", "ReLU"]
    assert "RFFT is not a Keras layer" in network.source.notes[0].message
    with pytest.raises(shapecalc.ShapeError, match="is recorded for"):
        shapecalc.trace(network, input="B,9")
