"""Networks written as specs, as JSON and as source code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import called

import shapecalc

if TYPE_CHECKING:
    from pathlib import Path

TAGGER = "in:B:T:10,lstm:64:seq,td-dense:3"


def test_a_spec_is_what_is_written_unless_told_otherwise() -> None:
    done = called("convert", "LSTM:64:return_sequences=True")
    assert (done.code, done.out, done.err) == (0, "lstm:64:seq\n", "")
    assert called("convert", "lstm:64:seq", "--to", "spec").out == "lstm:64:seq\n"


def test_keras_ends_in_a_model() -> None:
    done = called("convert", TAGGER, "--to", "keras")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "import keras\n"
        "from keras import layers\n"
        "\n"
        "\n"
        "def build(T=None):\n"
        "    return keras.Sequential(\n"
        "        [\n"
        "            keras.Input((T, 10)),\n"
        "            layers.LSTM(64, return_sequences=True),\n"
        "            layers.TimeDistributed(layers.Dense(3)),\n"
        "        ]\n"
        "    )\n"
        "\n"
        "\n"
        "model = build()\n"
    )


def test_torch_ends_in_a_model() -> None:
    done = called("convert", "dialect:torch,linear:10:8,relu,linear:8:2", "--to", "torch")
    assert done.out == (
        "from torch import nn\n"
        "\n"
        "model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 2))\n"
    )


def test_json_is_that_of_the_table_and_is_read_back(tmp_path: Path) -> None:
    done = called("convert", TAGGER, "--to", "json")
    assert json.loads(done.out) == shapecalc.trace(TAGGER).to_dict()
    path = tmp_path / "tagger.json"
    path.write_text(done.out, encoding="utf-8")
    assert called("convert", str(path)).out == f"{TAGGER}\n"
    assert (
        called("convert", str(path), "--to", "keras").out
        == called("convert", TAGGER, "--to", "keras").out
    )


def test_json_keeps_the_inputs_that_were_given(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(called("lstm:4", "-i", "B,5,3", "-f", "json").out, encoding="utf-8")
    assert called(str(path)).out == called("lstm:4", "-i", "B,5,3").out


def test_inputs_and_sizes_that_are_given_are_written() -> None:
    sized = called("convert", TAGGER, "--to", "keras", "-s", "T=12").out
    assert "keras.Input((12, 10))" in sized
    assert "def build" not in sized
    given = called("convert", "lstm:4,dense:2", "--to", "keras", "-i", "32,5,3").out
    assert "keras.Input(batch_shape=(32, 5, 3))" in given


def test_a_letter_in_an_argument_gets_a_number_that_fits() -> None:
    text = called("convert", "in:B:T:4,flatten,dense:T", "--to", "keras").out
    assert "def build(T=16):\n" in text
    assert "layers.Dense(T)" in text


def test_source_code_is_written_as_code_again(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from torch import nn\n"
        "model = nn.Sequential(\n    nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten()\n)\n",
        encoding="utf-8",
    )
    done = called("convert", str(path), "--to", "torch")
    assert done.out.endswith("model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten())\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((TAGGER, "-s", "T=3"), "error: -i, -s and -w are for --to json, keras and torch\n"),
        ((TAGGER, "--weights"), "error: --weights and --layout are for code\n"),
        (("maxoutdense:3", "--to", "keras"), "error: MaxoutDense cannot be written in Keras"),
        (("in:B:8,lambda:output_shape=(4,)", "--to", "keras"), "error: Lambda cannot be written in Keras"),
        ((TAGGER, "--to", "keras", "--weights"), "error: weights are carried over from one"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = called("convert", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)


def test_what_does_not_fit_is_not_written() -> None:
    done = called("convert", "lstm:64,lstm:32", "--to", "keras")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("help: lstm:64:seq,lstm:32\n")


def test_the_library_writes_the_same() -> None:
    network = shapecalc.parse(TAGGER)
    text = called("convert", TAGGER, "--to", "keras").out
    assert shapecalc.code(network, "keras") == shapecalc.code(TAGGER, "keras") == text


@pytest.mark.parametrize("to", ["Keras", "tensorflow", None, 3])
def test_another_framework_is_refused(to: object) -> None:
    with pytest.raises(shapecalc.SpecError, match="code is written for keras or torch"):
        shapecalc.code(TAGGER, to)  # type: ignore[arg-type]


def test_json_without_a_spec_says_so(tmp_path: Path) -> None:
    path = tmp_path / "nested.json"
    data = shapecalc.trace(TAGGER).to_dict() | {"spec": None}
    path.write_text(json.dumps(data), encoding="utf-8")
    done = called("convert", str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: this JSON has no spec")
