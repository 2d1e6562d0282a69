"""What an output holds: which layer makes its numbers, and which numbers its activation leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.layers.ranges import Range
from shapecalc.network import Apply, Network

if TYPE_CHECKING:
    from shapecalc.dims import Size
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Tensor
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Ending(NamedTuple):
    """How an output ends.

    Attributes:
        activation: the row that makes the numbers last; None where there is none.
        name: the name of its activation, as it is written; None where it has none.
        range: which numbers it leaves; None where it is unknown.
        width: how many numbers a softmax shares; None for other activations.
        axis: along which axis it does, counted from the last one, -1; None for other activations.
    """

    activation: Row | None = None
    name: str | None = None
    range: Range | None = None
    width: Size | None = None
    axis: int | None = None


def ending(trace: Trace, tensor: Tensor) -> Ending:
    """Return how an output ends."""
    row = _last(trace, tensor)
    return Ending() if row is None else ending_of(row)


def ending_of(row: Row) -> Ending:
    """Return how the output of a row ends."""
    layer = _innermost(row.model)
    if layer is None:
        return Ending(row)
    given = layer.activated()
    if given is None:
        return Ending(row)
    shape = row.outputs[0] if row.outputs else ()
    if given.range in {Range.DISTRIBUTION, Range.LOGARITHMS} and shape:
        axes = layer.feature_axes()
        axis = axes[0] if len(axes) == 1 else -1
        if -len(shape) <= axis < len(shape):
            behind = axis - len(shape) if axis >= 0 else axis
            return Ending(row, given.name, given.range, shape[axis], behind)
    return Ending(row, given.name, given.range)


def _innermost(layer: Layer) -> Layer | None:
    """Return the layer that makes the numbers last of a model within the model.

    None where none does.
    """
    found: Layer | None = layer
    network = getattr(layer, "network", None)
    while isinstance(network, Network):
        found, tensor = None, network.outputs[0] if len(network.outputs) == 1 else None
        while tensor is not None:
            node = network.nodes[tensor.node]
            if not isinstance(node, Apply):
                tensor = None
            elif node.layer.moves and len(node.inputs) == 1:
                tensor = node.inputs[0]
            else:
                found, tensor = node.layer, None
        network = getattr(found, "network", None)
    return found


def _last(trace: Trace, tensor: Tensor) -> Row | None:
    """Return the last layer before a tensor that makes its numbers, rather than to move them."""
    rows = {id(row.node): row for row in trace.layers}
    while True:
        row = rows.get(id(trace.network.nodes[tensor.node]))
        if row is None or not _moves(row):
            return row
        tensor = row.node.inputs[0]


def _moves(row: Row) -> bool:
    """Return whether a layer gives the numbers that it gets, in other places or dropped."""
    return row.model.moves and len(row.node.inputs) == 1
