"""Every layer of Keras takes the multiply-accumulates that were counted when it ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.dims import Size, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.catalog import layer

DATA = Path(__file__).parents[2] / "data" / "keras_macs.jsonl"
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()
]
#: The functions, of which only the spec has the arguments, and the layers.
FUNCTIONS = [case for case in CASES if "." in case["layer"]]
LAYERS = [case for case in CASES if "." not in case["layer"]]
MODELS = recorded("applications")


def shown(case: dict[str, Any]) -> str:
    return f"{case['layer']}-{json.dumps(case['config'])}-{case['input_shapes']}"


def macs(spec: Any, **values: Size) -> Size:
    total: Size = 0
    for row in shapecalc.trace(spec, set=values).layers:
        total = total + row.macs
    return total


def test_all_that_was_counted_is_compared() -> None:
    assert len(LAYERS) + len(FUNCTIONS) == 115
    assert all("spec" in case for case in FUNCTIONS)


@pytest.mark.parametrize("case", LAYERS, ids=shown)
def test_a_layer_takes_what_keras_takes(case: dict[str, Any]) -> None:
    shapes = [tuple(shape) for shape in case["input_shapes"]]
    call = case.get("call", {})
    made = layer(case["layer"], **case["config"])
    assert made.count_macs(*shapes, **call) == case["macs"]
    assert made.count_params(*shapes, **call) == case["params"]


@pytest.mark.parametrize("case", [c for c in CASES if "call" in c], ids=shown)
def test_a_call_gives_what_keras_gives(case: dict[str, Any]) -> None:
    made = layer(case["layer"], **case["config"])
    outputs = made.compute_output_shape(*case["input_shapes"], **case["call"])
    found = list(outputs) if isinstance(outputs, tuple) else [list(shape) for shape in outputs]
    assert found == case["output_shape"]


@pytest.mark.parametrize("case", [c for c in CASES if "spec" in c], ids=shown)
def test_a_spec_takes_it_for_every_batch(case: dict[str, Any]) -> None:
    assert substitute(macs(case["spec"]), {"B": case["input_shapes"][0][0]}) == case["macs"]


@pytest.mark.parametrize(("name", "known"), [("MobileNetV2", 300774272), ("ResNet50", 3857973248)])
def test_a_whole_model_takes_what_was_counted(name: str, known: int) -> None:
    assert substitute(macs(shapecalc.load(MODELS[name]["json"])), {"B": 1}) == known


@pytest.mark.parametrize(
    ("spec", "letters"),
    [
        ("in:B:H:W:C,conv2d:8:3:s=2:same,bn,relu,sepconv2d:F:3,flatten,dense:10", "B H W C F"),
        ("in:B:T:F,bi-lstm:U:seq,gru:4:seq,rnn(lstmcell:3|grucell:U):seq,td-dense:5", "B T F U"),
        ("in:B:S:24@en,in:B:T:24,mha:2:K:kv=@en,ln,attn:kv=@en,gqa:4:6:3:kv=@en", "B S T K"),
        ("in:B:T:H:W:3,td(conv2d:16:3:same,maxpool2d:2,flatten),lstm:U,dense:5", "B T H W U"),
        ("in:B:T:H:W:3,convlstm2d:4:3,tconv2d:2:3:s=2,dwconv2d:3:same", "B T H W"),
        ('in:B:S:8@a,in:B:T:8@b,dot:@a:2,einsumdense:"abc,cd->abd":(None,6)', "B S"),
        ("in:B:T:8,dense:8@d,use:@d,add:@d", "B T"),
        ('in:B:T:8@a,in:B:8:S@b,in:B:S:5@c,@a,matmul:@b,einsum:@c:"bts,bsd->btd"', "B T S"),
    ],
)
def test_what_is_put_in_before_counting_can_be_put_in_after(spec: str, letters: str) -> None:
    values = {name: 12 + 5 * place for place, name in enumerate(letters.split())}
    assert substitute(macs(spec), values) == macs(spec, **values)


def test_shared_weights_are_used_at_each_call() -> None:
    first, again, _ = shapecalc.trace("in:B:T:8,dense:4@d,in:B:S:8,use:@d,dense:1").layers[:3]
    assert (str(first.macs), str(again.macs)) == ("32*B*T", "32*B*S")
    assert again.params == 0


def test_a_condition_is_known_to_places_too() -> None:
    first, second = shapecalc.trace("in:B:T:8,dense:4,in:B:S:4@x,is:B:9:4,dense:2").layers
    assert (str(first.macs), str(second.macs)) == ("32*B*T", "72*B")


def test_what_wraps_multiplies_what_is_inside() -> None:
    inner = {"layer": "Dense", "config": {"units": 6}}
    norm = {"layer": "SpectralNormalization", "config": {"layer": inner}}
    once = layer("SpectralNormalization", layer=inner)
    steps = layer("TimeDistributed", layer=norm)
    for training in (False, True):
        expected = 5 * once.count_macs((2, 7), training=training)
        assert steps.count_macs((2, 5, 7), training=training) == expected


def test_lora_multiplies_its_two_matrices() -> None:
    assert layer("Dense", units=6, lora_rank=2).count_macs((3, 7)) == 3 * 7 * 6 + 7 * 2 * 6
    thin = layer("EinsumDense", equation="ab,bc->ac", output_shape=6, lora_rank=2)
    assert thin.count_macs((3, 7)) == 3 * 7 * 6 + 7 * 2 * 6


def test_a_single_feature_of_the_query_meets_all_of_the_key() -> None:
    made = layer("AdditiveAttention")
    assert made.count_macs((2, 5, 1), (2, 7, 4), (2, 7, 8)) == 2 * 5 * 7 * (8 + 4)


@pytest.mark.parametrize(
    ("config", "shape", "scores"),
    [
        ({"num_heads": 3, "key_dim": 4}, (2, 5, 6, 8), (2, 3, 5, 6, 5, 6)),
        ({"num_heads": 3, "key_dim": 4, "attention_axes": 2}, (2, 5, 6, 8), (2, 5, 3, 6, 6)),
    ],
)
def test_scores_have_the_axes_that_are_looked_along(
    config: dict[str, Any], shape: tuple[int, ...], scores: tuple[int, ...]
) -> None:
    made = layer("MultiHeadAttention", **config)
    assert made.compute_output_shape(shape, shape, return_attention_scores=True) == [shape, scores]


def test_the_way_back_of_an_embedding_multiplies() -> None:
    tied = layer("ReversibleEmbedding", input_dim=30, output_dim=6)
    assert tied.count_macs((2, 5)) == 0
    assert tied.compute_output_shape((2, 5, 6), reverse=True) == (2, 5, 30)
    assert tied.count_macs((2, 5, 6), reverse=True) == 2 * 5 * 180
    free = layer("ReversibleEmbedding", input_dim=30, output_dim=6, tie_weights=False)
    assert free.count_macs((2, 5, 6), reverse=True) == 2 * 5 * 180
    with pytest.raises(ShapeError, match="turns back vectors of 6 numbers"):
        tied.count_macs((2, 5, 7), reverse=True)


def test_a_layer_is_called_only_with_what_it_takes() -> None:
    made = layer("Dense", units=3)
    for ask in (made.count_macs, made.count_params, made.compute_output_shape):
        with pytest.raises(SpecError, match="Dense is not called with reverse"):
            ask((2, 3), reverse=True)
    assert made.count_macs((2, 3), training=True) == 18
