"""What training would make of labels and a loss."""

from __future__ import annotations

import json
from typing import Any

import pytest
from answers.test_fit import CNN, DATA, problem

import shapecalc
from shapecalc.answers.advice import warnings
from shapecalc.answers.question import ask


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


def test_a_type_of_labels_has_a_name_that_is_known() -> None:
    source = "dialect:torch,in:N:8,linear:8:3"
    said: dict[str, Any] = {"y": (60,), "loss": "CrossEntropyLoss"}
    for name in ("torch.long", "torch.int64", "np.int64", "uint8"):
        assert shapecalc.fit(source, **said, y_dtype=name).fits
    with pytest.raises(shapecalc.SpecError, match="there is no type of numbers in64") as caught:
        shapecalc.fit(source, **said, y_dtype="in64")
    assert caught.value.help == "did you mean int64 or uint64 or int16?"


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
            "in:B:8,dense:1:softmax",
            (60,),
            "sparse_categorical_crossentropy",
            "softmax-of-one",
            "in:B:8,dense:2:softmax",
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
        (
            "dialect:torch,in:N:8,linear:8:3,softmin:1",
            (60,),
            "CrossEntropyLoss",
            "probabilities",
            "dialect:torch,in:N:8,linear:8:3",
        ),
        (
            "dialect:torch,in:N:8,linear:8:1,hardshrink",
            (60, 1),
            "BCELoss",
            "logits",
            "dialect:torch,in:N:8,linear:8:1,sigmoid",
        ),
        (
            "dialect:torch,in:N:1:4:4,softmax2d",
            (60, 1, 4, 4),
            "BCELoss",
            "softmax-of-one",
            "dialect:torch,in:N:1:4:4,sigmoid",
        ),
    ],
)
def test_what_is_not_meant_has_a_name(
    source: str, y: tuple[int, ...], loss: str, rule: str, spec: str
) -> None:
    found = problem(source, y=y, loss=loss)
    assert (found.rule, found.spec) == (rule, spec)
    assert shapecalc.fit(spec, y=y, loss=loss).problems == ()


def test_a_softmax_over_one_unit_is_not_meant_whatever_the_loss() -> None:
    found = problem("in:B:8,dense:1:softmax", y=(60, 1), loss="categorical_crossentropy")
    assert (found.spec, found.lines) == ("in:B:8,dense:1:sigmoid", ('loss="binary_crossentropy"',))
    found = problem("in:B:8,dense:1:softmax")
    assert (found.rule, found.refused, found.spec) == (
        "softmax-of-one",
        False,
        "in:B:8,dense:1:sigmoid",
    )


@pytest.mark.parametrize(
    ("spec", "mended"),
    [
        ("in:B:T:8@x,dense:1,softmax,mul:@x", "in:B:T:8@x,dense:1,sigmoid,mul:@x"),
        ("in:B:T:8,td-dense:1:softmax", "in:B:T:8,td-dense:1:sigmoid"),
        ("in:B:T:8@x,dense:1,softmax:1,mul:@x", ""),
        ("in:B:T:8,dense:2:softmax", ""),
    ],
)
def test_a_softmax_over_one_unit_is_found_anywhere(spec: str, mended: str) -> None:
    """An axis of steps may have one position today, and more tomorrow: that is no mistake."""
    trace = shapecalc.trace(spec)
    found = warnings(trace, ask(spec))
    assert [each.help for each in found] == ([mended] if mended else [])


def test_the_activation_within_a_layer_is_not_that_of_its_output() -> None:
    spec = "dialect:torch,in:N:5:8,transformerencoderlayer:8:2"
    assert not shapecalc.fit(spec, y=(6, 5, 8), loss="BCELoss").problems


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
