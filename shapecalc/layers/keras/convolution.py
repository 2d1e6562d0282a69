"""Convolutions: slide small kernels along the spatial axes, mixing the channels."""

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
    OptionalNumber,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.keras.lora import Rank, low_rank, refuse_constrained
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
        refuse_constrained(self.lora_rank, "kernel_constraint", self.kernel_constraint)
        refuse_both(self.strides, self.dilation_rate)
        if multiple_of(self.filters, self.groups) is False:
            raise ValueError(f"filters {self.filters} cannot be split into {self.groups} groups")
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
    rows = (*spread(layer.kernel_size, rank), channels // groups)
    learned = Weight("kernel", (*rows, filters), not lora_rank, (batch, *moved))
    weights: tuple[Weight, ...] = (learned,)
    if layer.use_bias:
        weights = (learned, bias(filters))
    if lora_rank:
        weights += tuple(low_rank("lora_kernel", rows, filters, lora_rank))
    return Result.of(join(batch, moved, filters, data_format), weights)
