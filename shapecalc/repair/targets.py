"""Shapes that are required and missed: edits after which a tensor may have them."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, product
from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit, LeaveOut
from shapecalc.repair.fitting import FEATURES_RANK, layout_of, resizing
from shapecalc.repair.layers import SPATIAL, changed, innermost, keeping_axes, padded, sequences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Miss, Stopped
    from shapecalc.tracing.rows import Row

#: Parameters that say how many features or channels a layer makes.
WIDTHS = ("units", "filters", "output_dim", "out_features", "out_channels")


def target_edits(miss: Miss) -> Iterator[Sequence[Edit]]:
    """Give edits after which the tensor may have the shape that is required of it."""
    shape, target = miss.shape, required_shape(miss.shape, miss.pattern)
    if len(shape) > len(target):
        yield from _fewer_axes(miss, target)
    elif len(shape) < len(target):
        yield from _more_axes(miss, target)
    else:
        yield from _other_sizes(miss, target)
    yield from _rearranged(miss, target)


def required_shape(shape: Shape, pattern: Sequence[Size | None]) -> Shape:
    """Return the shape that is required, with the sizes that there are where any will do."""
    same = len(shape) == len(pattern)
    return tuple(
        (shape[axis] if same or axis == 0 else 0) if size is None else size
        for axis, size in enumerate(pattern)
    )


def turned_sequences(stopped: Stopped, *, on: bool) -> Iterator[Sequence[Edit]]:
    """Let the recurrent layers before return every step, or only the last: one of them, or all."""
    turned = [row for row in stopped.ancestors if sequences(row.model) is (not on)]
    yield from _one_or_all([edit for row in turned for edit in turned_row(stopped, row, on=on)])


def turned_row(stopped: Stopped, row: Row, *, on: bool) -> Iterator[Sequence[Edit]]:
    """Let a recurrent layer return every step, or only the last."""
    yield from stopped.replaced(row, changed(row.model, return_sequences=on))


def _one_or_all(edits: Sequence[Sequence[Edit]]) -> Iterator[Sequence[Edit]]:
    """Give each of some edits by itself, then all of them together."""
    yield from edits
    if len(edits) > 1:
        yield [edit for each in edits for edit in each]


def flattened(stopped: Stopped, rank: int) -> Iterator[Layer | None]:
    """Give layers that turn each example of so many axes into a row of numbers."""
    yield stopped.made("Flatten")
    if rank - FEATURES_RANK in SPATIAL:
        yield stopped.made(f"GlobalAveragePooling{rank - FEATURES_RANK}D")


def _fewer_axes(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    yield from turned_sequences(miss, on=False)
    if len(target) == FEATURES_RANK:
        learned = [row for row in miss.ancestors if row.weights and _keeps_rank(row)]
        # Before the first of the layers on features, behind those on places.
        learned.sort(key=lambda row: (not row.model.feature_axes(), miss.place(row)))
        for row in learned:
            for layer in flattened(miss, len(row.inputs[0])):
                yield from miss.inserted(row, layer)
        for layer in flattened(miss, len(miss.shape)):
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


def _other_sizes(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    axes = [n for n, (a, b) in enumerate(zip(miss.shape, target, strict=True)) if a != b]
    last = len(target) - 1
    if last in axes:
        yield from widths(miss, miss.ancestors, target[last])
    between = [axis for axis in axes if 0 < axis < last]
    if between:
        yield from same_padding(miss)
        yield from _scaled_before(miss)
        layout = layout_of(miss.ancestors, miss.shape)
        for layer in resizing(miss, layout, miss.shape, target):
            yield from miss.appended(layer)
    for row in miss.ancestors:
        if not row.weights and row.outputs != row.inputs and _same_sizes(row):
            yield [LeaveOut(miss.place(row))]
    order = _order(miss.shape, target)
    if order is not None:
        yield from miss.appended(miss.made("Permute", dims=order))
    if last in axes and not between:
        yield from miss.appended(miss.made("Dense", units=target[last]))


def _same_sizes(row: Row) -> bool:
    """Whether a layer only puts the axes into another order."""
    return len(row.inputs) == 1 and sorted(map(str, row.inputs[0])) == sorted(
        map(str, row.outputs[0])
    )


def widths(stopped: Stopped, rows: Sequence[Row], width: Size) -> Iterator[Sequence[Edit]]:
    """Let the layer that made the features or channels make so many; ``rows`` lead to it."""
    for row in rows:
        inner = innermost(row.model)
        named = [name for name in WIDTHS if name in parameters(type(inner))]
        if named:
            both = inner is not row.model and row.outputs[0][-1] == 2 * getattr(inner, named[0])
            half = width // 2 if both else width
            yield from stopped.replaced(row, changed(row.model, **{named[0]: half}))
            return
        if not (row.model.transparent or row.model.keeps_axes) or row.model.merges:
            return


def same_padding(stopped: Stopped, *, learning: bool = False) -> Iterator[Sequence[Edit]]:
    """Let the windows before keep the size: one of them, the last first, or all.

    With ``learning`` only convolutions, which are there to see more than one place.
    """
    windows = [row for row in stopped.ancestors if row.model.moving_window()]
    rows = [row for row in windows if row.weights or not learning]
    rows.sort(key=stopped.place, reverse=True)
    made = [(row, padded(row.model)) for row in rows]
    yield from _one_or_all([edit for each in made for edit in stopped.replaced(*each)])


def _scaled_before(miss: Miss) -> Iterator[Sequence[Edit]]:
    """Leave out a layer that scales the spatial axes, where one is superfluous."""
    for row in miss.ancestors:
        scales = any(name in parameters(type(row.model)) for name in ("size", "pool_size"))
        if scales and not row.weights:
            yield [LeaveOut(miss.place(row))]


def _order(shape: Shape, target: Shape) -> tuple[int, ...] | None:
    """Return the order of axes after the batch in which the shape is the target."""
    count = len(shape) - 1
    if count > len(SPATIAL) + 1 or set(shape) != set(target):
        return None
    for order in permutations(range(1, count + 1)):
        if all(shape[axis] == size for axis, size in zip(order, target[1:], strict=True)):
            return order
    return None


def _rearranged(miss: Miss, target: Shape) -> Iterator[Sequence[Edit]]:
    """Put the numbers of an example into other axes, where there are as many."""
    if 0 not in target[1:] and len(target) > 1 and product(miss.shape[1:]) == product(target[1:]):
        yield from miss.appended(miss.made("Reshape", target_shape=target[1:]))
