"""An error is made once: who knows more makes a new one of the same kind."""

from __future__ import annotations

import pickle

import pytest

import shapecalc
from shapecalc.errors import RankError, ShapecalcError, ShapeError, SpecError
from shapecalc.tracing.trace import Stop, stop_of

PROMISED = ("message", "span", "layer", "help", "errors", "notes", "source")


class SizedError(ShapeError):
    """An error that is made of more than its message."""

    def __init__(self, size: int) -> None:
        super().__init__(f"needs {size}")
        self.size = size


def test_nothing_can_be_written_into_an_error() -> None:
    error = ShapecalcError("it does not fit", notes=["a"])
    for name in (*PROMISED, "failure"):
        with pytest.raises(AttributeError):
            setattr(error, name, None)
    error.notes.append("b")
    error.errors.append(error)
    assert error.notes == ["a"]
    assert error.errors == [error]


def test_a_new_error_says_what_is_changed_and_else_the_same() -> None:
    first = SizedError(3)
    second = first.replaced(message="dense needs 3", span=(0, 5), layer="dense").noted(["why"])
    assert (type(second), second.size) == (SizedError, 3)
    assert (str(second), second.message) == ("dense needs 3", "dense needs 3")
    assert (second.span, second.layer, second.notes) == ((0, 5), "dense", ["why"])
    assert (str(first), first.span, first.layer, first.notes) == ("needs 3", None, None, [])


def test_joined_errors_are_all_there_and_the_first_is_not_written_to() -> None:
    first, more = SpecError("one"), RankError("two")
    joined = ShapecalcError.join([first, more])
    assert joined.errors == [joined, more]
    assert (joined.message, type(joined), first.errors) == ("one", SpecError, [first])
    again = pickle.loads(pickle.dumps(joined))  # noqa: S301  (made here)
    assert [each.message for each in again.errors] == ["one", "two"]


def test_help_is_looked_for_when_it_is_asked_for() -> None:
    asked: list[bool] = []

    def found() -> str:
        asked.append(True)
        return "lstm"

    error = SpecError("there is no layer", help=found).replaced(span=(0, 1))
    assert not asked
    assert (error.help, error.help, asked) == ("lstm", "lstm", [True])


def test_a_failed_trace_is_a_part_of_its_error_that_pickle_leaves_out() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("dense:8,lstm:64,lstm:32", "B,T,4")
    stop = stop_of(caught.value)
    assert isinstance(stop, Stop)
    assert [row.name for row in stop.trace.layers] == ["dense", "lstm"]
    assert stop.row is not None
    assert stop.row.name == caught.value.layer == "lstm_1"
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  (made here)
    assert stop_of(again) is None
    assert again.to_dict() == caught.value.to_dict()


def test_what_is_not_traced_has_no_failure() -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace("nothing")
    assert stop_of(caught.value) is None
