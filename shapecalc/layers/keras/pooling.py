"""Pools: keep one number for each window, or one for all places."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import field_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Switch, choice
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import input_letters, join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import OptionalPerAxis, PerAxis, one_per_axis, slide


class Pooling(KerasLayer):
    """What all pools with a window take."""

    rank: ClassVar[int]

    pool_size: PerAxis
    strides: OptionalPerAxis = None
    padding: Annotated[str, choice("valid", "same")] = "valid"
    data_format: DataFormat = None

    _one_per_axis = field_validator("pool_size", "strides")(one_per_axis)

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return input_letters(self.rank, self.data_format)


class MaxPooling1D(Pooling):
    """Keeps the largest number of each window of steps, for each channel by itself.

    Windows lie side by side unless ``strides`` says how far apart they begin.

    Shape   (batch, steps, channels) -> (batch, (steps - pool_size)//strides + 1, channels),
            with same (batch, steps/strides rounded up, channels)
    Errors  the input has another number of axes; fewer steps than the window, unless same
    Source  keras.layers.MaxPooling1D
    """

    rank = 1

    pool_size: PerAxis = 2


class MaxPooling2D(Pooling):
    """Keeps the largest number of each window of height and width, for each channel by itself.

    A window of 2 halves an image: windows lie side by side unless ``strides`` says otherwise.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the window, unless same
    Source  keras.layers.MaxPooling2D
    """

    rank = 2

    pool_size: PerAxis = 2


class MaxPooling3D(Pooling):
    """Keeps the largest number of each box of depth, height and width, for each channel by itself.

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
    """Takes the mean of each window of steps, for each channel by itself.

    It takes the same arguments as MaxPooling1D, but ``pool_size`` has to be given.

    Shape   (batch, steps, channels) -> (batch, (steps - pool_size)//strides + 1, channels),
            with same (batch, steps/strides rounded up, channels)
    Errors  the input has another number of axes; fewer steps than the window, unless same
    Source  keras.layers.AveragePooling1D
    """

    rank = 1


class AveragePooling2D(Pooling):
    """Takes the mean of each window of height and width, for each channel by itself.

    It takes the same arguments as MaxPooling2D, but ``pool_size`` has to be given.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            a size n becomes (n - pool_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the window, unless same
    Source  keras.layers.AveragePooling2D
    """

    rank = 2


class AveragePooling3D(Pooling):
    """Takes the mean of each box of depth, height and width, for each channel by itself.

    It takes the same arguments as MaxPooling3D, but ``pool_size`` has to be given.

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
    strides = layer.pool_size if layer.strides is None else layer.strides
    moved = slide(
        sizes, scope, kernel=layer.pool_size, strides=strides, padding=layer.padding, noun="window"
    )
    return Result(join(batch, moved, channels, layer.data_format))


class GlobalPooling(KerasLayer):
    """What all pools over a whole tensor take."""

    rank: ClassVar[int]

    data_format: DataFormat = None
    keepdims: Switch = False

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return input_letters(self.rank, self.data_format)


class GlobalAveragePooling1D(GlobalPooling):
    """Takes the mean over all steps, so that inputs of any length give the same shape.

    Shape   (batch, steps, channels) -> (batch, channels), with keepdims (batch, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalAveragePooling1D
    """

    rank = 1


class GlobalAveragePooling2D(GlobalPooling):
    """Takes the mean over height and width, so that images of any size give the same shape.

    It often stands between the last convolution and a Dense layer, in place of Flatten.

    Shape   (batch, height, width, channels) -> (batch, channels),
            with keepdims (batch, 1, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalAveragePooling2D
    """

    rank = 2


class GlobalAveragePooling3D(GlobalPooling):
    """Takes the mean over depth, height and width, so that volumes of any size fit.

    Shape   (batch, depth, height, width, channels) -> (batch, channels),
            with keepdims (batch, 1, 1, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalAveragePooling3D
    """

    rank = 3


class GlobalMaxPooling1D(GlobalPooling):
    """Keeps the largest number of all steps: whether a feature occurs, not where.

    Shape   (batch, steps, channels) -> (batch, channels), with keepdims (batch, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalMaxPooling1D
    """

    rank = 1


class GlobalMaxPooling2D(GlobalPooling):
    """Keeps the largest number over height and width: whether a feature occurs, not where.

    Shape   (batch, height, width, channels) -> (batch, channels),
            with keepdims (batch, 1, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalMaxPooling2D
    """

    rank = 2


class GlobalMaxPooling3D(GlobalPooling):
    """Keeps the largest number over depth, height and width: whether a feature occurs, not where.

    Shape   (batch, depth, height, width, channels) -> (batch, channels),
            with keepdims (batch, 1, 1, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalMaxPooling3D
    """

    rank = 3


@rule(
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
def global_pool(layer: GlobalPooling, _scope: Scope, x: Shape) -> Result:
    """Drop the spatial axes, or keep them with size 1."""
    batch, _, channels = split(x, layer.rank, layer.data_format)
    if layer.keepdims:
        return Result(join(batch, (1,) * layer.rank, channels, layer.data_format))
    return Result((batch, channels))
