"""The answer that a trace is: with a diagnosis and a repair where shapes do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.expectations import check_expectations, check_unconditional
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.build import parse
from shapecalc.language.heading import says_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.network import Network
    from shapecalc.tracing.rows import Trace


def trace(question: Question) -> Trace:
    """Trace what is asked, and check what is required of it; raises `ShapeError`."""
    found = traced(question)
    check(found, question)
    return found


def traced(question: Question) -> Trace:
    """Trace what is asked; a `ShapeError` says why, and knows a repair if one is asked for."""
    network = question.network()
    try:
        return question.walk(network)
    except ShapeError as error:
        if not question.repair:
            raise
        raise _explained(error, question, network) from None


def check(found: Trace, question: Question) -> None:
    """Refuse a trace that is not as is required."""
    check_expectations(found, question.expected)
    if question.strict:
        check_unconditional(found)


def repairs(question: Question) -> Iterator[str]:
    """Find specs that work in the place of one that does not, fewest changes first."""
    from shapecalc.repair.diagnosis import repairs_of

    network = question.network()
    if not hasattr(network.source, "text"):
        network = parse(str(network), dialect=network.dialect)
    try:
        question.walk(network)
    except ShapeError as error:
        for text in repairs_of(error, network, question.inputs, question.walk):
            yield as_said(text, network)


def as_said(spec: str, network: Network) -> str:
    """Write a spec in the place of another one, which may say its dialect, or have it said."""
    text = getattr(network.source, "text", None)
    return spec if text is None or says_dialect(text) else spec.removeprefix(network.heading)


def _explained(error: ShapeError, question: Question, network: Network) -> ShapeError:
    """Return the error with the reason, a repair, and the conditions that numbers break."""
    from shapecalc.repair.diagnosis import explained

    if hasattr(network.source, "text"):
        found = explained(error, network, question.inputs, question.walk)
        if found.help is not None:
            found = found.replaced(help=as_said(found.help, network))
    else:
        found = _explained_as_spec(error, question, network)
    return found.noted(_why_these_numbers(question, network)) if question.values else found


def _explained_as_spec(error: ShapeError, question: Question, network: Network) -> ShapeError:
    """Find the reason and the repair in the spec that a network can be written as."""
    from shapecalc.repair.diagnosis import explained

    try:
        written = parse(str(network), dialect=network.dialect)
        question.walk(written)
    except ShapeError as same:
        found = explained(same, written, question.inputs, question.walk)
        return error.replaced(notes=found.notes, help=error.help or found.help)
    except SpecError:
        # A model that no spec can say has no repair as a spec either.
        return error
    return error


def _why_these_numbers(question: Question, network: Network) -> list[str]:
    """Which conditions the numbers break, where the network works for others."""
    from shapecalc.answers.nearest import broken_conditions

    try:
        free = question._replace(values={}).walk(network)
    except ShapeError:
        return []
    return list(broken_conditions(free, question.values))
