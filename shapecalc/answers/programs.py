"""What is asked of source code: its models, why it does not fit, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.answers.expectations import check_expectations
from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program
    from shapecalc.network import Network, Source
    from shapecalc.repair.search import Attempt, Given
    from shapecalc.tracing.rows import Trace


def models(program: Program, question: Question) -> list[tuple[str, Network]]:
    """Read the models of a program for what is asked; a `ShapeError` knows a repair."""
    asked = program.under(question.facts)
    try:
        found = asked.networks(question.inputs, question.values)
    except ShapeError as error:
        if not question.repair:
            raise
        raise _explained(error, asked, question) from None
    return [(name, network.under(question.dialect)) for name, network in found]


def fixed(program: Program, question: Question) -> Iterator[Program]:
    """Find programs that work in the place of one that does not, each with one change."""
    from shapecalc.repair.failure import failure_of
    from shapecalc.repair.search import repairs

    asked: Any = program.under(question.facts)
    try:
        found = asked.networks(question.inputs, question.values)
        for _, network in found:
            asked = network.source
            check_expectations(question.walk(network), question.expected)
    except ShapeError as error:
        failure = failure_of(error)
        if failure is not None:
            made: Iterator[Any] = repairs(failure, asked, question.inputs, _attempt(question))
            yield from made


def _explained(error: ShapeError, program: Program, question: Question) -> ShapeError:
    """Return the error with its reasons, and the line that repairs it."""
    from shapecalc.repair.diagnosis import explained

    return explained(error, program, question.inputs, _attempt(question), _change)


def _change(source: Source) -> str:
    """What the edit changed that led to a program."""
    return getattr(source, "change", "")


def _attempt(question: Question) -> Attempt:
    """Return what reads a program anew, all of whose models must fit."""

    def attempt(source: Any, given: Given) -> Trace:  # noqa: ANN401  (a program)
        trace: Trace | None = None
        for _, network in source.networks(given, question.values):
            trace = question.walk(network, given)
            check_expectations(trace, question.expected)
        if trace is None:
            raise ShapeError("there is no model")
        return trace

    return attempt
