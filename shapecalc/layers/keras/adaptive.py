"""Adaptive pools: windows of whatever size gives the wanted number of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import field_validator

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import ArgumentKind, as_size, choice
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _sizes(value: Any) -> Size | tuple[Size, ...]:  # noqa: ANN401
    if isinstance(value, (list, tuple)):
        return tuple(as_size(size, 1) for size in value)
    return as_size(value, 1)


OutputSize = Annotated[
    Size | tuple[Size, ...],
    ArgumentKind("a size of at least 1, or one for each axis", _sizes, least=1),
]
#: As elsewhere, but upper-case words are refused.
ExactDataFormat = Annotated[
    str | None,
    choice(
        "channels_last",
        "channels_first",
        None,
        also={"cl": "channels_last", "cf": "channels_first"},
    ),
]


class AdaptivePooling(SpatialLayer):
    """Base class of the adaptive pools."""

    keeps_axes = True

    output_size: OutputSize
    data_format: ExactDataFormat = None

    @field_validator("output_size")
    @classmethod
    def _one_per_axis(cls, value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, tuple):
            return value
        if len(value) != cls.rank:
            expected = "one size" if cls.rank == 1 else f"one size or {cls.rank}"
            raise ValueError(f"takes {expected}, not {len(value)}")
        return value[0] if len(set(value)) == 1 else value

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what size each spatial axis gets."""
        from shapecalc.layers.explaining import changed

        return changed(self.layout(), applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees its share."""
        from shapecalc.layers.looking import shared_along

        return shared_along(self.layout(), passed)


class AdaptiveAveragePooling1D(AdaptivePooling):
    """Averages any number of steps to ``output_size`` steps.

    Fewer steps than ``output_size`` are allowed: windows overlap then.

    Shape   (batch, steps, channels) -> (batch, output_size, channels)
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveAveragePooling1D
    """

    rank = 1


class AdaptiveAveragePooling2D(AdaptivePooling):
    """Averages an image of any size to one of ``output_size``.

    Images of any size give the same shape, as with GlobalAveragePooling2D, but keep some positions.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            output_size is both new sizes, or one of each
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveAveragePooling2D
    """

    rank = 2


class AdaptiveAveragePooling3D(AdaptivePooling):
    """Averages a volume of any size to one of ``output_size``.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, channels), where
            output_size is all three new sizes, or one of each
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveAveragePooling3D
    """

    rank = 3


class AdaptiveMaxPooling1D(AdaptivePooling):
    """Pools any number of steps to ``output_size`` steps by the maximum.

    Fewer steps than ``output_size`` are allowed: windows overlap then.

    Shape   (batch, steps, channels) -> (batch, output_size, channels)
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveMaxPooling1D
    """

    rank = 1


class AdaptiveMaxPooling2D(AdaptivePooling):
    """Pools an image of any size to one of ``output_size`` by the maximum.

    Images of any size give the same shape, as with GlobalMaxPooling2D, but keep some positions.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels), where
            output_size is both new sizes, or one of each
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveMaxPooling2D
    """

    rank = 2


class AdaptiveMaxPooling3D(AdaptivePooling):
    """Pools a volume of any size to one of ``output_size`` by the maximum.

    Shape   (batch, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, channels), where
            output_size is all three new sizes, or one of each
    Errors  the input has another number of axes
    Source  keras.layers.AdaptiveMaxPooling3D
    """

    rank = 3


@rule(
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
def adaptive_pool(layer: AdaptivePooling, _scope: Scope, x: Shape) -> Result:
    """Replace the spatial ones by the wanted sizes."""
    batch, _, channels = split(x, layer.rank, layer.data_format)
    size = layer.output_size
    sizes = size if isinstance(size, tuple) else (size,) * layer.rank
    return Result(join(batch, sizes, channels, layer.data_format))
