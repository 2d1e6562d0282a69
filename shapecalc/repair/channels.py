"""Channels that stand where a layer takes them for a spatial axis: first instead of last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.network import Apply, Edit, Input, Replace, Reshape
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.repair.failure import Failure, Stopped

#: How many channels pictures have.
CHANNELS: Final = (1, 2, 3, 4)
#: How many channels a picture in color has, as have the directions of space.
COLOR: Final = 3
#: From how many numbers on they are steps rather than what is known about one.
MANY_STEPS: Final = 64
#: Axes of a batch of sequences.
SEQUENCE: Final = 3


def channel_edits(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Move the channels of the input where they are read, or tell every layer where they are."""
    inputs = [n for n, node in enumerate(failure.network.nodes) if isinstance(node, Input)]
    layout = failure.row.model.layout()
    if layout is None or len(inputs) != 1:
        return
    (place,), ((_, shape),) = inputs, failure.trace.inputs
    node = failure.network.nodes[place]
    first = layout.data_format == "channels_first"
    looks = looks_channels_last(shape) if first else looks_channels_first(shape)
    if not looks or (node.origin is None and not given):
        return
    batch, *rest = shape
    yield [Reshape(place, (batch, rest[-1], *rest[:-1]) if first else (batch, *rest[1:], rest[0]))]
    yield from formatted(failure, None if first else "channels_first")


def formatted(stopped: Stopped, data_format: str | None) -> Iterator[Sequence[Edit]]:
    """Tell every layer where the channels are."""
    edits = [
        Replace(number, layer)
        for number, node in enumerate(stopped.network.nodes)
        if isinstance(node, Apply)
        and node.layer.layout() is not None
        and (layer := changed(node.layer, data_format=data_format))
    ]
    if edits:
        yield edits


def looks_channels_first(shape: Shape) -> bool:
    """Return whether the axis after the batch is that of the channels, judged by the sizes."""
    if len(shape) == SEQUENCE:
        many = not isinstance(shape[2], int) or shape[2] >= MANY_STEPS
        return shape[1] == 1 != shape[2] or (shape[1] == COLOR and many)
    return len(shape) > SEQUENCE and shape[1] in CHANNELS and _large(shape[2:])


def looks_channels_last(shape: Shape) -> bool:
    """Return whether the last axis is that of the channels, by its size and the others."""
    return len(shape) > SEQUENCE and shape[-1] in CHANNELS and _large(shape[1:-1])


def _large(sizes: Shape) -> bool:
    return all(not isinstance(size, int) or size > max(CHANNELS) for size in sizes)
