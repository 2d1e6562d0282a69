"""Activations that look at an axis: softmax, gates, slopes of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shapecalc.dims import Shape, equal, multiple_of, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Integer, Units
from shapecalc.layers.layer import rule
from shapecalc.layers.ranges import Range
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.activation import Activation
from shapecalc.layers.torch.arguments import Number, OptionalDim
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class AlongDim(Activation):
    """Base class of layers that work along one axis, chosen as torch does if none is named."""

    abstract: ClassVar[bool] = True

    def feature_axes(self) -> tuple[int, ...]:
        """Return the axis that it names."""
        dim: int | None = getattr(self, "dim", None)
        return () if dim is None else (dim,)

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axis that it works along."""
        from shapecalc.layers.looking import all_along

        # torch takes the first axis where there are none, one or three, else the second.
        usual = 0 if passed.rank in {0, 1, 3} else 1
        return all_along(passed.rank, self.feature_axes() or ((usual,) if passed.rank else ()))


class Softmax(AlongDim):
    """Turns the values along ``dim`` into probabilities that sum to 1; ``dim`` must be given.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.nn.Softmax
    """

    leaves = Range.DISTRIBUTION

    dim: OptionalDim = None


class LogSoftmax(AlongDim):
    """Takes the logarithm of the softmax along ``dim``; NLLLoss reads it.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.nn.LogSoftmax
    """

    leaves = Range.LOGARITHMS

    dim: OptionalDim = None


class Softmin(AlongDim):
    """The softmax of the negated values along ``dim``: the smallest gets most.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.nn.Softmin
    """

    leaves = Range.DISTRIBUTION

    dim: OptionalDim = None


@rule(Softmax, LogSoftmax, Softmin)
def softmax(layer: Softmax | LogSoftmax | Softmin, _scope: Scope, x: Shape) -> Result:
    """Keep the shape, along an axis that is there."""
    if layer.dim is not None:
        dim_of(layer.dim, x)
    return Result(x)


class Softmax2d(Activation):
    """Turns the channels at each pixel of an image into probabilities that sum to 1.

    Shape   (N, C, H, W) or (C, H, W) -> the same
    Errors  the input has another number of axes
    Source  torch.nn.Softmax2d
    """

    leaves = Range.DISTRIBUTION

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C", "H", "W")

    def feature_axes(self) -> tuple[int, ...]:
        """Return the axis of the channels, with a batch or without one."""
        return (-3,)


@rule(Softmax2d)
def softmax_2d(_layer: Softmax2d, _scope: Scope, x: Shape) -> Result:
    """Keep the shape of an image."""
    if len(x) not in (3, 4):
        raise RankError(f"needs (C, H, W) or (N, C, H, W), but gets {shape_text(x)}")
    return Result(x)


class GLU(Module):
    """Halves an axis: one half, times the sigmoid of the other.

    Shape   (*, n, *) -> (*, n/2, *)
    Errors  the axis has an odd size; there is no such dim
    Source  torch.nn.GLU
    """

    leaves = Range.NUMBERS
    examples = ("in:N:L:64,glu",)
    keeps_axes = True

    dim: Integer = -1

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only at itself; the axis that it halves is a new one."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank, {self.dim: None})


@rule(GLU)
def glu(layer: GLU, scope: Scope, x: Shape) -> Result:
    """Halve the axis."""
    if not x:
        raise RankError("needs at least 1 axis, but gets ()")
    dim = dim_of(layer.dim, x)
    why = "halves axis {}, which must be even, but gets {}"
    scope.require(multiple_of(x[dim], 2), why, dim, x)
    return Result((*x[:dim], x[dim] // 2, *x[dim + 1 :]))


class PReLU(Module):
    """Keeps positive values, and multiplies the others by a learned slope, one or one per channel.

    Shape   (N, C, *) -> the same
    Errors  num_parameters is neither 1 nor the channels, which stand on axis 1, with a batch or not
    Source  torch.nn.PReLU
    """

    leaves = Range.NUMBERS
    keeps_rank = True

    num_parameters: Units = 1
    init: Number = 0.25


@rule(PReLU)
def prelu(layer: PReLU, scope: Scope, x: Shape) -> Result:
    """Keep the shape; each channel has a slope, or all have the same."""
    count = layer.num_parameters
    if count != 1:
        if not x:
            raise RankError(f"has {count} slopes, but gets a single number")
        channels = x[1] if len(x) > 1 else 1
        why = "has {} slopes, but {} has {} channels on axis 1"
        scope.require(equal(channels, count), why, count, x, channels)
    return Result(x, weights=[Weight("weight", (count,))])
