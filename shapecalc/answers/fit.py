"""What training would make of data, labels and a loss, before it does: what fits, what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers import lints
from shapecalc.answers.inputs import Inputs
from shapecalc.answers.outputs import Outputs, losses_of
from shapecalc.answers.trace import traced
from shapecalc.answers.training import Fit, Problem

if TYPE_CHECKING:
    from shapecalc.answers.training import Training


def fit(training: Training) -> Fit:
    """Say what fits and what does not; raises `ShapecalcError` where the model itself does not."""
    free = traced(training.question)
    training = training._replace(question=training.question._replace(source=free.network))
    said = free.network.said
    losses = losses_of(free.network)
    said = said._replace(losses={k: text for k, text in said.losses.items() if losses.has(text)})
    training = training.with_said(said)
    inputs = Inputs(training, free)
    outputs = Outputs(training, inputs)
    known = {problem.rule for problem in outputs.problems}
    model = [
        Problem(
            lint.rule,
            "model",
            lint.row.name if lint.row else "",
            lint.message,
            spec=inputs.models.with_activation(lint),
            refused=False,
        )
        for lint in lints.of_trace(inputs.trace)
        if lint.rule not in known
    ]
    place = None if training.losses != said.losses else said.place
    problems = [each._replace(place=place) for each in outputs.problems]
    return Fit((*inputs.ends, *outputs.ends), (*inputs.problems, *problems, *model))
