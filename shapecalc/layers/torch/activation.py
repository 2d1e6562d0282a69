"""Activations: functions of each number by itself."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import choice, number
from shapecalc.layers.layer import rule
from shapecalc.layers.ranges import Range
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Inplace, Number
from shapecalc.layers.torch.layer import Module

Approximate = Annotated[str, choice("none", "tanh")]


class Activation(Module):
    """Base class of the activations: they keep the shape."""

    leaves = Range.NUMBERS
    abstract: ClassVar[bool] = True
    keeps_rank = True


class ReLU(Activation):
    """Keeps positive values and sets the others to 0.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.ReLU
    """

    leaves = Range.POSITIVE

    inplace: Inplace = False


class ReLU6(Activation):
    """Clips values to the range from 0 to 6.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.ReLU6
    """

    leaves = Range.POSITIVE

    inplace: Inplace = False


class ELU(Activation):
    """Keeps positive values; the others approach -alpha.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.ELU
    """

    alpha: Number = 1.0
    inplace: Inplace = False


class SELU(Activation):
    """Keeps positive values times a factor, with which networks normalize themselves.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.SELU
    """

    inplace: Inplace = False


class CELU(Activation):
    """Keeps positive values; the others approach -alpha, without a corner at 0.

    Shape   any -> the same
    Errors  alpha is 0
    Source  torch.nn.CELU
    """

    alpha: Number = 1.0
    inplace: Inplace = False

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.alpha == 0:
            raise ValueError("alpha must not be 0: CELU divides by it")
        return self


class GELU(Activation):
    """Multiplies each value by the normal distribution function of it; transformers use it.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.GELU
    """

    approximate: Approximate = "none"


class SiLU(Activation):
    """Multiplies each value by its sigmoid; also called swish.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.SiLU
    """

    inplace: Inplace = False


class Mish(Activation):
    """Multiplies each value by the tanh of its softplus.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Mish
    """

    inplace: Inplace = False


class Sigmoid(Activation):
    """Maps each value to between 0 and 1; a probability for each output.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Sigmoid
    """

    leaves = Range.SHARES


class Tanh(Activation):
    """Maps each value to between -1 and 1.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Tanh
    """

    leaves = Range.SIGNED


class LogSigmoid(Activation):
    """Takes the logarithm of the sigmoid of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.LogSigmoid
    """

    leaves = Range.LOGARITHMS


class Hardsigmoid(Activation):
    """Approximates the sigmoid by three straight lines.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Hardsigmoid
    """

    leaves = Range.SHARES

    inplace: Inplace = False


class Hardswish(Activation):
    """Approximates SiLU by straight lines and a parabola, for small devices.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Hardswish
    """

    inplace: Inplace = False


class Hardshrink(Activation):
    """Sets values within ``lambd`` of 0 to 0, and keeps the others.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Hardshrink
    """

    lambd: Number = 0.5


class Tanhshrink(Activation):
    """Subtracts the tanh of each value from it.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Tanhshrink
    """


class Softsign(Activation):
    """Divides each value by 1 plus its absolute value.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Softsign
    """

    leaves = Range.SIGNED


class Softplus(Activation):
    """A smooth ReLU, which is always positive.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Softplus
    """

    leaves = Range.POSITIVE

    beta: Number = 1.0
    threshold: Number = 20.0


class LeakyReLU(Activation):
    """Keeps positive values, and multiplies the others by a small slope.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.LeakyReLU
    """

    negative_slope: Number = 0.01
    inplace: Inplace = False


class RReLU(Activation):
    """Keeps positive values, and multiplies the others by a slope that is random in training.

    Shape   any -> the same
    Errors  lower is above upper
    Source  torch.nn.RReLU
    """

    lower: Number = 1 / 8
    upper: Number = 1 / 3
    inplace: Inplace = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower {self.lower:g} must not be above upper {self.upper:g}")
        return self


class Threshold(Activation):
    """Keeps values above a threshold, and replaces the others.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Threshold
    """

    threshold: Number
    value: Number
    inplace: Inplace = False


class Softshrink(Activation):
    """Moves each value by ``lambd`` towards 0.

    Shape   any -> the same
    Errors  lambd is negative
    Source  torch.nn.Softshrink
    """

    lambd: Annotated[float, number(0)] = 0.5


class Hardtanh(Activation):
    """Clips values to between min_val and max_val.

    Shape   any -> the same
    Errors  max_val is not above min_val
    Source  torch.nn.Hardtanh
    """

    leaves = Range.SIGNED

    min_val: Number = -1.0
    max_val: Number = 1.0
    inplace: Inplace = False
    min_value: Annotated[float | None, number().or_none()] = None
    max_value: Annotated[float | None, number().or_none()] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low = self.min_val if self.min_value is None else self.min_value
        high = self.max_val if self.max_value is None else self.max_value
        if high <= low:
            raise ValueError(f"max_val {high:g} must be above min_val {low:g}")
        return self


@rule(
    ReLU,
    ReLU6,
    ELU,
    SELU,
    CELU,
    GELU,
    SiLU,
    Mish,
    Sigmoid,
    Tanh,
    LogSigmoid,
    Hardsigmoid,
    Hardswish,
    Hardshrink,
    Tanhshrink,
    Softsign,
    Softplus,
    LeakyReLU,
    RReLU,
    Threshold,
    Softshrink,
    Hardtanh,
)
def activation(_layer: Activation, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)
