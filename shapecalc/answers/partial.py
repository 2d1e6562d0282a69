"""What is known about a network that does not fit: its rows up to there, and the names after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.layers.result import Result
from shapecalc.network import Apply
from shapecalc.tracing.naming import named_nodes
from shapecalc.tracing.rows import Row, Walk
from shapecalc.tracing.trace import Trace, stop_of

if TYPE_CHECKING:
    from shapecalc.errors import ShapeError


def known_part(error: ShapeError) -> Trace | None:
    """Return the trace up to the layer that failed, and the rest without shapes.

    None without rows.
    """
    stop = stop_of(error)
    if stop is None:
        return None
    trace, failed = stop.trace, stop.row
    naming = named_nodes(trace.network)
    walk = Walk(trace.network, naming, (), trace.facts)
    rows = list(trace.layers)
    layers = 0
    for place, node in enumerate(trace.network.nodes):
        if not isinstance(node, Apply):
            continue
        layers += 1
        if layers > len(rows):
            inputs = failed.inputs if failed and len(rows) == len(trace.layers) else ()
            rows.append(Row(len(rows) + 1, place, node, walk, inputs, Result()))
    known = Trace(trace.network, naming, trace.facts, trace.given)
    known.entering, known.letters, known.meanings = trace.entering, trace.letters, trace.meanings
    known.rows, known.assumptions = rows, trace.assumptions
    known.failure = error
    return known
