"""What training would make of data, labels and a loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import shapecalc
from shapecalc.answers.training import Fit, Problem

DATA: Final = Path(__file__).parents[1] / "data"


def rows() -> list[dict[str, Any]]:
    """Data for inputs, as it was recorded."""
    files = (DATA / f"fit_{name}_inputs.jsonl" for name in ("keras", "torch"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def fitted(row: dict[str, Any]) -> Fit:
    """The answer for a row."""
    xs = row["x"]
    names = ["a", "b"] if len(xs) > 1 else [None]
    x = dict(zip(names, map(tuple, xs), strict=True))
    return shapecalc.fit(row["spec"], x=x, batch_size=row["batch"], dialect=row["dialect"])


def test_an_input_takes_what_the_framework_takes() -> None:
    recorded = rows()
    wrong = [row for row in recorded if fitted(row).fits is not row["fits"]]
    assert not wrong
    assert len(recorded) >= 60
