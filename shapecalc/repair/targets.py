"""Shapes that are required and missed: edits after which a tensor may have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, product
from shapecalc.layers.ranges import Range
from shapecalc.network import Edit, LeaveOut
from shapecalc.repair.axes import last_steps
from shapecalc.repair.channels import formatted, looks_channels_first
from shapecalc.repair.later import LATER
from shapecalc.repair.layers import FEATURES_RANK, keeping_axes
from shapecalc.repair.sizes import size_edits
from shapecalc.repair.widths import flattened, turned_sequences, widths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.repair.failure import Miss
    from shapecalc.tracing.rows import Row


def target_edits(miss: Miss) -> Iterator[Sequence[Edit]]:
    """Yield edits after which the tensor may have the shape that is required of it."""
    shape, target = miss.shape, required_shape(miss.shape, miss.pattern)
    first = all(looks_channels_first(each) for each in (target, *dict(miss.trace.inputs).values()))
    if first and miss.layout.data_format is None:
        yield from formatted(miss, "channels_first")
    if len(shape) > len(target):
        yield from _fewer_axes(miss, target)
    elif len(shape) < len(target):
        yield from _more_axes(miss, target)
    else:
        yield from size_edits(miss, target)
    yield from _rearranged(miss, target)


def required_shape(shape: Shape, pattern: Sequence[Size | None]) -> Shape:
    """Return the shape that is required, with the sizes that there are where any will do."""
    same = len(shape) == len(pattern)
    return tuple(
        (shape[axis] if same or (axis == 0 and shape) else 0) if size is None else size
        for axis, size in enumerate(pattern)
    )


def _fewer_axes(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    yield from turned_sequences(miss, on=False)
    yield from last_steps(miss)
    yield from _without_channels(miss, target)
    if len(target) == FEATURES_RANK:
        learned = [row for row in miss.ancestors if row.weights and _keeps_rank(row)]
        # Before the first of the layers on features, behind those on places.
        learned.sort(key=lambda row: (not row.model.feature_axes(), miss.place(row)))
        for row in learned:
            for layer in flattened(miss, row.inputs[0]):
                yield from miss.inserted(row, layer)
        # Probabilities are made last.
        ends = [row for row in miss.ancestors[:1] if row.model.leaves is Range.DISTRIBUTION]
        flat, *pooled = flattened(miss, miss.shape)
        for row in ends:
            for layer in pooled:
                yield from miss.inserted(row, layer)
        for layer in (flat, *pooled):
            yield from miss.appended(layer)
    for row in miss.ancestors:
        if len(row.outputs[0]) > len(row.inputs[0]) and not row.weights:
            yield [LeaveOut(miss.place(row))]


def _keeps_rank(row: Row) -> bool:
    return len(row.outputs[0]) == len(row.inputs[0]) > FEATURES_RANK


def _more_axes(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    yield from turned_sequences(miss, on=True)
    for row in miss.ancestors:
        if len(row.outputs[0]) < len(row.inputs[0]) and not row.weights:
            yield from miss.replaced(row, keeping_axes(row.model))
            yield [LeaveOut(miss.place(row))]
    vector = len(miss.shape) == FEATURES_RANK and len(target) == FEATURES_RANK + 1
    if vector and miss.shape[-1] == target[-1]:
        yield from miss.appended(miss.made("RepeatVector", n=target[1]))


def _rearranged(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Put the numbers of an example into other axes, where there are as many."""
    if 0 in target[1:] or product(miss.shape[1:]) != product(target[1:]):
        return
    sizes = [[size for size in shape[1:] if size != 1] for shape in (miss.shape, target)]
    if FEATURES_RANK not in {len(miss.shape), len(target)} and sizes[0] != sizes[1]:
        yield LATER
    yield from miss.appended(miss.made("Reshape", target_shape=target[1:]))


def _without_channels(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Make one channel, and leave out its axis, where only that is not wanted."""
    channels = miss.layout.channels % len(miss.shape)
    rest = (*miss.shape[:channels], *miss.shape[channels + 1 :])
    if rest == target and len(target) > FEATURES_RANK:
        flat = miss.appended(miss.made("Reshape", target_shape=target[1:]))
        for last in flat:
            for edits in widths(miss, miss.ancestors, 1):
                yield [*edits, *last]
