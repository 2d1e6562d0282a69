"""Layers within layers: arguments that are layers, as such or as a class name and a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.catalogue import Catalogue


def held(catalogue: Catalogue, value: Any) -> Layer:  # noqa: ANN401
    """Take a layer as it is, or make it of its class name and its config."""
    if isinstance(value, Layer):
        return value
    if not isinstance(value, dict) or not {"layer"} <= set(value) <= {"layer", "config"}:
        raise ValueError
    name, config = value["layer"], value.get("config") or {}
    if not isinstance(name, str) or not isinstance(config, dict):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    try:
        return catalogue.layer(name, **config)
    except SpecError as error:
        raise ValueError(f"cannot be made: {error.message}") from None


def held_several(catalogue: Catalogue, value: Any) -> tuple[Layer, ...]:  # noqa: ANN401
    """Take a list of layers."""
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(held(catalogue, each) for each in value)


def first_reader(layers: Sequence[Layer]) -> Layer | None:
    """The layer of a line that fixes its input; None where any will do, or nothing is known."""
    for layer in layers:
        if layer.natural_input():
            return layer
        if not layer.transparent:
            break
    return None
