"""Merges that do not fit: edits that may bring their tensors together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim, Shape, Size
from shapecalc.network import Edit, Insert, Replace
from shapecalc.repair.failure import differing, differing_axes
from shapecalc.repair.layers import SPATIAL, changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure


def merge_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Give edits by which one tensor of a merge is made like the other."""
    row = failure.row
    found = differing(row.inputs)
    if found is None:
        return
    yield from _same_padding(failure)
    other, _ = found
    for mine, theirs in ((0, other), (other, 0)):
        for layer in _fitting(failure, row.inputs[mine], row.inputs[theirs]):
            if layer is not None:
                yield [Insert(failure.place(row), (layer,), mine)]


def _same_padding(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let the windows before keep the size: one of them, the last first, or all."""
    rows = [row for row in failure.ancestors if getattr(row.model, "padding", None) == "valid"]
    rows.sort(key=failure.place, reverse=True)
    edits = [
        Replace(failure.place(row), layer)
        for row in rows
        if (layer := changed(row.model, padding="same")) is not None
    ]
    yield from ([edit] for edit in edits)
    if len(edits) > 1:
        yield edits


def _fitting(failure: Failure, mine: Shape, theirs: Shape) -> Iterator[Layer | None]:
    """Give layers that turn one shape into the other, as far as their differences are numbers."""
    axes = differing_axes(failure.row)
    last = len(mine) - 1
    spatial = [axis for axis in axes if axis != last]
    rank = last - 1
    if last in axes:
        if rank in SPATIAL:
            yield failure.made(f"Conv{rank}D", filters=theirs[last], kernel_size=1)
        else:
            yield failure.made("Dense", units=theirs[last])
    if not spatial or rank not in SPATIAL or 0 in spatial:
        return
    yield from _scaled(failure, mine, theirs)
    differences = [theirs[axis] - mine[axis] for axis in range(1, last)]
    gaps = [gap for gap in differences if isinstance(gap, int)]
    if len(gaps) < len(differences):
        return
    sides = [(0, abs(gap)) for gap in gaps]
    amount = sides[0] if rank == 1 else tuple(sides)
    if min(gaps) >= 0:
        yield failure.made(f"ZeroPadding{rank}D", padding=amount)
    elif max(gaps) <= 0:
        yield failure.made(f"Cropping{rank}D", cropping=amount)


def _scaled(failure: Failure, mine: Shape, theirs: Shape) -> Iterator[Layer | None]:
    """Repeat each step, where the other size is a multiple of this one."""
    rank = len(mine) - 2
    factors: list[Size] = []
    for a, b in zip(mine[1:-1], theirs[1:-1], strict=True):
        factor = b // a if isinstance(b, int) or isinstance(a, Dim) or a else 1
        if not isinstance(factor, int) or factor < 1 or a * factor != b:
            return
        factors.append(factor)
    if any(factor != 1 for factor in factors):
        yield failure.made(f"UpSampling{rank}D", size=factors[0] if rank == 1 else tuple(factors))
