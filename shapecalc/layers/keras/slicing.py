"""Operations of ``keras.ops`` that take parts of a tensor: slices, equal shares, single places."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from shapecalc.dims import (
    Shape,
    Size,
    at_least,
    equal,
    multiple_of,
    shape_text,
)
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Integer
from shapecalc.layers.indexing import SliceKey, taken
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.ops import axis_of
from shapecalc.layers.keras.opvalues import OptionalAxis, Sections
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope


class Slice(KerasLayer):
    """Indexes a tensor, as Python's brackets do: ``key=":, -1"`` is the last step.

    Shape   (batch, steps, n) -> (batch, n), with ":, -1"; (batch, steps - 1, n), with ":, 1:"
    Errors  an axis is too short for a number; there are more parts than axes; a step is 0
    Source  keras.ops, x[...]
    """

    examples = (
        'in:B:T:4,slice:":,-1"',
        'in:B:T:4,slice:":,1:"',
    )

    key: SliceKey

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return "GetItem"


@rule(Slice)
def slice_(layer: Slice, scope: Scope, x: Shape) -> Result:
    """Go through the parts: a number leaves its axis out, a slice counts what it takes."""
    return Result(taken(scope, layer.key, x))


#: The most parts a tensor is cut into.
MOST_PARTS: Final = 10_000


class Split(KerasLayer):
    """Splits a tensor along an axis: into equal parts, or at given positions.

    Each part is a separate output, ``@label.0``, ``@label.1`` and so on.

    Shape   (batch, 2*n) -> (batch, n) and (batch, n), with 2 parts along axis 1
    Errors  the axis cannot be divided so; the positions are not in order, or not in the axis
    Source  keras.ops.split
    """

    examples = ("in:B:T:8,split:2:axis=-1",)

    indices_or_sections: Sections
    axis: Integer = 0


@rule(Split)
def split(layer: Split, scope: Scope, x: Shape) -> Result:
    """Give each part its share of the axis."""
    axis = axis_of(layer.axis, len(x), x)
    size, cuts = x[axis], layer.indices_or_sections
    if isinstance(cuts, int):
        _check_parts(cuts)
        why = "cannot cut axis {} of {} into {} equal parts"
        scope.require(multiple_of(size, cuts), why, axis, x, cuts)
        shares: list[Size] = [size // cuts] * cuts
    else:
        shares = [b - a for a, b in pairwise([0, *cuts, size])]
        for share in shares:
            scope.require(at_least(share, 0), "cannot cut axis {} of {} at {}", axis, x, cuts)
    return Result(*((*x[:axis], share, *x[axis + 1 :]) for share in shares))


def _check_parts(count: int) -> None:
    """Refuse numbers of parts that no model has, and that would take too much to list."""
    if not 1 <= count <= MOST_PARTS:
        limit = f"; the limit is {MOST_PARTS}" if count > MOST_PARTS else ""
        raise ShapeError(f"cannot make {count} parts{limit}")


class Unstack(KerasLayer):
    """Returns each element along an axis as a separate output, without that axis.

    Shape   (batch, 2, n) -> (batch, n) and (batch, n), along axis 1
    Errors  how many there are is not known; there is no such axis
    Source  keras.ops.unstack
    """

    examples = ("in:B:3:8,unstack:axis=1",)

    num: OptionalAxis = None
    axis: Integer = 0


@rule(Unstack)
def unstack(layer: Unstack, scope: Scope, x: Shape) -> Result:
    """Leave out the axis, once for each."""
    axis = axis_of(layer.axis, len(x), x)
    count = layer.num if layer.num is not None else scope.facts.simplify(x[axis])
    if not isinstance(count, int):
        raise ShapeError(f"does not say how many there are along axis {axis} of {shape_text(x)}")
    _check_parts(count)
    scope.require(equal(x[axis], count), "gives {} parts of {} along axis {}", count, x, axis)
    return Result(*([(*x[:axis], *x[axis + 1 :])] * count))
