"""Repairs as a command: the spec that works, or the reason why none was found."""

from __future__ import annotations

import json
import os
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

import shapecalc
from shapecalc.repair import diagnosis
from shapecalc.repair.search import repairs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapecalc.repair.failure import Failure
    from shapecalc.repair.search import Repair


def test_the_repaired_spec_is_printed_alone() -> None:
    done = called("fix", "lstm:64,lstm:32")
    assert (done.code, done.out, done.err) == (0, "lstm:64:seq,lstm:32\n", "")


def test_all_repairs_work() -> None:
    done = called("fix", "--all", "in:B:28:28,conv2d:8:3,flatten,dense:10")
    specs = done.out.splitlines()
    assert done.code == 0
    assert len(specs) == len(set(specs)) > 1
    assert specs[0] == called("fix", "in:B:28:28,conv2d:8:3,flatten,dense:10").out.strip()
    for spec in specs:
        assert shapecalc.trace(spec).layers


def test_what_works_is_printed_as_it_is() -> None:
    done = called("fix", "LSTM:64:return_sequences=True")
    assert (done.code, done.out) == (0, "lstm:64:seq\n")
    assert done.err == "note: this spec works as it is\n"


def test_what_cannot_be_repaired_says_why() -> None:
    done = called("fix", "in:2:5@a,in:3:5@b,@a,concat:@b")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "error: concat cannot join (2, 5) and (3, 5): their axis 0 has 2 and 3"
    )
    assert called("fix", "nothing").code == 2


def test_a_model_is_repaired_as_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    layers = [
        {"class_name": "LSTM", "config": {"units": 4, "batch_input_shape": [None, 5, 8]}},
        {"class_name": "LSTM", "config": {"units": 3}},
    ]
    path.write_text(json.dumps({"class_name": "Sequential", "config": layers}), encoding="utf-8")
    assert called("fix", str(path)).out == "in:B:5:8,lstm:4:seq,lstm:3\n"


def test_options_are_kept_in_mind() -> None:
    assert called("fix", "lstm:7:seq,dense:3", "-d", "keras1").out == "lstm:7:seq,td-dense:3\n"


def test_the_repaired_network_is_written_as_code() -> None:
    done = called("fix", "in:B:T:4,lstm:64,lstm:32", "--to", "keras")
    repaired = "in:B:T:4,lstm:64:seq,lstm:32"
    assert (done.code, done.err) == (0, "")
    assert done.out == shapecalc.code(repaired, "keras")
    works = called("fix", repaired, "--to", "keras")
    assert (works.code, works.out) == (0, done.out)
    assert works.err == "note: this spec works as it is\n"


def test_repaired_source_is_written_as_code(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from torch import nn\n"
        "model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(100, 10))\n",
        encoding="utf-8",
    )
    done = called("fix", str(path), "-i", "N,3,8,8", "--to", "torch")
    assert done.code == 0
    assert "nn.Linear(288, 10)" in done.out


def test_code_is_of_one_repair() -> None:
    done = called("fix", "lstm:64,lstm:32", "--all", "--to", "keras")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --to writes the code of one repair, and takes no --all\n"


def test_a_repair_of_the_first_of_two_faults_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.a = nn.Linear(9, 8)\n\n"
        "    def forward(self, x):\n        return self.a(x) + torch.zeros(5)\n"
    )
    done = called("fix", str(path), "-i", "4,7")
    assert done.code == 1
    assert "+        self.a = nn.Linear(7, 8)\n" in done.out
    assert done.err.startswith("note: with this repair it fails later in line 11: add cannot join")


@pytest.mark.parametrize("spec", ["lstm:64,lstm:32", "in:B:7,dense:3,is:B:9,is:B:8"])
def test_repairs_are_searched_once(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[object] = []

    def search(failure: Failure, *rest: Any) -> Iterator[Repair]:
        searched.append(failure)
        return repairs(failure, *rest)

    monkeypatch.setattr(diagnosis, "repairs", search)
    called("fix", spec)
    assert len(searched) == 1


def test_what_is_to_be_mended_is_read_once(tmp_path: Path) -> None:
    done = called("fix", "-", stdin=b"lstm:64,lstm:32")
    assert (done.code, done.out, done.err) == (0, "lstm:64:seq,lstm:32\n", "")
    pipe = tmp_path / "pipe.shape"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=("lstm:64,lstm:32",), daemon=True)
    writer.start()
    assert called("fix", str(pipe)).out == "lstm:64:seq,lstm:32\n"
    writer.join()


def test_a_class_is_described_only_for_files_of_models(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch.nn as nn\nnet = nn.Linear(3, 4)\n")
    done = called("fix", "net.py", "--custom", "Mine=same", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "--custom is for files of models" in done.err
