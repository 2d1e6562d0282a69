"""What training would make of data, labels and a loss, before it does: what fits, what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers import lints
from shapecalc.answers.inputs import Inputs
from shapecalc.answers.outputs import Outputs
from shapecalc.answers.trace import traced
from shapecalc.answers.training import Fit, Problem

if TYPE_CHECKING:
    from shapecalc.answers.training import Training


def fit(training: Training) -> Fit:
    """Say what fits and what does not; raises `ShapecalcError` where the model itself does not."""
    free = traced(training.question)
    training = training._replace(question=training.question._replace(source=free.network))
    inputs = Inputs(training, free)
    outputs = Outputs(training, inputs)
    model = [
        Problem(lint.rule, "model", lint.row.name if lint.row else "", lint.message, refused=False)
        for lint in lints.of_trace(inputs.trace)
    ]
    problems = (*inputs.problems, *outputs.problems, *model)
    return Fit((*inputs.ends, *outputs.ends), problems)
