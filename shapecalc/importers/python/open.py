"""Inputs of undeclared shape: the first layer that reads one tells what it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from shapecalc.importers.python.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer


class Found(BaseException):
    """What shape an input has; None where only trying can tell.

    ``is_sure`` says whether what reads it takes no other number of axes.
    """

    def __init__(
        self, name: str, shape: Sequence[str | Size] | None, *, is_sure: bool = False
    ) -> None:
        super().__init__(name)
        self.is_sure = is_sure
        self.name = name
        self.shape = shape


class Open:
    """An input of an unknown shape; what changes no shape gives it back."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class OpenSize:
    """The sizes of such an input."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def attribute_of(_m: Machine, value: Open | OpenSize, name: str, _where: object) -> Value:
    """Look up an attribute of an input whose shape is not known."""
    from shapecalc.importers.python.library.torchfunctions import FUNCTIONS, SAME, function_of
    from shapecalc.importers.python.values import UNKNOWN, Builtin

    if isinstance(value, OpenSize):
        raise Found(value.name, None)
    if name == "shape":
        return OpenSize(value.name)
    if name in {"device", "dtype", "is_cuda", "requires_grad"}:
        return UNKNOWN
    if name == "size":
        return Builtin(name, lambda _m, call: _size(value, call.args))
    plain = name.rstrip("_")
    if plain in FUNCTIONS or plain in SAME:
        function = function_of(plain)
        return Builtin(
            name, lambda m, call: m.call(function, [value, *call.args], call.kwargs, call.position)
        )
    raise Found(value.name, None)


def _size(value: Open, args: Sequence[Value]) -> Value:
    if args:
        raise Found(value.name, None)
    return OpenSize(value.name)


def needed(_m: Machine, value: Open, layer: Layer) -> Value:
    """Say what a layer reads: the shape that it is made for."""
    made_for = layer.default_input()
    if made_for is None and layer.keeps_rank:
        return value
    # A layer over images reads so many axes, one over features any number.
    sure = layer.layout() is not None or type(layer).__name__ in {"LSTM", "GRU", "RNN"}
    raise Found(value.name, made_for, is_sure=sure)


def combined(left: Value, right: Value) -> Value:
    """Say what an operator gives: with a number, or with itself, an input keeps its shape."""
    opened = left if isinstance(left, Open) else right
    other = right if opened is left else left
    if other is opened or isinstance(other, int | float | type(None)):
        return opened
    raise Found(opened.name, None)


def of_rank(value: Open | OpenSize, rank: int | None) -> NoReturn:
    """Say how many axes an input has, whose sizes are unpacked."""
    letters = {1: "N", 2: "NF", 3: "NLF", 4: "NCHW", 5: "NCDHW"}.get(rank or 0)
    raise Found(value.name, None if letters is None else tuple(letters))
