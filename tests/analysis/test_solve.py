"""Backwards: from outputs to inputs and to arguments."""

from __future__ import annotations

import json

import pytest
from terminal import called, on_terminal

import shapecalc
from shapecalc.errors import ShapeError


@pytest.mark.parametrize(
    ("spec", "output", "where", "values"),
    [
        (
            "in:B:H:W:3,conv2d:8:3:s=2,maxpool2d:2",
            "B,7,7,8",
            "29 <= H <= 32 and 29 <= W <= 32",
            {"H": [29, 30, 31, 32], "W": [29, 30, 31, 32]},
        ),
        (
            "in:B:H:4,maxpool1d:2,tconv1d:8:2:s=2",
            "B,28,8",
            "28 <= H <= 29",
            {"H": [28, 29]},
        ),
        ("in:B:H:4,conv1d:8:3,flatten", "B,64", "H == 10", {"H": [10]}),
        ("in:B:T:4,conv1d:8:3:s=2", "B,N,8", "T >= 3 and 2*N + 1 <= T <= 2*N + 2", None),
        ("in:B:T:4,upsample1d:3", "B,N,4", "T == N//3 and N % 3 == 0", None),
        ("in:B:T:4,conv1d:8:3", "_,_,8", "T >= 3", None),
        ("in:B:4,dense:3", "B,3", "True", None),
    ],
)
def test_inputs(spec: str, output: str, where: str, values: dict[str, list[int]] | None) -> None:
    (solution,) = shapecalc.solve(spec, output)
    assert solution.where == where
    assert solution.values == values
    for name, numbers in (values or {}).items():
        others = {other: ns[0] for other, ns in (values or {}).items()}
        for number in range(1, max(numbers) + 5):
            try:
                shape = shapecalc.trace(spec, set=others | {name: number}).output
                fits = ",".join(map(str, shape)) == output
            except ShapeError:
                fits = False
            assert fits == (number in numbers)


@pytest.mark.parametrize(
    ("spec", "output", "first"),
    [
        ("in:B:100:4,conv1d:16:?:s=2", "B,48,16", "in:B:100:4,conv1d:16:5:s=2"),
        ("in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=?", "B,14,14,8",
         "in:B:7:7:4,tconv2d:8:3:s=2:same:output_padding=1"),
        ("dense:?", "B,64", "dense:64"),
        ("in:B:12:4,reshape:?:8", "B,6,8", "in:B:12:4,reshape:6:8"),
    ],
)  # fmt: skip
def test_arguments(spec: str, output: str, first: str) -> None:
    assert shapecalc.solve(spec, output)[0].spec == first


def test_none_says_what_is_near() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("in:B:T:4,maxpool1d:2,tconv1d:8:2:s=2", "B,7,8")
    assert caught.value.notes == ["axis 1 can be 6 (T == 6) and 8 (T == 8), nearest to 7"]
    with pytest.raises(ShapeError) as caught:
        shapecalc.solve("dense:3", "B,4")
    assert caught.value.notes == ["axis 1 is always 3"]


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


def test_at_numbers() -> None:
    done = called("conv1d:8:3:s=2,gru:4", "--at", "T=1,9", "--columns", "name", "--header")
    assert done.code == 1
    assert done.out == ("name\toutput@T=1\toutput@T=9\nconv1d\tunfit\tB,4,8\ngru\tunfit\tB,4\n")
    assert "this is at T=1" in done.err
    done = called("conv1d:8:3:s=2", "--at", "T=9", "-f", "jsonl", "--columns", "index")
    assert json.loads(done.out) == {"index": 1, "output@T=9": [["B", 4, 8]]}
    assert done.code == 0


def test_facts_simplify_sizes_and_conditions() -> None:
    spec = "in:B:H:4,maxpool1d:2,maxpool1d:2,upsample1d:4"
    assert shapecalc.trace(spec).conditions == ["H >= 4"]
    trace = shapecalc.trace(spec, where="H % 8 == 0")
    assert (str(trace.output[1]), trace.conditions) == ("H", [])
    trace = shapecalc.trace(spec, where="H >= 10")
    assert (str(trace.output[1]), trace.conditions) == ("4*(H//4)", [])
    with pytest.raises(ShapeError, match="maxpool1d needs"):
        shapecalc.trace(spec, where="H < 4")
    with pytest.raises(ShapeError, match="cannot hold beside"):
        shapecalc.trace(spec, where="H > 4, H < 3")


def test_a_bar_shows_how_far_it_is_where_somebody_waits() -> None:
    spec = '"dense:?" --output B,64'
    _, text = on_terminal(f"shapecalc solve {spec} > /dev/null", keep=True)
    assert "fit," in text
    _, quiet = on_terminal(f"shapecalc solve {spec} 2>&1 | cat", keep=True)
    assert "fit," not in quiet
    assert "? == 64" in quiet
