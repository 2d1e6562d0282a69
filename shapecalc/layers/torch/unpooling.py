"""Pools with windows at random places, and the way back from a pool that kept its indices."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, ArgumentKind
from shapecalc.layers.broadcast import require_same
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import (
    OptionalSizes,
    Padding,
    PerAxis,
    PoolStride,
    check_axes,
    each_axis,
)
from shapecalc.layers.torch.layer import SPATIAL, SpatialModule, require_filled, split
from shapecalc.layers.torch.pooling import ReturnIndices
from shapecalc.layers.torch.transposed import require_between, spatial_output_size

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: The largest denominator of what a factor is taken to stand for.
MOST_PARTS: Final = 1000
#: By how much a factor may be too small, in its parts, before products are rounded down.
HALF_OF_LAST_BIT: Final = 2**54


def _ratio(value: Any) -> float | tuple[float, ...]:  # noqa: ANN401
    if isinstance(value, (list, tuple)):
        return tuple(_ratio(each) for each in value)  # type: ignore[misc]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        raise ValueError
    return float(value)


Ratio = Annotated[
    float | tuple[float, ...] | None,
    ArgumentKind("a number between 0 and 1, or one for each axis", _ratio).or_none(),
]


class FractionalPooling(SpatialModule):
    """Base class of the fractional pools."""

    keeps_axes = True
    #: How much room the windows need beside them.
    spare: ClassVar[int] = 0

    kernel_size: PerAxis
    output_size: OptionalSizes = None
    output_ratio: Ratio = None
    return_indices: ReturnIndices = False
    _random_samples: Anything = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        check_axes([("kernel_size", self.kernel_size)], self.rank, one=False)
        if (self.output_size is None) == (self.output_ratio is None):
            raise ValueError("takes either output_size or output_ratio")
        names = ("output_size", "output_ratio")
        check_axes([(name, getattr(self, name)) for name in names], self.rank, one=False)
        return self


class FractionalMaxPool2d(FractionalPooling):
    """Takes the maximum of windows at random positions, as many as requested.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, *output_size), with output_ratio the share of
            each size, rounded down
    Errors  output_size + kernel_size - 1 is more than a size
    Source  torch.nn.FractionalMaxPool2d
    """

    rank = 2
    examples = ("in:N:C:32:32,fractionalmaxpool2d:3:output_ratio=0.5",)


class FractionalMaxPool3d(FractionalPooling):
    """Takes the maximum of boxes at random positions, as many as requested.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, *output_size), with output_ratio the share
            of each size, rounded down
    Errors  output_size + kernel_size - 1 is not less than a size
    Source  torch.nn.FractionalMaxPool3d
    """

    rank = 3
    spare = 1
    examples = ("in:N:C:16:32:32,fractionalmaxpool3d:3:output_ratio=0.5",)


@rule(FractionalMaxPool2d, FractionalMaxPool3d)
def fractional_pool(layer: FractionalPooling, scope: Scope, x: Shape) -> Result:
    """Take output_size, or the share of each size; the windows must have room."""
    batch, channels, sizes = split(x, layer.rank)
    require_filled(scope, x, (channels, *sizes))
    kernel = each_axis(layer.kernel_size, layer.rank, "kernel_size")
    ratio, wanted = layer.output_ratio, layer.output_size
    made: list[Size] = []
    for place, size in enumerate(sizes):
        if ratio is not None:
            part = ratio[place] if isinstance(ratio, tuple) else ratio
            made.append(scaled(scope, size, part))
        elif wanted is not None:
            made.append(wanted[place] if isinstance(wanted, tuple) else wanted)
        least = made[-1] + (kernel[place] - 1 + layer.spare)
        why = "needs a {} of at least {} for {} windows of {}, but gets {}"
        axis = SPATIAL[layer.rank][place]
        scope.require(at_least(size, least), why, axis, least, made[-1], kernel[place], size)
    shape = (*batch, channels, *made)
    return Result(shape, shape) if layer.return_indices else Result(shape)


def scaled(scope: Scope, size: Size, factor: float) -> Size:
    """Return a size times a factor as floats have it, rounded down.

    Of letters: ``n*p//q``, where p/q is what the factor stands for, ``factor = p/q*(1 - d)``. At
    multiples of q the product of floats is ``n*p/q`` itself where ``d <= 2**-54``, which is half
    of what the last bit of a product can be; else it may come out below, and be rounded down.
    """
    if isinstance(size, int):
        return int(size * factor)
    meant = Fraction(factor).limit_denominator(MOST_PARTS)
    if float(meant) != factor:
        meant = Fraction(str(factor))
    part, whole = meant.numerator, meant.denominator
    if meant - Fraction(factor) > meant / HALF_OF_LAST_BIT:
        left = size - whole * (size // whole)
        why = "multiplies {} by {}, which floats may round down"
        if not scope.assume(at_least(left, 1), why, size, factor):
            raise ShapeError(f"cannot say how floats round {factor} times {size}")
    return size * part // whole


class Unpooling(SpatialModule):
    """Base class of the unpools; beside the tensor they read the indices that the pool kept."""

    keeps_axes = True
    arity = (2, 2)
    reads = ("indices",)
    call_arguments = ("training", "output_size")

    kernel_size: PerAxis
    stride: PoolStride = None
    padding: Padding = 0

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        names = ("kernel_size", "stride", "padding")
        check_axes([(name, getattr(self, name)) for name in names], self.rank)
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return each place sees the windows of the pool that it was in, and their indices."""
        from shapecalc.layers.looking import along
        from shapecalc.layers.spans import transposed

        stride = self.kernel_size if self.stride is None else self.stride
        numbers = [
            each_axis(each, self.rank, "") for each in (self.kernel_size, stride, 1, self.padding)
        ]
        spans = [transposed(*each) for each in zip(*numbers, strict=True)]
        looks = along(self.layout(), passed.rank, spans)
        return tuple((*each, *(look._replace(tensor=1) for look in each)) for each in looks)


