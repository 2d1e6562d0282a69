"""The command ``shapecalc solve``."""

from __future__ import annotations

import json

import pytest
from terminal import called, cells, shown

import shapecalc


def test_command() -> None:
    done = called("solve", "in:B:H:3,conv1d:8:3:s=2,maxpool1d:2", "--output", "B,7,8")
    assert (done.code, done.out) == (0, "29 <= H <= 32\tH=29,30,31,32\n")
    done = called("solve", "in:B:H:3,conv1d:8:3:s=2", "-o", "B,7,8", "-f", "json")
    assert json.loads(done.out) == {
        "solutions": [{"where": "15 <= H <= 16", "values": {"H": [15, 16]}}]
    }
    done = called("solve", "in:B:H:3,conv1d:8:3:s=2", "-o", "B,N,8", "-f", "json")
    (solution,) = json.loads(done.out)["solutions"]
    assert solution["values"] is None
    assert solution["examples"] == {"H": [3, 4, 5, 6, 7]}
    done = called("solve", "dense:3", "-o", "B,4")
    assert (done.code, done.out) == (1, "")
    assert called("solve", "dense:3").code == 2


def test_many_values_are_said_in_short() -> None:
    spec = "in:B:T:4,maxpool1d:320"
    done = called("solve", spec, "-o", "B,49,4")
    assert done.out == "15680 <= T <= 15999\tT=15680,…,15999 (320 values)\n"
    done = called("solve", spec, "-o", "B,49,4", "-f", "table")
    assert cells(done.out) == [
        ["when", "T"],
        ["15680 <= T <= 15999", "15680, …, 15999 (320 values)"],
    ]
    done = called("solve", spec, "-o", "B,49,4", "-f", "json")
    (solution,) = json.loads(done.out)["solutions"]
    assert solution["values"] == {"T": list(range(15680, 16000))}
    done = called("solve", "in:B:T:4,maxpool1d:10", "-o", "B,1,4")
    assert done.out == "10 <= T <= 19\tT=10,11,12,13,14,15,16,17,18,19\n"
    (solution,) = shapecalc.solve("in:B:T:4,maxpool1d:10**9", "B,1,4")
    assert solution.values is None
    assert solution.examples == {"T": [10**9 + n for n in range(5)]}


def test_some_letters_have_all_values_and_others_more() -> None:
    spec = "in:B:H:W:3,conv2d:8:3:s=2"
    done = called("solve", spec, "-o", "B,N,7,8", "-f", "table")
    assert cells(done.out) == [
        ["when", "H", "W"],
        ["15 <= W <= 16 and H >= 3 and 2*N + 1 <= H <= 2*N + 2", "3, 4, 5, 6, 7, …", "15, 16"],
    ]
    (solution,) = shapecalc.solve(spec, "B,N,7,8")
    assert solution.examples == {"H": [3, 4, 5, 6, 7], "W": [15, 16, 15, 16, 15]}


def test_lines_break_at_the_width() -> None:
    spec = "in:B:H:W:3,conv2d:8:3:s=2,maxpool2d:4"
    wide = called("solve", spec, "-o", "B,7,7,8", "-f", "table")
    numbers = "57, 58, 59, 60, 61, 62, 63, 64"
    assert cells(wide.out)[1] == ["57 <= H <= 64 and 57 <= W <= 64", numbers, numbers]
    narrow = called("solve", spec, "-o", "B,7,7,8", "-f", "table", "--width", "44").out
    assert max(map(len, narrow.splitlines())) <= 44
    columns = zip(*cells(narrow)[1:], strict=True)
    assert [" ".join(column).split() for column in columns] == [
        each.split() for each in cells(wide.out)[1]
    ]
    stacked = called("solve", spec, "-o", "B,7,7,8", "-f", "table", "--width", "20").out
    assert "57," in stacked
    assert max(map(len, stacked.splitlines())) <= 20


def test_every_input_is_said_to_give_the_output() -> None:
    assert cells(called("solve", "lstm:64", "-o", "B,64", "-f", "table").out)[1] == ["every input"]
    assert called("solve", "lstm:64", "-o", "B,64").out == "True\tany\n"


def test_a_filled_in_spec_stays_whole() -> None:
    arguments = ("solve", "in:B:100:4,conv1d:16:?:s=2", "-o", "B,48,16")
    assert cells(shown(*arguments)[1])[1:] == [
        ["? == 5", "in:B:100:4,conv1d:16:5:s=2", "5"],
        ["? == 6", "in:B:100:4,conv1d:16:6:s=2", "6"],
    ]
    for columns in (10, 30, 40):
        assert "in:B:100:4,conv1d:16:5:s=2\n" in shown(*arguments, columns=columns)[1] + "\n"


def test_at_numbers() -> None:
    done = called("conv1d:8:3:s=2,gru:4", "--at", "T=1,9", "--columns", "name", "--header")
    assert done.code == 1
    assert done.out == (
        "name\toutput@T=1\toutput@T=9\nconv1d\tdoes not fit\tB,4,8\ngru\tdoes not fit\tB,4\n"
    )
    assert "this is at T=1" in done.err
    done = called("conv1d:8:3:s=2", "--at", "T=9", "-f", "jsonl", "--columns", "index")
    assert json.loads(done.out) == {"index": 1, "output@T=9": [["B", 4, 8]]}
    assert done.code == 0


def test_a_bar_shows_how_far_it_is_where_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shapecalc.render.progress.DELAY", 0)
    _, text = shown("solve", "dense:?", "--output", "B,64", keep=True)
    assert "fit, " in text
    assert "fit" not in text.rpartition("\r\x1b[K")[2]
    quiet = called("solve", "dense:?", "--output", "B,64")
    assert quiet.err == ""
    assert "? == 64" in quiet.out
