"""The installed command: streams, exit codes, formats, options."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from terminal import called, environment, on_terminal, shown

from shapecalc.render.formats import FORMATS

SEED = "lstm:64:seq,td-dense:3"


def test_a_pipe_gets_tsv() -> None:
    done = called(SEED)
    assert done.code == 0
    assert done.err == ""
    assert [line.split("\t") for line in done.out.splitlines()] == [
        ["1", "lstm", "LSTM", "B,T,F", "B,T,64", "256*F+16640"],
        ["2", "time_distributed", "TimeDistributed(Dense)", "B,T,64", "B,T,3", "195"],
    ]


def test_a_terminal_gets_a_table() -> None:
    code, text = on_terminal(f'shapecalc "{SEED}" -i B,T,10')
    assert code == 0
    assert "LSTM(64, return_sequences=True)" in text
    assert "(B, T, 64)" in text
    assert text.splitlines()[-2:] == ["  output      (B, T, 3)", "  params      19,395"]
    assert "holds when" not in text


def test_the_table_says_when_it_holds() -> None:
    _, text = shown("conv1d:8:3,conv1d:8:5")
    assert text.splitlines()[-2] == "  holds when  T >= 7"


def test_a_shape_error_on_a_terminal_shows_the_rows_before_it() -> None:
    code, text = shown("dense:4,conv1d:8:3,lstm:3", keep=True)
    assert code == 1
    failed = next(line for line in text.splitlines() if "conv1d" in line)
    assert "?" in failed
    assert "\x1b[1;31m" in failed
    assert "lstm" not in text.partition("error:")[0]


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (("lstm:7:seq,td-dense:3", "-i", "n_seq,n_words,emb_size", "-q"), "n_seq,n_words,3\n"),
        (("lstm:7:seq,td-dense:3", "-i", "n_seq,n_words,emb_size", "-q", "--unbatched"), "n_words,3\n"),
        (("lstm:7", "-i", "num_seq,seq_len,num_feature", "-q"), "num_seq,7\n"),
        (("conv1d:8:3:s=2", "-q"), "B,(T-1)//2,8\n"),
        (("conv1d:8:3:s=2", "-q", "-s", "T=9"), "B,4,8\n"),
        (("conv1d:8:3", "-q", "-s", "T=8*K"), "B,8*K-2,8\n"),
        (("flatten", "-q", "-i", "(None, 28, 28, 1)"), "B,784\n"),
        (("lstm:8:state", "-q"), "B,8\n"),
        (("dense:3", "relu", "-q"), "B,3\n"),
        (("-V",), "shapecalc 0.1.0\n"),
        ((SEED, "--columns", "output,index"), "B,T,64\t1\nB,T,3\t2\n"),
        ((SEED, "--columns", "index", "--header"), "index\n1\n2\n"),
        ((SEED, "--columns", "name,input", "-f", "csv"), 'name,input\nlstm,"B,T,F"\ntime_distributed,"B,T,64"\n'),
        ((SEED, "--columns", "index", "-f", "csv", "--no-header"), "1\n2\n"),
        (("lstm:8:state", "--columns", "output"), "B,8;B,8;B,8\n"),
        (("lstm:8:state", "--columns", "output", "--unbatched"), "8;8;8\n"),
        (("LSTM:64:return_sequences=True", "-f", "spec"), "lstm:64:seq\n"),
        (("reshape", "-i", "B,1", "-q"), ""),
    ],
)  # fmt: skip
def test_output(arguments: tuple[str, ...], out: str) -> None:
    assert called(*arguments).out == out


def test_json() -> None:
    done = called("conv1d:8:3,lstm:64:seq,td-dense:3", "-f", "json")
    data = json.loads(done.out)
    assert list(data) == [
        "version", "spec", "dialect", "inputs", "layers", "outputs", "params", "conditions",
        "assumptions", "fixed",
    ]  # fmt: skip
    assert data["layers"][1] == {
        "index": 2,
        "name": "lstm",
        "layer": "LSTM",
        "config": {"units": 64, "return_sequences": True},
        "from": ["conv1d"],
        "inputs": [["B", "T - 2", 8]],
        "outputs": [["B", "T - 2", 64]],
        "weights": [
            {"name": "kernel", "shape": [8, 256], "trainable": True},
            {"name": "recurrent_kernel", "shape": [64, 256], "trainable": True},
            {"name": "bias", "shape": [256], "trainable": True},
        ],
        "params": 18688,
        "trainable_params": 18688,
    }
    assert data["layers"][2]["config"] == {"layer": {"layer": "Dense", "config": {"units": 3}}}
    assert data["inputs"] == [{"name": "input_layer", "shape": ["B", "T", "C"]}]
    assert data["outputs"] == [{"name": "time_distributed", "shape": ["B", "T - 2", 3]}]
    assert data["params"] == {
        "total": "24*C + 18891", "trainable": "24*C + 18891", "non_trainable": 0,
    }  # fmt: skip
    assert data["conditions"] == ["T >= 3"]
    lines = called("conv1d:8:3,lstm:64:seq,td-dense:3", "-f", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == data["layers"]


def test_jsonl_obeys_columns() -> None:
    (line,) = called("dense:3", "-f", "jsonl", "--columns", "params,output").out.splitlines()
    assert list(json.loads(line).items()) == [("params", "3*F + 3"), ("outputs", [["B", 3]])]


@pytest.mark.parametrize(
    ("arguments", "code", "first"),
    [
        (("lstm:64,lstm:32",), 1, "error: lstm needs a 3-D input (batch, steps, features), but gets (B, 64)"),
        (("dense:3,dnse:4",), 2, "error: there is no layer dnse"),
        (("dense:3", "-e", "B,4"), 1, "error: the output is not what is expected"),
        (("conv1d:8:3", "--strict"), 1, "error: the shapes hold only when T >= 3"),
        (("dense:3", "--colour"), 2, "error: no such option --colour"),
        (("dense:3", "-f", "yaml"), 2, "error: --format is one of table, tsv, csv, "),
        (("dense:3", "-s", "X=3"), 2, "error: there is no letter X"),
        (("dense:3", "-s", "F"), 2, "error: --set takes NAME=SIZE, not F"),
        (("dense:3", "-i", "B,,3"), 2, "error: --input: a size is expected here, not ','"),
        (("dense:3", "-i", "a=B,3"), 2, "error: there is no input a"),
        (("dense:3", "--columns", "nam"), 2, "error: there is no column 'nam'"),
        (("9x-dense:3", "--max-layers", "8"), 2, "error: the repeats make more than 8 layers"),
        (("3x-dense:3@a", "--max-layers", "2"), 2, "error: the repeats make more than 2 layers"),
        (("99999999999x-dense:3",), 2, "error: the repeats make more than 100000 layers"),
        (("conv1d:8:3", "-w", "T < 3"), 1, "error: conv1d needs at least 3 steps for its kernel of 3, but gets T"),
        (("conv1d:8:3", "-w", "T = 3"), 2, "error: = is not understood"),
        (("missing.shape",), 2, "error: missing.shape: no such file or directory"),
        (("in:B:T",), 2, "error: there is no layer in this spec"),
        (("",), 2, "error: there is no layer in this spec"),
        (("in:B:3,in:B:4,dense:3",), 2, "error: nothing reads this input"),
    ],
)  # fmt: skip
def test_errors(arguments: tuple[str, ...], code: int, first: str) -> None:
    done = called(*arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.splitlines()[0].startswith(first)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("more", "option"),
    [
        (("-f", "json"), "--format"),
        (("-f", "tsv"), "--format"),
        (("--columns", "index"), "--columns"),
        (("--at", "T=9"), "--at"),
        (("--fold",), "--fold"),
        (("--header",), "--header"),
        (("--no-header",), "--no-header"),
    ],
)
def test_the_final_shape_alone_has_no_rows_to_show(more: tuple[str, ...], option: str) -> None:
    done = called("conv1d:8:3", "-q", *more)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: -q prints only the output shape, and cannot be combined with {option}\n"
        f"help: leave out -q or {option}\n"
    )


@pytest.mark.parametrize(("option", "value"), [("--columns", "name"), ("--at", "T=9")])
def test_what_lists_no_layers_cannot_show_more_of_each(option: str, value: str) -> None:
    able = "table, tsv, csv, json, jsonl, markdown, latex, html, svg"
    for form in ("mermaid", "dot", "spec"):
        done = called("conv1d:8:3", "-f", form, option, value)
        said = f"error: {form} cannot show {option}\nhelp: {option} is for {able}\n"
        assert done == (2, "", said)
        costs = called("cost", "conv1d:8:3", "-f", form)
        assert costs == (2, "", f"error: {form} cannot show costs\nhelp: costs are for {able}\n")
    for form in able.split(", "):
        plain, more = (called("conv1d:8:3", "-f", form, *each) for each in ((), (option, value)))
        assert more.code == 0
        assert (more.out == plain.out) == (form == "json" and option == "--columns"), form


@pytest.mark.parametrize("form", FORMATS)
def test_an_option_changes_what_is_written_or_is_refused(form: str) -> None:
    twice = "2x(dense:8,relu)"
    plain = called(twice, "-f", form, "--fold").out or called(twice, "-f", form).out
    for more in (["--unbatched"], ["--header"], ["--no-header"]):
        fold = ["--fold"] if FORMATS[form].folds else []
        done = called(twice, "-f", form, *fold, *more)
        if done.code == 2:
            assert done.out == ""
            assert done.err.startswith(f"error: {form} cannot show {more[0]}\nhelp: ")
        else:
            usual = "--no-header" if form == "tsv" else "--header"
            assert (done.out == plain) == (more == [usual]), more


@pytest.mark.parametrize("command", [(), ("batch",), ("sweep",), ("check",)])
def test_how_costs_are_counted_needs_costs(command: tuple[str, ...], tmp_path: Path) -> None:
    path = str(tmp_path / "dense.shape")
    Path(path).write_text("in:1:4,dense:3\n", encoding="utf-8")
    for option, due in (("--dtype=int8", "--max-memory=1KiB"), ("--training", "--max-macs=99")):
        done = called(*command, path, option)
        assert (done.code, done.out) == (2, "")
        assert due.partition("=")[0] in done.err
        assert called(*command, path, option, due).code == 0
    assert called(path, "--dtype=int8", "--columns=memory").out == "3\n"
    assert called("cost", path, "--training", "--columns=macs").out == "24\n"
    assert called("sweep", path, "--training", "--sort=macs").code == 0


@pytest.mark.parametrize("more", [(), ("-q",), ("-f", "json"), ("--at", "T=9"), ("-e", "B,8")])
def test_a_part_of_what_does_not_fit_is_exit_1(more: tuple[str, ...]) -> None:
    done = called("lstm:8,lstm:8,dense:3", "--partial", *more)
    assert done.code == 1
    assert done.err.startswith("error: lstm needs a 3-D input")
    assert bool(done.out) == (more != ("-q",))


def test_nothing_gets_a_short_help() -> None:
    done = called()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: shapecalc")


@pytest.mark.parametrize(
    ("spec", "expected", "code"),
    [
        ("conv1d:8:3", "B,T-2,8", 0),
        ("conv1d:8:3", "_,N,8", 0),
        ("conv1d:8:3", "B,T,8", 1),
        ("conv1d:8:3", "B,N", 1),
        ("in:B:N:N:4,conv2d:8:1", "B,M,M,8", 0),
        ("in:B:H:W:4,conv2d:8:1", "B,M,M,8", 1),
        ("in:B:F,dense:4,is:B:4", "_,4", 0),
        ('in:B:4,slice:":,4:"', "B,0", 0),
        ('in:B:T,slice:":,4:"', "B,0", 1),
        ("dense:3", "B,-1", 2),
    ],
)
def test_expect(spec: str, expected: str, code: int) -> None:
    assert called(spec, "-e", expected, "-q").code == code


def test_specs_from_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "net.shape").write_bytes(
        b"\xef\xbb\xbfin:B:T # words\r\nembedding:50:8\r\n\r\nlstm:4"
    )
    (tmp_path / "my-net").write_text("dense:3\n")
    (tmp_path / "relu").write_text("dense:3\n")
    assert called("net.shape", "dense:2", "-q", cwd=tmp_path).out == "B,2\n"
    assert called("./my-net", "-q", cwd=tmp_path).out == "B,3\n"
    assert called("relu", "--columns", "layer", cwd=tmp_path).out == "ReLU\n"
    assert called("-", "-q", stdin=b"dense:5 # five").out == "B,5\n"
    assert called("-", stdin=b"dense:\xff").code == 2


def test_python_m_is_the_command() -> None:
    done = subprocess.run(
        ["python", "-m", "shapecalc", "dense:3", "-q"],  # noqa: S607
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    assert done.stdout == "B,3\n"


@pytest.mark.parametrize(
    ("variables", "arguments", "colored"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({}, ["--color=never"], False),
    ],
)
def test_color_on_a_terminal(
    variables: dict[str, str], arguments: list[str], *, colored: bool
) -> None:
    _, text = shown("lstm:8", *arguments, keep=True, **variables)
    assert ("\x1b[" in text) == colored


@pytest.mark.parametrize(
    ("variables", "arguments", "colored"),
    [
        ({"FORCE_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["-f", "table"], True),
        ({"CLICOLOR_FORCE": "1"}, ["-f", "table"], True),
        ({}, ["-f", "table"], False),
    ],
)
def test_color_on_a_pipe(variables: dict[str, str], arguments: list[str], *, colored: bool) -> None:
    assert ("\x1b[" in called("lstm:8", *arguments, **variables).out) == colored


def test_a_table_without_unicode_is_ascii() -> None:
    done = called("lstm:8", "-f", "table", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert done.out.isascii()
    assert "LSTM(8)" in done.out


def test_nothing_is_cut_where_the_width_is_unknown_or_small() -> None:
    spec = "bidirectional(lstm:123456789:recurrent_activation=hard_sigmoid:seq):trainable=False"
    wide = called(spec, "-f", "table")
    assert "recurrent_activation='hard_sigmoid'" in wide.out
    narrow = called(spec, "-f", "table", "--width", "60").out.splitlines()
    assert max(map(len, narrow)) <= 60
    assert "recurrent_activation='hard_sigmoid'" in "".join(narrow)


def test_closed_streams_are_said_where_somebody_listens() -> None:
    assert on_terminal("shapecalc dense:3 >&-") == (
        1, "error: the output could not be written: Bad file descriptor\n",
    )  # fmt: skip
    assert on_terminal("shapecalc - <&-") == (2, "error: standard input is closed\n")
    assert on_terminal("shapecalc dens:3 2>&-") == (2, "")