class MaxUnpool1d(Unpooling):
    """Puts the maxima of MaxPool1d back at their positions, with 0 elsewhere.

    Shape   (N, C, L) and its indices -> (N, C, (L - 1)*stride - 2*padding + kernel_size)
    Errors  the indices have another shape; an output_size that this stride cannot give
    Source  torch.nn.MaxUnpool1d
    """

    rank = 1
    examples = ("maxpool1d:2:indices@p,maxunpool1d:2:@p.1",)


class MaxUnpool2d(Unpooling):
    """Puts the maxima of MaxPool2d back at their positions, with 0 elsewhere.

    Shape   (N, C, H, W) and its indices -> (N, C, new_H, new_W), where a size n becomes
            (n - 1)*stride - 2*padding + kernel_size
    Errors  the indices have another shape; an output_size that this stride cannot give
    Source  torch.nn.MaxUnpool2d
    """

    rank = 2
    examples = ("maxpool2d:2:indices@p,maxunpool2d:2:@p.1",)


class MaxUnpool3d(Unpooling):
    """Puts the maxima of MaxPool3d back at their positions, with 0 elsewhere.

    Shape   (N, C, D, H, W) and its indices -> (N, C, new_D, new_H, new_W), where a size n becomes
            (n - 1)*stride - 2*padding + kernel_size
    Errors  the indices have another shape; an output_size that this stride cannot give
    Source  torch.nn.MaxUnpool3d
    """

    rank = 3
    examples = ("maxpool3d:2:indices@p,maxunpool3d:2:@p.1",)


@rule(MaxUnpool1d, MaxUnpool2d, MaxUnpool3d)
def unpool(layer: Unpooling, scope: Scope, x: Shape, indices: Shape) -> Result:
    """Undo the windows; each size may be asked for within a stride of that."""
    batch, channels, sizes = split(x, layer.rank)
    why = "takes indices of the shape of its input, {}, but gets {}"
    require_same(scope, x, indices, why, x, indices)
    stride = layer.kernel_size if layer.stride is None else layer.stride
    numbers = zip(
        sizes,
        *(each_axis(n, layer.rank, "") for n in (layer.kernel_size, stride, layer.padding)),
        strict=True,
    )
    wanted = spatial_output_size(scope, 1, layer.rank)
    made: list[Size] = []
    for place, (size, kernel, step, padding) in enumerate(numbers):
        usual = (size - 1) * step - 2 * padding + kernel
        if wanted is None:
            made.append(usual)
        else:
            axis = SPATIAL[layer.rank][place]
            require_between(scope, axis, wanted[place], usual - (step - 1), usual + (step - 1))
            made.append(wanted[place])
        scope.require(at_least(made[-1], 1), "leaves {} of {}", made[-1], size)
    return Result((*batch, channels, *made))
