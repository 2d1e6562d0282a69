"""Inputs whose shape nobody says: the first layer that reads one tells what it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.importers.python.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer


class Found(BaseException):
    """What shape an input has; None where only trying can tell."""

    def __init__(self, name: str, shape: Sequence[str | Size] | None) -> None:
        super().__init__(name)
        self.name = name
        self.shape = shape


class Open:
    """An input of an unknown shape; what changes no shape gives it back."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def needed(_m: Machine, value: Open, layer: Layer) -> Value:
    """Say what a layer reads: the shape that it is made for."""
    made_for = layer.default_input()
    if made_for is None and layer.transparent:
        return value
    raise Found(value.name, made_for)


def of_rank(value: Open, rank: int) -> Value:
    """Say how many axes an input has, whose sizes are unpacked."""
    letters = {1: "N", 2: "NF", 3: "NLF", 4: "NCHW", 5: "NCDHW"}.get(rank)
    raise Found(value.name, None if letters is None else tuple(letters))
