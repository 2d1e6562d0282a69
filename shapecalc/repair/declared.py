"""Repairs of a layer that declares the size of an axis, which its input has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import product
from shapecalc.network import Insert, Replace, Reshape
from shapecalc.repair.axes import mean_of_places, other_reductions
from shapecalc.repair.channels import SEQUENCE
from shapecalc.repair.layers import FEATURES_RANK, SPATIAL, changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.network import Edit
    from shapecalc.repair.failure import Failure


def declared_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Flatten before, turn the axes of the input, or declare what comes in."""
    row = failure.row
    x, declared = row.inputs[0], row.model.declared
    if declared is None or row.model.declares is None or not x:
        return
    name, axis = row.model.declares
    if axis == -1:
        yield from _flattened(failure, name, declared) if len(x) > FEATURES_RANK else ()
        yield from _pooled(failure, declared) if len(x) != SEQUENCE else ()
        yield from other_reductions(failure, declared)
    place = row.model.declared_axis
    if not failure.ancestors:
        yield from _turned(failure, declared)
    elif not failure.rank:
        yield from _moved(failure, declared, place % len(x))
    if axis == -1 and len(x) == SEQUENCE:
        yield from _pooled(failure, declared)
    if not failure.rank and -len(x) <= place < len(x):
        yield from failure.replaced(row, changed(row.model, **{name: x[place]}))


def _flattened(failure: Failure, name: str, declared: Size) -> Iterator[Sequence[Edit]]:
    """Make one axis of all but the batch, and declare what that has."""
    row, flatten = failure.row, failure.made("Flatten")
    total = product(row.inputs[0][1:])
    if flatten is None:
        return
    insert = Insert(failure.place(row), (flatten,), 0)
    if total == declared:
        yield [insert]
        return
    layer = changed(row.model, **{name: total})
    # A tensor of few axes may well be meant to keep them.
    if layer is not None and len(row.inputs[0]) > 3:  # noqa: PLR2004
        yield [insert, Replace(failure.place(row), layer)]


def _pooled(failure: Failure, declared: Size) -> Iterator[Sequence[Edit]]:
    """Pool maps of as many channels as the layer declares, before they are flattened or instead."""
    x = failure.row.inputs[0]
    if len(x) - FEATURES_RANK in SPATIAL and x[1] == declared:
        yield from failure.inserted(failure.row, mean_of_places(failure, x, first=True))
    for row in filter(lambda each: each.inputs, failure.ancestors[:1]):
        maps = row.inputs[0]
        rank = len(maps) - FEATURES_RANK
        if rank in SPATIAL and maps[1] == declared and len(x) == FEATURES_RANK and row.model.moves:
            pool = failure.made(f"AdaptiveAvgPool{rank}d", output_size=1)
            made = failure.ancestors[1:2]
            if made and type(made[0].model) is type(pool):
                yield from failure.replaced(made[0], pool)
            else:
                yield from failure.inserted(row, pool)


def _moved(failure: Failure, declared: Size, place: int) -> Iterator[Sequence[Edit]]:
    """Bring the axis that has the size to where the layer reads it: behind the batch, or last."""
    x = failure.row.inputs[0]
    for axis in (len(x) - 1, 1):
        if axis != place and 0 < axis < len(x) and x[axis] == declared:
            order = [n for n in range(len(x)) if n != axis]
            order.insert(place, axis)
            if len(x) == 3:  # noqa: PLR2004  (a batch and two more axes)
                layer = failure.made("Transpose", dim0=1, dim1=2)
            else:
                layer = failure.made("Permute", dims=tuple(order))
            yield from failure.inserted(failure.row, layer)


def _turned(failure: Failure, declared: Size) -> Iterator[Sequence[Edit]]:
    """Give the input that the layer reads its channels: where they are last, or are not there."""
    layout, node = failure.row.model.layout(), failure.row.node.inputs[0].node
    shape: Shape = failure.row.inputs[0]
    if layout is None:
        return
    if len(shape) > layout.rank and shape[-1] == declared:
        front = len(shape) - layout.rank - 1
        yield [Reshape(node, (*shape[:front], declared, *shape[front:-1]))]
    rows = len(shape) == layout.rank and str(shape[0]) == failure.network.dialect.letters.batch
    if declared == 1 and len(shape) in (layout.rank, layout.rank + 1) and not rows:
        front = len(shape) - layout.rank
        yield [Reshape(node, (*shape[:front], 1, *shape[front:]))]
