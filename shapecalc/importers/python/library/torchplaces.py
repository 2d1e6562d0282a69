"""Tensors of torch that are written to: what is put in must have the shape of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Shape, any_of, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.importers.python.values import Tensor, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: Methods that write what they give, which is as large as all that they get, over what they get.
_OVER: Final = frozenset(
    "add_ sub_ mul_ div_ pow_ lerp_ addcmul_ addcdiv_ atan2_ remainder_ fmod_ floor_divide_ "
    "masked_fill_ logical_and_ logical_or_ logical_xor_ copy_".split()
)


def fit_into(
    m: Machine, shape: Shape, place: Shape, why: str, where: Position | None, *, bare: bool = False
) -> None:
    """Require that a shape can be repeated to that of a place.

    ``bare`` says that axes of one before the others do not count.
    """
    if bare:
        while len(shape) > len(place) and shape[0] == 1:
            shape = shape[1:]
    text = why.format(shape_text(place), shape_text(shape))
    if len(shape) > len(place):
        m.refuse(ShapeError(text), where, rule="merge")
    for size, there in zip(reversed(shape), reversed(place), strict=False):
        fits = any_of(equal(size, there), equal(size, 1))
        if m.given.decide(m, fits) is False:
            m.refuse(ShapeError(text), where, rule="merge")
        if fits is not True:
            m.given.require(m, fits, where)


def put_in(m: Machine, tensor: Tensor, index: Value, value: Tensor, where: Position) -> None:
    """Check ``tensor[index] = value``, of which nothing is recorded."""
    from shapecalc.importers.python.library.torchtensors import indexed

    tape, m.tape = m.tape, None
    try:
        place = indexed(m, Tensor(tensor.shape, "torch"), index, where)
    finally:
        m.tape = tape
    if isinstance(place, Tensor):
        why = "a part of the shape {} cannot be set to {}"
        fit_into(m, value.shape, place.shape, why, where, bare=True)


def written_over(m: Machine, name: str, tensor: Tensor, made: Value, call: Call) -> None:
    """Check a method that writes what it gives over the tensor that it gets."""
    if name not in _OVER or not isinstance(made, Tensor):
        return
    if name == "copy_":
        value = call.get(0, "src")
        made = value if isinstance(value, Tensor) else tensor
    why = f"{name} cannot write over {{}} what has {{}}"
    fit_into(m, made.shape, tensor.shape, why, call.position)
