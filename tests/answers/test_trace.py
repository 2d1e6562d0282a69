"""What Python users may ask of a trace: no repair, and an output of a shape."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.repair import diagnosis

TWO = "in:B:4@a,dense:3,@a,dense:5"


def test_no_repair_is_searched_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[object] = []
    explained = diagnosis.explained

    def watched(*given: Any) -> shapecalc.ShapeError:
        searched.append(given)
        return explained(*given)

    monkeypatch.setattr(diagnosis, "explained", watched)
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("lstm:64,lstm:32", repair=False)
    assert (caught.value.help, searched) == (None, [])
    assert caught.value.span == (8, 15)
    with pytest.raises(shapecalc.ShapeError):
        shapecalc.trace("lstm:64,lstm:32")
    assert len(searched) == 1


def test_what_cannot_be_read_has_its_hint_all_the_same() -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        shapecalc.trace("dnse:3", repair=False)
    assert caught.value.help == "did you mean dense?"


@pytest.mark.parametrize(
    ("spec", "expect"),
    [
        ("conv1d:8:3", "B,T-2,8"),
        ("conv1d:8:3", ("B", "T - 2", 8)),
        ("conv1d:8:3", (None, shapecalc.Dim("T") - 2, 8)),
        ("conv1d:8:3", "_,N,8"),
        ("conv1d:8:3", {"conv1d": "B,N,8"}),
        (TWO, {"dense": "B,3", "dense_1": ("B", 5)}),
        (TWO, {"dense_1": "B,5"}),
    ],
)
def test_an_output_is_as_expected(spec: str, expect: Any) -> None:
    assert shapecalc.trace(spec, expect=expect).output == shapecalc.trace(spec).output


@pytest.mark.parametrize(
    "expect", ["B,T,8", (None, None, 9), "B,8", (), {"conv1d": "B,T,8"}, ("B", 8, 8)]
)
def test_another_output_is_refused(expect: Any) -> None:
    with pytest.raises(shapecalc.ShapeError, match="is not what is expected") as caught:
        shapecalc.trace("conv1d:8:3", expect=expect)
    assert caught.value.notes[1] == "got      (B, T - 2, 8)"


@pytest.mark.parametrize(
    ("spec", "expect"), [(TWO, "B,5"), (TWO, {"dens": "B,5"}), ("dense:3", 5), ("dense:3", "B,,")]
)
def test_an_expectation_that_cannot_be_read_is_refused(spec: str, expect: Any) -> None:
    with pytest.raises(shapecalc.SpecError):
        shapecalc.trace(spec, expect=expect)


def test_many_remainders_are_said_by_what_was_asked() -> None:
    spec = 'in:B:T:4,10x(slice:":,1:-1:2"),concat(maxpool1d:3|conv1d:4:4:s=3)'
    wanted = ["(T + 1)//1024 >= 5", "(T + 2049)//3072 == (T + 1025)//3072"]
    assert shapecalc.trace(spec).conditions == wanted
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec, set={"T": 2})
    assert any(" and ".join(wanted) in note for note in caught.value.notes)
