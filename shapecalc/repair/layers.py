"""Layers that edits put instead of others: with other arguments, without a wrapper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import Layout
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import validate
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapecalc.dims import Shape
    from shapecalc.layers.layer import Layer
    from shapecalc.tracing.rows import Row

#: How many spatial axes the layers have that come in several ranks.
SPATIAL: Final = range(1, 4)
#: Axes of a tensor of features: the batch and them.
FEATURES_RANK: Final = 2


def changed(layer: Layer, **arguments: Any) -> Layer | None:  # noqa: ANN401
    """Return a layer with other arguments: it, or those inside it where it is a wrapper.

    None where it does not take them.
    """
    try:
        return _changed(layer, arguments)
    except SpecError:
        return None


def _changed(layer: Layer, arguments: dict[str, Any]) -> Layer:
    if layer.holds == "layer":
        inner = (layer.holds, "backward_layer")
        held = {name: each for name in inner if (each := getattr(layer, name, None)) is not None}
        arguments = {name: _changed(each, arguments) for name, each in held.items()}
    return validate(type(layer), layer.given() | arguments, layer.called)


def padded(layer: Layer) -> Layer | None:
    """Return a layer whose window keeps the sizes, up to its strides; None of others."""
    padding, window, known = getattr(layer, "padding", None), layer.moving_window(), _known(layer)
    if window is None and padding == "valid" and "kernel_size" in known:
        # Parts that lie side by side have no rim.
        parts = "output_padding" in known and known["kernel_size"] == known.get("strides")
        return None if parts else changed(layer, padding="same")
    if window is None or max(spread(window.kernel, 1)) == 1:
        return None
    if padding == "valid":
        return changed(layer, padding="same")
    layout = layer.layout()
    rank = layout.rank if layout else 1
    kernel, dilation = spread(window.kernel, rank), spread(window.dilation_rate, rank)
    reach = list(map(extent, kernel, dilation))
    if padding != 0 or any(each % 2 == 0 for each in reach):
        return None
    ends = tuple(each // 2 for each in reach)
    return changed(layer, padding=ends[0] if len(set(ends)) == 1 else ends)


def _known(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in parameters(type(layer))}


def keeping_axes(layer: Layer) -> Layer | None:
    """Return a pooling that keeps the axes that it pools, with size 1; None of other layers."""
    return changed(layer, keepdims=True) if "keepdims" in parameters(type(layer)) else None


def unwrapped(layer: Layer) -> Iterator[Layer]:
    """Return a layer without each of the wrappers around it, the outermost first."""
    if layer.holds == "layer":
        inner = getattr(layer, layer.holds)
        yield inner
        for other in unwrapped(inner):
            rebuilt = _rewrapped(layer, other)
            if rebuilt is not None:
                yield rebuilt


def _rewrapped(wrapper: Layer, layer: Layer) -> Layer | None:
    try:
        return validate(type(wrapper), wrapper.given() | {wrapper.holds: layer}, wrapper.called)
    except SpecError:
        return None


def innermost(layer: Layer) -> Layer:
    """Return the layer inside wrappers; a recurrent layer is none, though it holds cells."""
    while layer.holds == "layer":
        layer = getattr(layer, layer.holds)
    return layer


def sequences(layer: Layer) -> bool | None:
    """Return whether a recurrent layer, in wrappers too, returns every step.

    None where it is none.
    """
    found = getattr(innermost(layer), "return_sequences", None)
    return found if isinstance(found, bool) else None


def layout_of(rows: Iterable[Row], shape: Shape) -> Layout | None:
    """Return where the axes of a tensor stand, by the nearest layer that says it."""
    rank = len(shape) - FEATURES_RANK
    for row in rows if rank in SPATIAL else ():
        layout = innermost(row.model).layout()
        if layout is not None and layout.rank == rank:
            return Layout(rank, layout.data_format)
    return None
