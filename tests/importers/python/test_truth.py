"""Source code is read as the real framework runs it: shapes, parameters, lines of errors."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shapecalc.answers.programs import models
from shapecalc.answers.question import Question
from shapecalc.answers.trace import traced
from shapecalc.dims import shape_text
from shapecalc.errors import ShapeError, SpecError
from shapecalc.importers.python.program import program
from shapecalc.language.build import parse
from shapecalc.language.shapes import read_shape
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.tracing.trace import Trace

CASES = [
    json.loads(line)
    for line in gzip.decompress(
        (Path(__file__).parents[2] / "data" / "python_source.jsonl.gz").read_bytes()
    )
    .decode()
    .splitlines()
]


def cases(verdict: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES if case["verdict"] == verdict]


def answers(case: dict[str, Any]) -> list[Trace]:
    texts = [text.split(":")[0] for text in case["input"] or []]
    inputs: Any = {place: read_shape(text) for place, text in enumerate(texts)}
    question = Question(inputs=inputs)
    source = program(case["text"].encode(), case["file"], case["entry"])
    return [traced(question._replace(source=net)) for _, net in models(source, question)]


def same(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    """Whether a shape is as recorded, in which what is not a number is not a fixed one."""
    return len(wanted) == len(found) and all(
        a == b if isinstance(a, int) else not isinstance(b, int)
        for a, b in zip(wanted, found, strict=True)
    )


def agrees(case: dict[str, Any], trace: Trace) -> bool:
    wanted = case["final_output"]
    if len(wanted) != len(trace.outputs) or not all(map(same, wanted, trace.outputs)):
        return False
    if case["total_params"] not in {None, trace.params}:
        return False
    kinds = {kind for kind, _ in case["rows"]}
    rows = [(row.layer.partition("(")[0], row.outputs) for row in trace.layers]
    rows = [row for row in rows if row[0] in kinds]
    return [kind for kind, _ in case["rows"]] == [kind for kind, _ in rows] and all(
        same(shapes[0], outputs[0])
        for (_, shapes), (_, outputs) in zip(case["rows"], rows, strict=True)
    )


@pytest.mark.parametrize("case", cases("good"))
def test_what_runs_has_the_shapes_of_the_framework(case: dict[str, Any]) -> None:
    assert any(agrees(case, trace) for trace in answers(case))


@pytest.mark.parametrize("case", cases("refused"))
def test_what_the_framework_refuses_is_refused_at_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(ShapeError) as caught:
        answers(case)
    assert not isinstance(caught.value, SpecError)
    assert caught.value.place is not None
    assert caught.value.place.line in case["lines"]


@pytest.mark.parametrize("case", cases("good"))
def test_what_is_converted_traces_alike(case: dict[str, Any]) -> None:
    for trace in answers(case):
        try:
            text = str(trace.network)
        except SpecError as error:
            assert "in a spec" in error.message or "which no spec can" in error.message
            continue
        again = trace_network(parse(text))
        assert [*map(shape_text, again.outputs)] == [*map(shape_text, trace.outputs)]
