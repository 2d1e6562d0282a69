"""Arguments that are layers, given as layers or as a class name and a config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from shapecalc.errors import SpecError
from shapecalc.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.layers.catalogue import Catalogue


Expected = TypeVar("Expected")


def held(catalogue: Catalogue, value: Any) -> Layer:  # noqa: ANN401
    """Return a layer as it is, or made of its class name and config; raises `ValueError`."""
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


def first_input(
    layers: Sequence[Layer], made_for: Callable[[Layer], Expected | None]
) -> Expected | None:
    """Return the default input of a line of layers: that of the first that fixes one.

    None where any will do.

    Each layer is asked once, since those that hold others ask again inside.
    """
    for layer in layers:
        expected = made_for(layer)
        if expected:
            return expected
        if not layer.keeps_rank:
            break
    return None
