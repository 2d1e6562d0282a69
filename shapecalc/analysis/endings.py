"""What an output holds: which layer makes its numbers, and which numbers its activation leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.layers.catalogue import fold
from shapecalc.layers.losses import Range
from shapecalc.network import Apply, Network

if TYPE_CHECKING:
    from shapecalc.dims import Size
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Tensor
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

#: What is left of the numbers, by the folded name of the activation; everything else leaves any.
RANGES: Final = {
    name: kind
    for kind, names in {
        Range.DISTRIBUTION: "softmax sparsemax softmax2d",
        Range.SHARES: "sigmoid hardsigmoid sparsesigmoid",
        Range.SIGNED: "tanh softsign hardtanh",
        Range.POSITIVE: "relu relu6 softplus exponential squareplus sparseplus",
        Range.LOGARITHMS: "logsoftmax logsigmoid",
        Range.VECTORS: "unitnormalization normalize",
    }.items()
    for name in names.split()
}
#: Layers that are an activation, beside those of which the range is known.
ACTIVATIONS: Final = frozenset(
    [
        "leakyrelu",
        "elu",
        "prelu",
        "selu",
        "gelu",
        "silu",
        "celu",
        "mish",
        "hardswish",
        "glu",
        "rrelu",
        "softshrink",
    ]
)
#: Modules that give sums; those of Keras have a parameter for an activation.
LINEAR: Final = frozenset(
    f"{lazy}{name}"
    for lazy in ("", "lazy")
    for name in (
        "linear",
        "bilinear",
        *(f"conv{n}d" for n in (1, 2, 3)),
        *(f"convtranspose{n}d" for n in (1, 2, 3)),
    )
)
#: Layers that leave the numbers as they are, in other places.
MOVES: Final = frozenset(
    [
        "dropout",
        "spatialdropout1d",
        "spatialdropout2d",
        "spatialdropout3d",
        "dropout1d",
        "dropout2d",
        "dropout3d",
        "identity",
        "flatten",
        "reshape",
        "permute",
        "squeeze",
        "unsqueeze",
        "expanddims",
        "newshape",
        "transpose",
        "view",
        "unflatten",
        "movedim",
        "activityregularization",
        "contiguous",
    ]
)


class Ending(NamedTuple):
    """How an output ends.

    Attributes:
        activation: the row that makes the numbers last; None where there is none.
        name: the name of its activation, as it is written; None where it has none.
        range: which numbers it leaves; None where it is unknown.
        width: how many numbers a softmax shares; None for other activations.
    """

    activation: Row | None = None
    name: str | None = None
    range: Range | None = None
    width: Size | None = None


def ending(trace: Trace, tensor: Tensor) -> Ending:
    """Return how an output ends."""
    row = _last(trace, tensor)
    layer = None if row is None else _innermost(row.model)
    if row is None or layer is None:
        return Ending(row)
    name = activation_of(layer)
    if name is None and not _is_linear(layer):
        return Ending(row)
    kind = Range.NUMBERS if name is None else RANGES.get(fold(name), Range.NUMBERS)
    shape, width = row.outputs[0], None
    if kind in {Range.DISTRIBUTION, Range.LOGARITHMS} and shape:
        axis = _axis(layer, len(shape))
        width = shape[axis] if -len(shape) <= axis < len(shape) else None
    return Ending(row, name, kind, width)


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
            elif fold(type(node.layer).__name__) in MOVES and len(node.inputs) == 1:
                tensor = node.inputs[0]
            else:
                found, tensor = node.layer, None
        network = getattr(found, "network", None)
    return found


def _is_linear(layer: Layer) -> bool:
    """Return whether a layer without an activation gives sums, which may be any numbers."""
    inner = getattr(layer, "layer", None)
    if inner is not None and hasattr(inner, "called"):
        return _is_linear(inner)
    fields = type(layer).__pydantic_fields__
    return "activation" in fields or fold(type(layer).__name__) in LINEAR


def activation_of(layer: Layer) -> str | None:
    """Return the name of the activation of a layer, or of the one that it wraps.

    None without one.
    """
    name = fold(type(layer).__name__)
    if name in RANGES or name in ACTIVATIONS:
        return type(layer).__name__
    for field in ("layer", "forward_layer"):
        inner = getattr(layer, field, None)
        if inner is not None and hasattr(inner, "called"):
            return activation_of(inner)
    found = getattr(layer, "activation", None)
    return found if isinstance(found, str) and found != "linear" else None


def _axis(layer: Layer, rank: int) -> int:
    """Return the axis along which a softmax works."""
    axis = getattr(layer, "axis", None)
    dim = getattr(layer, "dim", None)
    if isinstance(axis, int):
        return axis
    if isinstance(dim, int):
        return dim
    return -3 if type(layer).__name__ == "Softmax2d" and rank > 2 else -1  # noqa: PLR2004


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
    return fold(type(row.model).__name__) in MOVES and len(row.node.inputs) == 1
