"""Pools: keep one number for each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.layers.arguments import ArgumentKind, Switch, number, per_axis, switch, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import (
    Padding,
    PerAxis,
    PoolStride,
    check_axes,
    each_axis,
)
from shapecalc.layers.torch.layer import SPATIAL, SpatialModule, require_filled, split
from shapecalc.layers.window import Window, extent, padded_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied

CeilMode = Annotated[bool, switch("ceil")]
ReturnIndices = Annotated[bool, switch("indices")]


def _divisor(value: Any) -> int | None:  # noqa: ANN401
    divisor = None if value is None else whole(value)
    if divisor == 0:
        raise ValueError
    return divisor


def _norm(value: Any) -> float:  # noqa: ANN401
    found: float = number().check(value)
    if found == 0:
        raise ValueError
    return found


Divisor = Annotated[int | None, ArgumentKind("a whole number other than 0, or None", _divisor)]
NormType = Annotated[float, ArgumentKind("a number other than 0", _norm)]


class Pooling(SpatialModule):
    """Base class of the pools with a window."""

    keeps_axes = True
    #: Whether a number in a tuple may stand for all axes.
    spreads: ClassVar[bool] = True
    #: Whether the window must fit even where ceil_mode rounds up.
    fits: ClassVar[bool] = False

    kernel_size: PerAxis

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        check_axes([("kernel_size", self.kernel_size)], self.rank, one=self.spreads)
        names = ("stride", "padding", "dilation")
        check_axes([(name, getattr(self, name, 1)) for name in names], self.rank)
        kernel, padding = (
            each_axis(getattr(self, name, 0), self.rank, name)
            for name in ("kernel_size", "padding")
        )
        for wide, ends in zip(kernel, padding, strict=True):
            if ends > wide // 2:
                raise ValueError(f"padding {ends} is more than half of kernel_size {wide}")
        return self

    def moving_window(self) -> Window:
        """Return the window; windows lie side by side where nothing is said of their stride."""
        stride = getattr(self, "stride", None)
        return Window(
            self.kernel_size,
            self.kernel_size if stride is None else stride,
            getattr(self, "dilation", 1),
            ends=getattr(self, "padding", 0),
        )

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the window takes."""
        from shapecalc.layers.explaining import changed, kept_or_multiplied, slid

        if getattr(self, "ceil_mode", False):
            yield from changed(self.layout(), applied)
        else:
            yield from slid(self.layout(), self.moving_window(), applied)
        yield kept_or_multiplied(self.layout(), 1, applied)


class MaxPooling(Pooling):
    """What MaxPool1d, MaxPool2d and MaxPool3d take."""

    stride: PoolStride = None
    padding: Padding = 0
    dilation: PerAxis = 1
    return_indices: ReturnIndices = False
    ceil_mode: CeilMode = False


class MaxPool1d(MaxPooling):
    """Takes the maximum of each window of steps, per channel.

    Windows lie side by side unless ``stride`` says how far apart they begin; ``ceil_mode`` keeps
    a last window that sticks out.

    Shape   (N, C, L) or (C, L) -> (N, C, new_L), where new_L is
            (L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1
    Errors  less length than the window; a padding of more than half of the window
    Source  torch.nn.MaxPool1d
    """

    rank = 1


class MaxPool2d(MaxPooling):
    """Takes the maximum of each window of height and width, per channel.

    A window of 2 halves an image: windows lie side by side unless ``stride`` says otherwise;
    ``ceil_mode`` keeps a last window that sticks out.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W), where a size n becomes
            (n + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1
    Errors  less height or width than the window; a padding of more than half of the window
    Source  torch.nn.MaxPool2d
    """

    rank = 2


class MaxPool3d(MaxPooling):
    """Takes the maximum of each box of depth, height and width, per channel.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W), where a size n becomes
            (n + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1
    Errors  an axis is smaller than the window; a padding of more than half of the window
    Source  torch.nn.MaxPool3d
    """

    rank = 3


class AvgPool1d(Pooling):
    """Takes the mean of each window of steps, per channel.

    Shape   (N, C, L) or (C, L) -> (N, C, (L + 2*padding - kernel_size)//stride + 1)
    Errors  less length than the window; a padding of more than half of the window
    Source  torch.nn.AvgPool1d
    """

    rank = 1

    stride: PoolStride = None
    padding: Padding = 0
    ceil_mode: CeilMode = False
    count_include_pad: Switch = True


