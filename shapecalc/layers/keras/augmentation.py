"""Augmentation: move, bend, cover and mix images in training, and keep their shape."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from shapecalc.layers.arguments import (
    ArgumentKind,
    Fraction,
    OptionalText,
    PositiveInteger,
    Seed,
    Switch,
    choice,
    integer,
    number,
)
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.images import Augmentation, Number, Pair, ValueRange, two

#: How many changes are made; none is a number too.
Count = Annotated[int, integer(0)]
#: How strong a change is: a number, or between which two numbers it lies.
Factor: TypeAlias = float | Pair


def factor(least: float, most: float, *, each: bool = False, above: bool = False) -> ArgumentKind:
    """Return a number in a range, or two.

    Of two numbers it is enough that one between them is in the range, unless ``each`` must be;
    with ``above`` the range is without its least number.
    """

    def check(value: Any) -> Factor:  # noqa: ANN401
        if not isinstance(value, (list, tuple)):
            return inside(number().check(value))
        low, high = two(value)
        if each:
            return inside(low), inside(high)
        if low > most or high < least:
            raise ValueError
        return low, high

    def inside(value: float) -> float:
        if not least <= value <= most or (above and value == least):
            raise ValueError
        return value

    start = "above" if above else "from"
    return ArgumentKind(
        f"a number {start} {least:g} {'up ' if above else ''}to {most:g}, or two", check
    )


def _mode(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return value
    raise ValueError


def _odd(value: Any) -> Factor:  # noqa: ANN401
    """Read an odd number, or two."""
    several = isinstance(value, (list, tuple))
    low, high = two(value if several else (value, value))
    if low % 2 == 0 or high % 2 == 0:
        raise ValueError
    return (low, high) if several else low


_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")
_FILLS = choice("reflect", "wrap", "constant", "nearest")
_ELASTIC_FILLS = choice("constant", "nearest", "wrap", "mirror", "reflect")


def _without_nearest(kind: ArgumentKind) -> ArgumentKind:
    """Return the kind whose word ``nearest`` is taken by an interpolation."""
    words = {word: value for word, value in kind.words.items() if word != "nearest"}
    return ArgumentKind(kind.expects, kind.check, words)


FromZero = Annotated[Factor, factor(0, 1)]
EachFromZero = Annotated[Factor, factor(0, 1, each=True)]
BothSigns = Annotated[Factor | None, factor(-1, 1).or_none()]
EachBothSigns = Annotated[Factor, factor(-1, 1, each=True)]
ZoomFactor = Annotated[Factor, factor(-1, 1, each=True, above=True)]
OptionalZoomFactor = Annotated[Factor | None, factor(-1, 1, each=True, above=True).or_none()]
OptionalNumber = Annotated[float | None, number().or_none()]
FlipMode = Annotated[str, ArgumentKind(" or ".join(_FLIPS), _mode, {word: word for word in _FLIPS})]
OddSize = Annotated[Factor, ArgumentKind("an odd number, or two", _odd)]
Sampling = Annotated[str, choice("bilinear", "nearest")]
Fill = Annotated[str, _without_nearest(_FILLS)]
ElasticFill = Annotated[str, _without_nearest(_ELASTIC_FILLS)]


class RandomFlip(Augmentation):
    """Mirrors images at random in training: left and right, top and bottom, or both.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.RandomFlip
    """

    mode: FlipMode = "horizontal_and_vertical"
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomRotation(Augmentation):
    """Rotates images by a random angle in training; ``factor`` is a fraction of a full turn.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from -1 to 1
    Source  keras.layers.RandomRotation
    """

    factor: BothSigns
    fill_mode: Fill = "reflect"
    interpolation: Sampling = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomTranslation(Augmentation):
    """Shifts images at random in training, by up to a fraction of their height and width.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; a factor is not from -1 to 1
    Source  keras.layers.RandomTranslation
    """

    height_factor: EachBothSigns
    width_factor: EachBothSigns
    fill_mode: Fill = "reflect"
    interpolation: Sampling = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomZoom(Augmentation):
    """Zooms into or out of images at random in training; the width goes along with the height.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; a factor is not above -1 and up to 1
    Source  keras.layers.RandomZoom
    """

    height_factor: ZoomFactor
    width_factor: OptionalZoomFactor = None
    fill_mode: Fill = "reflect"
    interpolation: Sampling = "bilinear"
    seed: Seed = None
    fill_value: Number = 0.0
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomShear(Augmentation):
    """Shears images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; a factor is not from 0 to 1
    Source  keras.layers.RandomShear
    """

    x_factor: EachFromZero = 0.0
    y_factor: EachFromZero = 0.0
    interpolation: Sampling = "bilinear"
    fill_mode: Fill = "reflect"
    fill_value: Number = 0.0
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomPerspective(Augmentation):
    """Applies a random perspective transform to images in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor or scale is not from 0 to 1
    Source  keras.layers.RandomPerspective
    """

    factor: FromZero = 1.0
    scale: Fraction = 1.0
    interpolation: Sampling = "bilinear"
    fill_value: Number = 0.0
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomElasticTransform(Augmentation):
    """Distorts images elastically at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor or scale is not from 0 to 1
    Source  keras.layers.RandomElasticTransform
    """

    factor: FromZero = 1.0
    scale: FromZero = 1.0
    interpolation: Sampling = "bilinear"
    fill_mode: ElasticFill = "reflect"
    fill_value: Number = 0.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomErasing(Augmentation):
    """Erases a random rectangle of images in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor or scale is not from 0 to 1
    Source  keras.layers.RandomErasing
    """

    factor: FromZero = 1.0
    scale: FromZero = (0.02, 0.33)
    fill_value: OptionalNumber = None
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomGaussianBlur(Augmentation):
    """Blurs images at random in training, with a kernel of odd size.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; kernel_size is even; factor or sigma is not
            from 0 to 1
    Source  keras.layers.RandomGaussianBlur
    """

    factor: FromZero = 1.0
    kernel_size: OddSize = 3
    sigma: FromZero = 1.0
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class CutMix(Augmentation):
    """Replaces a rectangle of each image with that of another image of the batch, in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.CutMix
    """

    factor: FromZero = 1.0
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class MixUp(Augmentation):
    """Blends each image with another image of the batch, in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.MixUp
    """

    alpha: Number = 0.2
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandAugment(Augmentation):
    """Applies ``num_ops`` random augmentations one after the other, in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandAugment
    """

    value_range: ValueRange = (0, 255)
    num_ops: Count = 2
    factor: EachFromZero = 0.5
    interpolation: Sampling = "bilinear"
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class AugMix(Augmentation):
    """Blends images with augmented copies of themselves, in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.AugMix
    """

    value_range: ValueRange = (0, 255)
    num_chains: PositiveInteger = 3
    chain_depth: PositiveInteger = 3
    factor: EachFromZero = 0.3
    alpha: Number = 1.0
    all_ops: Switch = True
    interpolation: Sampling = "bilinear"
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None
