"""Sizes that are required and missed, where the number of axes is right: edits that reach them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from shapecalc.dims import Shape
from shapecalc.layers.arguments import spread
from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit, LeaveOut, Replace
from shapecalc.repair.failure import reordered
from shapecalc.repair.fitting import (
    axes_order,
    factor_of,
    framed,
    projection,
    scaled,
    scaling,
)
from shapecalc.repair.later import LATER
from shapecalc.repair.layers import SPATIAL, changed
from shapecalc.repair.widths import same_padding, unstrided, widths
from shapecalc.repair.windows import exact_windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.repair.failure import Miss


def size_edits(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Yield edits after which a tensor may have other sizes on the axes that it has."""
    axes = [n for n, (a, b) in enumerate(zip(miss.shape, target, strict=True)) if a != b]
    channels = miss.layout.channels % len(target)
    if channels in axes:
        yield from widths(miss, miss.ancestors, target[channels])
    between = [axis for axis in axes if axis not in {0, channels}]
    if between:
        yield from _other_maps(miss, target)
    for row in miss.ancestors:
        if not row.weights and row.outputs != row.inputs and reordered(row):
            yield [LeaveOut(miss.place(row))]
    order = axes_order(miss.shape, target)
    if order is not None:
        yield from miss.appended(miss.made("Permute", dims=order))
    last = axes == [len(target) - 1]
    if last or (axes == [channels] and isinstance(target[channels], int)):
        layout = None if last else miss.layout
        yield from miss.appended(projection(miss, layout, miss.shape, target))


def _other_maps(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Pad what loses its rim, scale more or less, and pad or crop in the end."""
    yield from _repeated(miss, target)
    yield from same_padding(miss)
    yield from exact_windows(miss)
    larger = list(_larger(miss, target)) if miss.layout.rank in SPATIAL else []
    # What grows again after it was made smaller does so too seldom, or too often.
    yield from larger if scaling(miss.ancestors) else []
    for row in miss.ancestors:
        if row.weights:
            yield from unstrided(miss, row)
    yield from _left_out(miss)
    for row in miss.ancestors:
        if not row.weights:
            yield from unstrided(miss, row)
    if miss.layout.rank not in SPATIAL:
        return
    yield from larger
    yield from _rescaled(miss, target)
    for layer in scaled(miss, miss.layout, miss.shape, target, up=False):
        yield from miss.appended(layer)
    if _lacks_same(miss):
        yield LATER
    for layer in framed(miss, miss.layout, miss.shape, target):
        yield from miss.appended(layer)


def _larger(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Make the maps larger, before the last convolution where there is one."""
    for layer in scaled(miss, miss.layout, miss.shape, target, up=True):
        last = next((row for row in miss.ancestors if not row.model.keeps_rank), None)
        if (
            last is not None
            and last.weights
            and last.model.moving_window()
            and scaling(miss.ancestors)
        ):
            yield from miss.inserted(last, layer)
        yield from miss.appended(layer)


def _lacks_same(miss: Miss) -> bool:
    """Return whether of the convolutions before some keep the size, and some do not."""
    windows = [row.model for row in miss.ancestors if row.weights and row.model.moving_window()]
    return {"same", "valid"} <= {getattr(layer, "padding", None) for layer in windows}


def _left_out(miss: Miss) -> Iterator[Sequence[Edit]]:
    """Leave out a layer that only makes maps larger or smaller, where one is superfluous."""
    for row in miss.ancestors:
        before, after = row.inputs[0], row.outputs[0]
        alone = not row.weights and len(row.inputs) == 1
        resizes = before != after and not reordered(row)
        if alone and resizes and len(before) == len(after) == len(miss.shape):
            yield [LeaveOut(miss.place(row))]


def _repeated(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Repeat a vector as often as there are to be steps."""
    for row in miss.ancestors:
        if "n" in parameters(type(row.model)) and row.outputs[0][1] == miss.shape[1]:
            yield from miss.replaced(row, changed(row.model, n=target[1]))


def _rescaled(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Let a layer scale by another factor, where need be without another one that scales."""
    spatial = miss.layout.spatial
    pairs = list(zip(miss.shape[spatial], target[spatial], strict=True))
    rows = scaling(miss.ancestors)
    pooling = [each for each in rows if each[1] != "strides"]
    for several in (*((row,) for row in rows), *combinations(pooling, 2)):
        *gone, (kept, name) = several
        by = [spread(getattr(row.model, name), miss.layout.rank) for row, name in several]
        factors = []
        for axis, (size, wanted) in enumerate(pairs):
            scale = 1
            for each in by:
                scale *= each[axis]
            factor = factor_of(size, wanted * scale)
            if factor is not None and factor > 1:
                factors.append(factor)
        if len(factors) == len(pairs):
            amount = factors[0] if len(set(factors)) == 1 else tuple(factors)
            layer = changed(kept.model, **{name: amount})
            if layer is not None:
                left = [LeaveOut(miss.place(row)) for row, _ in gone]
                yield [Replace(miss.place(kept), layer), *left]