class AveragePooling(Pooling):
    """What AvgPool2d and AvgPool3d take."""

    stride: PoolStride = None
    padding: Padding = 0
    ceil_mode: CeilMode = False
    count_include_pad: Switch = True
    divisor_override: Divisor = None


class AvgPool2d(AveragePooling):
    """Takes the mean of each window of height and width, per channel.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W), where a size n becomes
            (n + 2*padding - kernel_size)//stride + 1
    Errors  less height or width than the window; a padding of more than half of the window
    Source  torch.nn.AvgPool2d
    """

    rank = 2


class AvgPool3d(AveragePooling):
    """Takes the mean of each box of depth, height and width, per channel.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W), where a size n becomes
            (n + 2*padding - kernel_size)//stride + 1
    Errors  an axis is smaller than the window, padding aside; a padding of more than half of it
    Source  torch.nn.AvgPool3d
    """

    rank = 3
    fits = True


class PowerPooling(Pooling):
    """What LPPool1d, LPPool2d and LPPool3d take."""

    spreads = False
    positional = ("norm_type",)

    norm_type: NormType
    stride: PoolStride = None
    ceil_mode: CeilMode = False


class LPPool1d(PowerPooling):
    """Takes the power mean of each window of steps: the sum of its p-th powers, then the root.

    Shape   (N, C, L) or (C, L) -> (N, C, (L - kernel_size)//stride + 1)
    Errors  less length than the window
    Source  torch.nn.LPPool1d
    """

    rank = 1

    kernel_size: Annotated[int, per_axis()]

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if not isinstance(self.kernel_size, int):
            raise ValueError("kernel_size takes one number, not a tuple")  # noqa: TRY004
        return self


class LPPool2d(PowerPooling):
    """Takes the power mean of each window of height and width.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W), where a size n becomes
            (n - kernel_size)//stride + 1
    Errors  less height or width than the window
    Source  torch.nn.LPPool2d
    """

    rank = 2


class LPPool3d(PowerPooling):
    """Takes the power mean of each box of depth, height and width.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W), where a size n becomes
            (n - kernel_size)//stride + 1
    Errors  an axis is smaller than the window
    Source  torch.nn.LPPool3d
    """

    rank = 3
    fits = True


@rule(
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
)
def pool(layer: Pooling, scope: Scope, x: Shape) -> Result:
    """Slide the window over each channel by itself."""
    batch, channels, sizes = split(x, layer.rank)
    require_filled(scope, x, (channels, *sizes))
    window = layer.moving_window()
    numbers = zip(
        SPATIAL[layer.rank],
        sizes,
        *(each_axis(each, layer.rank, "") for each in window.numbers),
        each_axis(getattr(layer, "padding", 0), layer.rank, "padding"),
        strict=True,
    )
    ceil = getattr(layer, "ceil_mode", False)
    made: list[Size] = []
    for axis, size, kernel, stride, dilation, padding in numbers:
        if layer.fits:
            why = "needs at least {} of {} for its window, padding aside, but gets {}"
            scope.require(at_least(size, kernel), why, kernel, axis, size)
        if ceil:
            made.append(_rounded_up(scope, axis, size, kernel, stride, dilation, padding))
        else:
            made.append(
                padded_window(size, scope, axis, kernel, stride, dilation, 2 * padding, "window")
            )
    shape = (*batch, channels, *made)
    return Result(shape, shape) if getattr(layer, "return_indices", False) else Result(shape)


def _rounded_up(
    scope: Scope, axis: str, size: Size, kernel: int, stride: int, dilation: int, padding: int
) -> Size:
    """Return how many places there are where a last window may stick out.

    It must begin inside the input or the padding in front, so that there are at most as many as
    begin there: the smaller of (n + 2*padding - reach)/stride + 1 and (n + padding)/stride,
    both rounded up.
    """
    reach = extent(kernel, dilation)
    extra = stride - 1 + min(padding, 2 * padding - reach + stride)
    made = (size + extra) // stride
    why = "needs at least {} of {} for its window of {}, but gets {}"
    scope.require(at_least(made, 1), why, stride - extra, axis, kernel, size)
    return made
