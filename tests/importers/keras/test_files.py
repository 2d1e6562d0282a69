"""Model files as they come: archives, old and broken ones, and ones that mean harm."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from failing import failing
from terminal import called

import shapecalc
from shapecalc.dims import Dim
from shapecalc.importers.keras.files import MAX_CONFIG, read_model
from shapecalc.importers.keras.nesting import MAX_DEPTH

if TYPE_CHECKING:
    from pathlib import Path

DENSE = {"class_name": "Dense", "config": {"units": 3, "batch_input_shape": [None, 8]}}
MODEL = {"class_name": "Sequential", "config": {"name": "s", "layers": [DENSE]}}


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return stream.getvalue()


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"layers": list(layers)}}


def test_a_keras_archive_is_read_for_its_description_alone(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(archive({"config.json": json.dumps(MODEL).encode(), "model.weights.h5": b"x"}))
    trace = shapecalc.trace(shapecalc.load(path))
    assert trace.output == (Dim("B"), 3)
    assert trace.params == 27


def test_an_archive_of_any_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    weights = bytes(70_000_000)
    path.write_bytes(
        archive({"model.weights.h5": weights, "config.json": json.dumps(MODEL).encode()}, 0)
    )
    assert path.stat().st_size > 70_000_000
    assert called(str(path), "-q").out == "B,3\n"
    assert shapecalc.trace(shapecalc.load(path)).params == 27


def test_a_mapping_and_a_file_give_the_same_network(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(MODEL), encoding="utf-8")
    assert shapecalc.load(MODEL) == shapecalc.load(path) == shapecalc.load(str(path))


def test_the_description_of_a_training_run_is_found() -> None:
    assert shapecalc.load({"model_config": json.dumps(MODEL)}) == shapecalc.load(MODEL)
    assert shapecalc.load(MODEL["config"]) == shapecalc.load(MODEL)  # type: ignore[arg-type]


def test_json_output_of_a_spec_is_read_again() -> None:
    spec = "in:B:T:4,conv1d:8:3"
    assert shapecalc.load(shapecalc.trace(spec).to_dict()) == shapecalc.parse(spec)


def test_a_network_without_a_shape_gets_the_one_of_its_first_layer() -> None:
    trace = shapecalc.trace(
        shapecalc.load(sequential({"class_name": "LSTM", "config": {"units": 4}}))
    )
    assert trace.inputs == [("input_layer", (Dim("B"), Dim("T"), Dim("F")))]


def test_tensorflow_functions_of_keras_2() -> None:
    def layer(name: str, cls: str, config: dict[str, Any], *calls: Any) -> dict[str, Any]:
        return {
            "class_name": cls,
            "name": name,
            "config": config | {"name": name},
            "inbound_nodes": list(calls),
        }

    model = {
        "class_name": "Functional",
        "config": {
            "layers": [
                layer("x", "InputLayer", {"batch_input_shape": [None, 10, 4]}),
                layer(
                    "add",
                    "TFOpLambda",
                    {"function": "__operators__.add"},
                    ["x", 0, 0, {"y": ["x", 0, 0], "name": None}],
                ),
                layer(
                    "mul", "TFOpLambda", {"function": "math.multiply"}, ["add", 0, 0, {"y": 2.0}]
                ),
                layer(
                    "one",
                    "TFOpLambda",
                    {"function": "__operators__.rsub"},
                    ["_CONSTANT_VALUE", -1, 1.0, {"y": ["mul", 0, 0]}],
                ),
                layer(
                    "mean",
                    "TFOpLambda",
                    {"function": "math.reduce_mean"},
                    ["mul", 0, 0, {"axis": 1, "keepdims": True}],
                ),
                layer(
                    "cut",
                    "SlicingOpLambda",
                    {"function": "__operators__.getitem"},
                    [
                        "mul",
                        0,
                        0,
                        {"slice_spec": [{"start": None, "stop": None, "step": None}, -1]},
                    ],
                ),
                layer(
                    "cat",
                    "TFOpLambda",
                    {"function": "concat"},
                    [["mul", 0, 0, {"axis": -1}], ["mul", 0, 0, {"axis": -1}]],
                ),
                layer(
                    "flat",
                    "TFOpLambda",
                    {"function": "reshape"},
                    ["cat", 0, 0, {"shape": [-1, 80]}],
                ),
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["mean", 0, 0], ["cut", 0, 0], ["flat", 0, 0]],
        },
    }
    trace = shapecalc.trace(shapecalc.load(model))
    assert trace.outputs == [(Dim("B"), 1, 4), (Dim("B"), 4), (Dim("B"), 80)]
    assert [row.layer for row in trace.layers][:3] == ["Add", "Multiply", "Subtract"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this is not JSON"),
        (b"{", "line 1, column 2: this is not JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "is a Git LFS pointer"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"[1, 2]", "this is not a Keras model"),
        (b'{"a": 1}', "this is not a Keras model"),
        (b'{"class_name": "MyModel", "config": {}}', "there is no layer MyModel"),
        (b'{"class_name": "Sequential", "config": {"layers": [3]}}', "has no class_name"),
        (
            b'{"class_name": "Sequential", "config": 3}',
            "is not a model: the file lists no layers of it",
        ),
        (
            b'{"class_name": "Functional", "config": {"layers": [], "input_layers": []}}',
            "no output_layers",
        ),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"PK\x03\x04", "the archive is broken"),
        (archive({"weights": b""}), "has no config.json"),
        (archive({"net/data.pkl": b""}), "is a PyTorch checkpoint, which holds weights"),
        (archive({"config.json": b"not json"}), "this is not JSON"),
        (b"[" * 100_000, f"nest deeper than {MAX_DEPTH}"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, f"nest deeper than {MAX_DEPTH}"),
        (b'{"class_name": 1e999}', "this is not a Keras model"),
    ],
)
def test_what_is_no_model_is_refused_in_one_message(data: bytes, message: str) -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        read_model(data, name="model.keras")
    assert message in caught.value.message
    assert caught.value.message.startswith("model.keras: ")


def test_a_description_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(
        shapecalc.SpecError, match=r"^model\.keras: its config\.json is larger than"
    ):
        read_model(archive({"config.json": b" " * (MAX_CONFIG + 1)}), name="model.keras")


def test_a_truncated_archive_is_refused() -> None:
    whole = archive({"config.json": json.dumps(MODEL).encode() * 3})

    def is_refused(cut: int) -> None:
        with pytest.raises(shapecalc.SpecError):
            read_model(whole[:-cut] if cut < len(whole) else b"PK")

    assert not failing(is_refused, range(1, 400, 7))


@pytest.mark.parametrize(
    "change",
    [
        {"input_layers": [["nobody", 0, 0]]},
        {"output_layers": [["d", 7, 0]]},
        {"output_layers": [["d", 0, 3]]},
        {"layers": 3},
        {"layers": [{"class_name": "Dense"}]},
        {"output_layers": {}},
        {"input_layers": "x"},
    ],
)
def test_a_graph_that_does_not_hold_together_is_refused(change: dict[str, Any]) -> None:
    config: dict[str, Any] = {
        "layers": [
            {
                "class_name": "InputLayer",
                "name": "x",
                "config": {"batch_shape": [None, 8]},
                "inbound_nodes": [],
            },
            {
                "class_name": "Dense",
                "name": "d",
                "config": {"units": 3},
                "inbound_nodes": [[["x", 0, 0, {}]]],
            },
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    assert shapecalc.trace(shapecalc.load({"class_name": "Model", "config": config})).output == (
        Dim("B"),
        3,
    )
    with pytest.raises(shapecalc.SpecError):
        shapecalc.trace(shapecalc.load({"class_name": "Model", "config": config | change}))


def test_layers_that_read_each_other_are_refused() -> None:
    def relu(name: str, before: str) -> dict[str, Any]:
        return {
            "class_name": "ReLU",
            "name": name,
            "config": {},
            "inbound_nodes": [[[before, 0, 0, {}]]],
        }

    config = {
        "layers": [
            {
                "class_name": "InputLayer",
                "name": "x",
                "config": {"batch_shape": [None, 8]},
                "inbound_nodes": [],
            },
            relu("a", "b"),
            relu("b", "a"),
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["b", 0, 0]],
    }
    with pytest.raises(shapecalc.SpecError, match="a depends on its own output"):
        shapecalc.load({"class_name": "Model", "config": config})


def test_models_within_models_without_end_are_refused() -> None:
    inner: dict[str, Any] = MODEL
    for _ in range(600):
        inner = sequential(inner)
    with pytest.raises(shapecalc.SpecError, match="nested too deeply"):
        shapecalc.load(inner)


def test_a_custom_layer_keeps_the_shape_where_that_is_said(tmp_path: Path) -> None:
    model = sequential(
        DENSE, {"class_name": "Mine", "config": {"name": "mine"}, "registered_name": "my>Mine"}
    )
    path = tmp_path / "m.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    refused = called(str(path))
    assert refused.code == 2
    assert refused.out == ""
    assert "there is no layer Mine" in refused.err
    assert "--custom Mine=same" in refused.err
    said = called(str(path), "--custom", "Mine=same")
    assert said.code == 0
    assert said.out.splitlines()[1] == "2\tmine\tMine\tB,3\tB,3\t?"
    assert called("convert", str(path), "--custom", "Mine=same").out == "in:B:8,dense:3,id@mine\n"
    wrong = called(str(path), "--custom", "Mine=other")
    assert wrong.code == 2
    assert "--custom takes NAME=same" in wrong.err


def test_a_model_on_standard_input_and_joined_with_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(MODEL), encoding="utf-8")
    assert called("-", "-q", stdin=json.dumps(MODEL).encode()).out == "B,3\n"
    assert called(str(path), "dense:5", "-q").out == "B,5\n"
    assert called(str(path), "-i", "B,9", "--format", "json").code == 0
    assert (
        called("convert", str(path)).out
        == called(str(path), "-f", "spec").out
        == "in:B:8,dense:3\n"
    )


def test_a_broken_file_exits_2_without_a_result(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(b"PK\x03\x04 nothing")
    done = called(str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {path}: the archive is broken")
