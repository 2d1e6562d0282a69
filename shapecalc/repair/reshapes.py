"""A reshape to more or fewer numbers than there are: edits that make or keep as many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import product
from shapecalc.network import Edit, Input, Reshape
from shapecalc.repair.fitting import quotient
from shapecalc.repair.layers import FEATURES_RANK, SPATIAL, changed
from shapecalc.repair.widths import turned_sequences, widths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.repair.failure import Failure


def reshape_edits(failure: Failure, sizes: Shape) -> Iterator[Sequence[Edit]]:
    """Yield edits after which there are as many numbers as a reshape to ``sizes`` takes."""
    if not sizes or any(size is None or size == -1 for size in sizes):
        return
    x = failure.row.inputs[0]
    yield from _missing_axes(failure, sizes)
    yield from turned_sequences(failure, on=False)
    if len(sizes) == 1 < len(x) - 1:
        yield from _pooled(failure, sizes)
    fitting = [axis for axis in reversed(range(len(sizes))) if _kept(x, sizes, axis)]
    yield from _left_open(failure, sizes, fitting)
    yield from _other_width(failure, sizes)
    flat = len(x) == FEATURES_RANK
    dense = failure.made("Dense", units=product(sizes))
    yield from failure.inserted(failure.row, *([] if flat else [failure.made("Flatten")]), dense)
    others = [axis for axis in reversed(range(len(sizes))) if axis not in fitting]
    yield from _left_open(failure, sizes, others)


def _missing_axes(failure: Failure, sizes: Shape) -> Iterator[Sequence[Edit]]:
    """Give an input that is only a batch the numbers that the reshape names."""
    place = failure.row.node.inputs[0].node
    if isinstance(failure.network.nodes[place], Input) and len(failure.row.inputs[0]) == 1:
        yield [Reshape(place, (*failure.row.inputs[0], product(sizes)))]


def _pooled(failure: Failure, sizes: Shape) -> Iterator[Sequence[Edit]]:
    """Pool or flatten instead of a reshape that would drop axes."""
    x = failure.row.inputs[0]
    if len(x) - FEATURES_RANK in SPATIAL:
        last, first = failure.pooling(len(x) - FEATURES_RANK)
        for axis, layer in ((-1, last), (1, first)):
            if x[axis] == sizes[0]:
                yield from failure.replaced(failure.row, layer)
    yield from failure.replaced(failure.row, failure.made("Flatten"))


def _kept(x: Shape, sizes: Shape, axis: int) -> bool:
    """Return whether all sizes but one stand in the input in the same order."""
    rest = iter(x[1:])
    return len(sizes) > 1 and all(size in rest for size in (*sizes[:axis], *sizes[axis + 1 :]))


def _left_open(failure: Failure, sizes: Shape, axes: Sequence[int]) -> Iterator[Sequence[Edit]]:
    """Let one size of a reshape follow from the others."""
    for axis in axes:
        target = (*sizes[:axis], -1, *sizes[axis + 1 :])
        yield from failure.replaced(failure.row, changed(failure.row.model, target_shape=target))


def _other_width(failure: Failure, sizes: Shape) -> Iterator[Sequence[Edit]]:
    """Let the layer before make as many features or channels as the reshape takes."""
    total, each = product(sizes), product(failure.row.inputs[0][1:-1])
    width = quotient(total, each)
    if width is not None:
        yield from widths(failure, failure.ancestors, width)
