"""Activations as layers: one function for every number, which keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, number, whole
from shapecalc.layers.keras.arguments import Activation as ActivationName
from shapecalc.layers.keras.arguments import Constraint, Initializer, Regularizer
from shapecalc.layers.keras.layer import AlongAxes, KerasLayer
from shapecalc.layers.keras.masks import given, require_broadcast
from shapecalc.layers.layer import Layer, rule
from shapecalc.layers.ranges import Range
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence


def whole_numbers(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    """Read a whole number, or several."""
    if isinstance(value, (list, tuple)):
        return tuple(map(whole, value))
    return whole(value)


AxisOrAxes = Annotated[int | tuple[int, ...], ArgumentKind("an axis, or several", whole_numbers)]
SomeAxes = Annotated[
    int | tuple[int, ...] | None, ArgumentKind("an axis, or several", whole_numbers).or_none()
]
Slope = Annotated[float, number(0)]


class Activation(KerasLayer):
    """Applies a function such as ``relu`` or ``tanh`` to each element.

    Shape   (...) -> (...)
    Errors  the function has another name
    Source  keras.layers.Activation
    """

    examples = (
        "act:relu",
        "relu",
        "dense:8:relu",
    )

    keeps_rank = True

    activation: ActivationName


class ReLU(KerasLayer):
    """Keeps positive values and sets the others to zero.

    Shape   (...) -> (...)
    Errors  max_value, negative_slope or threshold is below 0
    Source  keras.layers.ReLU
    """

    leaves = Range.POSITIVE
    keeps_rank = True

    max_value: Annotated[float | None, number(0).or_none()] = None
    negative_slope: Slope = 0.0
    threshold: Slope = 0.0


class LeakyReLU(KerasLayer):
    """Keeps positive values and scales the others by ``negative_slope``.

    Shape   (...) -> (...)
    Errors  negative_slope is below 0
    Source  keras.layers.LeakyReLU
    """

    leaves = Range.NUMBERS
    keeps_rank = True

    negative_slope: Slope = 0.3
    alpha: Annotated[float | None, number(0)] = None


class ELU(KerasLayer):
    """Keeps positive values and bends the others smoothly towards ``-alpha``.

    Shape   (...) -> (...)
    Errors  alpha is not a number
    Source  keras.layers.ELU
    """

    leaves = Range.NUMBERS
    keeps_rank = True

    alpha: Annotated[float, number()] = 1.0


@rule(Activation, ReLU, LeakyReLU, ELU)
def activation(_layer: Layer, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)


class PReLU(KerasLayer):
    """Keeps positive values and scales the others by a learned slope per position.

    Shape   (batch, ...) -> (batch, ...), with a weight for each number of one example
    Errors  shared_axes names an axis that the input does not have; axes count from 1
    Source  keras.layers.PReLU
    """

    leaves = Range.NUMBERS
    keeps_rank = True

    alpha_initializer: Initializer = "Zeros"
    alpha_regularizer: Regularizer = None
    alpha_constraint: Constraint = None
    shared_axes: SomeAxes = None


@rule(PReLU)
def prelu(layer: PReLU, _scope: Scope, x: Shape) -> Result:
    """Learn a slope for each place, one for all along a shared axis."""
    return Result(x, weights=[Weight("alpha", places(x, layer.shared_axes))])


def places(x: Shape, shared_axes: int | tuple[int, ...] | None) -> Shape:
    """Return the shape of weights that are shared along some axes of an example."""
    found: list[Size] = list(x[1:])
    shared = () if shared_axes is None else shared_axes
    for axis in (shared,) if isinstance(shared, int) else shared:
        if not -len(found) < axis <= len(found):
            raise ShapeError(f"shares axis {axis}, but gets {shape_text(x)}")
        found[axis - 1] = 1
    return tuple(found)


class Softmax(AlongAxes):
    """Turns the values along an axis into probabilities that sum to 1.

    Shape   (...) -> (...)
    Errors  the input has no such axis
    Source  keras.layers.Softmax
    """

    leaves = Range.DISTRIBUTION

    masks = ("mask",)

    axis: SomeAxes = -1

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that broadcast to the input."""
        mask = given(scope.call, "mask")
        if mask is not None:
            require_broadcast(scope, "mask", mask, inputs[0])


@rule(Softmax)
def softmax(layer: Softmax, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; the axis must be there."""
    check_axes(x, () if layer.axis is None else layer.axis)
    return Result(x)


def check_axes(x: Shape, axis: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes as given; raises `ShapeError` for one that is missing or named twice."""
    named = (axis,) if isinstance(axis, int) else axis
    for each in named:
        if not -len(x) <= each < len(x):
            raise ShapeError(f"works on axis {each}, but gets {shape_text(x)}")
    if len({each % len(x) for each in named}) < len(named):
        raise ShapeError(f"works on an axis of {shape_text(x)} twice: {shape_text(named)}")
    return named
