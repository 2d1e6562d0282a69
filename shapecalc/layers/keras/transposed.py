"""Transposed convolutions: the way back from the output of a convolution to its input size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import field_validator, model_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.layers.arguments import Units, per_axis, spread
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
from shapecalc.layers.layout import SPATIAL, join, split
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import (
    AMOUNT,
    AnyCasePadding,
    PerAxis,
    Window,
    extent,
    one_per_axis,
    refuse_both,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


class TransposedConvolution(SpatialLayer):
    """Base class of the transposed convolutions."""

    keeps_axes = True

    filters: Units
    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    output_padding: Annotated[int | tuple[int, ...] | None, per_axis(0).or_none()] = None
    data_format: DataFormat = None
    dilation_rate: PerAxis = 1
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    _one_per_axis = field_validator("kernel_size", "strides", "output_padding", "dilation_rate")(
        one_per_axis
    )

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_both(self.strides, self.dilation_rate)
        if self.output_padding is not None:
            strides = spread(self.strides, self.rank)
            added = spread(self.output_padding, self.rank)
            if any(more >= stride for more, stride in zip(added, strides, strict=True)):
                raise ValueError(
                    f"output_padding {self.output_padding} must be below strides {self.strides}"
                )
        return self

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how far the kernels reach, and where the channels come from."""
        from shapecalc.layers.explaining import spread_out

        window = Window(self.kernel_size, self.strides, self.dilation_rate, self.padding)
        plain = self.output_padding is None
        yield from spread_out(self.layout(), window, applied, plain=plain)
        yield f"channels: one for each of the {self.filters} filters"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees those whose windows reach it."""
        from shapecalc.layers.looking import along
        from shapecalc.layers.spans import transposed

        layout, kernels = self.layout(), spread(self.kernel_size, self.rank)
        given = self.output_padding
        added = (None,) * self.rank if given is None else spread(given, self.rank)
        numbers = zip(
            kernels,
            spread(self.strides, self.rank),
            spread(self.dilation_rate, self.rank),
            added,
            strict=True,
        )
        spans = [
            transposed(k, s, d, cut_off(extent(k, d), s, self.padding, more))
            for k, s, d, more in numbers
        ]
        return along(layout, passed.rank, spans)


class Conv1DTranspose(TransposedConvolution):
    """Spreads each step over ``kernel_size`` new steps, which start ``strides`` apart.

    With ``same`` and strides s it makes a sequence exactly s times as long, so that it undoes a
    Conv1D with the same strides.

    Shape   (batch, steps, channels) -> (batch, new_steps, filters), where new_steps is
            (steps - 1)*strides + max(kernel_size, strides), with same steps*strides
    Errors  the input has another number of axes; output_padding is not below strides; strides
            and dilation both above 1
    Source  keras.layers.Conv1DTranspose
    """

    rank = 1


class Conv2DTranspose(TransposedConvolution):
    """Spreads each pixel over a window of new pixels; windows begin ``strides`` apart.

    With ``same`` and strides of 2 it makes an image exactly twice as high and wide, as in the
    second half of a U-Net or in a generator.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, filters), where
            a size n becomes (n - 1)*strides + max(kernel_size, strides), with same n*strides
    Errors  the input has another number of axes; output_padding is not below strides; strides
            and dilation both above 1
    Source  keras.layers.Conv2DTranspose
    """

    rank = 2


class Conv3DTranspose(TransposedConvolution):
    """Spreads each voxel over a box of new voxels; boxes begin ``strides`` apart.

    With ``same`` and strides of 2 it doubles depth, height and width.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, filters), where
            a size n becomes (n - 1)*strides + max(kernel_size, strides), with same n*strides
    Errors  the input has another number of axes; output_padding is not below strides; strides
            and dilation both above 1
    Source  keras.layers.Conv3DTranspose
    """

    rank = 3
    positional = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "output_padding",
    )


def grown(
    size: Size,
    scope: Scope,
    *,
    reach: int,
    stride: int = 1,
    padding: str = "valid",
    more: int | None = None,
    axis: str = "steps",
) -> Size:
    """Return how long an axis becomes, for a kernel that reaches so far.

    ``more`` is output_padding.

    ``(n - 1)*s + max(k, s)``, or ``n*s`` with same. Where output_padding is given as o:
    ``(n - 1)*s + k + o``, or ``(n - 1)*s + k % 2 + o`` with same, which can be 0.
    """
    if more is None:
        last = stride if padding == "same" else max(reach, stride)
    else:
        last = (reach % 2 if padding == "same" else reach) + more
    new = (size - 1) * stride + last
    scope.require(at_least(new, 0), f"cannot make {AMOUNT[axis]} out of {{}}", new, size)
    return new


def cut_off(reach: int, stride: int, padding: str, more: int | None) -> int:
    """Return how much of what the windows reach is cut off in front; ``more`` is output_padding.

    With same all but ``s + k - 2`` of the ``2*(k - 1)`` places around, one more behind than in
    front where that is odd; or all but ``k + k % 2 - 2 + o`` where output_padding is given as o.
    """
    if padding != "same":
        return 0
    around = stride + reach - 2 if more is None else reach + reach % 2 - 2 + more
    return max(reach - 1 - (around + 1) // 2, 0)


@rule(Conv1DTranspose, Conv2DTranspose, Conv3DTranspose)
def conv_transpose(layer: TransposedConvolution, scope: Scope, x: Shape) -> Result:
    """Spread each place over its window; the kernel has the filters before the channels."""
    rank, filters = layer.rank, layer.filters
    batch, sizes, channels = split(x, rank, layer.data_format)
    kernel = spread(layer.kernel_size, rank)
    reaches = map(extent, kernel, spread(layer.dilation_rate, rank))
    strides = spread(layer.strides, rank)
    given = layer.output_padding
    added = (None,) * rank if given is None else spread(given, rank)
    places = zip(SPATIAL[rank], sizes, reaches, strides, added, strict=True)
    moved = tuple(
        grown(size, scope, reach=reach, stride=stride, padding=layer.padding, more=more, axis=axis)
        for axis, size, reach, stride, more in places
    )
    weights = [Weight("kernel", (*kernel, filters, channels), places=(batch, *sizes))]
    if layer.use_bias:
        weights.append(bias(filters))
    return Result(join(batch, moved, filters, layer.data_format), weights=weights)
