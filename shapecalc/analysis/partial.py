"""What is known of a network that does not fit: its rows up to there, and the names after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.layers.base import Result
from shapecalc.network import Apply, Input
from shapecalc.rows import Names, Row, Trace

if TYPE_CHECKING:
    from shapecalc.errors import ShapeError


def known_part(error: ShapeError) -> Trace | None:
    """The trace up to the layer that failed, and the rest without shapes; None without rows."""
    trace, failed = error.context or (None, None)
    if trace is None:
        return None
    names = Names()
    given: list[str] = []
    rows = list(trace.layers)
    layers = 0
    for node in trace.network.nodes:
        if isinstance(node, Input):
            given.append(names.take(node.name, _InputLayer))
        elif isinstance(node, Apply):
            name = names.take(node.label or node.layer.name, type(node.layer))
            given.append(name)
            layers += 1
            if layers > len(rows):
                inputs = failed.inputs if failed and len(rows) == len(trace.layers) else ()
                rows.append(Row(len(rows) + 1, name, node, given, inputs, Result()))
        else:
            given.append(given[node.tensor.node])
    known = Trace(trace.network, trace.dialect, trace.facts, trace.given)
    known.inputs, known.letters = trace.inputs, trace.letters
    known.layers, known.assumptions = rows, trace.assumptions
    known.failure = error
    return known


class _InputLayer:
    """Names inputs as Keras does."""


_InputLayer.__name__ = "InputLayer"
