"""How the conditions of a trace are joined."""

from __future__ import annotations

from itertools import product

import pytest
from terminal import called

import shapecalc
from shapecalc.errors import ShapeError
from shapecalc.tracing.rows import joined


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([], ""),
        (["T >= 3"], "T >= 3"),
        (["T == 3 or T == 1"], "T == 3 or T == 1"),
        (["T >= 3", "H % 2 == 0"], "T >= 3 and H % 2 == 0"),
        (["T == 3 or T == 1", "3 <= H <= 5"], "(T == 3 or T == 1) and 3 <= H <= 5"),
    ],
)
def test_joined(conditions: list[str], text: str) -> None:
    assert joined(conditions) == text


def test_joined_conditions_say_what_they_say_one_by_one() -> None:
    spec = "in:B:H:W:4@x,in:B:3:5:4@y,@x,add:@y"
    trace = shapecalc.trace(spec)
    text = "(H == 3 or H == 1) and (W == 5 or W == 1)"
    assert joined(trace.conditions) == text
    for height, width in product(range(1, 7), repeat=2):
        try:
            fits = bool(shapecalc.trace(spec, set={"H": height, "W": width}))
        except ShapeError:
            fits = False
        assert fits == eval(text, {"H": height, "W": width})  # noqa: S307  (it is Python)
    assert called(spec, "-f", "table").out.splitlines()[-1] == f"  holds when  {text}"
    done = called(spec, "--strict")
    assert (done.code, done.err) == (1, f"error: the shapes hold only when {text}\n")
    where = [solution.where for solution in shapecalc.solve(spec, "B,N,5,4")]
    assert where == ["H in (1, 3) and W in (1, 5) and N == 3"]
