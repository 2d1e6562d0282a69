"""Pieces of an axis in letters: as many as facts say, of the sizes that numbers give."""

from __future__ import annotations

import pytest

import shapecalc


@pytest.mark.parametrize(
    ("where", "step", "sizes"),
    [
        ("T >= 2", "chunk:2:1", ["T//2", "T//2"]),
        ("T % 2 == 1", "chunk:2:1", ["(T + 1)//2", "(T - 1)//2"]),
        ("T % 3 == 2", "chunk:3:1", ["(T + 1)//3", "(T + 1)//3", "(T - 2)//3"]),
        ("T == 4", "chunk:3:1", ["2", "2"]),
        ("T == 5", "split:2:1", ["2", "2", "1"]),
        ("3 <= T <= 4", "split:2:1", ["2", "T - 2"]),
        ("5 <= T, T <= 8", "split:4:1", ["4", "T - 4"]),
    ],
)
def test_pieces(where: str, step: str, sizes: list[str]) -> None:
    spec = f"in:N:T:4,{step}"
    symbolic = shapecalc.trace(spec, dialect="torch", where=where)
    assert [str(shape[1]) for shape in symbolic.layers[-1].outputs] == sizes
    for number in range(2, 20):
        try:
            found = shapecalc.trace(spec, dialect="torch", where=where, set={"T": number})
        except shapecalc.ShapeError:
            continue
        if all(eval(each, {"T": number}) for each in symbolic.assumptions):  # noqa: S307
            numbers = [eval(size, {"T": number}) for size in sizes]  # noqa: S307
            assert [shape[1] for shape in found.layers[-1].outputs] == numbers


def test_how_many_pieces_there_are_must_be_known() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("in:N:T:4,split:2:1", dialect="torch", where="T >= 3")
    assert caught.value.message == "split cannot say how many parts of 2 there are in T"


@pytest.mark.parametrize("mode", ["nearest", "linear", "area"])
def test_nothing_is_resized(mode: str) -> None:
    spec = f"in:2:4:T,index:':,:,7:',interpolate:size=3:mode={mode}"
    assert shapecalc.trace(spec, dialect="torch").conditions == ["T >= 8"]
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec, dialect="torch", set={"T": 5})
    assert caught.value.message == "interpolate has nothing to resize in (2, 4, 0)"


def test_a_size_that_is_left_open_is_the_one_that_came() -> None:
    network = shapecalc.parse("in:2:3:4,ln:_,rmsnorm:_", dialect="torch")
    assert [row.config for row in shapecalc.trace(network).layers] == [{"normalized_shape": 4}] * 2
    assert "nn.LayerNorm(4)" in shapecalc.code(network, "torch")
