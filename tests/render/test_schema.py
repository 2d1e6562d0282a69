"""The schema of the JSON output says what the output is, neither more nor less."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from importers.keras.recorded import recorded
from pydantic import ValidationError
from terminal import called

import shapecalc
from shapecalc.render.schema import FitOutput, LayerOutput, TraceOutput, schema

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import keras
from keras import layers
one = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
two = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
two.compile(loss="sparse_categorical_crossentropy")
"""

SPECS = [
    "conv1d:8:3,lstm:64:seq,td-dense:3",
    "in:B:T:64,2x(add(ln,mha:8:64|)),bi-lstm:8:state",
    'in:B:H:W:3@x,conv2d:8:3:same:name="A",add:@x',
    "in:B:T:4@a,in:S:4@b,@a,mul:@b",
    "spectralnormalization(conv2d:8:3)",
    "pad2d:((1,2),(3,4)),dropout:0.5",
]


def output(spec: str, dialect: str | None = None, *, costs: bool = False) -> Any:
    return json.loads(json.dumps(shapecalc.trace(spec, dialect=dialect).to_dict(costs=costs)))


def check(data: Any) -> None:
    TraceOutput.model_validate(data, strict=True)


@pytest.mark.parametrize("spec", SPECS)
def test_output_is_what_the_schema_says(spec: str) -> None:
    try:
        whole = output(spec, costs=True)
    except shapecalc.ShapeError:
        whole = output(spec.rpartition(",")[0], costs=True)
    check(whole)


@pytest.mark.parametrize("name", ["googlenet_mini", "siamese_mnist", "gpt_mini"])
def test_output_of_a_model_is_what_the_schema_says(name: str) -> None:
    trace = shapecalc.trace(shapecalc.load(recorded("small")[name]["json"]))
    check(json.loads(json.dumps(trace.to_dict())))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"more": 1},
        {"conditions": "T >= 3"},
        {"layers": [{"index": 1}]},
        {"dialect": "jax"},
        {"params": {"total": 1.5, "trainable": 1, "non_trainable": 0}},
    ],
)
def test_another_output_would_be_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(output("dense:3") | change)


def test_the_keys_are_those_of_the_output() -> None:
    data, said = output("dense:3"), schema()
    assert said["required"] == list(data)
    whole = output("linear:4:3", "torch", costs=True)
    assert list(said["properties"]) == ["version", "model", *list(whole)[1:], "warnings", "error"]
    layer = said["$defs"]["LayerOutput"]
    assert layer["required"] == list(data["layers"][0])
    shown = [name for name in layer["properties"] if name != "line"]
    assert shown == list(whole["layers"][0])


FITS = [
    ("in:B:28:28:1,flatten,dense:10:softmax", "--x", "60000,28,28"),
    ("in:B:8,dense:1:softmax", "--y", "60", "--loss", "bce"),
    ("in:B:8,dense:4:softmax", "--x", "60,8", "--y", "60"),
    ("in:B:8,dense:4:softmax", "--y", "60,3"),
    ("in:B:4@a,in:B:4@b,add:@a,dense:1", "--x", "a=60,4", "--x", "b=60,3"),
    ("in:N:10,linear:10:3", "-d", "torch", "--y", "100,1", "--loss", "MSELoss"),
]


@pytest.mark.parametrize("arguments", FITS)
def test_the_output_of_fit_is_what_its_schema_says(arguments: tuple[str, ...]) -> None:
    data = json.loads(called("fit", *arguments, "-f", "json").out)
    FitOutput.model_validate(data, strict=True)
    said = schema("fit")
    assert said["required"] == list(data)
    for name, key in (("EndOutput", "ends"), ("ProblemOutput", "problems")):
        for each in data[key]:
            assert said["$defs"][name]["required"] == list(each)
    with pytest.raises(ValidationError):
        FitOutput.model_validate(data | {"more": 1}, strict=True)


def test_what_fit_says_of_programs_is_what_its_schema_says(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(PROGRAM, encoding="utf-8")
    found = json.loads(called("fit", str(path), "-f", "json").out)
    assert [each["model"] for each in found] == ["one", "two"]
    for each in found:
        FitOutput.model_validate(each, strict=True)


def test_the_command_prints_the_schema() -> None:
    done = called("schema")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == schema()
    assert called("schema", "trace") == done
    assert json.loads(called("schema", "fit").out) == schema("fit")
    assert called("schema", "diff").code == 2
    line = json.loads(called("dense:3", "-f", "jsonl").out)
    LayerOutput.model_validate(line, strict=True)
