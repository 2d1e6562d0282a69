"""What a layer reads where the shape of an input is not declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from shapecalc.errors import ShapeError
from shapecalc.importers.python.layers import flat, rule_of
from shapecalc.importers.python.open import Found, Open, leaves
from shapecalc.importers.python.values import Tensor, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape
    from shapecalc.importers.python.calls import Call
    from shapecalc.layers.layer import Layer


def needed(value: Open, layer: Layer, call: Call) -> Value:
    """Say what a layer reads: the shape that it is made for, or that suits what it reads before."""
    read = list(leaves(call))
    place = next(place for place, each in enumerate(read) if each is value)
    before = [each.shape for each in read[:place] if isinstance(each, Tensor)]
    if before:
        _further(value, layer, before, call)
    made_for = layer.default_input()
    if made_for is None and layer.keeps_rank:
        return value
    # A layer over images reads so many axes, one over features any number.
    sure = layer.layout() is not None or type(layer).__name__ in {"LSTM", "GRU", "RNN"}
    raise Found(value.name, made_for, is_sure=sure)


def _further(value: Open, layer: Layer, before: list[Shape], call: Call) -> NoReturn:
    """Say what a layer reads behind other tensors.

    The states of a layer are one argument, which is a tuple where they are several.
    """
    try:
        shapes = layer.further_inputs(before)
    except ShapeError as error:
        _refuse(error, layer, call)
    is_argument = any(each is value for each in call)
    if is_argument and layer.reads_states and len(shapes) > 1:
        raise Found(value.name, None, many=shapes)
    raise Found(value.name, shapes[0] if shapes else None)


def needed_mask(
    value: Open, layer: Layer, name: str, read: Sequence[Value], call: Call
) -> NoReturn:
    """Say what a layer reads as a mask of its inputs."""
    try:
        mask = layer.mask_input(name, [each.shape for each in flat(read)])
    except ShapeError as error:
        _refuse(error, layer, call)
    raise Found(value.name, mask)


def _refuse(error: ShapeError, layer: Layer, call: Call) -> NoReturn:
    """Say that what a layer reads besides does not fit it."""
    said = error.replaced(message=f"{layer.called} {error.message}")
    call.machine.refuse(said, call.position, rule=rule_of(error))
