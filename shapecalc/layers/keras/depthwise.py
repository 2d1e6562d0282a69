"""Depthwise convolutions: a kernel for each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import field_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Units, spread
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import join, split
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import (
    AnyCasePadding,
    PerAxis,
    Window,
    one_per_axis,
    shared_window,
    slide,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied


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
