"""What is asked of source code: its models, why it does not fit, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.expectations import check_expectations
from shapecalc.answers.question import is_program
from shapecalc.errors import ShapecalcError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program
    from shapecalc.network import Network, Source
    from shapecalc.repair.search import Attempt, Given
    from shapecalc.tracing.trace import Trace


def models(program: Program, question: Question) -> list[tuple[str, Network]]:
    """Read the models of a program for what is asked; a `ShapeError` knows a repair.

    The program knows then in which of its statements it failed.
    """
    asked = program.under(question.facts)
    try:
        found = asked.networks(question.inputs, question.values)
    except ShapeError as error:
        program.failed = asked.failed
        if not question.repair:
            raise
        raise _explained(error, asked, question) from None
    return [(name, network.under(question.dialect)) for name, network in found]


def fixed(program: Program, question: Question) -> Iterator[Program]:
    """Find programs that work instead of one that does not, each with one change."""
    from shapecalc.repair.failure import failure_of
    from shapecalc.repair.search import repairs

    asked = program.under(question.facts)
    try:
        found = asked.networks(question.inputs, question.values)
        for _, network in found:
            asked = network.source if is_program(network.source) else asked
            check_expectations(question.walk(network), question.expected)
    except ShapeError as error:
        failure = failure_of(error)
        attempt = _attempt(question, asked.network)
        yield from _rewritten(asked, error, question, attempt)
        if failure is not None:
            for each in repairs(failure, asked, question.inputs, attempt):
                if is_program(each.source):
                    each.source.left = each.next
                    yield each.source


def _explained(error: ShapeError, program: Program, question: Question) -> ShapeError:
    """Return the error with its reasons, and the line that repairs it."""
    from shapecalc.repair.diagnosis import explained, fails_next

    attempt = _attempt(question, program.network)
    mended = next(_rewritten(program, error, question, attempt), None)
    if mended is not None:
        left = mended.left
        notes = [fails_next(left)] if isinstance(left, ShapeError) else []
        return error.noted(notes).replaced(help=mended.change)
    return explained(error, program, question.inputs, attempt, change_of)


def _rewritten(
    program: Program, error: ShapeError, question: Question, attempt: Attempt
) -> Iterator[Program]:
    """Find the changes of the text that mend what Python would raise, and that work.

    Where none does, the first one after which it fails otherwise is gone on from.
    """
    works = False
    moved: list[tuple[Program, ShapeError]] = []
    for each in program.rewritten():
        try:
            attempt(each, question.inputs)
        except ShapeError as left:
            if left.place != error.place and each.behind <= program.behind:
                moved.append((each, left))
        except ShapecalcError:
            continue
        else:
            works = True
            yield each
    if moved and not works:
        yield _mended(*moved[0], question, attempt)


def _mended(program: Program, left: ShapeError, question: Question, attempt: Attempt) -> Program:
    """Return a program of which one fault is mended, with the next one mended too if it can be."""
    from shapecalc.repair.failure import failure_of
    from shapecalc.repair.search import repairs

    failure = failure_of(left)
    found = failure and next(repairs(failure, program, question.inputs, attempt), None)
    if found and is_program(found.source):
        found.source.left = found.next
        return found.source
    program.left = left
    return program


def change_of(source: Source) -> str:
    """Return what the edit changed that led to a program; the text of another source."""
    return source.change if is_program(source) else str(source)


def _attempt(question: Question, like: Network | None) -> Attempt:
    """Return what reads a program anew, all of whose models must fit.

    One of them must read what the network reads that does not: not another kind of input.
    """
    wanted = None if like is None else _ends(like)

    def attempt(source: Source, given: Given) -> Trace:
        found = source.networks(given, question.values) if is_program(source) else []
        trace: Trace | None = None
        for _, network in found:
            trace = question.walk(network, given)
            check_expectations(trace, question.expected)
        if trace is None or not trace.outputs:
            raise ShapeError("there is no model that is understood")
        if wanted is not None and wanted not in [_ends(network) for _, network in found]:
            raise ShapeError("it reads another input")
        return trace

    return attempt


def _ends(network: Network) -> list[list[int]]:
    """Return the numbers in the shapes of the inputs, whose axes an edit may turn or double."""
    return [
        sorted(size for size in node.shape if isinstance(size, int) and size != 1)
        for node in network.inputs
    ]
