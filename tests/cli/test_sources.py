"""What is given as a file or on standard input: read once, and alike, whatever it is."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

import shapecalc
from shapecalc.cli import chunks
from shapecalc.language import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: How long a writer may need to end once what it wrote was read.
SECONDS = 60


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Any]:
    """Make named pipes, each of which is written to once."""
    writers: list[threading.Thread] = []

    def make(name: str, data: bytes) -> str:
        path = tmp_path / name
        os.mkfifo(path)
        writers.append(threading.Thread(target=path.write_bytes, args=(data,), daemon=True))
        writers[-1].start()
        return str(path)

    yield make
    for writer in writers:
        writer.join(timeout=SECONDS)
        assert not writer.is_alive()


MODEL = {
    "class_name": "Sequential",
    "config": {
        "layers": [{"class_name": "Dense", "config": {"units": 3, "input_shape": [8]}}],
    },
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.shape", b"in:B:8,dense:3"),
        ("a.json", json.dumps(MODEL).encode()),
        ("a.keras", json.dumps(MODEL).encode()),
        ("a.txt", json.dumps(MODEL).encode()),
    ],
)
def test_a_pipe_given_as_a_file_is_read_once(pipe: Any, name: str, data: bytes) -> None:
    assert called(pipe(name, data), "-q").out == "B,3\n"
    assert shapecalc.trace(shapecalc.load(pipe(f"b-{name}", data))).output[1] == 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_pipes_of_many_specs_lose_no_line(pipe: Any, jobs: str) -> None:
    paths = [pipe(name, b"dense:3\n" * 20_000) for name in ("a", "b")]
    done = called("batch", *paths, "--jobs", jobs)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\tok\tB,3\t") == 40_000


def test_what_holds_no_text_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s.json"))
        for command in ([], ["batch"], ["convert"]):
            done = called(*command, str(tmp_path / "s.json"))
            assert (done.code, done.out) == (2, "")
            assert done.err.startswith(f"error: {tmp_path}/s.json: is a socket\n")
            done = called(*command, f"{tmp_path}/")
            assert (done.code, done.out) == (2, "")
            assert done.err.startswith(f"error: {tmp_path}/: is a directory\n")
        with pytest.raises(shapecalc.SpecError, match="is a socket"):
            shapecalc.load(tmp_path / "s.json")


@pytest.mark.parametrize("path", [5, None, b"m.json", ["m.json"]])
def test_a_path_is_a_path(path: Any) -> None:
    with pytest.raises(shapecalc.SpecError, match="a path or the data of a model is expected"):
        shapecalc.load(path)


def test_standard_input_has_the_limits_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1_000)
    monkeypatch.setattr(files, "MAX_MODEL_BYTES", 3_000)
    answers = {"spec": [], "model": [], "large": [], "unread": []}
    sources = {
        "spec": b"in:B:8,dense:3 #" + b"x" * 1_000,
        "model": json.dumps(MODEL | {"more": "x" * 1_000}).encode(),
        "large": json.dumps(MODEL | {"more": "x" * 3_000}).encode(),
        "unread": b" " * 1_001,
    }
    for name, data in sources.items():
        for ending in (".shape", ".json", ".model"):
            path = tmp_path / f"{name}{ending}"
            path.write_bytes(data)
            done = called(str(path), "-q")
            answers[name].append((done.code, done.out, done.err.replace(str(path), "it")))
        done = called("-", "-q", stdin=data)
        answers[name].append((done.code, done.out, done.err.replace("standard input", "it")))
    said = {name: set(found) for name, found in answers.items()}
    assert said["spec"] == said["unread"] == {(2, "", "error: it: it is larger than 0 MB\n")}
    assert said["model"] == {(0, "B,3\n", "")}
    assert said["large"] == {(2, "", "error: it: it is larger than 0 MB\n")}


def test_a_line_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_ENDLESS", 3_000_000)
    done = called("batch", "/dev/zero")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: /dev/zero: line 1 has no end\n")
    long = b"dense:3\n" + b"x" * 2_000_000 + b"\ndense:4\n"
    done = called("batch", stdin=long)
    assert [line.split("\t")[1] for line in done.out.splitlines()] == ["ok", "error", "ok"]


def test_what_was_read_before_a_broken_file_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MAX_ENDLESS", 3_000_000)
    (tmp_path / "a").write_bytes(b"dense:3\n" * 1_000)
    for jobs in ("1", "2"):
        done = called("batch", str(tmp_path / "a"), "/dev/zero", "--jobs", jobs)
        assert done.code == 2
        assert done.out.count("\tok\t") == 1_000
        assert "line 1 has no end" in done.err


@pytest.mark.parametrize("name", ["a.spec", "Makefile", "noending", "model.cfg", "sub/x"])
def test_a_file_of_any_name_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("lstm:64:seq\ndense:3\n", encoding="utf-8")
    assert called(name, "-q", cwd=tmp_path).out == "B,T,3\n"
    (tmp_path / "model.cfg").write_text(json.dumps(MODEL), encoding="utf-8")
    assert called("model.cfg", "-q", cwd=tmp_path).out == "B,3\n"


@pytest.mark.parametrize("name", ["net.txt", "net", "net.cfg"])
def test_source_code_of_any_name_is_read(name: str, tmp_path: Path) -> None:
    text = "import keras\nmodel = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert called(name, "-q", cwd=tmp_path).out.rpartition(",")[2] == "3\n"


def test_a_name_of_a_layer_is_never_a_file(tmp_path: Path) -> None:
    for name in ("relu", "dense:3", "td-dense:3", "batchnorm2d"):
        (tmp_path / name).write_text("lstm:64:seq", encoding="utf-8")
    assert called("relu", "-f", "spec", cwd=tmp_path).out == "relu\n"
    assert called("dense:3", "-q", cwd=tmp_path).out == "B,3\n"
    assert called("td-dense:3", "-q", cwd=tmp_path).out == "B,T,3\n"
    assert "there is no layer batchnorm2d" in called("batchnorm2d", cwd=tmp_path).err


def test_what_is_no_text_is_refused_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (tmp_path / "folder").mkdir()
    said = {
        "x.png": "x.png: is neither a model nor text: byte 0 is not UTF-8",
        "folder": "folder: is a directory\nhelp: shapecalc check folder",
    }
    for name, fact in said.items():
        done = called(name, cwd=tmp_path)
        assert (done.code, done.out, done.err) == (2, "", f"error: {fact}\n")


@pytest.mark.parametrize("name", ["model.spec", "model.shape", "sub/model", "model.py", "m.kera"])
def test_a_file_that_is_missing_is_said_to_be(name: str, tmp_path: Path) -> None:
    done = called("dense:3", name, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {name}: no such file or directory\n")


def test_a_file_that_is_nearly_named_is_meant(tmp_path: Path) -> None:
    (tmp_path / "model.shape").write_text("dense:3", encoding="utf-8")
    assert called("model.shap", cwd=tmp_path).err.endswith("help: did you mean model.shape?\n")


@pytest.mark.parametrize("spec", ["drop:0.5", "in:B:8@x,dense:8,add:@x", "reshape:T//2:2"])
def test_no_spec_is_taken_for_a_missing_file(spec: str) -> None:
    assert called(spec, "-q").code == 0


def test_errors_in_files_have_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.shape").write_text("# two layers\nlstm:64,\n  lsm:32\n", encoding="utf-8")
    (tmp_path / "b.shape").write_text("lstm:64\nlstm:32\n", encoding="utf-8")
    for arguments in (["a.shape"], ["explain", "a.shape"], ["dense:3", "a.shape"]):
        done = called(*arguments, cwd=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            "a.shape:3:3: error: there is no layer lsm\n"
            "    3 |   lsm:32\n      |   ^^^\nhelp: did you mean lstm?\n"
        )
    for arguments in (["b.shape"], ["b.shape", "dense:3"]):
        done = called(*arguments, cwd=tmp_path)
        assert done.code == 1
        assert done.err.startswith("b.shape:2:1: error: lstm needs a 3-D input")
    assert (
        called("check", "a.shape", "b.shape", "-f", "concise", cwd=tmp_path).out.count(": error:")
        == 2
    )


def test_a_pipe_is_read_without_an_argument() -> None:
    assert called(stdin=b"lstm:64:seq\n").out == called("lstm:64:seq").out
    assert called("-q", stdin=b"lstm:64:seq\n").out == "B,T,64\n"
    assert called("explain", stdin=b"lstm:64:seq\n").out == called("explain", "lstm:64:seq").out
    pasted = b"model = Sequential()\nmodel.add(LSTM(64))\nmodel.add(Dense(3))\n"
    assert called("-f", "spec", stdin=pasted).out == "lstm:64,dense:3\n"
    done = called()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: shapecalc SPEC")


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("model.add(LSTM(64))\nmodel.add(Dense(3))", "lstm:64,dense:3"),
        ("x = LSTM(64)(x)", "lstm:64"),
        ("a = Input(shape=(9, 4))\nx = LSTM(64)(a)\ny = Dense(3)(x)", "in:?:9:4,lstm:64,dense:3"),
        ("self.model.add(Dense(3))", None),
        ("x = Dense(3)(a)\ny = Dense(4)(b)", None),
    ],
)
def test_pasted_lines_of_keras_are_a_stack(text: str, spec: str | None) -> None:
    done = called(text, "-f", "spec")
    assert done.out == ("" if spec is None else f"{spec}\n")
    assert done.code == (2 if spec is None else 0)
