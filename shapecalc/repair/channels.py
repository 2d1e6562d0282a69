"""Channels that stand where a layer takes them for a spatial axis: first instead of last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.network import Apply, Edit, Input, Replace, Reshape
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.repair.failure import Failure

#: How many channels pictures have.
CHANNELS: Final = (1, 2, 3, 4)


def channel_edits(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Move the channels of the input last, or tell every layer that they stand first."""
    inputs = [n for n, node in enumerate(failure.network.nodes) if isinstance(node, Input)]
    layout = failure.row.model.layout()
    if layout is None or len(inputs) != 1 or layout.data_format == "channels_first":
        return
    (place,), ((_, shape),) = inputs, failure.trace.inputs
    node = failure.network.nodes[place]
    if not looks_channels_first(shape) or (node.origin is None and not given):
        return
    yield [Reshape(place, (shape[0], *shape[2:], shape[1]))]
    edits = [
        Replace(number, layer)
        for number, node in enumerate(failure.network.nodes)
        if isinstance(node, Apply)
        and node.layer.layout() is not None
        and (layer := changed(node.layer, data_format="channels_first")) is not None
    ]
    if edits:
        yield edits


def looks_channels_first(shape: Shape) -> bool:
    """Whether the axis behind the batch is that of the channels, by its size and the others."""
    if len(shape) < 4:  # noqa: PLR2004  (a batch of pictures)
        return False
    _, first, *rest = shape
    large = all(not isinstance(size, int) or size > max(CHANNELS) for size in rest)
    return first in CHANNELS and large
