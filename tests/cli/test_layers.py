"""The catalogue as a command, and the page of each layer."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from failing import failing
from layers.test_catalogue import LAYERS
from terminal import called, on_terminal, shown

from shapecalc.analysis.reference import reference
from shapecalc.dims import product
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.parameters import parameters
from shapecalc.render.pages import page


def test_the_list_has_a_line_for_each_layer() -> None:
    done = called("layers")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert [row[0] for row in rows] == list(LAYERS)
    assert all(len(row) == 5 and all(row) and row[3] == "shapecalc" for row in rows)
    assert ["LSTM", "lstm", "recurrent", "shapecalc"] in [row[:4] for row in rows]
    data = json.loads(called("layers", "-f", "json").out)
    assert [each["layer"] for each in data] == list(LAYERS)


def test_the_list_imports_no_family() -> None:
    script = (
        "import sys\nfrom shapecalc.cli.main import main\n"
        "try: main(['layers'])\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name in ("
        + repr([f"shapecalc.layers.keras.{family}" for family in set(LAYERS.values())])
        + ")], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stderr == "[]\n"
    assert done.stdout == called("layers").out


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_list_on_a_terminal_keeps_all_words(columns: int) -> None:
    code, text = shown("layers", columns=columns)
    assert code == 0
    assert "…" not in text
    words = " ".join(text.split())
    assert "Reads the steps one by one" in words or columns == 40


def page_says_all(name: str) -> None:
    found = reference(name, KERAS)
    text = "".join(page(found, width=100, color=False))
    assert found.text.splitlines()[0].split(".")[0][:40] in text
    for parameter in parameters(found.cls):
        assert parameter == "input_shape" or f"  {parameter} " in text
    assert found.examples
    assert any(row.model for example in found.examples for row in example.rows)
    shown = {type(row.model).__name__ for example in found.examples for row in example.rows}
    held = {
        type(getattr(row.model, row.model.holds)).__name__
        for e in found.examples
        for row in e.rows
        if row.model.holds
    }
    inside = {"LSTMCell", "GRUCell", "StackedRNNCells"}
    assert name in shown | held | inside | {"InputLayer"}
    json.dumps(found.to_dict())


def test_page_of_each_layer() -> None:
    assert not failing(page_says_all, LAYERS)


def test_weights_of_a_page_add_up() -> None:
    (row,) = reference("lstm", KERAS).examples[0].rows
    assert sum(product(weight.shape) for weight in row.weights) == row.params


def test_recurrent_layers_show_both_variants() -> None:
    out = called("layers", "lstm").out
    assert "  lstm:64\n    lstm  (B, T, F) -> (B, 64)  256*F + 16640 params\n" in out
    assert "  lstm:64:seq\n    lstm  (B, T, F) -> (B, T, 64)  256*F + 16640 params\n" in out


def test_td_shows_dense_with_and_without_it() -> None:
    out = called("layers", "td").out
    assert "    time_distributed  (B, T, 64) -> (B, T, 3)  195 params\n" in out
    assert "    dense  (B, T, 64) -> (B, T, 3)  195 params\n" in out


def test_an_unknown_layer_is_refused_with_a_guess() -> None:
    done = called("layers", "lstn")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: there is no layer lstn\nhelp: did you mean lstm or ln?\n"


def test_layers_after_two_dashes_is_a_spec() -> None:
    done = called("--", "layers")
    assert done.code == 2
    assert "there is no layer layers" in done.err


def test_a_page_says_what_the_layer_costs() -> None:
    text = called("layers", "lstm").out
    assert "Costs of lstm:64\n" in text
    assert "  macs: kernel 256*F at each of B*T positions = 256*B*F*T\n" in text
    assert "  macs 256*B*T*(F + 64)\n" in text
    assert "  memory 64*B numbers\n" in text
    assert "  macs 0\n" in called("layers", "maxpool2d").out
    assert (
        "  macs depend on the data\n"
        in called("layers", "adaptivelogsoftmaxwithloss", "-d", "torch").out
    )


def test_a_layer_is_a_section_of_a_document() -> None:
    done = called("layers", "maxpool1d", "lstm", "-f", "markdown")
    titles = [line for line in done.out.splitlines() if line.startswith("#")]
    assert titles == ["### MaxPooling1D", "### LSTM"]
    assert "\n- Arguments: `pool_size=2`, `strides=None`, `padding=valid`" in done.out
    assert "\n- Example: `maxpool1d` `(B, T, C)` → `(B, T//2, C)`, when `T >= 2`\n" in done.out


def test_a_page_begins_with_the_shapes_of_each_variant() -> None:
    lines = called("layers", "lstm").out.splitlines()
    start = lines.index("Shapes")
    assert lines[start + 1 : start + 4] == [
        "  lstm:64        (B, T, F) -> (B, 64)",
        "  lstm:64:seq    (B, T, F) -> (B, T, 64)",
        "  lstm:64:state  (B, T, F) -> (B, 64), (B, 64), (B, 64)",
    ]
    first = lines[lines.index("Arguments that change the shape") : lines.index("Flags")]
    names = [line.split()[0] for line in first[1:-1]]
    assert names == ["units", "return_sequences", "return_state", "stateful"]
    assert start < lines.index("Flags") < lines.index("Other arguments")


@pytest.mark.parametrize(
    ("name", "dialect", "changing"),
    [
        ("conv2d", "keras", {"filters", "kernel_size", "strides", "padding", "data_format"}),
        ("maxpool2d", "keras", {"pool_size", "strides", "padding", "data_format"}),
        ("embedding", "keras", {"output_dim"}),
        ("dropout", "keras", set()),
        ("lstm", "torch", {"hidden_size", "num_layers", "batch_first", "bidirectional"}),
        ("conv2d", "torch", {"out_channels", "kernel_size", "stride", "padding", "dilation"}),
    ],
)
def test_which_arguments_change_the_shape(name: str, dialect: str, changing: set[str]) -> None:
    data = json.loads(called("layers", name, "-d", dialect, "-f", "json").out)
    found = {each["name"] for each in data["arguments"] if each["changes_shape"]}
    assert found >= changing
    assert not found & {"use_bias", "activation", "name", "trainable", "bias", "dropout", "rate"}


@pytest.mark.parametrize("word", ["seq", "return_sequences"])
def test_an_argument_is_shown_on_and_off(word: str) -> None:
    out = called("layers", word).out
    assert out.startswith("return_sequences  seq  (argument)\n")
    assert "  lstm:64      (B, T, F) -> (B, 64)\n  lstm:64:seq  (B, T, F) -> (B, T, 64)\n" in out
    data = json.loads(called("layers", word, "-f", "json").out)
    assert {"LSTM", "GRU", "SimpleRNN"} <= {each["layer"] for each in data["layers"]}


def test_an_argument_that_changes_no_shape_says_so() -> None:
    assert "does not change the shape" in called("layers", "use_bias").out


def test_a_step_that_is_no_layer_has_a_page() -> None:
    for name in ("in", "in:", "is", "use", "dialect"):
        assert called("layers", name).out.startswith(f"{name.rstrip(':')}  (step of a spec)\n")


def test_a_line_of_fields_is_of_the_layer_or_the_step_alone() -> None:
    lines = called("layers", "lstm", "in", "-f", "tsv").out.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["LSTM", "lstm"], ["in", "in:B:T:10"]]


def test_a_family_is_a_part_of_the_list() -> None:
    whole = [line.split("\t") for line in called("layers").out.splitlines()]
    part = [line.split("\t") for line in called("layers", "recurrent").out.splitlines()]
    assert part == [row for row in whole if row[2] == "recurrent"]
    assert called("layers", "rnn", "-d", "torch").out.startswith("RNN  rnn  (rnn)\n")


def test_search_finds_names_and_words_of_the_text() -> None:
    pools = {line.split("\t")[0] for line in called("layers", "pool").out.splitlines()}
    assert {"MaxPooling2D", "GlobalAveragePooling1D"} <= pools
    assert "Dense" not in pools
    found = {
        line.split("\t")[0] for line in called("layers", "--search", "memory").out.splitlines()
    }
    assert "LSTM" in found
    done = called("layers", "--search", "zzz")
    assert (done.code, done.out) == (2, "")
    said, hint = done.err.splitlines()
    assert said == "error: no layer has zzz in its names or its text"
    assert hint == "help: shapecalc layers lists all layers"


def test_a_document_is_not_searched() -> None:
    done = called("layers", "lstm", "-f", "markdown", "--search", "gru")
    assert (done.code, done.out) == (2, "")
    assert "--search lists layers" in done.err


def test_no_name_finds_nothing() -> None:
    hint = "help: shapecalc layers lists all layers\n"
    assert called("layers", "").err == f"error: there is no layer \n{hint}"
    assert called("layers", "zzzzz").err == f"error: there is no layer zzzzz\n{hint}"
    assert called("layers", "lstn").err.endswith("help: did you mean lstm or ln?\n")


def test_a_long_page_goes_through_the_pager_at_a_terminal() -> None:
    command = "shapecalc layers lstm < /dev/tty; shapecalc layers in < /dev/tty"
    script = f"script -qec {shlex.quote(command)} /dev/null"
    code, text = on_terminal(script, PAGER="sed 's/^/| /'")
    lines = text.splitlines()
    assert code == 0
    assert lines[0].startswith("| LSTM  lstm")
    assert "in  (step of a spec)" in lines


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("name", ["lstm", "recurrent", "seq", "in"])
def test_pages_fit_the_terminal(name: str, columns: int) -> None:
    _, text = shown("layers", name, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
