"""What fits, but is likely a mistake, is said beside the shapes."""

from __future__ import annotations

import json

import pytest
from terminal import called

import shapecalc

FOLDED = "view: the batch axis is 25*N from here, and was N: flatten keeps it"


def said(spec: str) -> list[str]:
    trace = shapecalc.trace(spec, dialect="torch")
    return [warning.message for warning in trace.warnings]


def test_a_view_that_folds_pixels_into_the_batch() -> None:
    assert said("in:N:16:5:5,view:-1:16,linear:16:10") == [FOLDED]


def test_a_view_that_cuts_another_batch() -> None:
    spec = "in:8:16:5:5,reshape:-1:800"
    text = "reshape: the batch axis is 4 from here, and was 8: flatten keeps it"
    assert said(spec) == [text]


@pytest.mark.parametrize(
    "spec",
    [
        "in:N:16:5:5,view:-1:400",
        "in:N:16:5:5,view:N:-1",
        "in:N:L:F,view:-1:F",
        "in:N:T:3:H:W,view:-1:3:H:W",
        "in:N:16:5:5,permute:0:2:3:1,reshape:-1:16",
        "in:16:5:5,view:-1:400",
        "in:N,view:-1",
    ],
)
def test_what_is_meant_so_is_not_said(spec: str) -> None:
    assert said(spec) == []


def test_a_step_that_is_repeated_says_it_once() -> None:
    assert said("in:N:4:4,3x-(view:-1:8,tile:1:2,unflatten:1:4:4)") == [
        "view: the batch axis is 2*N from here, and was N: flatten keeps it"
    ]


def test_json_has_them_only_where_there_are_any() -> None:
    done = called("-d", "torch", "-f", "json", "in:N:16:5:5,view:-1:16")
    (warning,) = json.loads(done.out)["warnings"]
    assert warning == {"message": FOLDED, "layer": "view", "span": [12, 22], "help": None}
    assert (done.code, done.err.splitlines()[0]) == (0, f"warning: {FOLDED}")
    other = called("-d", "torch", "-f", "json", "in:N:16:5:5,flatten")
    assert "warnings" not in json.loads(other.out)
