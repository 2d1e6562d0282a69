"""Watching a file: each change is rendered, errors too, until somebody stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from terminal import called, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A file, and the command that watches it; killed where a test hangs."""
    path = tmp_path / "model.shape"
    path.write_text("dense:3", encoding="utf-8")
    process = subprocess.Popen(
        ["shapecalc", str(path), "-q", "--watch"],  # noqa: S607
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    guard = threading.Timer(30, process.kill)
    guard.start()
    yield path, process
    guard.cancel()
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def put(path: Path, text: str) -> None:
    """Change a file in one step, as editors do: nothing half written is ever there to be read."""
    other = path.with_suffix(".new")
    other.write_text(text, encoding="utf-8")
    other.replace(path)


def test_each_change_is_rendered_until_ctrl_c(watched: tuple[Path, subprocess.Popen[str]]) -> None:
    path, process = watched
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "B,3\n"
    put(path, "dense:44")
    assert [process.stdout.readline() for _ in range(2)] == ["\n", "B,44\n"]
    put(path, "nothing")
    assert process.stderr.readline() == f"{path}:1:1: error: there is no layer nothing\n"
    put(path, "lstm:7")
    assert [process.stdout.readline() for _ in range(3)] == ["\n", "\n", "B,7\n"]
    path.unlink()
    said = iter(process.stderr.readline, "")
    assert f"note: {path}: is gone; waiting for it\n" in said
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(timeout=30) == 130


def test_a_model_of_a_program_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from torch import nn\nnet = nn.Sequential(nn.Linear(3, 4))\n", encoding="utf-8"
    )
    monkeypatch.setattr(time, "sleep", _stop)
    assert called(f"{path}:net", "-i", "N,3", "-q", "--watch") == (130, "N,4\n", "")


def _stop(_seconds: float) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("spec", ["dense:3", "none.shape"])
def test_what_is_no_file_cannot_be_watched(spec: str) -> None:
    done = called(spec, "--watch")
    assert (done.code, done.out) == (2, "")
    assert "--watch needs an existing file" in done.err
