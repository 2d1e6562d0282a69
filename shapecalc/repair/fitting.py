"""Layers that turn one shape into another: projections, poolings, paddings, crops."""

from __future__ import annotations

from itertools import permutations
from itertools import product as choices
from math import prod
from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, multiple_of
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import Layout
from shapecalc.layers.parameters import parameters
from shapecalc.repair.layers import FEATURES_RANK, SPATIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Stopped
    from shapecalc.tracing.rows import Row


def spatial_layer(stopped: Stopped, name: str, layout: Layout, **arguments: Any) -> Layer | None:  # noqa: ANN401
    """Make a layer that comes in several ranks, with the channels where the layout has them."""
    if layout.data_format == "channels_first":
        arguments["data_format"] = layout.data_format
    return stopped.made(f"{name}{layout.rank}D", **arguments)


def projection(
    stopped: Stopped, layout: Layout | None, mine: Shape, theirs: Shape, path: Sequence[Row] = ()
) -> Layer | None:
    """Make a layer that gives as many channels, with strides where the sizes are smaller.

    ``path`` are the layers that made them so.
    """
    if layout is None:
        if mine[:-1] != theirs[:-1]:
            return None
        dense = stopped.made("Dense", units=theirs[-1])
        return dense or stopped.made("Linear", in_features=mine[-1], out_features=theirs[-1])
    width, given = theirs[layout.channels], mine[layout.channels]
    pairs = zip(mine[layout.spatial], theirs[layout.spatial], strict=True)
    made = strides_of(path, layout.rank)
    strides = [_stride(*pair, stride) for pair, stride in zip(pairs, made, strict=True)]
    known = [stride for stride in strides if stride is not None]
    if len(known) < layout.rank:
        return None
    step = known[0] if len(set(known)) == 1 else tuple(known)
    found = spatial_layer(stopped, "Conv", layout, filters=width, kernel_size=1, strides=step)
    return found or stopped.made(
        f"Conv{layout.rank}D", in_channels=given, out_channels=width, kernel_size=1, stride=step
    )


