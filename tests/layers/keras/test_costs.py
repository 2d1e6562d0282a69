"""Multiply-accumulates are those of real Keras, and the same in letters as in numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.dims import Dim, Size, substitute
from shapecalc.errors import SpecError

DATA = Path(__file__).parents[2] / "data" / "keras_macs.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]
LAYERS = [case for case in CASES if not case["layer"].startswith("ops.")]
FUNCTIONS = [case for case in CASES if case["layer"].startswith("ops.")]


def made(value: Any) -> Any:
    """An argument, with the layers that stand in it."""
    if isinstance(value, dict) and value.keys() == {"layer", "config"}:
        return layer(value)
    return [made(item) for item in value] if isinstance(value, list) else value


def layer(case: dict[str, Any]) -> Any:
    config = {name: made(value) for name, value in case["config"].items()}
    return shapecalc.layer(case["layer"], **config)


def total(trace: Any) -> Size:
    return sum((row.macs for row in trace.layers), 0)


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: f"{case['layer']} {case['macs']}")
def test_a_layer_costs_what_real_keras_does(case: dict[str, Any]) -> None:
    shapes = [tuple(shape) for shape in case["input_shapes"]]
    assert layer(case).count_macs(*shapes, **case.get("call", {})) == case["macs"], case["formula"]


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case["layer"])
def test_a_function_costs_what_real_keras_does(case: dict[str, Any]) -> None:
    trace = shapecalc.trace(case["spec"], set={"B": case["input_shapes"][0][0]})
    assert total(trace) == case["macs"]


@pytest.mark.parametrize(
    ("model", "macs"), [("MobileNetV2", 300_774_272), ("ResNet50", 3_857_973_248)]
)
def test_a_whole_model_is_the_sum_of_its_layers(model: str, macs: int) -> None:
    network = shapecalc.load(recorded("applications")[model]["json"])
    assert total(shapecalc.trace(network, set={"B": 1})) == macs


SPECS = [
    "in:B:H:W:3,conv2d:8:3:s=2,bn,relu,dwconv2d:3:same,sepconv2d:4:2,tconv2d:8:2:s=2,gap2d,dense:10",
    "in:B:T:8,bi-lstm:4:seq,add(mha:2:4|),td-dense:3,attn,gru:5",
    "in:B:T:4,pad1d:1,conv1d:8:3:same,maxpool1d:2,upsample1d:2,rnn(lstmcell:3|grucell:2)",
    "in:B:T:6:6:3,convlstm2d:4:3:same:seq,td-flatten,dense:T",
    "in:B:T:8@x,dense:8@d,@x,use:@d,dot:@d:2,flatten,dense:3",
]


@given(st.sampled_from(SPECS), st.tuples(*[st.integers(1, 3), *[st.integers(8, 30)] * 3]))
def test_letters_say_what_numbers_say(spec: str, numbers: tuple[int, ...]) -> None:
    values = dict(zip("BTHW", numbers, strict=True))
    general = shapecalc.trace(spec)
    known = {n: v for n, v in values.items() if n in general.letters}
    concrete = shapecalc.trace(spec, set=known)
    for row, same in zip(general.layers, concrete.layers, strict=True):
        assert substitute(row.macs, values) == same.macs, row.name


def test_a_layer_that_is_used_again_costs_again() -> None:
    first, second = shapecalc.trace("in:B:8,dense:8@d,use:@d").layers
    assert (first.macs, first.params) == (64 * Dim("B"), 72)
    assert (second.macs, second.params) == (64 * Dim("B"), 0)


def test_a_frozen_layer_costs_the_same() -> None:
    assert shapecalc.layer("Dense", units=3, trainable=False).count_macs((2, 4)) == 24


def test_models_within_models_are_summed() -> None:
    inner = {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Dense", "config": {"units": 4}},
        {"class_name": "Dense", "config": {"units": 2}},
    ]}}  # fmt: skip
    network = shapecalc.load({"class_name": "Sequential", "config": {"layers": [inner]}})
    trace = shapecalc.trace(network, input=(1, 8))
    assert total(trace) == 8 * 4 + 4 * 2


def test_a_layer_is_called_with_what_it_knows() -> None:
    attention = shapecalc.layer("MultiHeadAttention", num_heads=2, key_dim=4)
    assert attention.compute_output_shape((2, 6, 8), (2, 5, 8), return_attention_scores=True) == [
        (2, 6, 8),
        (2, 2, 6, 5),
    ]
    back = shapecalc.layer("ReversibleEmbedding", input_dim=100, output_dim=8)
    assert back.compute_output_shape((2, 6, 8), reverse=True) == (2, 6, 100)
    with pytest.raises(SpecError, match="Dense is not called with reverse"):
        shapecalc.layer("Dense", units=3).compute_output_shape((2, 3), reverse=True)
    with pytest.raises(shapecalc.ShapeError, match="takes back vectors of 8"):
        back.compute_output_shape((2, 6, 7), reverse=True)
