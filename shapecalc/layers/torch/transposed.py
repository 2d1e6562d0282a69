"""Transposed convolutions: the way back from the output of a convolution to its input size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.arguments import PositiveInteger, Units, choice
from shapecalc.layers.given import given_sizes
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import (
    Bias,
    InputSize,
    Padding,
    PerAxis,
    check_axes,
    each_axis,
)
from shapecalc.layers.torch.layer import (
    SPATIAL,
    SpatialModule,
    refuse_groups,
    require_declared,
    require_filled,
    require_groups,
    split,
)
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed

ZerosOnly = Annotated[str, choice("zeros")]


class TransposedConvolution(SpatialModule):
    """Base class of the transposed convolutions."""

    gives_sums = True
    keeps_axes = True
    call_arguments = ("training", "output_size")

    out_channels: Units
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    output_padding: Padding = 0
    groups: PositiveInteger = 1
    bias: Bias = True
    dilation: PerAxis = 1
    padding_mode: ZerosOnly = "zeros"

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        check_axes([("kernel_size", self.kernel_size)], self.rank, one=False)
        names = ("stride", "padding", "output_padding", "dilation")
        check_axes([(name, getattr(self, name)) for name in names], self.rank)
        refuse_groups(self, "in_channels", "out_channels")
        numbers = (
            each_axis(getattr(self, name), self.rank, name)
            for name in ("output_padding", "stride", "dilation")
        )
        for extra, stride, dilation in zip(*numbers, strict=True):
            if extra >= max(stride, dilation):
                raise ValueError(
                    f"output_padding {extra} must be below the stride {stride} or the dilation"
                    f" {dilation}"
                )
        return self

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of the axes."""
        from shapecalc.layers.explaining import changed

        yield from changed(self.layout(), applied)
        yield f"channels: out_channels = {self.out_channels}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees those whose windows reach it."""
        from shapecalc.layers.looking import along
        from shapecalc.layers.spans import transposed

        rank = self.rank
        names = ("kernel_size", "stride", "dilation", "padding")
        numbers = (each_axis(getattr(self, name), rank, name) for name in names)
        spans = [transposed(*each) for each in zip(*numbers, strict=True)]
        return along(self.layout(), passed.rank, spans)


class DeclaredTransposed(TransposedConvolution):
    """Base class of transposed convolutions that declare the channels of their input."""

    declares = ("in_channels", 1)
    positional = ("in_channels",)

    in_channels: InputSize


class ConvTranspose1d(DeclaredTransposed):
    """Spreads every step over a kernel, which reverses what a convolution does to the length.

    Shape   (N, C, L) or (C, L) -> (N, out_channels, new_L), where new_L is
            (L - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1
    Errors  the channels are not in_channels; output_padding is not below stride and dilation;
            an output_size that this stride cannot give; nothing is left
    Source  torch.nn.ConvTranspose1d
    """

    rank = 1


class ConvTranspose2d(DeclaredTransposed):
    """Spreads every pixel of an image over a kernel; a ``stride`` of 2 doubles its size.

    A kernel_size of 2 with a stride of 2, or of 4 with a padding of 1, doubles it exactly.

    Shape   (N, C, H, W) or (C, H, W) -> (N, out_channels, new_H, new_W), where a size n becomes
            (n - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1
    Errors  the channels are not in_channels; output_padding is not below stride and dilation;
            an output_size that this stride cannot give; nothing is left
    Source  torch.nn.ConvTranspose2d
    """

    rank = 2


class ConvTranspose3d(DeclaredTransposed):
    """Spreads every voxel of a volume over a kernel; a ``stride`` of 2 doubles its size.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, out_channels, new_D, new_H, new_W), where a
            size n becomes
            (n - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1
    Errors  the channels are not in_channels; output_padding is not below stride and dilation;
            an output_size that this stride cannot give; nothing is left
    Source  torch.nn.ConvTranspose3d
    """

    rank = 3


