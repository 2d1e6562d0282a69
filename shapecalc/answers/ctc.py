"""Labels that are put along the steps of an output: whether there are steps enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.training import Problem
from shapecalc.dims import at_least, letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.losses import Loss
    from shapecalc.tracing.trace import Trace


def too_short(
    name: str, output: Shape, loss: Loss, length: Size, trace: Trace
) -> Iterator[Problem]:
    """Say where a label of this length does not fit into the steps of an output.

    Each label takes a step, and between two labels that are the same stands a blank.
    """
    if loss.steps is None or len(output) <= loss.steps:
        return
    steps = output[loss.steps]
    needs = f"a label sequence of length {length} needs {length}"
    more = "plus one for each label that repeats the one before it"
    enough = trace.facts.decide(at_least(steps, length))
    if enough is False:
        text = f"the output has {steps} steps, but {needs}, {more}"
        yield Problem("ctc", "y", name, text, notes=_where(loss.steps, len(output), length, trace))
    elif enough is None:
        text = f"the output has {steps} steps, but {needs}, {more}"
        yield _conditional(name, steps, length, text, trace)
    elif trace.facts.decide(at_least(steps, 2 * length - 1)) is not True:
        spare = steps - length
        labels = f"{spare} repeated label{'s' * (spare != 1)}"
        text = f"the output has {steps} steps, and {needs}, {more}: at most {labels} fit"
        yield Problem("ctc", "y", name, text, refused=False)


def _conditional(name: str, steps: Size, length: Size, text: str, trace: Trace) -> Problem:
    """Return the warning that there are steps enough only for some values of letters."""
    facts = trace.facts.copy()
    facts.require(at_least(steps, length))
    names = sorted(letters(steps))
    known = [each for letter in names for each in facts.domain(letter).conditions(letter)]
    text = f"{text}: it holds when {' and '.join(known)}"
    return Problem("ctc", "y", name, text, refused=False)


def _where(axis: int, rank: int, length: Size, trace: Trace) -> tuple[str, ...]:
    """Return the first layer that leaves fewer steps than a label needs."""
    for row in trace.layers:
        shapes = (*row.inputs[:1], *row.outputs[:1])
        if [len(shape) for shape in shapes] != [rank, rank]:
            continue
        before, after = (trace.facts.decide(at_least(shape[axis], length)) for shape in shapes)
        if before is True and after is False:
            return (f"{row.name} is the first layer with too few",)
    return ()
