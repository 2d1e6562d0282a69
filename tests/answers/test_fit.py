"""What training would make of data, labels and a loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import shapecalc
from shapecalc.answers.training import Fit, Problem, named
from shapecalc.errors import SpecError

DATA: Final = Path(__file__).parents[1] / "data"


def rows() -> list[dict[str, Any]]:
    """Data for inputs, as it was recorded."""
    files = (DATA / f"fit_{name}_inputs.jsonl" for name in ("keras", "torch"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def fitted(row: dict[str, Any]) -> Fit:
    """The answer for a row."""
    xs = row["x"]
    names = ["a", "b"] if len(xs) > 1 else [None]
    x = dict(zip(names, map(tuple, xs), strict=True))
    return shapecalc.fit(row["spec"], x=x, batch_size=row["batch"], dialect=row["dialect"])


def test_an_input_takes_what_the_framework_takes() -> None:
    recorded = rows()
    wrong = [row for row in recorded if fitted(row).fits is not row["fits"]]
    assert not wrong
    assert len(recorded) >= 60


def problem(source: str, **said: Any) -> Problem:
    """The only problem that there is."""
    (found,) = shapecalc.fit(source, **said).problems
    return found


CNN: Final = "in:B:28:28:1,conv2d:8:3,flatten,dense:4:softmax"


@pytest.mark.parametrize(
    ("source", "x", "line"),
    [
        ("conv2d:8:3,gap2d,dense:4", (60, 28, 28), "x = x[..., None]"),
        (CNN, (60, 1, 28, 28), "x = np.moveaxis(x, 1, -1)"),
        ("in:B:H:W:3,conv2d:8:3,gap2d", (60, 3, 28, 28), "x = np.moveaxis(x, 1, -1)"),
        (CNN, (60, 784), "x = x.reshape(-1, 28, 28, 1)"),
        ("in:B:784,dense:4", (60, 28, 28), "x = x.reshape(len(x), -1)"),
        (CNN, (60, 28, 28, 3), "x = x.mean(-1, keepdims=True)"),
        ("in:B:28:28:3,conv2d:8:3,flatten,dense:4", (6, 28, 28, 1), "x = np.repeat(x, 3, -1)"),
        ("in:B:T:6,lstm:8", (60, 6, 50), "x = np.moveaxis(x, 1, -1)"),
        ("in:B:28:28:3,flatten", (28, 28, 3), "x = x[None]"),
        ("dialect:torch,conv2d:1:8:3", (60, 28, 28, 1), "x = x.movedim(-1, 1)"),
        ("dialect:torch,linear:784:10", (60, 28, 28), "x = x.flatten(1)"),
    ],
)
def test_data_that_do_not_fit_are_turned(source: str, x: tuple[int, ...], line: str) -> None:
    found = problem(source, x=x)
    assert (found.rule, found.end, found.refused) == ("data", "x", True)
    assert line in found.lines


def test_a_number_that_breaks_a_condition_is_named() -> None:
    found = problem("in:B:T:6,conv1d:8:64,gap1d,dense:1", x=(60, 50, 6))
    assert found.message == "x (60, 50, 6): T = 50 breaks T >= 64; nearest: 64"


def test_samples_do_not_stand_in_the_shape() -> None:
    found = problem("in:B:60000:28:28,flatten,dense:1", x=(60000, 28, 28))
    assert found.message == "the input shape includes the number of samples, 60000"
    assert found.spec == "in:B:28:28,flatten,dense:1"


def test_a_stateful_layer_fixes_the_batch() -> None:
    source = "in:32:10:6,lstm:8:stateful=True"
    assert shapecalc.fit(source, x=(64, 10, 6)).fits
    assert problem(source, x=(65, 10, 6)).lines == ("x, y = x[:64], y[:64]",)
    assert problem(source, x=(64, 10, 6), batch_size=16).lines == ("model.fit(…, batch_size=32)",)


def test_inputs_and_outputs_are_found_by_name() -> None:
    source = "in:B:10@a,in:B:4@b,concat:@a,dense:8@h,dense:1@one,@h,dense:3:softmax@three"
    said: dict[str, Any] = {
        "x": {"a": (60, 10), "b": (60, 4)},
        "y": {"one": (60,), "three": (60, 3)},
        "loss": {"one": "mse", "three": "categorical_crossentropy"},
    }
    assert shapecalc.fit(source, **said).fits
    said["x"]["b"] = (60, 5)
    assert [each.name for each in shapecalc.fit(source, **said).problems] == ["b"]
    said["y"]["three"] = (50, 3)
    rules = [each.rule for each in shapecalc.fit(source, **said).problems]
    assert rules == ["data", "samples"]
    with pytest.raises(shapecalc.SpecError, match="there is no output tree") as caught:
        shapecalc.fit(source, y={"tree": (60,)})
    assert caught.value.help == "did you mean three?"
    with pytest.raises(shapecalc.SpecError, match="there are 2 outputs, and --y names none"):
        shapecalc.fit(source, y=(60,))


def test_samples_may_stand_on_another_axis() -> None:
    found = shapecalc.fit("in:B:T:12,lstm:5,dense:1", x=(1, 99, 12), y=(99, 1), loss="mse")
    (samples,) = found.problems
    assert samples.message == "x has 1 sample, but y has 99"
    assert samples.lines == ("x = np.moveaxis(x, 1, 0)",)


@pytest.mark.parametrize(
    ("source", "rule", "message"),
    [
        (
            "in:B:3:28:28,conv2d:8:3:cf,bn,flatten,dense:2",
            "norm-axis",
            "batch_normalization normalizes each position of the width, not each channel: "
            "the channels are axis 1",
        ),
        (
            "in:B:3:100,conv1d:8:3:cf,lstm:8,dense:2",
            "steps",
            "lstm reads the channels of conv1d as its steps",
        ),
        (
            "dialect:torch,in:N:3:100,conv1d:3:8:3,gru:98:16:batch_first",
            "steps",
            "gru reads the channels of conv1d as its steps",
        ),
        (
            "dialect:torch,in:N:20:8,lstm:8:16",
            "steps",
            "lstm reads the batch of input as its steps",
        ),
        (
            "dialect:torch,in:N:20:8,flatten:0:1,linear:8:3",
            "batch",
            "flatten turns N samples into 20*N",
        ),
    ],
)
def test_layers_that_are_not_meant_have_a_name(source: str, rule: str, message: str) -> None:
    found = problem(source)
    assert (found.rule, found.end, found.refused) == (rule, "model", False)
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    "source",
    [
        "in:B:3:28:28,conv2d:8:3:cf,bn:axis=1,flatten,dense:2",
        "in:B:28:28:3,conv2d:8:3,bn,flatten,dense:2",
        "in:B:T:3,conv1d:8:3,bi-lstm:8:seq,gru:4",
        "in:B:T:28:28:3,td(conv2d:8:3,flatten),lstm:8",
        "dialect:torch,in:N:3:100,conv1d:3:8:3,permute:0:2:1,lstm:8:16:batch_first",
        "dialect:torch,in:N:3:100,conv1d:3:8:3,permute:2:0:1,lstm:8:16",
        "dialect:torch,lstm:8:16,linear:16:3",
        "dialect:torch,in:N:3:H:W,conv2d:3:8:3,flatten",
    ],
)
def test_layers_that_are_meant_are_not_warned_of(source: str) -> None:
    assert shapecalc.fit(source).problems == ()


def test_labels_of_a_model_without_outputs_are_refused() -> None:
    with pytest.raises(SpecError, match="there are 0 outputs, and more of --y are given"):
        named({None: ("B", 3)}, [], "--y", "output")
