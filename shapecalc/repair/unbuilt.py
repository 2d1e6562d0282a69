"""Weights over sizes that are unknown: edits that leave such sizes out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit, LeaveOut
from shapecalc.repair.layers import SPATIAL, changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure
    from shapecalc.tracing.rows import Row


def build_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Yield edits after which a layer may need no unknown size."""
    row = failure.row
    for layer in _other_axes(row):
        yield from failure.replaced(row, layer)
    yield from _pooled(failure)
    rank = len(row.inputs[0]) - 2
    if rank in SPATIAL:
        for layer in failure.pooling(rank):
            yield from failure.inserted(row, layer)
    for before in failure.ancestors:
        if not before.weights:
            yield [LeaveOut(failure.place(before))]


def _one_step(row: Row) -> tuple[Layer, int]:
    """Return the layer that is applied at each step, and how many axes of steps there are."""
    layer, axes = row.model, 0
    while layer.step_axes:
        layer, axes = getattr(layer, layer.holds), axes + layer.step_axes
    return layer, axes


def _other_axes(row: Row) -> Iterator[Layer | None]:
    """Share the weights along the axes between batch and channels, or have them along channels."""
    layer, axes = _one_step(row)
    known = parameters(type(layer))
    if "shared_axes" in known and getattr(layer, "shared_axes", None) is None:
        between = list(range(1, len(row.inputs[0]) - axes - 1))
        axis = between[0] if len(between) == 1 else between
        yield changed(row.model, shared_axes=axis)
    if "axis" in known:
        default = getattr(layer, "axis", None) == known["axis"].default
        yield changed(row.model, axis=1 if default else -1)


def _pooled(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Pool over all steps instead of laying them side by side."""
    for row in failure.ancestors:
        _, axes = _one_step(row)
        rank = len(row.inputs[0]) - axes - 2
        flat = row.outputs and len(row.outputs[0]) - axes == 2  # noqa: PLR2004  (batch, features)
        if rank in SPATIAL and flat and not row.weights:
            for pooling in failure.pooling(rank):
                yield from failure.replaced(row, failure.wrapped(pooling, axes))
            return
