"""Pools: keep one number for each window, or one for all places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import field_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Switch, choice
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Names, join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import OptionalPerAxis, PerAxis, Window, one_per_axis, slide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


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


class GlobalPooling(SpatialLayer):
    """Base class of the pools over a whole tensor."""

    data_format: DataFormat = None
    keepdims: Switch = False

    def output_axes(self, names: Names, rank: int) -> Names:
        """Return the axes: the spatial axes are removed, unless they are kept."""
        return names if rank == len(names) else (names[0], "channels")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of the spatial axes."""
        from shapecalc.layers.explaining import pooled_to_one

        return pooled_to_one(self.layout(), applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: everywhere."""
        from shapecalc.layers.looking import along, placed
        from shapecalc.layers.spans import ALL

        layout, rank = self.layout(), len(passed.inputs[0])
        if passed.rank == rank:
            return along(layout, rank, [ALL] * self.rank)
        return placed((0, layout.channels % rank), range(rank)[layout.spatial])


class GlobalAveragePooling1D(GlobalPooling):
    """Takes the mean over all steps, so that inputs of any length give the same shape.

    Shape   (batch, steps, channels) -> (batch, channels), with keepdims (batch, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalAveragePooling1D
    """

    rank = 1
    masks = ("mask",)

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that say of each step whether it counts."""
        batch, (steps,), _ = split(inputs[0], self.rank, self.data_format)
        require_mask(scope, "mask", (batch, steps))


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
    """Takes the maximum over all steps: whether a feature occurs, not where.

    Shape   (batch, steps, channels) -> (batch, channels), with keepdims (batch, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalMaxPooling1D
    """

    rank = 1


class GlobalMaxPooling2D(GlobalPooling):
    """Takes the maximum over height and width: whether a feature occurs, not where.

    Shape   (batch, height, width, channels) -> (batch, channels),
            with keepdims (batch, 1, 1, channels)
    Errors  the input has another number of axes
    Source  keras.layers.GlobalMaxPooling2D
    """

    rank = 2


class GlobalMaxPooling3D(GlobalPooling):
    """Takes the maximum over depth, height and width: whether a feature occurs, not where.

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