def _stride(mine: Size, theirs: Size, made: int) -> int | None:
    """Return the stride that takes a size to another one; ``made`` is what others took."""
    tried = [1, made]
    if isinstance(mine, int) and isinstance(theirs, int) and 0 < theirs < mine:
        tried.append(-(-mine // theirs))
    elif theirs != 0 and multiple_of(mine, theirs) is True:
        ratio = mine // theirs
        # 0 behind an axis without a position.
        tried += [ratio] if isinstance(ratio, int) and ratio else []
    found = next((step for step in tried if (mine + step - 1) // step == theirs), None)
    # What was required of letters before may have made numbers of them.
    return made if found is None and not isinstance(mine, int) else found


def strides_of(path: Sequence[Row], rank: int) -> list[int]:
    """Return how far apart in all the windows of layers stand along each spatial axis."""
    windows = [row.model.moving_window() for row in path]
    steps = [spread(window.strides, rank) for window in windows if window is not None]
    return [prod(step[axis] for step in steps if len(step) == rank) for axis in range(rank)]


def poolings(path: Sequence[Row]) -> list[Layer]:
    """Return the layers of a path, which leads back, that make maps smaller and learn nothing."""
    return [
        row.model
        for row in reversed(path)
        if not row.weights and row.model.moving_window() is not None
    ]


def rounded(path: Sequence[Row], layout: Layout, shape: Shape) -> list[Shape]:
    """Return the shapes nearest to that of an input whose sizes all strides of a path divide."""
    sizes = shape[layout.spatial]
    numbers = [size for size in sizes if isinstance(size, int)]
    steps = strides_of(path, layout.rank)
    if len(numbers) < layout.rank or max(steps) == 1:
        return []
    around = [
        sorted({n // step * step, -(-n // step) * step}, key=lambda near, n=n: abs(near - n))  # type: ignore[misc]
        for n, step in zip(numbers, steps, strict=True)
    ]
    found = []
    for near in choices(*around):
        axes = list(shape)
        axes[layout.spatial] = near
        if 0 not in near and near != tuple(numbers):
            found.append(tuple(axes))
    alike = len(set(numbers)) == 1
    return [each for each in found if not alike or len(set(each[layout.spatial])) == 1]


def scaled(
    stopped: Stopped,
    layout: Layout,
    mine: Shape,
    theirs: Shape,
    path: Sequence[Row] = (),
    *,
    up: bool,
) -> Iterator[Layer | None]:
    """Yield a layer that makes the maps of one shape as large or as small as those of another.

    ``path`` are the layers that made letters smaller, by which only their multiples are divided.
    """
    before, after = mine[layout.spatial], theirs[layout.spatial]
    cls, name = ("UpSampling", "size") if up else ("MaxPooling", "pool_size")
    pairs = zip(before, after, strict=True) if up else zip(after, before, strict=True)
    factors = [
        factor_of(small, large) or (None if isinstance(small, int) or not up else stride)
        for (small, large), stride in zip(pairs, strides_of(path, layout.rank), strict=True)
    ]
    known = [factor for factor in factors if factor is not None]
    if len(known) == layout.rank and max(known) > 1:
        amount = known[0] if len(set(known)) == 1 else tuple(known)
        keras = spatial_layer(stopped, cls, layout, **{name: amount})
        torch = ("Upsample", "scale_factor") if up else (f"MaxPool{layout.rank}d", "kernel_size")
        yield keras or stopped.made(torch[0], **{torch[1]: amount})


def scaling(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Return the layers that make maps larger by a factor, nearest first, and what says it."""
    found = []
    for row in rows:
        name = _factor_name(row)
        if name is not None and _is_whole(getattr(row.model, name)):
            found.append((row, name))
    return found


def _factor_name(row: Row) -> str | None:
    """Return the argument that says by which factor a layer makes maps larger."""
    known = parameters(type(row.model))
    if "scale_factor" in known:
        return "scale_factor"
    if "size" in known:
        # That of a normalisation is one of its window, which leaves the maps as they are.
        return "size" if row.inputs[0] != row.outputs[0] else None
    if "output_padding" not in known:
        return None
    return next((name for name in ("strides", "stride") if name in known), None)


def _is_whole(value: object) -> bool:
    """Return whether an argument is a whole number, or one for each axis."""
    each = value if isinstance(value, (list, tuple)) else (value,)
    return all(isinstance(n, int) for n in each)


def framed(stopped: Stopped, layout: Layout, mine: Shape, theirs: Shape) -> Iterator[Layer | None]:
    """Yield a layer that pads or crops the maps of one shape to those of another, on both sides."""
    pairs = zip(mine[layout.spatial], theirs[layout.spatial], strict=True)
    gaps = [after - before for before, after in pairs]
    numbers = [gap for gap in gaps if isinstance(gap, int)]
    if len(numbers) < layout.rank or not any(numbers):
        return
    sides = [(abs(gap) // 2, abs(gap) - abs(gap) // 2) for gap in numbers]
    amount = sides[0] if layout.rank == 1 else tuple(sides)
    if min(numbers) >= 0:
        keras = spatial_layer(stopped, "ZeroPadding", layout, padding=amount)
    elif max(numbers) <= 0:
        keras = spatial_layer(stopped, "Cropping", layout, cropping=amount)
        sides = [(-before, -after) for before, after in sides]
    else:
        return
    # PyTorch begins with the last axis, and crops by less than nothing.
    ends = tuple(end for pair in reversed(sides) for end in pair)
    even = ends[0] if len(set(ends)) == 1 else ends
    yield keras or stopped.made(f"ZeroPad{layout.rank}d", padding=even)


def resizing(
    stopped: Stopped, layout: Layout | None, mine: Shape, theirs: Shape
) -> Iterator[Layer | None]:
    """Yield layers that turn the spatial sizes of one shape into those of another one.

    What is missing or superfluous is split to both sides.
    """
    rank = len(mine) - FEATURES_RANK
    if rank not in SPATIAL or len(mine) != len(theirs):
        return
    known = layout or Layout(rank)
    yield from scaled(stopped, known, mine, theirs, up=True)
    yield from scaled(stopped, known, mine, theirs, up=False)
    yield from framed(stopped, known, mine, theirs)


def factor_of(small: Size, large: Size) -> int | None:
    """Return by which number a size is a multiple of another one."""
    factor = quotient(large, small)
    return factor if isinstance(factor, int) and factor >= 1 else None


def quotient(large: Size, small: Size) -> Size | None:
    """Divide a size by one that divides it; None where it does not, or is 0."""
    try:
        found = large // small
    except ZeroDivisionError:
        return None
    return found if small * found == large else None


def axes_order(shape: Shape, target: Shape) -> tuple[int, ...] | None:
    """Return the order of axes after the batch in which the shape is the target."""
    count = len(shape) - 1
    if count > len(SPATIAL) + 1 or set(shape) != set(target):
        return None
    for order in permutations(range(1, count + 1)):
        if all(shape[axis] == size for axis, size in zip(order, target[1:], strict=True)):
            return order
    return None
