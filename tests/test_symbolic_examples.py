"""The worked examples of symbolic sizes, each in exactly the form that is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shapecalc
from shapecalc.errors import ShapeError

TABLE = Path(__file__).parent / "data" / "symbolic.md"
ROW = re.compile(r"\| `(.*?)`(?: on `in:(.*?)`)? \| (?:`(.*?)`|refused: .*) \| (.*?) \|")
ROWS = [match.groups() for match in map(ROW.match, TABLE.read_text("utf-8").splitlines()) if match]


@pytest.mark.parametrize(("spec", "given", "size", "holds"), ROWS)
def test_example(spec: str, given: str | None, size: str | None, holds: str) -> None:
    shape = (given or "B:T:4").replace(":", ",")
    if size is None:
        with pytest.raises(ShapeError, match=r"T - 4.* and .*T - 2"):
            shapecalc.trace(spec, input=shape)
        return
    trace = shapecalc.trace(spec, input=shape)
    assert str(trace.output[1]) == size
    assert (" and ".join(trace.conditions) or "always") == holds


def test_all_twenty_are_read() -> None:
    assert len(ROWS) == 20
