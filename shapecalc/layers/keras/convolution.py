"""Convolutions: slide small kernels along the spatial axes, mixing the channels or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import field_validator, model_validator

from shapecalc.dims import Shape, multiple_of
from shapecalc.layers.arguments import PositiveInteger, Units, spread
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.core import OptionalNumber, Rank, low_rank, refuse_constrained
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import join, split
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import (
    AnyCasePadding,
    CausalPadding,
    PerAxis,
    Window,
    one_per_axis,
    refuse_both,
    shared_window,
    slide,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied


class Convolution(SpatialLayer):
    """Base class of the full convolutions."""

    keeps_axes = True

    filters: Units
    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    data_format: DataFormat = None
    dilation_rate: PerAxis = 1
    groups: PositiveInteger = 1
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None

    _one_per_axis = field_validator("kernel_size", "strides", "dilation_rate")(one_per_axis)

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        if self.lora_rank:
            refuse_constrained(self.lora_rank, "kernel_constraint", self.kernel_constraint)
        if self.strides != 1:
            refuse_both(self.strides, self.dilation_rate)
        groups = self.groups
        if groups != 1 and multiple_of(self.filters, groups) is False:
            raise ValueError(f"filters {self.filters} cannot be split into {groups} groups")
        return self

    def moving_window(self) -> Window:
        """Return the window that slides along the spatial axes."""
        return shared_window(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the kernel takes, and where the channels come from."""
        from shapecalc.layers.explaining import slid

        yield from slid(self.layout(), self.moving_window(), applied)
        yield f"channels: one for each of the {self.filters} filters"


class Conv1D(Convolution):
    """Slides a kernel along the steps and computes ``filters`` new channels at each position.

    Each filter sees ``kernel_size`` steps and all channels. Without padding (``valid``) the
    output is a little shorter; ``same`` keeps the length, and so does ``causal``, where a step
    sees only steps before it and itself. ``dilation_rate`` spreads the kernel over more steps.

    Shape   (batch, steps, channels) -> (batch, new_steps, filters), where new_steps is
            (steps - kernel_size)//strides + 1, with same or causal steps/strides rounded up
    Errors  the input has another number of axes; fewer steps than the kernel spans, if valid;
            channels or filters cannot be split into groups; strides and dilation both above 1
    Source  keras.layers.Conv1D
    """

    rank = 1

    padding: CausalPadding = "valid"


class Conv2D(Convolution):
    """Slides a kernel over an image and computes ``filters`` new channels at each position.

    Each filter sees a window of height and width and all channels. Without padding (``valid``)
    the image loses ``kernel_size - 1`` in height and width; ``same`` keeps its size, and
    ``strides`` of 2 halve it.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the kernel spans, if
            valid; channels or filters cannot be split into groups; strides and dilation both
            above 1
    Source  keras.layers.Conv2D
    """

    rank = 2


class Conv3D(Convolution):
    """Slides a kernel through a volume or a video and computes ``filters`` new channels.

    Each filter sees a box of depth, height and width and all channels; in a video the depth is
    the frames.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; an axis is smaller than the kernel spans, if
            valid; channels or filters cannot be split into groups; strides and dilation both
            above 1
    Source  keras.layers.Conv3D
    """

    rank = 3


