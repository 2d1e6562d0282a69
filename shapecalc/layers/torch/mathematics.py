"""Functions of each number by itself that stand in torch: logarithms, angles, rounding, tests."""

from __future__ import annotations

from shapecalc.dims import Shape
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.elementwise import Elementwise


class Log1p(Elementwise):
    """Takes the natural logarithm of 1 + each value.

    Shape   any -> the same
    Errors  none
    Source  torch.log1p
    """

    examples = ("in:N:F,log1p",)


class Log2(Elementwise):
    """Takes the logarithm to base 2 of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.log2
    """

    examples = ("in:N:F,log2",)


class Log10(Elementwise):
    """Takes the logarithm to base 10 of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.log10
    """

    examples = ("in:N:F,log10",)


class Expm1(Elementwise):
    """Takes the exponential of each value, less 1.

    Shape   any -> the same
    Errors  none
    Source  torch.expm1
    """

    examples = ("in:N:F,expm1",)


class Exp2(Elementwise):
    """Raises 2 to the power of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.exp2
    """

    examples = ("in:N:F,exp2",)


class Tan(Elementwise):
    """Takes the tangent of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.tan
    """

    examples = ("in:N:F,tan",)


class Asin(Elementwise):
    """Takes the inverse sine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.asin
    """

    examples = ("in:N:F,asin",)


class Acos(Elementwise):
    """Takes the inverse cosine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.acos
    """

    examples = ("in:N:F,acos",)


class Atan(Elementwise):
    """Takes the inverse tangent of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.atan
    """

    examples = ("in:N:F,atan",)


class Sinh(Elementwise):
    """Takes the hyperbolic sine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.sinh
    """

    examples = ("in:N:F,sinh",)


class Cosh(Elementwise):
    """Takes the hyperbolic cosine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.cosh
    """

    examples = ("in:N:F,cosh",)


class Asinh(Elementwise):
    """Takes the inverse hyperbolic sine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.asinh
    """

    examples = ("in:N:F,asinh",)


class Acosh(Elementwise):
    """Takes the inverse hyperbolic cosine of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.acosh
    """

    examples = ("in:N:F,acosh",)


class Atanh(Elementwise):
    """Takes the inverse hyperbolic tangent of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.atanh
    """

    examples = ("in:N:F,atanh",)


class Erfc(Elementwise):
    """Takes the complementary error function of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.erfc
    """

    examples = ("in:N:F,erfc",)


class Erfinv(Elementwise):
    """Takes the inverse error function of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.erfinv
    """

    examples = ("in:N:F,erfinv",)


class Trunc(Elementwise):
    """Rounds each value towards zero.

    Shape   any -> the same
    Errors  none
    Source  torch.trunc
    """

    examples = ("in:N:F,trunc",)


class Frac(Elementwise):
    """Takes the fractional part of each value.

    Shape   any -> the same
    Errors  none
    Source  torch.frac
    """

    examples = ("in:N:F,frac",)


class Isnan(Elementwise):
    """Tests whether each value is not a number.

    Shape   any -> the same
    Errors  none
    Source  torch.isnan
    """

    examples = ("in:N:F,isnan",)


class Isinf(Elementwise):
    """Tests whether each value is infinite.

    Shape   any -> the same
    Errors  none
    Source  torch.isinf
    """

    examples = ("in:N:F,isinf",)


class Isfinite(Elementwise):
    """Tests whether each value is finite.

    Shape   any -> the same
    Errors  none
    Source  torch.isfinite
    """

    examples = ("in:N:F,isfinite",)


class LogicalNot(Elementwise):
    """Tests whether each value is zero or false.

    Shape   any -> the same
    Errors  none
    Source  torch.logical_not
    """

    examples = ("in:N:F,logical_not",)


@rule(Log1p, Log2, Log10, Expm1, Exp2, Tan, Asin, Acos, Atan, Sinh)
@rule(Cosh, Asinh, Acosh, Atanh, Erfc, Erfinv, Trunc, Frac)
@rule(Isnan, Isinf, Isfinite, LogicalNot)
def of_each(_layer: Elementwise, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)
