"""Tensors of the module that is written: the variable that holds each, and the order of its axes.

A convolution of PyTorch reads its channels behind the batch, a layer of Keras at the end. A tensor
is moved where what reads it needs that, and stays so for as long as nothing needs it otherwise.
"""

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
        shape: the shape that it has in Keras.
        first: whether its last axis stands right behind the batch.
        steps: the variable with the sizes of batch and steps, where these are one axis.
        masker: the layer that made a mask, which Keras hands on beside it.
        reads: how often it is still read.
        given: whether it is an input as it came in.
    """

    name: str
    shape: Shape
    first: bool = False
    steps: str | None = None
    masker: str | None = None
    reads: int = 0
    given: bool = False


@dataclass(slots=True)
class Out:
    """What the code of a layer gives: an expression, or a tensor that is there."""

    value: Expression | Value
    first: bool = False
    steps: str | None = None


def axis_in(axis: int, rank: int, *, first: bool) -> int:
    """Return where an axis of Keras stands, counted from the batch."""
    axis %= rank
    if not first or axis == 0:
        return axis
    return 1 if axis == rank - 1 else axis + 1
