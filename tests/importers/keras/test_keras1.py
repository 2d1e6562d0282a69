"""Models of Keras 1 and 0: every shape and parameter of the recorded ones, the rest by name."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from failing import failing
from importers.keras.recorded import DATA, same_shapes

import shapecalc
from shapecalc.dims import Dim
from shapecalc.importers.keras.files import read_model
from shapecalc.importers.keras.keras1_layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

B = Dim("B")


def recorded() -> dict[str, list[dict[str, Any]]]:
    """The recorded models by the class that they begin with."""
    found: dict[str, list[dict[str, Any]]] = {}
    with gzip.open(DATA / "keras1.jsonl.gz", "rt", encoding="utf-8") as stream:
        for record in map(json.loads, stream):
            config = record["model"]["config"]
            first = config[0]["class_name"] if isinstance(config, list) else "Model"
            found.setdefault(first, []).append(record)
    return found


RECORDED = recorded()
#: Classes whose configs Keras 1.2.2 refuses to be called alone, or that hold no layer's shape.
UNRECORDED = {"InputLayer", "Lambda", "SpatialDropout3D"}


def test_every_class_is_recorded() -> None:
    assert set(LAYERS) - set(RECORDED) == UNRECORDED


def differences(record: dict[str, Any]) -> Iterator[str]:
    trace = shapecalc.trace(shapecalc.load(record["model"]))
    rows = {row.name: row for row in trace.layers}
    for name, shape, params in record["rows"]:
        if not same_shapes(rows[name].outputs, [shape]) and None not in shape[1:]:
            yield f"{name} gives {rows[name].outputs}, not {shape}"
        if rows[name].params != params:
            yield f"{name} has {rows[name].params} params, not {params}"
    if trace.params != record["total"]:
        yield f"{trace.params} params, not {record['total']}"
    again = shapecalc.trace(str(trace.network))
    if (again.outputs, again.params) != (trace.outputs, trace.params):
        yield f"{trace.network} gives {again.outputs} with {again.params} params"


def models_are_those_of_keras_1(first: str) -> None:
    found = [(record["model"], each) for record in RECORDED[first] for each in differences(record)]
    assert not found, found[:5]


def test_models_have_the_shapes_and_parameters_of_keras_1() -> None:
    assert not failing(models_are_those_of_keras_1, sorted(RECORDED))


def models_are_known_by_their_arguments(first: str) -> None:
    for record in RECORDED[first]:
        plain = {key: value for key, value in record["model"].items() if key != "keras_version"}
        assert shapecalc.load(plain) == shapecalc.load(record["model"])


def test_a_model_that_does_not_say_its_version_is_known_by_its_arguments() -> None:
    assert not failing(models_are_known_by_their_arguments, sorted(RECORDED))


def sequential(*layers: Any, **more: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": list(layers), "keras_version": "1.1.0", **more}


def layer(cls: str, **config: Any) -> dict[str, Any]:
    return {"class_name": cls, "config": config}


def argument_is_refused_by_name(cls: str) -> None:
    model = sequential(layer(cls, name="it", batch_input_shape=[None, 4], frobnicate=1))
    with pytest.raises(shapecalc.SpecError, match=f"it: frobnicate of Keras 1's {cls} is not read"):
        shapecalc.load(model)


def test_an_argument_that_is_not_understood_is_refused_by_name() -> None:
    assert not failing(argument_is_refused_by_name, sorted(LAYERS))


def test_a_class_that_is_not_understood_is_refused_by_name() -> None:
    model = sequential(layer("ConvLSTM2D", name="it", nb_filter=3, batch_input_shape=[None, 4]))
    with pytest.raises(shapecalc.SpecError, match="it: ConvLSTM2D of Keras 1 is not read"):
        shapecalc.load(model)
    data = json.dumps(model).encode()
    said = read_model(data, custom_classes={"ConvLSTM2D": "B,7"})
    assert shapecalc.trace(said).output == (B, 7)


def test_a_class_that_keras_never_had_is_one_of_the_user() -> None:
    model = sequential(layer("Dense", output_dim=3, input_dim=4), layer("LRN", name="it", n=5))
    with pytest.raises(shapecalc.SpecError, match="there is no layer LRN"):
        shapecalc.load(model)
    said = read_model(json.dumps(model).encode(), custom_classes={"LRN": "same"})
    assert shapecalc.trace(said).output == (B, 3)


def test_layers_that_do_not_say_how_axes_stand_follow_those_that_do() -> None:
    padding = layer("ZeroPadding2D", padding=[1, 1], batch_input_shape=[None, 3, 8, 9])
    for ordering, output in (("th", (B, 3, 10, 11)), ("tf", (B, 5, 10, 9))):
        flat = layer("GlobalMaxPooling2D", dim_ordering=ordering)
        trace = shapecalc.trace(shapecalc.load(sequential(padding, flat)))
        assert trace.layers[0].outputs == (output,)


@pytest.mark.parametrize(
    ("cls", "config", "message"),
    [
        ("Convolution2D", {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "border_mode": "full"}, "only on Theano"),
        ("MaxPooling2D", {"dim_ordering": "xy"}, "dim_ordering takes th or tf"),
        ("MaxPooling2D", {"ignore_border": False}, "ignore_border=False of Keras 0"),
        ("ZeroPadding2D", {"padding": {"top": 3}}, "padding .* of Keras 1's ZeroPadding2D"),
        ("ZeroPadding3D", {"padding": {"top_pad": 3}}, "padding .* of Keras 1's ZeroPadding3D"),
        ("Deconvolution2D", {"nb_filter": 2, "nb_row": 3, "nb_col": 3}, "has no four sizes"),
        ("Merge", {"mode": "join"}, "mode 'join' of Keras 1's Merge is not read"),
        ("Lambda", {"output_shape": ["code"], "output_shape_type": "lambda"}, "function of a Lambda"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_understood_is_refused(
    cls: str, config: dict[str, Any], message: str
) -> None:
    model = sequential(layer(cls, name="it", batch_input_shape=[None, 8, 8, 3], **config))
    with pytest.raises(shapecalc.SpecError, match=message):
        shapecalc.load(model)


def test_functions_that_say_their_shape_are_read() -> None:
    one = sequential(layer("Dense", output_dim=3, input_dim=4))
    merge = layer("Merge", mode="code", mode_type="lambda", output_shape=[5, 2], layers=[one, one])
    last = layer("Lambda", function="code", output_shape=[7], output_shape_type="raw")
    trace = shapecalc.trace(shapecalc.load(sequential(merge, last)))
    assert [row.outputs for row in trace.layers] == [((B, 5, 2),), ((B, 7),)]


@pytest.mark.parametrize("axes", [1, -1, [1, 1], [[1], [1]]])
def test_dot_axes_in_all_the_ways_they_were_written(axes: Any) -> None:
    one = sequential(layer("Dense", output_dim=3, input_dim=4))
    merge = layer("Merge", mode="dot", dot_axes=axes, layers=[one, one])
    assert shapecalc.trace(shapecalc.load(sequential(merge))).output == (B, 1)


def test_a_merge_takes_no_input_whose_shape_nobody_says() -> None:
    one = sequential(layer("Dense", output_dim=3))
    with pytest.raises(shapecalc.SpecError, match="does not say the shape of an input"):
        shapecalc.load(sequential(layer("Merge", mode="sum", layers=[one, one])))


@pytest.mark.parametrize(
    ("cls", "config", "shape"),
    [
        ("Dense", {"output_dim": 3, "input_dim": 4}, (4,)),
        ("LSTM", {"output_dim": 3, "input_dim": 4}, (None, 4)),
        ("LSTM", {"output_dim": 3, "input_dim": 4, "input_length": 6}, (6, 4)),
        ("Embedding", {"input_dim": 9, "output_dim": 3, "input_length": 6}, (6,)),
        ("Convolution1D", {"nb_filter": 3, "filter_length": 2, "input_dim": 4}, (None, 4)),
    ],
)
def test_sizes_of_an_input_are_its_shape(
    cls: str, config: dict[str, Any], shape: tuple[int | None, ...]
) -> None:
    ((_, read),) = shapecalc.trace(shapecalc.load(sequential(layer(cls, **config)))).inputs
    assert same_shapes([read], [[None, *shape]])


OLDEST = {
    "name": "Sequential",
    "layers": [
        {
            "name": "Convolution2D",
            "custom_name": "conv",
            "cache_enabled": True,
            "nb_filter": 4,
            "nb_row": 3,
            "nb_col": 3,
            "input_shape": [3, 8, 9],
        },
        {"name": "Activation", "custom_name": "act", "activation": "relu"},
        {"name": "Flatten", "custom_name": "flat"},
        {"name": "Dense", "custom_name": "out", "output_dim": 2, "init": "uniform"},
    ],
    "loss": "mse",
    "optimizer": {"name": "SGD", "lr": 0.1},
}


def test_keras_0_has_the_channels_first_and_the_class_as_name() -> None:
    trace = shapecalc.trace(shapecalc.load(OLDEST))
    assert [row.name for row in trace.layers] == ["conv", "act", "flat", "out"]
    assert trace.layers[0].outputs == ((B, 4, 6, 7),)
    assert trace.output == (B, 2)
    assert trace.params == 4 * 3 * 9 + 4 + 4 * 42 * 2 + 2


def test_keras_0_holds_models_in_models_and_layers_in_wrappers() -> None:
    timed = {"name": "TimeDistributed", "layer": {"name": "Dense", "output_dim": 3}}
    left = {"name": "Sequential", "layers": [{**timed, "input_shape": [6, 5]}]}
    right = {
        "name": "Sequential",
        "layers": [{"name": "TimeDistributedDense", "output_dim": 3, "input_shape": [6, 2]}],
    }
    merge = {"name": "Merge", "mode": "concat", "concat_axis": 2, "layers": [left, right]}
    trace = shapecalc.trace(shapecalc.load({"name": "Sequential", "layers": [merge]}))
    assert trace.output == (B, 6, 6)
    assert trace.params == 5 * 3 + 3 + 2 * 3 + 3


def test_a_layer_named_as_a_class_makes_no_model_old() -> None:
    model = {
        "class_name": "Sequential",
        "config": [layer("Conv1D", name="Dense", filters=2, kernel_size=3)],
    }
    (row,) = shapecalc.trace(shapecalc.load(model)).layers
    assert (row.name, row.layer) == ("Dense", "Conv1D")


GRAPH = {
    "name": "Graph",
    "input_config": [
        {"name": "a", "dtype": "float", "input_shape": [5]},
        {"name": "b", "dtype": "float", "batch_input_shape": [None, 6]},
    ],
    "node_config": [
        {"name": "left", "input": "a", "inputs": [], "merge_mode": "concat", "concat_axis": -1},
        {"name": "right", "input": "b", "inputs": [], "create_output": False},
        {"name": "top", "input": None, "inputs": ["left", "right"], "merge_mode": "sum"},
    ],
    "output_config": [
        {"name": "out", "input": "top", "inputs": []},
        {"name": "both", "inputs": ["left", "top"], "merge_mode": "concat", "concat_axis": 1},
    ],
    "input_order": ["a", "b"],
    "output_order": ["out", "both"],
    "nodes": {
        "left": {"name": "Dense", "custom_name": "x", "output_dim": 3},
        "right": {"name": "Dense", "output_dim": 3},
        "top": {"name": "Dense", "output_dim": 2},
    },
}


def test_a_graph_of_keras_0_joins_what_its_nodes_read() -> None:
    trace = shapecalc.trace(shapecalc.load(GRAPH))
    assert [row.name for row in trace.layers] == ["left", "right", "top_merge", "top", "both_merge"]
    assert trace.outputs == [(B, 2), (B, 5)]
    assert trace.params == 18 + 21 + 8
    stored = {"class_name": "Graph", "config": GRAPH, "keras_version": "1.0.0"}
    assert shapecalc.load(stored) == shapecalc.load(GRAPH)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nodes": {}}, "this is not how Keras stores a model"),
        ({"node_config": [{"name": "left", "input": "a", "odd": 1}]}, "left: odd of Keras 0's Graph"),
        ({"node_config": [{"name": "left", "input": "nobody"}]}, "nobody"),
        ({"nodes": {**GRAPH["nodes"], "left": {"name": "Siamese"}}}, "no layer Siamese"),  # type: ignore[dict-item]
    ],
)  # fmt: skip
def test_a_graph_that_is_not_understood_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(shapecalc.SpecError, match=message):
        shapecalc.load({**GRAPH, **change})


@pytest.mark.parametrize("more", [{}, {"module": "mine", "registered_name": "mine>Merge"}])
def test_a_class_of_the_user_makes_no_model_old(more: dict[str, Any]) -> None:
    model = {
        "class_name": "Sequential",
        "config": [
            layer("Dense", units=3, batch_input_shape=[None, 4]),
            layer("Merge", name="it", mode="sum") | more,
        ],
    }
    with pytest.raises(shapecalc.SpecError, match="there is no layer Merge"):
        shapecalc.load(model)
    said = read_model(json.dumps(model).encode(), custom_classes={"Merge": "same"})
    assert shapecalc.trace(said).output == (B, 3)
