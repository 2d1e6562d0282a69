"""Layers that edits put in: made anew, or of one that is there with other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.layers import catalog
from shapecalc.layers.problems import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.layer import Layer

#: How many spatial axes the layers have that come in several ranks.
SPATIAL: Final = range(1, 4)


def made(cls: str, **arguments: Any) -> Layer | None:  # noqa: ANN401
    """Make a layer; None where it does not take these arguments."""
    try:
        return catalog.layer(cls, **arguments)
    except SpecError:
        return None


def wrapped(layer: Layer, times: int = 1) -> Layer:
    """Return a layer that is applied to every step, along so many axes of steps."""
    for _ in range(times):
        layer = catalog.layer("TimeDistributed", layer=layer)
    return layer


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
    given = {name: getattr(layer, name) for name in layer.model_fields_set}
    return validate(type(layer), given | arguments, layer.called)


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
    given = {name: getattr(wrapper, name) for name in wrapper.model_fields_set}
    try:
        return validate(type(wrapper), given | {wrapper.holds: layer}, wrapper.called)
    except SpecError:
        return None


def pooling(rank: int) -> Iterator[Layer]:
    """Give the layers that pool all of so many spatial axes: with channels last, and first."""
    name = f"GlobalAveragePooling{rank}D"
    yield catalog.layer(name)
    yield catalog.layer(name, data_format="channels_first")
