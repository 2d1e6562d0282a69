"""How much of the input one output sees, along each spatial axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.layers.arguments import spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.layers.base import Layer
    from shapecalc.rows import Row, Trace


class Field(NamedTuple):
    """Along one axis: how many places an output sees, and how far apart two outputs look."""

    size: int = 1
    stride: int = 1

    def through(self, kernel: int, stride: int, dilation: int) -> Field:
        """Behind a window: ``size + (k - 1)*dilation*stride``, and the strides multiply."""
        return Field(self.size + (kernel - 1) * dilation * self.stride, self.stride * stride)


Fields = tuple[Field, ...]


def receptive_fields(trace: Trace) -> dict[str, Fields]:
    """The fields of each row that is made by windows; of several inputs the largest count."""
    inputs = {name for name, _ in trace.inputs}
    found: dict[str, Fields] = {}
    for row in trace.layers:
        before = _before(row, found, inputs)
        fields = None if before is None else _behind(row, before)
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


def _behind(row: Row, before: Fields) -> Fields | None:
    """What a row sees; None where it is no window, and changes which places there are."""
    taps = window_of(row.model)
    if taps is None:
        same = row.inputs[0][1:-1] == row.outputs[0][1:-1]
        return before if same and row.model.transparent else None
    rank = len(before)
    kernel, strides, dilation = (spread(each, rank) for each in taps)
    return tuple(
        field.through(*parts)
        for field, *parts in zip(before, kernel, strides, dilation, strict=True)
    )


Numbers = int | tuple[int, ...]


def window_of(layer: Layer) -> tuple[Numbers, Numbers, Numbers] | None:
    """Kernel, strides and dilation of a layer that slides a window over its input."""
    if getattr(layer, "output_padding", 0) is None or "Transpose" in type(layer).__name__:
        return None
    kernel = getattr(layer, "kernel_size", None)
    if kernel is None:
        kernel = getattr(layer, "pool_size", None)
    if kernel is None or hasattr(layer, "return_sequences"):
        return None
    strides = getattr(layer, "strides", None)
    return kernel, kernel if strides is None else strides, getattr(layer, "dilation_rate", 1)
