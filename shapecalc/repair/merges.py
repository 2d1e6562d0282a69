"""Merges that do not fit: where their tensors parted, and moves that may bring them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim, Shape, Size
from shapecalc.language.syntax import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.tracing.rows import Row, Trace

#: How many sizes of a path are told.
MAX_TOLD: Final = 12
_SPATIAL: Final = range(1, 4)


def differing(shapes: Sequence[Shape]) -> tuple[int, int] | None:
    """The first tensor that differs from the one before it in a merge, and the axis in which."""
    first = shapes[0]
    for place, shape in enumerate(shapes[1:], 1):
        if len(shape) == len(first):
            for axis, (a, b) in enumerate(zip(first, shape, strict=True)):
                if a != b:
                    return place, axis
    return None


def parting(trace: Trace, row: Row) -> Iterator[str]:
    """Tell how a size changed from the tensor that both come from to each of them."""
    axes = _differing_axes(row)
    found = differing(row.inputs)
    if found is None or not axes:
        return
    other, _ = found
    names = (row.sources[0], row.sources[other])
    paths = [_path(trace, name) for name in names]
    common = next((name for name, _ in paths[0] if name in dict(paths[1])), None)
    for name, path in zip(names, paths, strict=True):
        sizes = _sizes(path, common, axes[0])
        if len(sizes) > 1:
            shown = [str(size) for size in sizes]
            if len(shown) > MAX_TOLD:
                shown = [*shown[: MAX_TOLD // 2], "…", *shown[-MAX_TOLD // 2 :]]
            begin = f"{common} to " if common else "to "
            yield f"axis {axes[0]} from {begin}{name}: {', '.join(shown)}"


def _differing_axes(row: Row) -> list[int]:
    found = differing(row.inputs)
    if found is None:
        return []
    other, _ = found
    joined = getattr(row.model, "axis", None)
    rank = len(row.inputs[0])
    skipped = joined % rank if isinstance(joined, int) else None
    pairs = zip(row.inputs[0], row.inputs[other], strict=True)
    return [axis for axis, (a, b) in enumerate(pairs) if a != b and axis != skipped]


def _path(trace: Trace, name: str) -> list[tuple[str, Shape]]:
    """The tensors on the way back from one to an input, through the first that each layer reads."""
    rows = {row.name: row for row in trace.layers}
    inputs = dict(trace.inputs)
    path: list[tuple[str, Shape]] = []
    while name in rows:
        row = rows[name]
        path.append((name, row.outputs[0]))
        name = row.sources[0]
    if name in inputs:
        path.append((name, inputs[name]))
    return path


def _sizes(path: list[tuple[str, Shape]], common: str | None, axis: int) -> list[Size]:
    """The sizes of an axis from the common tensor on, each once."""
    sizes: list[Size] = []
    for name, shape in path:
        size = shape[axis] if axis < len(shape) else None
        if size is not None and (not sizes or sizes[-1] != size):
            sizes.append(size)
        if name == common:
            break
    return sizes[::-1]


def join_moves(row: Row, rows: Sequence[Row], text: str) -> Iterator[str]:
    """Texts in which one tensor of a merge is made like the other."""
    step = row.origin
    found = differing(row.inputs)
    if not isinstance(step, Step) or found is None:
        return
    yield from _pad_the_same(rows, text)
    other, _ = found
    for mine, theirs in ((0, other), (other, 0)):
        place = _place(step, mine)
        if place is None:
            continue
        for layer in _fitting(row, row.inputs[mine], row.inputs[theirs]):
            before = text[:place].rstrip()
            comma = "" if before.endswith(("(", "|", ",")) or not before else ","
            tail = "" if step.branches is not None else ","
            comma = "" if step.branches is None else comma
            yield f"{text[:place]}{comma}{layer}{tail}{text[place:]}"


def _place(step: Step, tensor: int) -> int | None:
    """Where a layer is written that changes this tensor of a merge."""
    if step.branches is not None:
        return step.ends[tensor] if tensor < len(step.ends) else None
    return step.start if tensor == 0 else None


def _pad_the_same(rows: Sequence[Row], text: str) -> Iterator[str]:
    """Let the windows before keep the size: one of them, or all."""
    steps = [
        row.origin
        for row in rows
        if getattr(row.model, "padding", None) == "valid" and isinstance(row.origin, Step)
    ]
    places = sorted({step.span[1] for step in steps}, reverse=True)
    for place in places:
        yield f"{text[:place]}:same{text[place:]}"
    if len(places) > 1:
        for place in places:
            text = f"{text[:place]}:same{text[place:]}"
        yield text


def _fitting(row: Row, mine: Shape, theirs: Shape) -> Iterator[str]:
    """Layers that turn one shape into the other, as far as their differences are numbers."""
    axes = _differing_axes(row)
    last = len(mine) - 1
    spatial = [axis for axis in axes if axis != last]
    rank = last - 1
    if last in axes:
        size = str(theirs[last]).replace(" ", "")
        yield f"conv{rank}d:{size}:1" if rank in _SPATIAL else f"dense:{size}"
    if not spatial or rank not in _SPATIAL or 0 in spatial:
        return
    yield from _scaled(rank, mine, theirs)
    differences = [theirs[axis] - mine[axis] for axis in range(1, last)]
    gaps = [gap for gap in differences if isinstance(gap, int)]
    if len(gaps) < len(differences):
        return
    pairs = [f"(0,{abs(gap)})" for gap in gaps]
    written = pairs[0] if rank == 1 else f"({','.join(pairs)})"
    if min(gaps) >= 0:
        yield f"pad{rank}d:{written}"
    elif max(gaps) <= 0:
        yield f"crop{rank}d:{written}"


def _scaled(rank: int, mine: Shape, theirs: Shape) -> Iterator[str]:
    """Repeat each step, where the other size is a multiple of this one."""
    factors: list[Size] = []
    for a, b in zip(mine[1:-1], theirs[1:-1], strict=True):
        factor = b // a if isinstance(b, int) or isinstance(a, Dim) or a else 1
        if not isinstance(factor, int) or factor < 1 or a * factor != b:
            return
        factors.append(factor)
    if any(factor != 1 for factor in factors):
        yield f"upsample{rank}d:{'x'.join(map(str, factors))}"
