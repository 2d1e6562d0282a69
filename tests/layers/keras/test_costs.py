"""Multiply-accumulates are those of real Keras, and the same in letters as in numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from failing import failing
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


def layer_costs_what_real_keras_does(case: dict[str, Any]) -> None:
    shapes = [tuple(shape) for shape in case["input_shapes"]]
    assert layer(case).count_macs(*shapes, **case.get("call", {})) == case["macs"]


def function_costs_what_real_keras_does(case: dict[str, Any]) -> None:
    trace = shapecalc.trace(case["spec"], set={"B": case["input_shapes"][0][0]})
    assert total(trace) == case["macs"]


def test_layers_and_functions_cost_what_real_keras_does() -> None:
    assert len(LAYERS) > 100
    assert not failing(layer_costs_what_real_keras_does, LAYERS)
    assert not failing(function_costs_what_real_keras_does, FUNCTIONS)


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


def spec_costs_it_for_every_batch(case: dict[str, Any]) -> None:
    macs = total(shapecalc.trace(case["spec"]))
    assert substitute(macs, {"B": case["input_shapes"][0][0]}) == case["macs"]


def test_a_spec_costs_it_for_every_batch() -> None:
    assert not failing(spec_costs_it_for_every_batch, [c for c in CASES if c.get("spec")])


DENSE = {"layer": "Dense", "config": {"units": 6}}
SPECTRAL = {"layer": "SpectralNormalization", "config": {"layer": DENSE}}


def test_every_step_of_training_finds_the_norm() -> None:
    once, steps = layer(SPECTRAL), shapecalc.layer("TimeDistributed", layer=layer(SPECTRAL))
    known = {training: once.count_macs((2, 7), training=training) for training in (False, True)}
    assert known == {False: 2 * 42, True: 2 * 42 + 3 * 42 + 6}
    for training, macs in known.items():
        assert steps.count_macs((2, 5, 7), training=training) == 5 * macs


def test_a_model_within_is_called_as_the_model_is() -> None:
    norm = {"class_name": "SpectralNormalization", "config": {
        "layer": {"class_name": "Dense", "config": {"units": 6}}
    }}  # fmt: skip
    inner = {"class_name": "Sequential", "config": {"layers": [norm]}}
    network = shapecalc.load({"class_name": "Sequential", "config": {"layers": [inner]}})
    (model,) = network.layers
    assert model.count_macs((2, 7)) == 2 * 42
    assert model.count_macs((2, 7), training=True) == 2 * 42 + 3 * 42 + 6


@pytest.mark.parametrize(
    ("name", "config", "shape", "macs"),
    [
        ("Dense", {"units": 6}, (3, 7), 3 * 7 * 6),
        ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 6}, (3, 7), 3 * 7 * 6),
        ("Embedding", {"input_dim": 7, "output_dim": 6}, (3, 4), 0),
        ("ReversibleEmbedding", {"input_dim": 7, "output_dim": 6}, (3, 4), 0),
    ],
)
def test_lora_multiplies_its_two_matrices(
    name: str, config: dict[str, Any], shape: tuple[int, ...], macs: int
) -> None:
    assert shapecalc.layer(name, **config).count_macs(shape) == macs
    assert shapecalc.layer(name, **config, lora_rank=2).count_macs(shape) == macs + 7 * 2 * 6


@pytest.mark.parametrize(("tied", "learned"), [(True, 30 * 2 * 6), (False, 0)])
def test_the_way_back_multiplies_with_the_table_that_it_reads(tied: bool, learned: int) -> None:  # noqa: FBT001
    config = {"input_dim": 30, "output_dim": 6, "tie_weights": tied}
    for rank, more in ((None, 0), (2, learned)):
        back = shapecalc.layer("ReversibleEmbedding", **config, lora_rank=rank)
        assert back.count_macs((2, 5, 6), reverse=True) == 2 * 5 * 30 * 6 + more


def test_a_single_feature_of_the_query_meets_all_of_the_key() -> None:
    additive = shapecalc.layer("AdditiveAttention")
    assert additive.count_macs((2, 5, 1), (2, 7, 4), (2, 7, 8)) == 2 * 5 * 7 * (8 + 4)


@pytest.mark.parametrize(
    ("axes", "scores"),
    [
        (None, (2, 3, 5, 6, 5, 6)),
        (2, (2, 5, 3, 6, 6)),
        ((2, 1), (2, 3, 6, 5, 6, 5)),
    ],
)
def test_scores_have_the_axes_looked_along_in_their_order(
    axes: Any, scores: tuple[int, ...]
) -> None:
    heads = shapecalc.layer("MultiHeadAttention", num_heads=3, key_dim=4, attention_axes=axes)
    shape = (2, 5, 6, 8)
    assert heads.compute_output_shape(shape, shape, return_attention_scores=True) == [shape, scores]
