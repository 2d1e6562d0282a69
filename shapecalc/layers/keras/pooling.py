"""Pools: keep one number for each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import field_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import choice
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import OptionalPerAxis, PerAxis, Window, one_per_axis, slide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied


class Pooling(SpatialLayer):
    """Base class of the pools with a window."""

    keeps_axes = True

    pool_size: PerAxis
    strides: OptionalPerAxis = None
    padding: Annotated[str, choice("valid", "same")] = "valid"
    data_format: DataFormat = None

    _one_per_axis = field_validator("pool_size", "strides")(one_per_axis)

    def moving_window(self) -> Window:
        """Return the window; windows lie side by side where nothing is said of their strides."""
        strides = self.pool_size if self.strides is None else self.strides
        return Window(self.pool_size, strides, padding=self.padding)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many places the window takes."""
        from shapecalc.layers.explaining import kept_or_multiplied, slid

        yield from slid(self.layout(), self.moving_window(), applied)
        yield kept_or_multiplied(self.layout(), 1, applied)


class MaxPooling1D(Pooling):
    """Takes the maximum of each window of steps, per channel.

    Windows lie side by side unless ``strides`` says how far apart they begin.

    Shape   (batch, steps, channels) -> (batch, (steps - pool_size)//strides + 1, channels),
            with same (batch, steps/strides rounded up, channels)
    Errors  the input has another number of axes; fewer steps than the window, unless same
    Source  keras.layers.MaxPooling1D
    """

    rank = 1

    pool_size: PerAxis = 2


class MaxPooling2D(Pooling):
    """Takes the maximum of each window of height and width, per channel.

    A window of 2 halves an image: windows lie side by side unless ``strides`` says otherwise.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the window, unless same
    Source  keras.layers.MaxPooling2D
    """

    rank = 2

    pool_size: PerAxis = 2


class MaxPooling3D(Pooling):
    """Takes the maximum of each box of depth, height and width, per channel.

    The axes are those of a volume, or of a video, whose frames are the depth.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; an axis is smaller than the box, unless same
    Source  keras.layers.MaxPooling3D
    """

    rank = 3

    pool_size: PerAxis = 2


class AveragePooling1D(Pooling):
    """Takes the mean of each window of steps, per channel.

    It takes the same arguments as MaxPooling1D, but ``pool_size`` is required.

    Shape   (batch, steps, channels) -> (batch, (steps - pool_size)//strides + 1, channels),
            with same (batch, steps/strides rounded up, channels)
    Errors  the input has another number of axes; fewer steps than the window, unless same
    Source  keras.layers.AveragePooling1D
    """

    rank = 1


class AveragePooling2D(Pooling):
    """Takes the mean of each window of height and width, per channel.

    It takes the same arguments as MaxPooling2D, but ``pool_size`` is required.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the window, unless same
    Source  keras.layers.AveragePooling2D
    """

    rank = 2


class AveragePooling3D(Pooling):
    """Takes the mean of each box of depth, height and width, per channel.

    It takes the same arguments as MaxPooling3D, but ``pool_size`` is required.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; an axis is smaller than the box, unless same
    Source  keras.layers.AveragePooling3D
    """

    rank = 3


@rule(
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
)
def pool(layer: Pooling, scope: Scope, x: Shape) -> Result:
    """Slide the window; the channels stay."""
    batch, sizes, channels = split(x, layer.rank, layer.data_format)
    moved = slide(sizes, scope, layer.moving_window(), noun="window")
    return Result.of(join(batch, moved, channels, layer.data_format))
