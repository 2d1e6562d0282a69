"""What fits and is likely a mistake, as warnings with their places, and with what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.lints import of_trace
from shapecalc.answers.remade import Models
from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from shapecalc.answers.question import Question
    from shapecalc.tracing.trace import Trace


def warnings(trace: Trace, question: Question) -> list[ShapeError]:
    """Return what is not meant of the layers of a trace, as warnings."""
    found = []
    source = trace.network.source
    for lint in of_trace(trace):
        spec = Models(question, trace).with_activation(lint)
        error = ShapeError(f"{lint.message}  [{lint.rule}]", help=spec)
        node = lint.row.node if lint.row else None
        if source is not None and node is not None and not source.is_run:
            error = error.replaced(span=source.place(node), source=source.text)
        found.append(error)
    return found
