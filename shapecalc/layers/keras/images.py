"""Images: bring them to a size or to a scale, and what all layers on images share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import model_validator

from shapecalc.dims import Shape, Size, any_of, equal, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import (
    ArgumentKind,
    Integer,
    OptionalText,
    Seed,
    Switch,
    Units,
    choice,
    number,
    size,
)
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import KerasLayer, SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import SPATIAL, join
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: One number, or one for each channel.
Scale: TypeAlias = float | tuple[float, ...]
Pair: TypeAlias = tuple[float, float]


def _scale(value: Any) -> Scale:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return number().check(value)  # type: ignore[no-any-return]
    numbers = tuple(map(number().check, value))
    if not numbers:
        raise ValueError
    return numbers


def two(value: Any) -> Pair:  # noqa: ANN401
    """Read two numbers."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004
        raise ValueError
    low, high = map(number().check, value)
    return low, high


#: A size that Keras lets be nothing.
AnySize = Annotated[Size, size(0)]
Number = Annotated[float, number()]
PerChannel = Annotated[Scale, ArgumentKind("a number, or one for each channel", _scale)]
ValueRange = Annotated[Pair, ArgumentKind("two numbers", two)]
Resampling = Annotated[str, choice("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")]
FillMode = Annotated[str, choice("constant")]


class ImageLayer(SpatialLayer):
    """Base class of layers on images: they take a batch of images, or one image without batch."""

    abstract: ClassVar[bool] = True
    rank = 2
    keeps_axes = True


def places(layer: ImageLayer, x: Shape) -> tuple[int, int, int]:
    """Return the axes of height, width and channels of images, counted from the end."""
    data_format = getattr(layer, "data_format", None)
    if len(x) not in {3, 4}:
        names = ", ".join(join("batch", SPATIAL[2], "channels", data_format))
        raise RankError(
            f"needs a 4-D input ({names}), or 3-D without batch, but gets {shape_text(x)}"
        )
    return (-2, -1, -3) if data_format == "channels_first" else (-3, -2, -1)


class Resizing(ImageLayer):
    """Scales images to a common height and width.

    ``crop_to_aspect_ratio`` crops instead of stretching, ``pad_to_aspect_ratio`` pads.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels);
            the batch may be missing
    Errors  the input has another number of axes; it shall crop and pad
    Source  keras.layers.Resizing
    """

    height: Units
    width: Units
    interpolation: Resampling = "bilinear"
    crop_to_aspect_ratio: Switch = False
    pad_to_aspect_ratio: Switch = False
    fill_mode: FillMode = "constant"
    fill_value: Number = 0.0
    antialias: Switch = False
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None

    @model_validator(mode="after")
    def _crop_or_pad(self) -> Self:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ValueError("crop_to_aspect_ratio and pad_to_aspect_ratio cannot both be True")
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees those between which it lies."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import between

        if self.crop_to_aspect_ratio or self.pad_to_aspect_ratio:
            return ()
        height, width, _ = places(self, passed.inputs[0])
        pairs = {axis: (passed.inputs[0][axis], passed.output[axis]) for axis in (height, width)}
        spans = {axis: between(*pair, self.interpolation) for axis, pair in pairs.items()}
        return each_axis(passed.rank, spans)


class CenterCrop(ImageLayer):
    """Crops the center of images; smaller ones are scaled up to the size.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.CenterCrop
    """

    height: AnySize
    width: AnySize
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomCrop(ImageLayer):
    """Crops images, in training at a random position; smaller ones are scaled up.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.RandomCrop
    """

    height: AnySize
    width: AnySize
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


@rule(Resizing, CenterCrop, RandomCrop)
def resize(layer: Resizing | CenterCrop | RandomCrop, _scope: Scope, x: Shape) -> Result:
    """Replace the old ones by the new height and width, whatever those were."""
    height, width, _ = places(layer, x)
    sizes = list(x)
    sizes[height], sizes[width] = layer.height, layer.width
    return Result(tuple(sizes))


class Augmentation(ImageLayer):
    """Base class of layers that change the numbers of images at random in training."""

    #: Whether the images must have the three channels red, green and blue.
    colored: ClassVar[bool] = False

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees only itself, unless it trains."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank)


@rule(Augmentation)
def augmentation(layer: Augmentation, scope: Scope, x: Shape) -> Result:
    """Keep the shape, which must be that of images."""
    channels = x[places(layer, x)[2]]
    if layer.colored:
        scope.require(equal(channels, 3), "needs 3 channels (RGB), but gets {}", channels)
    return Result(x)


class MaxNumBoundingBoxes(Augmentation):
    """Truncates or pads the list of boxes of each image to ``max_number``; images pass unchanged.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.MaxNumBoundingBoxes
    """

    max_number: Integer
    fill_value: Integer = -1
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class Rescaling(KerasLayer):
    """Multiplies all values by ``scale`` and adds ``offset``: ``1/255`` brings pixels to 0..1.

    Shape   (...) -> (...)
    Errors  there is a scale or an offset for each channel, and the input has other channels
    Source  keras.layers.Rescaling
    """

    keeps_rank = True

    scale: PerChannel
    offset: PerChannel = 0.0


@rule(Rescaling)
def rescaling(layer: Rescaling, scope: Scope, x: Shape) -> Result:
    """Keep the shape; numbers for each channel spread a single one."""
    for name, value in (("scale", layer.scale), ("offset", layer.offset)):
        if not isinstance(value, tuple) or len(value) == 1:
            continue
        count, channels = len(value), x[-1] if x else 1
        why = f"has {{}} numbers as {name}, but gets {{}} channels"
        scope.require(any_of(equal(channels, count), equal(channels, 1)), why, count, channels)
        x = (*x[:-1], count)
    return Result(x)
