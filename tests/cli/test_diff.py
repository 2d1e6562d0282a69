"""Two specs side by side: what is the same, what differs, and the exit code that says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import called, cells, shown

from shapecalc.analysis import differences

if TYPE_CHECKING:
    from pathlib import Path


def rows(*arguments: str) -> list[list[str]]:
    return [line.split("\t") for line in called("diff", *arguments).out.splitlines()]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("lstm:64", "LSTM:units=64"),
        ("2x-dense:8", "dense:8,dense:8"),
        ("dense:8:relu", "dense:8:activation=relu@other"),
    ],
)
def test_the_same_is_exit_0_and_silence(a: str, b: str) -> None:
    done = called("diff", a, b)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_what_differs_is_marked() -> None:
    done = called("diff", "in:B:8,dense:8,relu,dense:3", "in:B:8,dense:9,relu,dropout:0.5,dense:3")
    assert done.code == 1
    assert done.out.splitlines() == [
        "~\t1\t1\tDense\tB,8\tB,9\t72\t81",
        "~\t2\t2\tReLU\tB,8\tB,9\t0\t0",
        "+\t\t3\tDropout\t\tB,9\t\t0",
        "~\t3\t4\tDense\tB,3\tB,3\t27\t30",
    ]
    assert rows("relu,dense:3", "dense:3")[0][0] == "-"


def test_full_shows_what_is_the_same_too() -> None:
    assert [row[0] for row in rows("dense:3,relu", "dense:3,relu,relu", "--full")] == [
        "=",
        "=",
        "+",
    ]


def test_conditions_alone_are_a_difference() -> None:
    done = called("diff", "in:B:T:4,conv1d:8:3", "in:B:T:4,conv1d:8:3,is:B:8:8", "-f", "json")
    data = json.loads(done.out)
    assert done.code == 1
    assert data["same"] is False
    assert data["a"]["conditions"] == ["T >= 3"]


def test_one_that_does_not_fit_is_shown_as_far_as_it_goes() -> None:
    done = called("diff", "lstm:64,lstm:3", "lstm:64:seq,lstm:3")
    assert done.code == 1
    assert done.err.startswith("error: lstm needs a 3-D input")
    assert [line[0] for line in done.out.splitlines()] == ["~", "+"]


def test_two_that_do_not_fit_are_not_the_same() -> None:
    done = called("diff", "lstm:64,lstm:3", "lstm:64,lstm:4", "-f", "json")
    assert done.code == 1
    assert json.loads(done.out)["same"] is False
    assert called("diff", "lstm:64,lstm:3", "lstm:64,lstm:3").code == 1


def test_what_cannot_be_read_is_exit_2() -> None:
    done = called("diff", "lstm:64", "nothing")
    assert (done.code, done.out) == (2, "")
    assert called("diff", "lstm:64").code == 2


def test_on_a_terminal_both_sides_stand_one_above_the_other() -> None:
    code, text = shown("diff", "in:B:8,dense:8", "in:B:8,dense:9")
    assert code == 1
    assert cells(text) == [
        ["", "a", "b", "name", "layer", "output", "params"],
        ["~", "1", "1", "dense", "Dense(8)", "(B, 8)", "72"],
        ["", "", "", "", "-> Dense(9)", "-> (B, 9)", "-> 81"],
    ]
    assert text.splitlines()[-3:] == [
        "  outputs           (B, 8) -> (B, 9)",
        "  params            72 -> 81",
        "  trainable params  72 -> 81",
    ]


def test_each_side_has_its_index_at_a_terminal() -> None:
    _, text = shown("diff", "lstm:8:seq,dense:3", "lstm:8:seq,relu,dense:3", "--full")
    assert [row[:4] for row in cells(text)[1:]] == [
        ["=", "1", "1", "lstm"],
        ["+", "", "2", "re_lu"],
        ["=", "2", "3", "dense"],
    ]


@pytest.mark.parametrize(
    ("a", "b", "marks"),
    [
        ("3000x-relu,dense:3", "2999x-relu,dense:3", ["-"]),
        ("1500x(relu,dense:3)", "1501x(relu,dense:3)", ["+", "+"]),
        ("dense:1,3000x-relu", "dense:2,3000x-relu", ["~"] * 3001),
    ],
)
def test_what_both_begin_and_end_with_is_not_searched(
    a: str, b: str, marks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    class Counting(differences.SequenceMatcher[str]):
        def __init__(self, junk: None, here: list[str], there: list[str], **more: bool) -> None:
            compared.append(len(here) * len(there))
            super().__init__(junk, here, there, **more)

    monkeypatch.setattr(differences, "SequenceMatcher", Counting)
    assert [row[0] for row in rows(a, b)] == marks
    assert max(compared) <= 9


def test_rows_without_a_common_end_are_aligned_though_they_are_many() -> None:
    found = rows("dense:1,2200x-relu,dense:5", "dense:2,2201x-relu,dense:6")
    assert found[0][:4] == ["~", "1", "1", "Dense"]
    assert sum(row[0] in "-~" for row in found) <= 2202
    assert found[-1][3] == "Dense"


def test_source_code_is_shown_as_it_is_written(tmp_path: Path) -> None:
    text = "from torch import nn\nmodel = nn.Sequential(\n    nn.Linear({}),\n    nn.ReLU(),\n)\n"
    for name, arguments in (("a.py", "4 * 2, 3"), ("b.py", "\n        8,\n        5,\n    ")):
        (tmp_path / name).write_text(text.format(arguments), encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("a.py", "b.py")]
    table = called("diff", *paths, "-f", "table").out
    assert "nn.Linear(4 * 2, 3)" in table
    assert "-> nn.Linear(8, 5)" in table
    mixed = called("diff", paths[0], "dialect:torch,linear:8:5,relu", "-f", "table").out
    assert "nn.Linear" not in mixed
