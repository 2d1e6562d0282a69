"""Separable convolutions: a kernel for each channel, then a mixture of the channels."""

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
