"""Weights over sizes that are unknown: moves that leave such sizes out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.language.syntax import Step
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.tracing.rows import Row

#: How many spatial axes can be pooled to nothing.
_SPATIAL: Final = range(1, 4)
_FIRST: Final = ("", ":cf")


def unknown_moves(row: Row, rows: Sequence[Row], text: str) -> Iterator[str]:
    """Texts in which a layer may not need an unknown size; ``rows`` lead to it, nearest first."""
    step = row.origin
    if not isinstance(step, Step):
        return
    yield from _other_axes(row, step, text)
    yield from _pooled(rows, text)
    rank = len(row.inputs[0]) - 2
    if rank in _SPATIAL:
        for order in _FIRST:
            yield f"{text[: step.start]}gap{rank}d{order},{text[step.start :]}"
    for before in rows:
        if isinstance(before.origin, Step) and not before.weights:
            start, end = before.origin.span
            yield text[:start] + text[end:]


def _unwrapped(row: Row) -> tuple[Layer, int]:
    """The layer that is applied at each step, and how many axes of steps there are."""
    layer, axes = row.model, 0
    while type(layer).__name__ == "TimeDistributed":
        layer, axes = getattr(layer, layer.holds), axes + 1
    return layer, axes


def _other_axes(row: Row, step: Step, text: str) -> Iterator[str]:
    """Share the weights along the axes between batch and channels, or have them along channels."""
    layer, axes = _unwrapped(row)
    known = parameters(type(layer))
    end = step.span[1]
    between = range(1, len(row.inputs[0]) - axes - 1)
    if "shared_axes" in known and not step.form.args:
        listed = ",".join(map(str, between))
        yield f"{text[:end]}:shared_axes=({listed}){text[end:]}"
    if "axis" not in known:
        return
    written = [a for a in step.form.args if a.value.value == getattr(layer, "axis", None)]
    for argument in written:
        start, stop = step.place(argument.value.span)
        yield f"{text[:start]}-1{text[stop:]}"
    if not written:
        yield f"{text[:end]}:axis=1{text[end:]}"


def _pooled(rows: Sequence[Row], text: str) -> Iterator[str]:
    """Pool over all steps instead of laying them side by side."""
    for row in rows:
        _, axes = _unwrapped(row)
        rank = len(row.inputs[0]) - axes - 2
        lays = row.outputs and len(row.outputs[0]) - axes == 2 and not row.weights  # noqa: PLR2004
        step = row.origin
        if rank in _SPATIAL and lays and isinstance(step, Step) and step.form.name:
            start, end = step.place(step.form.name.span)[0], step.span[1]
            for order in _FIRST:
                yield f"{text[:start]}gap{rank}d{order}{text[end:]}"
            return
