"""The command fit: pages, formats, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import called

from shapecalc.cli.suggestions import complete

if TYPE_CHECKING:
    from pathlib import Path

CNN = "in:B:28:28:1,conv2d:8:3,flatten,dense:4:softmax"


def test_a_table_says_what_fits_and_what_to_write() -> None:
    done = called(
        "fit", CNN, "--x", "60,1,28,28", "--y", "60", "--loss", "categorical_crossentropy",
        "-f", "table",
    )  # fmt: skip
    assert done.code == 1
    assert done.err == ""
    assert done.out.splitlines() == [
        "x  input_layer  (B, 28, 28, 1)  (60, 1, 28, 28)                           does not fit",
        "y  dense        (B, 4)          (60,)            CategoricalCrossentropy  does not fit",
        "",
        "error: x has shape (60, 1, 28, 28), but the model expects (B, 28, 28, 1)  [data]",
        "  write  x = np.moveaxis(x, 1, -1)",
        "",
        "error: CategoricalCrossentropy needs y of shape (B, 4) (one-hot) for an output of shape "
        "(B, 4), "
        "but gets (B,)  [labels]",
        "  write  y = keras.utils.to_categorical(y, 4)",
        '  write  loss="sparse_categorical_crossentropy"',
    ]


def test_without_labels_the_table_has_the_losses_that_suit() -> None:
    done = called("fit", "in:B:8,dense:1:sigmoid", "-f", "table")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:5] == [
        "x  input_layer  (B, 8)",
        "y  dense        (B, 1)",
        "",
        "  loss                              y        shape of y",
        '  "binary_crossentropy"             0 or 1   (B, 1)',
    ]


def test_a_pipe_has_a_line_for_each_end_loss_and_problem() -> None:
    done = called("fit", CNN, "--x", "60,28,28", "--y", "60,4")
    assert done.code == 0
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[0] == ["x", "input_layer", "60,28,28", "B,28,28,1", "fits"]
    assert rows[1][:5] == ["y", "dense", "60,4", "B,4", "suits"]
    assert rows[1][5:] == ['"categorical_crossentropy"', "one-hot", "B,4"]
    done = called("fit", "in:B:8,dense:3:softmax", "--y", "60,5", "--loss", "kld")
    assert done.code == 1
    assert done.out.splitlines()[1].split("\t") == [
        "y", "dense", "60,5", "B,3", "error", "labels",
        "KLDivergence needs y of shape (B, 3) (probabilities) for an output of shape (B, 3), "
        "but gets (B, 5)", "",
        "in:B:8,dense:5:softmax",
    ]  # fmt: skip


def test_json_has_ends_and_problems() -> None:
    done = called("fit", "in:B:8,dense:1:softmax", "--y", "60", "--loss", "bce", "-f", "json")
    data = json.loads(done.out)
    assert (done.code, data["version"], data["fits"]) == (1, 1, False)
    assert data["ends"][1]["given"] == [60]
    assert data["ends"][1]["loss"] == "BinaryCrossentropy"
    (problem,) = data["problems"]
    assert (problem["rule"], problem["spec"]) == ("softmax-of-one", "in:B:8,dense:1:sigmoid")


def test_a_warning_is_no_failure() -> None:
    done = called(
        "fit", "in:B:8,dense:3", "--y", "60,3", "--loss", "categorical_crossentropy", "-f", "table"
    )
    assert done.code == 0
    assert (
        "warning: CategoricalCrossentropy expects class probabilities, but the output is logits"
        in done.out
    )
    loss = ("--loss", "categorical_crossentropy", "--strict")
    assert called("fit", "in:B:8,dense:3", "--y", "60,3", *loss).code == 1
    assert called("fit", "in:B:8,dense:3:softmax", "--y", "60,3", *loss).code == 0


def test_a_model_that_does_not_fit_is_an_error_of_its_own() -> None:
    done = called("fit", "lstm:8,lstm:8", "--y", "60,8", "--loss", "mse")
    assert (done.code, done.out) == (1, "")
    assert "help: lstm:8:seq,lstm:8\n" in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--loss", "mmse"), "error: there is no loss mmse\nhelp: did you mean mse or msle"),
        (("--x", "60;8"), "error: --x: "),
        (("--loss", "mse", "--loss", "mae"), "error: --loss gives a value twice\n"),
        (("--loss", "dense=mse", "--loss", "dense=mae"), "error: --loss gives dense twice\n"),
        (("--y-length", "9" * 5000), "error: --y-length takes a whole number, not 999"),
        (("--x", "a=60,8"), "error: there is no input a\n"),
        (("--y", "60", "--y", "60"), "error: there is 1 output, and more of --y are given\n"),
    ],
)
def test_what_cannot_be_read_is_refused(options: tuple[str, ...], message: str) -> None:
    done = called("fit", "in:B:8,dense:3", *options)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith(message)


def test_losses_are_completed() -> None:
    assert "sparse_categorical_crossentropy" in complete("shapecalc fit x --loss sparse")
    assert complete("shapecalc fit x --loss BCEWith") == ["BCEWithLogitsLoss"]


def test_each_model_of_a_program_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "from torch import nn\n\nmodel = nn.Sequential(nn.Linear(8, 3), nn.Softmax(1))\n"
    )
    done = called(
        "fit", str(file), "--x", "60,8", "--y", "60", "--loss", "CrossEntropyLoss", "-f", "table"
    )
    assert done.code == 0
    assert "CrossEntropyLoss expects logits, but Softmax outputs class probabilities" in done.out


def test_explain_says_what_is_not_meant() -> None:
    done = called("explain", "in:B:3:100,conv1d:8:3:cf,lstm:8")
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "warning: lstm reads the channels of conv1d as its steps  [steps]"
    )
