"""Tensors of the model that is written: the variable that holds each, and the order of its axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.exporters.document import Expression


@dataclass(slots=True, eq=False)
class Value:
    """A tensor.

    Attributes:
        name: the variable that holds it.
        shape: the shape that it has in PyTorch.
        last: whether its channels stand at the end, where Keras reads them.
        reads: how often it is still read.
    """

    name: str
    shape: Shape
    last: bool = False
    reads: int = 0


@dataclass(slots=True)
class Out:
    """What the code of a module gives: an expression, or a tensor that is there."""

    value: Expression | Value
    last: bool = False


def axis_in(axis: int, rank: int, *, last: bool) -> int:
    """Return where an axis of PyTorch stands."""
    axis %= rank
    if not last or axis == 0:
        return axis
    return rank - 1 if axis == 1 else axis - 1
