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
    repeated = "one more for each label that is the same as the one before it"
    needs = f"a label of {length} takes {length} steps, and {repeated}"
    enough = trace.facts.decide(at_least(steps, length))
    if enough is False:
        text = f"{loss.name} has {steps} steps in the output, but {needs}"
        yield Problem("ctc", "y", name, text, notes=_ways(output, loss, length, trace))
    elif enough is None:
        yield _conditional(name, steps, length, needs, loss, trace)
    elif trace.facts.decide(at_least(steps, 2 * length - 1)) is not True:
        spare = steps - length
        text = f"{loss.name} has {steps} steps in the output: {needs}, of which {spare} fit"
        yield Problem("ctc", "y", name, text, refused=False)


def _conditional(
    name: str, steps: Size, length: Size, needs: str, loss: Loss, trace: Trace
) -> Problem:
    """Say for which letters there are steps enough."""
    facts = trace.facts.copy()
    facts.require(at_least(steps, length))
    said = " and ".join(
        text for letter in letters(steps) for text in facts.domain(letter).conditions(letter)
    )
    text = f"{loss.name} has {steps} steps in the output, but {needs}: it holds when {said}"
    return Problem("ctc", "y", name, text, refused=False)


def _ways(output: Shape, loss: Loss, length: Size, trace: Trace) -> tuple[str, ...]:
    """Return the layers that leave fewer steps than the label has."""
    first = next(
        (
            row
            for row in trace.layers
            if row.inputs
            and any(
                trace.facts.decide(at_least(size, length)) is True for size in row.inputs[0][1:]
            )
            and all(
                trace.facts.decide(at_least(size, length)) is False
                for size in row.outputs[0][loss.steps or 1 : -1]
            )
            and len(row.outputs[0]) >= len(output)
        ),
        None,
    )
    return () if first is None else (f"{first.name} is the first that leaves too few",)
