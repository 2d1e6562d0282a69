"""What training would make of data, labels and a loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import shapecalc
from shapecalc.answers.training import Fit, Problem

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


@pytest.mark.parametrize(
    ("source", "y", "loss", "lines"),
    [
        (
            CNN,
            (60,),
            "categorical_crossentropy",
            [
                "y = keras.utils.to_categorical(y, 4)",
                'loss="sparse_categorical_crossentropy"',
            ],
        ),
        (
            CNN,
            (60, 4),
            "sparse_categorical_crossentropy",
            ["y = y.argmax(-1)", 'loss="categorical_crossentropy"'],
        ),
        ("in:B:8,dense:1:sigmoid", (60, 2), "binary_crossentropy", ["y = y.argmax(-1)"]),
        ("in:B:8,dense:9:softmax", (60,), "mse", ['loss="sparse_categorical_crossentropy"']),
        (
            "in:B:T:8,dense:1:sigmoid",
            (60, 1, 50),
            "binary_crossentropy",
            ["y = np.moveaxis(y, 1, -1)"],
        ),
        (
            "dialect:torch,in:N:8,linear:8:1",
            (60,),
            "BCEWithLogitsLoss",
            ["y = y.unsqueeze(-1)"],
        ),
        (
            "dialect:torch,in:N:8,linear:8:3",
            (60, 1),
            "CrossEntropyLoss",
            ["y = y.squeeze(-1)"],
        ),
        (
            "dialect:torch,in:N:8,linear:8:3,logsoftmax:1",
            (60, 3),
            "NLLLoss",
            ["y = y.argmax(1)"],
        ),
    ],
)
def test_labels_that_do_not_fit_are_turned(
    source: str, y: tuple[int, ...], loss: str, lines: list[str]
) -> None:
    found = problem(source, y=y, loss=loss)
    assert found.rule == "labels"
    assert list(found.lines)[: len(lines)] == lines


@pytest.mark.parametrize(
    ("source", "y", "loss", "spec"),
    [
        ("in:B:8,dense:3:softmax", (60, 4), "categorical_crossentropy", "in:B:8,dense:4:softmax"),
        ("in:B:8,dense:1", (60, 5), "mse", "in:B:8,dense:5"),
        (
            "in:B:T:8,lstm:32,dense:5:softmax",
            (60, 20, 5),
            "categorical_crossentropy",
            "in:B:T:8,lstm:32:seq,dense:5:softmax",
        ),
        (
            "in:B:T:8,lstm:32:seq,dense:5:softmax",
            (60,),
            "sparse_categorical_crossentropy",
            "in:B:T:8,lstm:32,dense:5:softmax",
        ),
    ],
)
def test_a_model_that_gives_another_output_is_repaired(
    source: str, y: tuple[int, ...], loss: str, spec: str
) -> None:
    found = problem(source, y=y, loss=loss)
    assert found.refused
    assert found.spec == spec
    assert shapecalc.fit(spec, y=y, loss=loss).fits


def test_samples_may_stand_on_another_axis() -> None:
    found = shapecalc.fit("in:B:T:12,lstm:5,dense:1", x=(1, 99, 12), y=(99, 1), loss="mse")
    (samples,) = found.problems
    assert samples.message == "x has 1 sample, but y has 99"
    assert samples.lines == ("x = np.moveaxis(x, 1, 0)",)


def test_a_target_that_broadcasts_does_not_fit() -> None:
    found = problem("dialect:torch,in:N:8,linear:8:1", y=(60,), loss="MSELoss")
    assert found.rule == "broadcast"
    assert found.message == (
        "MSELoss broadcasts y (N,) and the output (N, 1) to (N, N), "
        "which compares predictions with the wrong labels"
    )
    assert found.lines == ("y = y.unsqueeze(-1)",)
    # Keras adds the axis itself.
    assert shapecalc.fit("in:B:8,dense:1", y=(60,), loss="mse").fits


def test_torch_asks_for_the_type_of_labels() -> None:
    source = "dialect:torch,in:N:8,linear:8:3"
    said: dict[str, Any] = {"y": (60,), "loss": "CrossEntropyLoss"}
    assert shapecalc.fit(source, **said, y_dtype="int64").fits
    found = problem(source, **said, y_dtype="float32")
    assert found.rule == "dtype"
    assert found.lines == ("y = y.long()",)
    source = "dialect:torch,in:N:8,linear:8:1"
    said = {"y": (60, 1), "loss": "BCEWithLogitsLoss"}
    assert problem(source, **said, y_dtype="int64").lines == ("y = y.float()",)


@pytest.mark.parametrize(
    ("source", "y", "loss", "rule", "spec"),
    [
        (
            "in:B:8,dense:1:softmax",
            (60,),
            "binary_crossentropy",
            "softmax-of-one",
            "in:B:8,dense:1:sigmoid",
        ),
        (
            "in:B:8,dense:1,softmax",
            (60,),
            "binary_crossentropy",
            "softmax-of-one",
            "in:B:8,dense:1,sigmoid",
        ),
        (
            "in:B:8,dense:3:sigmoid",
            (60, 3),
            "categorical_crossentropy",
            "sigmoid-of-several",
            "in:B:8,dense:3:softmax",
        ),
        (
            "in:B:8,dense:3",
            (60, 3),
            "categorical_crossentropy",
            "logits",
            "in:B:8,dense:3:softmax",
        ),
        (
            "in:B:8,dense:3:softmax",
            (60,),
            "SparseCategoricalCrossentropy(from_logits=True)",
            "probabilities",
            "in:B:8,dense:3",
        ),
        (
            "dialect:torch,in:N:8,linear:8:3,softmax:1",
            (60,),
            "CrossEntropyLoss",
            "probabilities",
            "dialect:torch,in:N:8,linear:8:3",
        ),
        (
            "dialect:torch,in:N:8,linear:8:1",
            (60, 1),
            "BCELoss",
            "logits",
            "dialect:torch,in:N:8,linear:8:1,sigmoid",
        ),
        (
            "dialect:torch,in:N:8,linear:8:3",
            (60,),
            "NLLLoss",
            "logits",
            "dialect:torch,in:N:8,linear:8:3,logsoftmax:1",
        ),
    ],
)
def test_what_is_not_meant_has_a_name(
    source: str, y: tuple[int, ...], loss: str, rule: str, spec: str
) -> None:
    found = problem(source, y=y, loss=loss)
    assert (found.rule, found.spec) == (rule, spec)
    assert shapecalc.fit(spec, y=y, loss=loss).problems == ()


@pytest.mark.parametrize(
    ("source", "y", "loss"),
    [
        ("in:B:8,dense:3:softmax", (60, 3), "categorical_crossentropy"),
        ("in:B:8,dense:3:sigmoid", (60, 3), "binary_crossentropy"),
        ("in:B:8,dense:3:sigmoid", (60, 3), "mse"),
        ("in:B:8,dense:1:tanh", (60,), "hinge"),
        ("in:B:8,dense:1:relu", (60,), "poisson"),
        ("dialect:torch,in:N:8,linear:8:3,logsoftmax:1", (60,), "NLLLoss"),
        ("dialect:torch,in:N:8,linear:8:1,sigmoid", (60, 1), "BCELoss"),
    ],
)
def test_what_is_meant_is_not_warned_of(source: str, y: tuple[int, ...], loss: str) -> None:
    assert shapecalc.fit(source, y=y, loss=loss).problems == ()


def test_a_reshape_that_multiplies_the_batch_is_said() -> None:
    source = "dialect:torch,in:N:20:8,linear:8:3,view:-1:3"
    found = problem(source, x=(60, 20, 8), y=(60,), loss="CrossEntropyLoss")
    assert (found.rule, found.message) == ("batch", "the output has 20*N rows for N samples")


def test_the_losses_that_suit_are_listed_without_labels() -> None:
    (_, end) = shapecalc.fit(CNN).ends
    listed = {(each.loss, each.y, str(each.shape)) for each in end.choices}
    assert ('"categorical_crossentropy"', "one-hot", "(Dim('B'), 4)") in listed
    assert ('"sparse_categorical_crossentropy"', "class indices", "(Dim('B'),)") in listed
    assert not any("binary" in loss or "squared" in loss for loss, _, _ in listed)
    (_, end) = shapecalc.fit(CNN, y=(60, 1)).ends
    assert [each.y for each in end.choices] == ["class indices"]


def test_labels_that_no_loss_takes_are_turned() -> None:
    found = problem(CNN, y=(60, 7))
    assert found.message == "no loss suits both the output (B, 4) and y (B, 7)"
    assert found.spec == "in:B:28:28:1,conv2d:8:3,flatten,dense:7:softmax"


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


def test_labels_take_a_step_each_and_one_more_where_they_repeat() -> None:
    rows = [json.loads(line) for line in (DATA / "fit_ctc.jsonl").read_text().splitlines()]
    for row in rows:
        count = len(row["labels"])
        spec = f"in:B:{row['steps']}:8,dense:6"
        problems = shapecalc.fit(spec, y=(9, count), loss="CTC").problems
        refused = [each for each in problems if each.refused]
        warned = [each for each in problems if not each.refused]
        if row["finite"]:
            assert not refused
        else:
            assert refused or warned
        most = 2 * count - 1
        assert bool(problems) is (row["steps"] < most)


def test_steps_in_letters_give_a_condition() -> None:
    source = "in:B:T:80,conv1d:64:5:s=2,maxpool1d:2,bi-lstm:64:seq,dense:28"
    found = problem(source, y=(100, 30), loss="CTC")
    assert found.message.endswith("it holds when T >= 123")
    assert not found.refused
    found = problem(source, x=(100, 100, 80), y=(100, 30), loss="CTC")
    assert found.refused
    assert found.notes == ("max_pooling1d is the first layer with too few",)
    assert shapecalc.fit(source, x=(100, 300, 80), y=(100, 60), y_length=30, loss="CTC").fits


def test_torch_puts_the_steps_first() -> None:
    source = "dialect:torch,in:L:N:80,lstm:80:64,linear:64:28,logsoftmax:2"
    said: dict[str, Any] = {"x": (50, 16, 80), "loss": "CTCLoss"}
    assert shapecalc.fit(source, **said, y=(16, 25)).problems == ()
    assert [each.rule for each in shapecalc.fit(source, **said, y=(16, 60)).problems] == ["ctc"]


@pytest.mark.parametrize(
    ("loss", "outputs", "y", "message"),
    [
        ("MarginRankingLoss", ("8:1", "8:1"), (60, 1), None),
        (
            "MarginRankingLoss",
            ("8:1", "8:1"),
            (60,),
            "MarginRankingLoss needs tensors with the same number of axes",
        ),
        ("CosineEmbeddingLoss", ("8:5", "8:5"), (60,), None),
        ("CosineEmbeddingLoss", ("8:5", "8:5"), (60, 1), "CosineEmbeddingLoss needs (N, D)"),
        ("TripletMarginLoss", ("8:5", "8:5", "8:5"), None, None),
        ("TripletMarginLoss", ("8:5", "8:4", "8:5"), None, "TripletMarginLoss cannot join"),
        ("TripletMarginLoss", ("8:5", "8:5"), None, "TripletMarginLoss reads 3 outputs, but"),
        ("GaussianNLLLoss", ("8:1", "8:1"), (60, 1), None),
        ("GaussianNLLLoss", ("8:3", "8:2"), (60, 2), "GaussianNLLLoss needs a var of (N, 2)"),
    ],
)
def test_a_loss_may_read_several_outputs(
    loss: str, outputs: tuple[str, ...], y: tuple[int, ...] | None, message: str | None
) -> None:
    stacks = ",".join(f"@x,linear:{each}@o{place}" for place, each in enumerate(outputs))
    given = None if y is None else {"o0": y}
    problems = shapecalc.fit(f"dialect:torch,in:N:8@x,{stacks}", y=given, loss=loss).problems
    assert [each.message[: len(message or "")] for each in problems] == [message] * bool(message)


def test_a_single_number_fits_no_labels() -> None:
    answer = shapecalc.fit("in:B:T:4,reduce:sum", y=(100, 3))
    assert not answer.fits
