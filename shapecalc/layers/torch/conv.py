"""Convolutions: slide kernels along the spatial axes, mixing the channels of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.layers.arguments import PositiveInteger, Units, choice
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import (
    Bias,
    ConvPadding,
    InputSize,
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
from shapecalc.layers.window import Window, extent, padded_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied

PaddingMode = Annotated[str, choice("zeros", "reflect", "replicate", "circular")]


class Convolution(SpatialModule):
    """Base class of the convolutions."""

    gives_sums = True
    keeps_axes = True

    out_channels: Units
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: ConvPadding = 0
    dilation: PerAxis = 1
    groups: PositiveInteger = 1
    bias: Bias = True
    padding_mode: PaddingMode = "zeros"

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        rank = self.rank
        check_axes([("kernel_size", self.kernel_size)], rank, one=False)
        numbers = [(name, getattr(self, name)) for name in ("stride", "padding", "dilation")]
        check_axes(numbers, rank)
        if self.padding == "same" and max(each_axis(self.stride, rank, "stride")) > 1:
            raise ValueError("padding same keeps the size, so that it takes no stride above 1")
        refuse_groups(self, "in_channels", "out_channels")
        return self

    def moving_window(self) -> Window:
        """Return the window that slides along the spatial axes."""
        if isinstance(self.padding, str):
            return Window(self.kernel_size, self.stride, self.dilation, self.padding)
        return Window(self.kernel_size, self.stride, self.dilation, ends=self.padding)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the kernel takes, and where the channels come from."""
        from shapecalc.layers.explaining import slid

        yield from slid(self.layout(), self.moving_window(), applied)
        yield f"channels: out_channels = {self.out_channels}"


class DeclaredConvolution(Convolution):
    """Base class of convolutions that declare the channels of their input."""

    declares = ("in_channels", 1)
    positional = ("in_channels",)

    in_channels: InputSize


class Conv1d(DeclaredConvolution):
    """Slides a kernel along a sequence and computes ``out_channels`` new channels.

    Shape   (N, C, L) or (C, L) -> (N, out_channels, new_L), where new_L is
            (L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1, with same L
    Errors  the channels are not in_channels; fewer steps than the kernel spans; groups
            that do not divide the channels; same with a stride
    Source  torch.nn.Conv1d
    """

    rank = 1


class Conv2d(DeclaredConvolution):
    """Slides a kernel over an image and computes ``out_channels`` new channels at each position.

    ``padding`` of (kernel_size - 1)/2 keeps the size of the image, a ``stride`` of 2 halves it.

    Shape   (N, C, H, W) or (C, H, W) -> (N, out_channels, new_H, new_W), where a size n becomes
            (n + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1, with same n
    Errors  the channels are not in_channels (usual cause: channels last); less height or width
            than the kernel spans; groups that do not divide the channels; same with a stride
    Source  torch.nn.Conv2d
    """

    rank = 2


class Conv3d(DeclaredConvolution):
    """Slides a kernel through a volume or a video and computes ``out_channels`` new channels.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, out_channels, new_D, new_H, new_W), where a
            size n becomes (n + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1
    Errors  the channels are not in_channels; an axis is smaller than the kernel spans; groups
            that do not divide the channels; same with a stride
    Source  torch.nn.Conv3d
    """

    rank = 3


class LazyConv1d(Convolution):
    """A Conv1d that takes its in_channels from the first input.

    Shape   as Conv1d
    Errors  as Conv1d, but for in_channels
    Source  torch.nn.LazyConv1d
    """

    rank = 1


class LazyConv2d(Convolution):
    """A Conv2d that takes its in_channels from the first input.

    Shape   as Conv2d
    Errors  as Conv2d, but for in_channels
    Source  torch.nn.LazyConv2d
    """

    rank = 2


class LazyConv3d(Convolution):
    """A Conv3d that takes its in_channels from the first input.

    Shape   as Conv3d
    Errors  as Conv3d, but for in_channels
    Source  torch.nn.LazyConv3d
    """

    rank = 3


@rule(Conv1d, Conv2d, Conv3d, LazyConv1d, LazyConv2d, LazyConv3d)
def conv(layer: Convolution, scope: Scope, x: Shape) -> Result:
    """Pad, slide the kernel; each of the groups reads its share of the channels."""
    rank = layer.rank
    batch, size, sizes = split(x, rank)
    channels = require_declared(scope, layer.declared, size, "channels")
    require_filled(scope, x, (size, *sizes))
    groups = layer.groups
    require_groups(scope, groups, channels, layer.out_channels)
    moved = _moved(layer, scope, sizes)
    made = layer.out_channels
    weight = (made, channels // groups, *each_axis(layer.kernel_size, rank, "kernel_size"))
    return Result.deferred((*batch, made, *moved), weight, _weights, layer)


def _weights(layer: Convolution, weight: Shape, output: Shape) -> tuple[Weight, ...]:
    """Return the weight, which is multiplied at all places, and the bias of its channels."""
    batch, made, moved = split(output, layer.rank)
    learned = Weight("weight", weight, places=(*batch, *moved))
    return (learned, bias(made)) if layer.bias else (learned,)


def _moved(layer: Convolution, scope: Scope, sizes: Shape) -> Shape:
    rank = layer.rank
    kernel, stride, dilation = (
        each_axis(value, rank, "") for value in (layer.kernel_size, layer.stride, layer.dilation)
    )
    moved: list[Size] = []
    for place, (axis, size) in enumerate(zip(SPATIAL[rank], sizes, strict=True)):
        reach = extent(kernel[place], dilation[place])
        ends = _ends(layer, place, reach)
        _require_mode(layer, scope, axis, size, max(ends))
        total = sum(ends)
        moved.append(
            padded_window(size, scope, axis, kernel[place], stride[place], dilation[place], total)
        )
    return tuple(moved)


def _ends(layer: Convolution, place: int, reach: int) -> tuple[int, int]:
    """Return how much is added before and after an axis."""
    if layer.padding == "valid":
        return 0, 0
    if isinstance(layer.padding, str):
        return (reach - 1) // 2, reach - 1 - (reach - 1) // 2
    (padding,) = each_axis(layer.padding, layer.rank, "padding")[place : place + 1]
    return padding, padding


def _require_mode(layer: Convolution, scope: Scope, axis: str, size: Size, padding: int) -> None:
    """Require that there is enough to fill the padding with."""
    least = {"reflect": padding + 1, "circular": padding}.get(layer.padding_mode, 0)
    if padding and least:
        why = "needs at least {} of {} to fill a padding of {} by {}, but gets {}"
        scope.require(at_least(size, least), why, least, axis, padding, layer.padding_mode, size)