class LazyConvTranspose1d(TransposedConvolution):
    """A ConvTranspose1d that takes its in_channels from the first input.

    Shape   as ConvTranspose1d
    Errors  as ConvTranspose1d, but for in_channels
    Source  torch.nn.LazyConvTranspose1d
    """

    rank = 1


class LazyConvTranspose2d(TransposedConvolution):
    """A ConvTranspose2d that takes its in_channels from the first input.

    Shape   as ConvTranspose2d
    Errors  as ConvTranspose2d, but for in_channels
    Source  torch.nn.LazyConvTranspose2d
    """

    rank = 2


class LazyConvTranspose3d(TransposedConvolution):
    """A ConvTranspose3d that takes its in_channels from the first input.

    Shape   as ConvTranspose3d
    Errors  as ConvTranspose3d, but for in_channels
    Source  torch.nn.LazyConvTranspose3d
    """

    rank = 3


@rule(
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    LazyConvTranspose1d,
    LazyConvTranspose2d,
    LazyConvTranspose3d,
)
def conv_transpose(layer: TransposedConvolution, scope: Scope, x: Shape) -> Result:
    """Spread each place over the kernel, and cut the padding off both ends."""
    batch, size, sizes = split(x, layer.rank)
    channels = require_declared(scope, layer.declared, size, "channels")
    require_filled(scope, x, (size, *sizes))
    groups = layer.groups
    require_groups(scope, groups, channels, layer.out_channels)
    wanted = spatial_output_size(scope, len(batch), layer.rank)
    made = _spread(layer, scope, sizes, wanted)
    kernel = each_axis(layer.kernel_size, layer.rank, "kernel_size")
    weight = (channels, layer.out_channels // groups, *kernel)
    weights = [Weight("weight", weight, places=(*batch, *sizes))]
    if layer.bias:
        weights.append(bias(layer.out_channels))
    return Result((*batch, layer.out_channels, *made), weights=weights)


def _spread(
    layer: TransposedConvolution, scope: Scope, sizes: Shape, wanted: Shape | None
) -> Shape:
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    numbers = zip(*(each_axis(getattr(layer, n), layer.rank, n) for n in names), strict=True)
    made: list[Size] = []
    for place, (kernel, stride, padding, extra, dilation) in enumerate(numbers):
        axis, size = SPATIAL[layer.rank][place], sizes[place]
        least = (size - 1) * stride - 2 * padding + extent(kernel, dilation)
        if wanted is None:
            made.append(least + extra)
        else:
            require_between(scope, axis, wanted[place], least, least + (stride - 1))
            made.append(wanted[place])
        why = "leaves {} with {} of {}: its padding of {} cuts off all that the kernel makes"
        scope.require(at_least(made[-1], 1), why, axis, made[-1], size, padding)
    return tuple(made)


def require_between(scope: Scope, axis: str, size: Size, least: Size, most: Size) -> None:
    """Require that a size of output_size is one that the module can give."""
    why = "gives a {} from {} to {} here, so that output_size cannot be {}"
    scope.require(at_least(size, least), why, axis, least, most, size)
    scope.require(at_least(most, size), why, axis, least, most, size)


def spatial_output_size(scope: Scope, batch: int, rank: int) -> Shape | None:
    """Return the spatial sizes that the module is called with as output_size, if it is.

    It may have the batch and channels in front, as many axes as the input.
    """
    value: Any = scope.call.get("output_size")
    if value is None:
        return None
    try:
        wanted = given_sizes(value)
    except SpecError as error:
        raise ShapeError(f"is called with an output_size that is not a shape: {error}") from None
    if len(wanted) == rank + batch + 1:
        wanted = wanted[-rank:]
    known = tuple(size for size in wanted if size is not None)
    if len(known) != rank or len(wanted) != rank:
        raise ShapeError(f"takes an output_size of {rank} sizes, but gets {len(wanted)}")
    return known
