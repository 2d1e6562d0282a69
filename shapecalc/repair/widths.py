"""Layers before where it stopped: every step or the last, other widths, no lost rim, no maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import Layout
from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit
from shapecalc.repair.axes import mean_of_places
from shapecalc.repair.fitting import spatial_layer
from shapecalc.repair.layers import (
    FEATURES_RANK,
    SPATIAL,
    changed,
    innermost,
    layout_of,
    padded,
    sequences,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Stopped
    from shapecalc.tracing.rows import Row

#: Parameters that say how many features or channels a layer makes.
WIDTHS = ("units", "filters", "output_dim", "out_features", "out_channels")


def turned_sequences(stopped: Stopped, *, on: bool) -> Iterator[Sequence[Edit]]:
    """Let the recurrent layers before return every step, or only the last: one of them, or all."""
    turned = [row for row in stopped.ancestors if sequences(row.model) is (not on)]
    yield from _one_or_all([edit for row in turned for edit in turned_row(stopped, row, on=on)])


def turned_row(stopped: Stopped, row: Row, *, on: bool) -> Iterator[Sequence[Edit]]:
    """Let a recurrent layer return every step, or only the last."""
    yield from stopped.replaced(row, changed(row.model, return_sequences=on))


def _one_or_all(edits: Sequence[Sequence[Edit]]) -> Iterator[Sequence[Edit]]:
    """Yield each of some edits by itself, then all of them together."""
    yield from edits
    if len(edits) > 1:
        yield [edit for each in edits for edit in each]


def flattened(stopped: Stopped, shape: Shape) -> Iterator[Layer | None]:
    """Yield layers that turn each example of a shape into a row of numbers."""
    yield stopped.made("Flatten")
    rank = len(shape) - FEATURES_RANK
    if rank in SPATIAL:
        layout = layout_of(stopped.ancestors, shape) or Layout(rank)
        keras = spatial_layer(stopped, "GlobalAveragePooling", layout)
        first = layout.data_format == "channels_first"
        yield keras or mean_of_places(stopped, shape, first=first)


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
        if not (row.model.keeps_rank or row.model.keeps_axes) or row.model.merges:
            return


def same_padding(stopped: Stopped, *, learning: bool = False) -> Iterator[Sequence[Edit]]:
    """Let the windows before keep the size: one of them, the last first, or all.

    With ``learning`` only convolutions, which are there to see more than one place.
    """
    rows = [row for row in stopped.ancestors if row.weights or not learning]
    rows.sort(key=stopped.place, reverse=True)
    made = [(row, padded(row.model)) for row in rows]
    yield from _one_or_all([edit for each in made for edit in stopped.replaced(*each)])


def unstrided(stopped: Stopped, row: Row) -> Iterator[Sequence[Edit]]:
    """Let a window see every place, rather than one in so many, and keep the size."""
    window = row.model.moving_window()
    if window is not None and max(spread(window.strides, 1)) > 1:
        layer = changed(row.model, strides=1) or changed(row.model, stride=1)
        if layer is not None:
            yield from stopped.replaced(row, padded(layer) or layer)
