"""Merges that do not fit: edits that may bring their tensors together."""

from __future__ import annotations

from itertools import product as pairs_of
from typing import TYPE_CHECKING

from shapecalc.dims import Shape
from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit
from shapecalc.repair.failure import ancestors, differing, differing_axes
from shapecalc.repair.layers import SPATIAL, changed, sequences
from shapecalc.repair.targets import (
    FEATURES_RANK,
    flattened,
    resizing,
    same_padding,
    turned_row,
    widths,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure
    from shapecalc.tracing.rows import Row


def merge_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Give edits by which one tensor of a merge is made like the other."""
    yield from _multiplied_axes(failure)
    yield from _other_ranks(failure)
    found = differing(failure.row.inputs)
    if found is None:
        return
    other, _ = found
    sides = ((0, other), (other, 0))
    if differing_axes(failure.row) != [len(failure.row.inputs[0]) - 1]:
        yield from same_padding(failure)
    yield from _joined_axis(failure)
    for mine, theirs in sides:
        yield from _width(failure, mine, theirs)
    for mine, theirs in sides:
        for layer in _fitting(failure, failure.row.inputs[mine], failure.row.inputs[theirs]):
            yield from failure.inserted(failure.row, layer, read=mine)


def _leading(failure: Failure, tensor: int) -> list[Row]:
    """Return the rows that lead to one of the tensors, nearest first."""
    return list(ancestors(failure.trace, [failure.row.sources[tensor]]))


def _other_ranks(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let recurrent layers return every step or only the last; else flatten what has more axes."""
    shapes = failure.row.inputs
    ranks = [len(shape) for shape in shapes]
    if len(set(ranks)) == 1:
        return
    for tensor, rank in enumerate(ranks):
        on = rank < max(ranks)
        for row in _leading(failure, tensor):
            if sequences(row.model) is (not on):
                yield from turned_row(failure, row, on=on)
    if min(ranks) == FEATURES_RANK:
        for tensor, rank in enumerate(ranks):
            if rank > FEATURES_RANK:
                for layer in flattened(failure, rank):
                    yield from failure.inserted(failure.row, layer, read=tensor)


def _multiplied_axes(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Multiply along axes that have the same size, the last ones first."""
    row = failure.row
    if "axes" not in parameters(type(row.model)) or len(row.inputs) != 2:  # noqa: PLR2004  (a pair)
        return
    x, y = row.inputs
    choices = pairs_of(range(len(x) - 1, 0, -1), range(len(y) - 1, 0, -1))
    for pair in choices:
        if x[pair[0]] == y[pair[1]]:
            axes = pair[0] if pair[0] == pair[1] else pair
            yield from failure.replaced(row, changed(row.model, axes=axes))


def _joined_axis(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Join along the only axis in which the tensors differ."""
    row = failure.row
    if "axis" not in parameters(type(row.model)):
        return
    axes = differing_axes(row)
    if len(axes) == 1 and axes[0] != 0:
        yield from failure.replaced(row, changed(row.model, axis=axes[0]))


def _width(failure: Failure, mine: int, theirs: int) -> Iterator[Sequence[Edit]]:
    """Let the layer that made the channels make as many as the other tensor has."""
    shape, other = failure.row.inputs[mine], failure.row.inputs[theirs]
    if differing_axes(failure.row) == [len(shape) - 1]:
        yield from widths(failure, _leading(failure, mine), other[-1])


def _fitting(failure: Failure, mine: Shape, theirs: Shape) -> Iterator[Layer | None]:
    """Give layers that turn one shape into the other, as far as their differences are numbers."""
    axes = differing_axes(failure.row)
    last = len(mine) - 1
    rank = last - 1
    if last in axes:
        if rank in SPATIAL:
            yield failure.made(f"Conv{rank}D", filters=theirs[last], kernel_size=1)
        else:
            yield failure.made("Dense", units=theirs[last])
    if 0 not in axes and any(axis != last for axis in axes):
        yield from resizing(failure, mine, theirs)
