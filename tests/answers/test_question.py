"""A question is one value: read once, asked again with something else in it."""

from __future__ import annotations

import gc
import pickle
from typing import Any

import pytest

import shapecalc
from shapecalc.answers.batch import answer
from shapecalc.answers.question import Question, ask
from shapecalc.answers.trace import check, repairs, trace, traced
from shapecalc.dims import Dim
from shapecalc.errors import ExitCode

SPEC = "conv1d:8:3,dense:4"


def test_what_users_give_is_read_once() -> None:
    question = ask(
        SPEC,
        inputs="B,T,4",
        values={"B": "2*K"},
        where="T >= 9, K >= 1",
        expect={"dense": (None, None, 4)},
        max_layers=7,
    )
    assert question.source == SPEC
    assert question.inputs == {None: (Dim("B"), Dim("T"), 4)}
    assert question.values == {"B": 2 * Dim("K")}
    assert question.facts.text == "T >= 9, K >= 1"
    assert question.expected == (("dense", (None, None, 4)),)
    assert question.max_layers == 7
    assert trace(question).output == (2 * Dim("K"), Dim("T") - 2, 4)


@pytest.mark.parametrize(
    "given",
    [
        {"inputs": "B,,"},
        {"inputs": {1: "B,T"}},
        {"values": 3},
        {"values": {3: "T"}},
        {"values": {"T": 1.5}},
        {"where": 3},
        {"where": "T >"},
        {"expect": "B,,"},
        {"max_layers": "many"},
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_asked(given: dict[str, Any]) -> None:
    with pytest.raises(shapecalc.SpecError):
        ask(SPEC, **given)


def test_facts_that_contradict_are_refused() -> None:
    with pytest.raises(shapecalc.ShapeError, match="contradicts the other facts"):
        ask(SPEC, where="T >= 9, T <= 8")


def test_the_same_is_asked_of_another_source() -> None:
    question = ask(SPEC, inputs="B,T,4", where="T >= 9")
    other = question._replace(source=shapecalc.parse("maxpool1d:2"))
    assert trace(other).output == (Dim("B"), Dim("T") // 2, 4)
    assert trace(question).output == (Dim("B"), Dim("T") - 2, 4)


def test_a_question_goes_to_another_process() -> None:
    question = ask(SPEC, inputs="B,T,4", values={"B": 3}, where="T >= 9", expect="3,T-2,4")
    again = pickle.loads(pickle.dumps(question))  # noqa: S301  (made here)
    assert again == question
    assert trace(again).to_dict() == trace(question).to_dict()


def test_what_is_required_is_checked_apart_from_the_trace() -> None:
    question = ask(SPEC, inputs="B,T,4")._replace(strict=True)
    found = traced(question)
    with pytest.raises(shapecalc.ShapeError, match="the shapes hold only when T >= 3"):
        check(found, question)
    with pytest.raises(shapecalc.ShapeError, match="the shapes hold only when T >= 3"):
        trace(question)


def test_a_repair_is_looked_for_only_where_it_is_asked_for() -> None:
    question = ask("lstm:64,lstm:32", inputs="B,T,4")
    with pytest.raises(shapecalc.ShapeError) as caught:
        trace(question)
    assert caught.value.help == next(repairs(question)) == "lstm:64:seq,lstm:32"
    with pytest.raises(shapecalc.ShapeError) as caught:
        trace(question._replace(repair=False))
    assert caught.value.help is None


def test_a_line_says_what_is_asked_otherwise() -> None:
    common = ask("", inputs="B,T,4", where="T >= 9", repair=False)
    line = '{"spec": "conv1d:8:3", "where": "B == 2*K", "set": {"T": 10}, "expect": "B,8,8"}'
    found = answer(line, common)
    assert isinstance(found, shapecalc.trace(SPEC).__class__)
    assert found.output == (2 * Dim("K"), 8, 8)
    assert isinstance(answer('{"spec": "lstm:4", "where": "T <= 8"}', common), shapecalc.ShapeError)
    assert common == Question("", common.inputs, facts=common.facts, repair=False)


def test_the_collector_belongs_to_who_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[str] = []
    for name in ("disable", "enable", "freeze", "unfreeze", "set_threshold", "collect"):
        monkeypatch.setattr(gc, name, lambda *_given, name=name: touched.append(name))
    shapecalc.trace(SPEC)
    shapecalc.solve("conv1d:8:3", "B,5,8")
    with pytest.raises(shapecalc.ShapeError):
        shapecalc.trace("lstm:64,lstm:32")
    assert touched == []


def test_the_command_leaves_the_collector_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    from shapecalc.cli import main

    before = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(SystemExit) as ended:
        main(["-q", SPEC])
    assert ended.value.code == ExitCode.OK
    assert capsys.readouterr().out == "B,T-2,4\n"
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
