"""Models that nest: what is short to write may be endless to walk, and is not walked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

import shapecalc
from shapecalc.analysis.explanations import explanations
from shapecalc.dims import Dim
from shapecalc.importers.keras.files import read_model
from shapecalc.importers.keras.nesting import MAX_DEPTH, MAX_NESTING
from shapecalc.layers.budget import TooManyError
from shapecalc.tracing import nested as nested_models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shapecalc.network import Network

LEVELS = 30
TOO_MANY = "there are more than 100000 layers within layers"

DENSE = {"class_name": "Dense", "config": {"units": 8}}
#: Keeps its shape, so that each level is applied twice to the same one.
SAME = {"class_name": "Conv1D", "config": {"filters": 8, "kernel_size": 2, "padding": "same"}}
#: Cuts a step off, so that each application of each level has a shape of its own.
SHORTER = {"class_name": "Conv1D", "config": {"filters": 8, "kernel_size": 2}}
#: Gives a size that nobody knows, a new letter each time.
FRESH = {"class_name": "Mine", "config": {}, "registered_name": "my>Mine"}


def layer(name: str, cls: str, config: dict[str, Any], *calls: Any) -> dict[str, Any]:
    return {"class_name": cls, "name": name, "config": config, "inbound_nodes": list(calls)}


def twice(inner: dict[str, Any], *, rank: int = 3, times: int = 2) -> dict[str, Any]:
    """A model that applies another one several times, one after the other."""
    shape = [None] * (rank - 1) + [8]
    reads = ["x", *["m"] * (times - 1)]
    calls = [[[name, max(call - 1, 0), 0, {}]] for call, name in enumerate(reads)]
    layers = [
        layer("x", "InputLayer", {"batch_shape": shape}),
        layer("m", inner["class_name"], inner["config"], *calls)
        | {key: inner[key] for key in ("registered_name",) if key in inner},
    ]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["m", times - 1, 0]]}
    return {"class_name": "Functional", "config": {"name": "f", "layers": layers, **ends}}


def nested(inner: dict[str, Any], levels: int = LEVELS, **options: Any) -> dict[str, Any]:
    for _ in range(levels):
        inner = twice(inner, **options)
    return inner


def in_steps(inner: dict[str, Any]) -> dict[str, Any]:
    """A model that applies another one to every step."""
    return twice({"class_name": "TimeDistributed", "config": {"layer": inner}}, rank=4)


def test_a_model_that_is_applied_to_equal_shapes_is_walked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walks: list[Network] = []

    def walk(network: Network, *rest: Any) -> Any:
        walks.append(network)
        return inside(network, *rest)

    inside = nested_models.walk_inside
    monkeypatch.setattr(nested_models, "walk_inside", walk)
    trace = shapecalc.trace(shapecalc.load(nested(SAME)))
    assert len(walks) == len(set(map(id, walks))) == LEVELS - 1
    assert trace.output == (Dim("B"), Dim("T"), 8)
    assert trace.params == 8 * 8 * 2 + 8


@pytest.mark.parametrize(
    "model",
    [
        nested(SHORTER),
        nested(SHORTER, times=5),
        nested(SHORTER, levels=17),
        in_steps(nested(SHORTER, levels=20)),
    ],
)
def test_what_would_be_walked_without_end_is_refused(model: dict[str, Any]) -> None:
    network = shapecalc.load(model)
    with pytest.raises(TooManyError) as caught:
        shapecalc.trace(network)
    assert caught.value.message == TOO_MANY
    assert caught.value.help == "--max-layers N allows more"


def test_as_many_as_are_allowed_are_walked() -> None:
    network = shapecalc.load(nested(SHORTER, levels=6))
    # 2**6 convolutions and 2**5 + ... + 2 models, where the file has one of each.
    again = (2**6 - 1) + (2**6 - 2 - 5)
    trace = shapecalc.trace(network, max_layers=again)
    assert trace.output == (Dim("B"), Dim("T") - 64, 8)
    assert trace.conditions == ["T >= 65"]
    with pytest.raises(TooManyError, match=f"more than {again - 3} layers"):
        shapecalc.trace(network, max_layers=again - 3)


def test_new_letters_are_no_equal_shapes() -> None:
    history = {"keras_history": ["m", 0, 0], "shape": [None, None, 8]}
    read = {"class_name": "__keras_tensor__", "config": history}
    inner = twice(FRESH, times=1)
    relu = layer("r", "ReLU", {}, {"args": [read], "kwargs": {}}) | {"module": "keras.layers"}
    inner["config"]["layers"].append(relu)
    inner["config"]["output_layers"] = [["r", 0, 0]]
    network = shapecalc.load(nested(inner, levels=2))
    assert shapecalc.trace(network).output == (Dim("B"), Dim("N_3"), 8)
    with pytest.raises(TooManyError):
        shapecalc.trace(shapecalc.load(nested(inner)))


@pytest.mark.parametrize("model", [nested(SAME), nested(SHORTER), in_steps(nested(SAME, 20))])
def test_nothing_else_takes_them_apart(model: dict[str, Any]) -> None:
    network = shapecalc.load(model)
    assert network == shapecalc.load(json.loads(json.dumps(model)))
    with pytest.raises(shapecalc.SpecError):
        str(network)
    with pytest.raises(TooManyError) as caught:
        read_model(nested(SAME), expand=True)
    assert caught.value.message == f"the model: {TOO_MANY}"


def test_what_is_said_of_a_model_is_as_long_as_its_file() -> None:
    model = nested(SAME)
    trace = shapecalc.trace(shapecalc.load(model))
    size = len(json.dumps(model))
    assert len(json.dumps(trace.to_dict())) < size
    assert trace.to_dict()["spec"] is None
    assert [row.layer for row in trace.layers] == ["Functional"] * 2
    assert len("".join(line for each in explanations(trace) for line in each.lines)) < size
    assert [len(row.config["layers"]) for row in trace.layers] == [1, 1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-f", "spec"),
        ("--expand",),
        ("--expand", "-f", "json"),
        ("-f", "spec", "--max-layers", "5000000"),
    ],
)
def test_the_command_names_the_option(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(nested(SAME)), encoding="utf-8")
    assert path.stat().st_size < 20_000
    done = called(str(path), *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("help: --max-layers N allows more\n")


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "markdown", "mermaid", "tsv"])
def test_every_format_ends(tmp_path: Path, form: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(nested(SAME)), encoding="utf-8")
    done = called(str(path), "-f", form)
    assert (done.code, done.err) == (0, "")
    assert len(done.out) < 60_000


@pytest.mark.parametrize("command", ["convert", "explain", "diff", "fix"])
def test_the_commands_take_the_option(tmp_path: Path, command: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(nested(SHORTER, levels=4)), encoding="utf-8")
    arguments = [command, str(path), *([str(path)] if command == "diff" else [])]
    assert called(*arguments).code == 0
    done = called(*arguments, "--max-layers", "3")
    assert (done.code, done.out) == (2, "")
    assert "more than 3 layers within layers\nhelp: --max-layers N allows more\n" in done.err


def sequential(*layers: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"layers": list(layers)}}


def test_data_that_holds_itself_is_refused() -> None:
    model = sequential(DENSE)
    model["config"]["layers"].append(model)
    with pytest.raises(shapecalc.SpecError, match="nested too deeply"):
        shapecalc.load(model)


def test_one_object_in_many_places_counts_in_each() -> None:
    model: dict[str, Any] = DENSE
    for _ in range(10):
        model = sequential(model, model)
    trace = shapecalc.trace(shapecalc.load(model))
    assert trace.params == 8 * Dim("F") + 8 + 1023 * (8 * 8 + 8)
    for _ in range(20):
        model = sequential(model, model)
    with pytest.raises(TooManyError, match=TOO_MANY):
        shapecalc.load(model)
    pairs: list[Any] = [1]
    for _ in range(60):
        pairs = [pairs, pairs]
    model = sequential(DENSE | {"build_config": pairs})
    assert shapecalc.load(model) == shapecalc.load(sequential(DENSE))


def in_models(count: int) -> dict[str, Any]:
    model: dict[str, Any] = DENSE
    for _ in range(count):
        model = sequential(model)
    return model


def in_wrappers(count: int) -> dict[str, Any]:
    inner: dict[str, Any] = DENSE
    for _ in range(count - 1):
        inner = {"class_name": "TimeDistributed", "config": {"layer": inner}}
    return sequential(inner)


@pytest.mark.parametrize("build", [in_models, in_wrappers])
def test_the_deepest_that_is_read_is_worked_with(build: Callable[[int], dict[str, Any]]) -> None:
    network = shapecalc.load(build(MAX_NESTING - 1))
    trace = shapecalc.trace(network)
    assert trace.output[-1] == 8
    assert json.dumps(trace.to_dict())
    assert str(network)
    assert network == shapecalc.load(build(MAX_NESTING - 1))
    with pytest.raises(shapecalc.SpecError, match=f"layers deeper than {MAX_NESTING}"):
        shapecalc.load(build(MAX_NESTING))


def test_brackets_are_counted_in_data_as_in_files() -> None:
    inner: Any = 1
    for _ in range(MAX_DEPTH):
        inner = [inner]
    model = sequential(DENSE | {"build_config": inner})
    for source in (model, json.dumps(model).encode()):
        with pytest.raises(shapecalc.SpecError, match=f"brackets nest deeper than {MAX_DEPTH}"):
            read_model(source)


def test_a_refusal_inside_names_its_reason_once() -> None:
    model = sequential(
        sequential(sequential(sequential({"class_name": "LSTM", "config": {"units": 3}})))
    )
    network = shapecalc.load(sequential(DENSE, *model["config"]["layers"]))
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(network, input="B,8")
    assert caught.value.message == "model was built for (B, T, F), but gets (B, 8)"


def test_layers_that_python_shares_are_counted() -> None:
    pipeline = shapecalc.layer("Conv1D", filters=8, kernel_size=2)
    for _ in range(LEVELS):
        pipeline = shapecalc.layer("Pipeline", layers=[pipeline, pipeline])
    with pytest.raises(TooManyError, match=TOO_MANY):
        pipeline.compute_output_shape((None, None, 8))


def test_pipelines_in_a_repeat_are_counted() -> None:
    block = ",".join(["conv1d:8:2"] * 100)
    assert shapecalc.trace(f"100x-pipeline({block})").output[1] == Dim("T") - 10_000
    with pytest.raises(TooManyError, match=TOO_MANY):
        shapecalc.trace(f"2000x-pipeline({block})")
    same = shapecalc.trace(f"in:B:8:8,2000x-pipeline({','.join(['relu'] * 100)})")
    assert same.output == (Dim("B"), 8, 8)
