"""The answer that a trace is: with a diagnosis and a repair where shapes do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.expectations import check_expectations, check_unconditional
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.source import MadeSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.network import Network, Source
    from shapecalc.repair.search import Attempt
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
    """Find what works in the place of a network that does not, fewest changes first."""
    from shapecalc.repair.diagnosis import repairs_of

    network, source = _editable(question, question.network())
    try:
        question.walk(network)
    except ShapeError as error:
        yield from repairs_of(error, source, question.inputs, _attempts(question))


def _editable(question: Question, network: Network) -> tuple[Network, Source]:
    """Return the network whose nodes can be edited, and the source in which they are."""
    source = network.source or MadeSource(network, question.max_layers)
    if source.text is None:
        network = source.read(question.inputs, question.values)
    return network, source


def _attempts(question: Question) -> Attempt:
    return lambda source, given: question.walk(source.read(given, question.values), given)


def _explained(error: ShapeError, question: Question, network: Network) -> ShapeError:
    """Return the error with the reason, a repair, and the conditions that numbers break."""
    from shapecalc.repair.diagnosis import explained

    attempt = _attempts(question)
    found = error
    try:
        editable, source = _editable(question, network)
        if editable is network:
            found = explained(error, source, question.inputs, attempt)
        else:
            question.walk(editable)
    except ShapeError as same:
        known = explained(same, source, question.inputs, attempt)
        found = error.replaced(notes=known.notes, help=error.help or known.help)
    except SpecError:
        # There is too much to lay open in it.
        found = error
    return found.noted(_why_these_numbers(question, network)) if question.values else found


def _why_these_numbers(question: Question, network: Network) -> list[str]:
    """Which conditions the numbers break, where the network works for others."""
    from shapecalc.answers.nearest import broken_conditions

    try:
        free = question._replace(values={}).walk(network)
    except ShapeError:
        return []
    return list(broken_conditions(free, question.values))
