"""How much of the input one output sees, along each spatial axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.analysis.axes import Axes
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.layers.layout import Names
    from shapecalc.tracing.rows import Row, Trace


class Field(NamedTuple):
    """Along one axis: how many places an output sees, and how far apart two outputs look."""

    size: int = 1
    stride: int = 1

    def through(self, kernel: int, stride: int, dilation: int) -> Field:
        """Behind a window: ``size + (k - 1)*dilation*stride``, and the strides multiply."""
        return Field(self.size + (kernel - 1) * dilation * self.stride, self.stride * stride)


Fields = tuple[Field, ...]


def receptive_fields(trace: Trace, axes: Axes | None = None) -> dict[str, Fields]:
    """The fields of each row that is made by windows; of several inputs the largest count."""
    axes = axes or Axes(trace)
    inputs = {name for name, _ in trace.inputs}
    found: dict[str, Fields] = {}
    for row in trace.layers:
        before = _before(row, found, inputs) if _reads_as_given(row, axes) else None
        fields = None if before is None else _behind(row, before, axes)
        if fields is not None:
            found[row.name] = fields
    return found


def _before(row: Row, known: Mapping[str, Fields], inputs: set[str]) -> Fields | None:
    """What the inputs of a row see; an input of the network sees itself."""
    rank = max(len(row.inputs[0]) - 2, 0) if row.inputs else 0
    itself = (Field(),) * rank
    each = [itself if name in inputs else known.get(name, ()) for name in row.sources]
    if not each or not rank or any(len(fields) != rank for fields in each):
        return None
    return tuple(max(parts) for parts in zip(*each, strict=True))


def _reads_as_given(row: Row, axes: Axes) -> bool:
    """Whether a row takes each axis for what those who made it do, as far as that is known."""
    read = axes.read.get(row.name)
    given = [axes.given.get(name) for name in row.sources]
    return read is None or all(names is None or _places(names) == _places(read) for names in given)


def _places(names: Names) -> tuple[int, ...]:
    """Where the spatial axes stand."""
    return tuple(place for place, name in enumerate(names) if name not in {"batch", *FEATURES})


def _behind(row: Row, before: Fields, axes: Axes) -> Fields | None:
    """What a row sees; None where it is no window, and changes which places there are."""
    window = row.model.moving_window()
    if window is None:
        return before if row.model.transparent and _keeps_places(row, axes) else None
    rank, layout = len(before), row.model.layout()
    if layout is not None and layout.rank != rank:
        return None
    kernel, strides, dilation = (spread(each, rank) for each in window.numbers)
    return tuple(
        field.through(*parts)
        for field, *parts in zip(before, kernel, strides, dilation, strict=True)
    )


def _keeps_places(row: Row, axes: Axes) -> bool:
    """Whether the sizes of the spatial axes stay as they are."""
    shape, made, names = row.inputs[0], row.outputs[0], axes.read.get(row.name)
    places = range(1, len(shape) - 1) if names is None else _places(names)
    return len(shape) == len(made) and all(shape[place] == made[place] for place in places)
