"""What files of Keras 2 have that Keras 3 does not: keys, defaults, numbers of calls, classes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

import shapecalc
from shapecalc.dims import Dim
from shapecalc.importers.keras.files import read_model

if TYPE_CHECKING:
    from pathlib import Path

B = Dim("B")


def sequential(*layers: dict[str, Any], shape: list[int | None] | None = None) -> dict[str, Any]:
    if shape is not None:
        first = layers[0]["config"] | {"batch_input_shape": [None, *shape]}
        layers = ({**layers[0], "config": first}, *layers[1:])
    return {"class_name": "Sequential", "config": {"layers": list(layers)}}


def layer(cls: str, **config: Any) -> dict[str, Any]:
    return {"class_name": cls, "config": config}


def traced(*layers: dict[str, Any], shape: list[int | None], **custom_classes: str) -> Any:
    data = json.dumps(sequential(*layers, shape=shape)).encode()
    return shapecalc.trace(read_model(data, custom_classes=custom_classes))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_spatial_dropout_stores_what_it_does_not_take(rank: int) -> None:
    drop = layer(f"SpatialDropout{rank}D", trainable=False, rate=0.3, noise_shape=None, seed=None)
    assert traced(drop, shape=[6] * rank + [3]).params == 0


@pytest.mark.parametrize(
    ("stored", "params"),
    [
        (layer("GRU", units=5), 135),
        (layer("GRU", units=5, reset_after=True), 150),
        (layer("GRU", units=5) | {"module": "keras.layers"}, 150),
        (layer("CuDNNGRU", units=5), 150),
        (layer("CuDNNLSTM", units=5), 200),
        (layer("RNN", cell=layer("GRUCell", units=5)), 135),
        (layer("Bidirectional", layer=layer("CuDNNLSTM", units=5)), 400),
        (layer("TimeDistributed", layer=layer("Dense", units=5)), 20),
    ],
)
def test_recurrent_layers_have_the_biases_they_had(stored: dict[str, Any], params: int) -> None:
    assert traced(stored, shape=[7, 3]).params == params


@pytest.mark.parametrize(
    ("cls", "config", "key"),
    [
        ("Dense", {"units": 3}, "frobnicate"),
        ("LSTM", {"units": 3, "time_major": True}, "time_major"),
        ("Bidirectional", {"layer": layer("LSTM", units=3), "num_constants": 1}, "num_constants"),
        ("Conv2DTranspose", {"filters": 3, "kernel_size": 2, "groups": 2}, "groups"),
        ("MaxPooling1D", {"pool_size": 2, "pool_sise": 3}, "pool_sise"),
    ],
)
def test_a_key_that_is_not_understood_is_refused_by_name(
    cls: str, config: dict[str, Any], key: str
) -> None:
    stored = layer(cls, name="it", **{key: 1, **config})
    with pytest.raises(shapecalc.SpecError, match=f"it: there is no parameter {key}"):
        shapecalc.load(sequential(stored, shape=[8, 8, 3][: 3 if "2D" in cls else 2]))


@pytest.mark.parametrize(
    ("cls", "config"),
    [
        ("LSTM", {"units": 3, "time_major": False, "implementation": 2}),
        ("Conv1DTranspose", {"filters": 3, "kernel_size": 2, "groups": 1}),
        ("SeparableConv1D", {"filters": 3, "kernel_size": 2, "kernel_initializer": "zeros"}),
        ("BatchNormalization", {"fused": True, "virtual_batch_size": None}),
        ("Dropout", {"rate": 0.5, "rng_type": "stateless", "dynamic": True}),
    ],
)
def test_a_key_that_changes_no_shape_is_passed_over(cls: str, config: dict[str, Any]) -> None:
    assert len(traced(layer(cls, **config), shape=[8, 3]).layers) == 1


def test_initializers_at_their_defaults_are_left_out() -> None:
    scaled = layer("VarianceScaling", scale=1.0, mode="fan_avg", distribution="uniform", seed=None)
    drawn = layer("RandomUniform", minval=-0.05, maxval=0.05, seed=None)
    zeros = layer("Zeros")
    network = shapecalc.load(
        sequential(
            layer("Embedding", input_dim=9, output_dim=4, embeddings_initializer=drawn),
            layer("Dense", units=3, kernel_initializer=scaled, bias_initializer=zeros),
            shape=[7],
        )
    )
    assert str(network) == "in:B:7,embedding:9:4,dense:3"
    he = layer("VarianceScaling", scale=2.0, mode="fan_in", distribution="truncated_normal")
    network = shapecalc.load(sequential(layer("Dense", units=3, kernel_initializer=he), shape=[4]))
    assert str(network) == "in:B:4,dense:3:kernel_initializer=he_normal"


def inner_model(name: str = "m") -> dict[str, Any]:
    entry = {
        "class_name": "InputLayer",
        "name": "i",
        "config": {"batch_input_shape": [None, 8], "name": "i"},
        "inbound_nodes": [],
    }
    dense = layer("Dense", units=3, name="d") | {"name": "d", "inbound_nodes": [[["i", 0, 0, {}]]]}
    config = {
        "name": name,
        "layers": [entry, dense],
        "input_layers": [["i", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    return {"class_name": "Model", "config": config}


def test_a_sequential_takes_its_input_from_the_model_it_begins_with() -> None:
    model = sequential(sequential(inner_model()), layer("Dense", units=2))
    trace = shapecalc.trace(shapecalc.load(model))
    assert trace.inputs == [("input_layer", (B, 8))]
    assert (trace.output, trace.params) == ((B, 2), 27 + 8)


@pytest.mark.parametrize(
    ("added", "output"),
    [((0, 1), 1), ((1, 2), 2), ((1, 2), 1), ((0, 1), 2), ((1, 1), 2)],
)
def test_calls_of_a_model_may_count_its_making(added: tuple[int, int], output: int) -> None:
    entries = [
        {
            "class_name": "InputLayer",
            "name": name,
            "config": {"batch_input_shape": [None, 8]},
            "inbound_nodes": [],
        }
        for name in "ab"
    ]
    twice = inner_model() | {
        "name": "m",
        "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
    }
    joined = layer("Add") | {
        "name": "s",
        "inbound_nodes": [[["m", call, 0, {}] for call in added]],
    }
    config = {
        "layers": [*entries, twice, joined],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["s", 0, 0], ["m", output, 0]],
    }
    trace = shapecalc.trace(shapecalc.load({"class_name": "Model", "config": config}))
    assert trace.outputs == [(B, 3), (B, 3)]
    last = max(*added, output)
    number = output - 1 if last == 2 and (0 not in added or output == 2) else output
    assert [name for name, _ in trace.named_outputs] == ["s", ("m", "m_1")[number]]


MINE = layer("Mine", name="mine", units=3, use_bias=False, rate=2)


@pytest.mark.parametrize(
    ("meaning", "output", "params"),
    [
        ("same", (B, 7, 4), None),
        ("Dense", (B, 7, 3), 12),
        ("dense", (B, 7, 3), 12),
        ("B,7,9", (B, 7, 9), None),
        ("(B, T, 9)", (B, Dim("T"), 9), None),
        ("relu", (B, 7, 4), 0),
    ],
)
def test_a_user_defined_class_is_what_it_is_said_to_be(
    meaning: str, output: tuple[Any, ...], params: int | None
) -> None:
    trace = traced(MINE, shape=[7, 4], Mine=meaning)
    assert trace.output == output
    assert trace.params == params


def test_what_a_layer_does_not_take_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(sequential(MINE, shape=[4])), encoding="utf-8")
    done = called(str(path), "--custom", "Mine=dense")
    assert done.out == "1\tmine\tDense\tB,4\tB,3\t12\n"
    assert "Mine is read as Dense, which takes no rate" in done.err


@pytest.mark.parametrize("meaning", ["other", "B,,", "", "B,-1"])
def test_a_meaning_that_is_none_is_refused(meaning: str, tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(sequential(MINE, shape=[4])), encoding="utf-8")
    done = called(str(path), "--custom", f"Mine={meaning}")
    assert (done.code, done.out) == (2, "")
    assert "--custom takes NAME=same, NAME=LAYER or NAME=SHAPE" in done.err


def test_params_that_nobody_knows_are_no_number(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    model = sequential(MINE, layer("Dense", name="d", units=2), shape=[3])
    path.write_text(json.dumps(model), encoding="utf-8")
    custom = ("--custom", "Mine=same")
    assert called(str(path), *custom).out.splitlines()[0].endswith("\tB,3\tB,3\t?")
    data = json.loads(called(str(path), *custom, "-f", "json").out)
    assert [row["params"] for row in data["layers"]] == [None, 8]
    assert data["params"] == {
        "total": None, "trainable": None, "non_trainable": None, "at_least": 8,
    }  # fmt: skip
    assert "at least 8" in called(str(path), *custom, "-f", "table").out
    wrapped = sequential(layer("TimeDistributed", layer=MINE), shape=[7, 3])
    path.write_text(json.dumps(sequential(wrapped, layer("Dense", units=2))), encoding="utf-8")
    data = json.loads(called(str(path), *custom, "-f", "json").out)
    assert [row["params"] for row in data["layers"]] == [None, 8]


def lambda_of_2(**config: Any) -> dict[str, Any]:
    return layer("Lambda", function=["4wEAAAA=\n", None, None], function_type="lambda", **config)


def test_a_lambda_obeys_what_is_said_of_it() -> None:
    trace = traced(lambda_of_2(output_shape=None), shape=[4], Lambda="same")
    assert (trace.output, trace.params) == ((B, 4), 0)
    trace = traced(lambda_of_2(output_shape=[3], output_shape_type="raw"), shape=[4])
    assert trace.output == (B, 3)
    code = lambda_of_2(output_shape=["4wEAAAA=\n", None, None], output_shape_type="lambda")
    assert traced(code, shape=[4], Lambda="B,9").output == (B, 9)
    with pytest.raises(
        shapecalc.SpecError, match="the output of the function of a Lambda"
    ) as caught:
        traced(code, shape=[4])
    assert "--custom Lambda=same" in (caught.value.help or "")
    wrapped = layer("TimeDistributed", layer=code)
    assert traced(wrapped, shape=[7, 4], Lambda="same").output == (B, 7, 4)
