"""Functions that work on each value separately, or along an axis that stays as long as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Integer, Switch, switch
from shapecalc.layers.layer import rule
from shapecalc.layers.ranges import Range
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalNumber
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class Elementwise(Module):
    """Base class of layers that work on each value separately."""

    abstract: ClassVar[bool] = True
    keeps_rank = True


class Exp(Elementwise):
    """Takes the exponential of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.exp
    """

    examples = ("in:N:F,exp",)


class Log(Elementwise):
    """Takes the natural logarithm of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.log
    """

    examples = ("in:N:F,log",)


class Sqrt(Elementwise):
    """Takes the square root of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.sqrt
    """

    examples = ("in:N:F,sqrt",)


class Rsqrt(Elementwise):
    """Divides 1 by the square root of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.rsqrt
    """

    examples = ("in:N:F,rsqrt",)


class Abs(Elementwise):
    """Takes the absolute value of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.abs
    """

    examples = ("in:N:F,abs",)


class Neg(Elementwise):
    """Negates each value.

    Shape   any -> the same
    Errors  none
    Source  torch.neg
    """

    examples = ("in:N:F,neg",)


class Sin(Elementwise):
    """Takes the sine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.sin
    """

    examples = ("in:N:F,sin",)


class Cos(Elementwise):
    """Takes the cosine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.cos
    """

    examples = ("in:N:F,cos",)


class Erf(Elementwise):
    """Takes the error function of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.erf
    """

    examples = ("in:N:F,erf",)


class Round(Elementwise):
    """Rounds each value to an integer.

    Shape   any -> the same
    Errors  none
    Source  torch.round
    """

    examples = ("in:N:F,round",)


class Floor(Elementwise):
    """Rounds each value down.

    Shape   any -> the same
    Errors  none
    Source  torch.floor
    """

    examples = ("in:N:F,floor",)


class Ceil(Elementwise):
    """Rounds each value up.

    Shape   any -> the same
    Errors  none
    Source  torch.ceil
    """

    examples = ("in:N:F,ceil",)


class Sign(Elementwise):
    """Takes the sign of each value: -1, 0 or 1.

    Shape   any -> the same
    Errors  none
    Source  torch.sign
    """

    examples = ("in:N:F,sign",)


class Square(Elementwise):
    """Squares each value.

    Shape   any -> the same
    Errors  none
    Source  torch.square
    """

    examples = ("in:N:F,square",)


class Reciprocal(Elementwise):
    """Divides 1 by each value.

    Shape   any -> the same
    Errors  none
    Source  torch.reciprocal
    """

    examples = ("in:N:F,reciprocal",)


class Contiguous(Elementwise):
    """Copies a tensor that is not contiguous, as after a transpose; view needs that.

    Shape   any -> the same
    Errors  none
    Source  torch.Tensor.contiguous
    """

    moves = True
    examples = ("in:N:L:8:16,transpose:1:2,contiguous,view:N:-1:16",)


class Clamp(Elementwise):
    """Clips values to between ``min`` and ``max``.

    Shape   any -> the same
    Errors  neither min nor max is given
    Source  torch.clamp
    """

    examples = ("in:N:F,clamp:min=0:max=6",)

    min: OptionalNumber = None
    max: OptionalNumber = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min or max")
        return self


@rule(Exp, Log, Sqrt, Rsqrt, Abs, Neg, Sin, Cos, Erf, Round, Contiguous, Clamp)
@rule(Floor, Ceil, Sign, Square, Reciprocal)
def elementwise(_layer: Elementwise, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)


class AlongAxis(Module):
    """Base class of layers that work along one axis, which stays."""

    keeps_rank = True

    dim: Integer

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axis that it works along."""
        from shapecalc.layers.looking import all_along

        return all_along(passed.rank, (self.dim,))


class Cumsum(AlongAxis):
    """Takes the cumulative sum along an axis.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.cumsum
    """

    examples = ("in:N:L:F,cumsum:1",)


class Cumprod(AlongAxis):
    """Takes the cumulative product along an axis.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.cumprod
    """

    examples = ("in:N:L:F,cumprod:1",)


class Normalize(AlongAxis):
    """Divides by the norm along an axis.

    Shape   any -> the same
    Errors  there is no such dim
    Source  torch.nn.functional.normalize
    """

    leaves = Range.VECTORS
    examples = ("in:N:F,normalize",)
    positional = ("p", "dim", "eps")

    dim: Integer = 1
    p: Number = 2.0
    eps: Number = 1e-12


@rule(Cumsum, Cumprod, Normalize)
def along_axis(layer: AlongAxis, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; the axis must be there."""
    dim_of(layer.dim, x)
    return Result(x)


class Sort(AlongAxis):
    """Sorts along an axis, and returns the original indices as ``.1``.

    Shape   any -> the same, twice
    Errors  there is no such dim
    Source  torch.sort
    """

    gives = "(values, indices)"
    examples = ("in:N:L,sort:1",)

    dim: Integer = -1
    descending: Annotated[bool, switch("descending")] = False
    stable: Switch = False


@rule(Sort)
def sort(layer: Sort, _scope: Scope, x: Shape) -> Result:
    """Keep the shape, for the numbers and for their places."""
    dim_of(layer.dim, x)
    return Result(x, x)