@rule(Conv1D, Conv2D, Conv3D)
def conv(layer: Convolution, scope: Scope, x: Shape) -> Result:
    """Slide the kernel; each of the groups reads its share of the channels."""
    rank, data_format, lora_rank = layer.rank, layer.data_format, layer.lora_rank
    batch, sizes, channels = split(x, rank, data_format)
    filters, groups = layer.filters, layer.groups
    if groups != 1:
        for what, size in (("channels", channels), ("filters", filters)):
            why = f"cannot split {{}} {what} into {{}} groups"
            scope.require(multiple_of(size, groups), why, size, groups)
    moved = slide(sizes, scope, layer.moving_window())
    kernel: Shape = spread(layer.kernel_size, rank)
    kernel += (channels // groups, filters)
    output = join(batch, moved, filters, data_format)
    if lora_rank:
        added = low_rank("lora_kernel", kernel[:-1], filters, lora_rank)
        return Result.of(output, (*_weights(layer, kernel, output), *added))
    return Result.deferred(output, kernel, _weights, layer)


def _weights(layer: Convolution, kernel: Shape, output: Shape) -> tuple[Weight, ...]:
    """Return the kernel, which is multiplied at all places, and the bias of its filters."""
    batch, moved, filters = split(output, layer.rank, layer.data_format)
    learned = Weight("kernel", kernel, not layer.lora_rank, (batch, *moved))
    return (learned, bias(filters)) if layer.use_bias else (learned,)


class DepthwiseConvolution(SpatialLayer):
    """Base class of the depthwise convolutions."""

    keeps_axes = True

    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    depth_multiplier: Units = 1
    data_format: DataFormat = None
    dilation_rate: PerAxis = 1
    activation: Activation = None
    use_bias: UseBias = True
    depthwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    _one_per_axis = field_validator("kernel_size", "strides", "dilation_rate")(one_per_axis)

    def moving_window(self) -> Window:
        """Return the window that slides along the spatial axes."""
        return shared_window(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the kernel takes, and where the channels come from."""
        from shapecalc.layers.explaining import kept_or_multiplied, slid

        yield from slid(self.layout(), self.moving_window(), applied)
        yield kept_or_multiplied(self.layout(), self.depth_multiplier, applied)


class DepthwiseConv1D(DepthwiseConvolution):
    """Slides a separate kernel along the steps of each channel; channels are not mixed.

    Each channel becomes ``depth_multiplier`` channels. It needs far fewer weights than Conv1D.

    Shape   (batch, steps, channels) -> (batch, new_steps, channels*depth_multiplier), where
            new_steps is (steps - kernel_size)//strides + 1, with same steps/strides rounded up
    Errors  the input has another number of axes; fewer steps than the kernel spans, if valid;
            causal, which only Conv1D knows
    Source  keras.layers.DepthwiseConv1D
    """

    rank = 1


class DepthwiseConv2D(DepthwiseConvolution):
    """Slides a separate kernel over each channel of an image; channels are not mixed.

    Each channel becomes ``depth_multiplier`` channels. A convolution with a kernel of 1 after
    it mixes them again, as in MobileNet; SeparableConv2D is both in one.

    Shape   (batch, height, width, channels) ->
            (batch, new_height, new_width, channels*depth_multiplier), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the kernel spans,
            if valid
    Source  keras.layers.DepthwiseConv2D
    """

    rank = 2


@rule(DepthwiseConv1D, DepthwiseConv2D)
def depthwise_conv(layer: DepthwiseConvolution, scope: Scope, x: Shape) -> Result:
    """Slide the kernels; each channel gives as many as its kernel has outputs."""
    batch, sizes, channels = split(x, layer.rank, layer.data_format)
    moved = slide(sizes, scope, layer.moving_window())
    kernel = spread(layer.kernel_size, layer.rank)
    filters = channels * layer.depth_multiplier
    weights = [
        Weight("kernel", (*kernel, channels, layer.depth_multiplier), places=(batch, *moved))
    ]
    if layer.use_bias:
        weights.append(bias(filters))
    return Result(join(batch, moved, filters, layer.data_format), weights=weights)


class SeparableConvolution(SpatialLayer):
    """Base class of the separable convolutions."""

    keeps_axes = True

    filters: Units
    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    data_format: DataFormat = None
    dilation_rate: PerAxis = 1
    depth_multiplier: Units = 1
    activation: Activation = None
    use_bias: UseBias = True
    depthwise_initializer: Initializer = "glorot_uniform"
    pointwise_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    depthwise_regularizer: Regularizer = None
    pointwise_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    depthwise_constraint: Constraint = None
    pointwise_constraint: Constraint = None
    bias_constraint: Constraint = None

    _one_per_axis = field_validator("kernel_size", "strides", "dilation_rate")(one_per_axis)

    def moving_window(self) -> Window:
        """Return the window that slides along the spatial axes."""
        return shared_window(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the kernel takes, and where the channels come from."""
        from shapecalc.layers.explaining import slid

        yield from slid(self.layout(), self.moving_window(), applied)
        yield f"channels: one for each of the {self.filters} filters"


class SeparableConv1D(SeparableConvolution):
    """Slides a kernel along the steps of each channel, then mixes the channels at each step.

    It is a DepthwiseConv1D and a Conv1D with a kernel of 1 in one layer, with fewer weights than
    a Conv1D of the same kernel.

    Shape   (batch, steps, channels) -> (batch, new_steps, filters), where new_steps is
            (steps - kernel_size)//strides + 1, with same steps/strides rounded up
    Errors  the input has another number of axes; fewer steps than the kernel spans, if valid;
            causal, which only Conv1D knows
    Source  keras.layers.SeparableConv1D
    """

    rank = 1


class SeparableConv2D(SeparableConvolution):
    """Slides a kernel over each channel of an image, then mixes the channels at each position.

    It is a DepthwiseConv2D and a Conv2D with a kernel of 1 in one layer, with fewer weights than
    a Conv2D of the same kernel; Xception is built of it.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the kernel spans,
            if valid
    Source  keras.layers.SeparableConv2D
    """

    rank = 2


@rule(SeparableConv1D, SeparableConv2D)
def separable_conv(layer: SeparableConvolution, scope: Scope, x: Shape) -> Result:
    """Slide the depthwise kernel, then weigh its outputs at each place."""
    batch, sizes, channels = split(x, layer.rank, layer.data_format)
    moved = slide(sizes, scope, layer.moving_window())
    kernel = spread(layer.kernel_size, layer.rank)
    inner, places = channels * layer.depth_multiplier, (batch, *moved)
    weights = [
        Weight("depthwise_kernel", (*kernel, channels, layer.depth_multiplier), places=places),
        Weight(
            "pointwise_kernel",
            (*spread(1, layer.rank), inner, layer.filters),
            places=places,
            inner=True,
        ),
    ]
    if layer.use_bias:
        weights.append(bias(layer.filters))
    return Result(join(batch, moved, layer.filters, layer.data_format), weights=weights)
