"""Sentences with which layers of all frameworks explain their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import Shape, Size, at_least, product, shape_text, sum_text
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import other_name
from shapecalc.layers.result import count_in
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shapecalc.layers.layout import Layout, Names
    from shapecalc.layers.result import Result, Weight
    from shapecalc.layers.window import Window


class Applied(NamedTuple):
    """A layer as it was applied: its shapes, and the axes of its first input where they are known.

    ``needed`` says of statements what they require of letters beyond what is already known.
    """

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    params: Size
    axes: Names | None
    needed: Callable[[Iterable[object]], list[str]]

    def spatial(self, layout: Layout) -> tuple[Shape, Shape]:
        """Return the sizes of the spatial axes before and after."""
        return self.inputs[0][layout.spatial], self.outputs[0][layout.spatial]

    def channels(self, layout: Layout) -> tuple[Size, Size]:
        """Return the channels before and after."""
        return self.inputs[0][layout.channels], self.outputs[0][layout.channels]

    def other_axis(self, axis: int) -> str | None:
        """Return what an axis is, where that is known, and not the channels or features."""
        return other_name(self.axes, axis)


def counted(size: Size | str) -> str:
    """Return a count, with its thousands apart; one in letters is Python."""
    if isinstance(size, str) and size.isdigit():
        size = int(size)
    return f"{size:,}" if isinstance(size, int) else str(size)


def weighed(weight: Weight) -> str:
    """Return the shape of a weight, what it comes to, and of how many gates it is."""
    said = f"{shape_text(weight.shape)} = {counted(count_in(weight.shape))}"
    if weight.gates is not None and weight.gates[0] > 1:
        count, axis = weight.gates
        width = weight.shape[axis]
        said += f", {factor(width)} = {count} gates of {factor(width // count)}"
    return said


def multiplied(result: Result, shown: Callable[[Size], Size]) -> Iterator[str]:
    """Yield the multiply-accumulates of each product, with sizes ``shown`` under the conditions."""
    found: list[str] = []
    for weight in result.weights:
        if weight.places is not None:
            places, macs = shown(count_in(weight.places)), counted(shown(weight.macs))
            number, noun = (
                counted(count_in(weight.shape)),
                "position" if places == 1 else "positions",
            )
            found.append(macs)
            yield f"macs: {weight.name} {number} at each of {counted(places)} {noun} = {macs}"
    for each in result.products:
        factors, macs = "*".join(map(factor, each.sizes)), counted(shown(each.macs))
        found.append(macs)
        yield f"macs: {each.name} {factors} = {macs}"
    if len(found) > 1:
        total = counted(sum_text([shown(part) for part in result.multiplied]))
        yield f"macs {' + '.join(found)} = {total}"


def factor(size: Size) -> str:
    """Return a size as a factor: in parentheses if it is a sum."""
    return f"({size})" if " " in str(size) else str(size)


def slid(layout: Layout, window: Window, applied: Applied) -> Iterator[str]:
    """Explain how many positions a window takes along each axis."""
    before, after = applied.spatial(layout)
    rank, padding = layout.rank, window.padding
    numbers = (spread(each, rank) for each in (*window.numbers, window.ends))
    parts = zip(layout.spatial_names, before, after, *numbers, strict=True)
    for axis, size, count, kernel, stride, dilation, ends in parts:
        reach = extent(kernel, dilation)
        needed = applied.needed([at_least(size, reach - 2 * ends)]) if padding == "valid" else []
        when = f", at least 1 when {', '.join(needed)}" if needed else ""
        yield f"{axis}: {_places(size, count, reach, stride, padding, ends)}{when}"


def _places(size: Size, count: Size, reach: int, stride: int, padding: str, ends: int) -> str:
    """Return the rule with its numbers, and what it comes to."""
    wide = factor(size) + (f" + 2*{ends}" if ends else "")
    if padding != "valid":
        where = "in front" if padding == "causal" else "at both ends"
        if stride == 1:
            return f"{size}, since zeros {where} ({padding}) make up for the window"
        return (
            f"({wide} + {stride - 1})//{stride} = {count}, {wide}/{stride} rounded up ({padding})"
        )
    raw = f"({wide} - {reach})//{stride} + 1" if stride > 1 else f"{wide} - {reach} + 1"
    return f"{raw} = {count}"


def spread_out(layout: Layout, window: Window, applied: Applied, *, plain: bool) -> Iterator[str]:
    """Explain how far a transposed window reaches along each axis.

    The rule only where it is ``plain``.
    """
    before, after = applied.spatial(layout)
    numbers = (spread(each, layout.rank) for each in window.numbers)
    parts = zip(layout.spatial_names, before, after, *numbers, strict=True)
    for axis, size, count, kernel, stride, dilation in parts:
        extra = max(extent(kernel, dilation) - stride, 0) if window.padding == "valid" else 0
        more = f" + {extra}" if extra else ""
        yield f"{axis}: {factor(size)}*{stride}{more} = {count}" if plain else f"{axis}: {count}"


def changed(layout: Layout, applied: Applied) -> Iterator[str]:
    """Explain the size of each spatial axis before and after."""
    for axis, size, count in zip(layout.spatial_names, *applied.spatial(layout), strict=True):
        yield f"{axis}: {size} becomes {count}"


def pooled_to_one(layout: Layout, applied: Applied) -> Iterator[str]:
    """Explain that all positions of the spatial axes become one."""
    positions = " * ".join(map(factor, applied.inputs[0][layout.spatial]))
    kept = "kept with size 1" if len(applied.outputs[0]) == len(applied.inputs[0]) else "removed"
    yield f"one value per channel of all {positions} positions: the spatial axes are {kept}"


def kept_or_multiplied(layout: Layout, each: Size, applied: Applied) -> str:
    """Explain that channels are not mixed, or that each becomes several."""
    before, after = applied.channels(layout)
    if before == after:
        return "channels: each is processed separately, so their number stays"
    return f"channels: each becomes {each}: {factor(before)}*{each} = {after}"


def flattened(shape: Shape, applied: Applied) -> str:
    """Explain which sizes become one axis."""
    factors = "*".join(map(factor, shape))
    return f"{factors or 1} = {applied.outputs[0][-1]}"


def rearranged(applied: Applied) -> str:
    """Explain that the numbers of an example stand in other axes."""
    total = product(applied.inputs[0][1:])
    shape = shape_text(applied.outputs[0][1:])
    return f"the {counted(total)} values of an example are arranged as {shape}"


def joined(applied: Applied) -> str:
    """Explain how tensors are joined element-wise."""
    shapes = " and ".join(map(shape_text, applied.inputs))
    return f"{shapes} are joined element-wise; a size of 1 is broadcast"
