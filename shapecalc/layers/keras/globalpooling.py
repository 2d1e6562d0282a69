"""Global pooling: one number for each channel, whatever the spatial sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Switch
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Names, join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


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
