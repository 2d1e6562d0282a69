"""Color: change the brightness, contrast and colors of images in training, and keep their shape."""

from __future__ import annotations

from typing import Annotated

from shapecalc.layers.arguments import Fraction, OptionalText, PositiveInteger, Seed, per_axis
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.augmentation import (
    BothSigns,
    EachFromZero,
    Factor,
    FromZero,
    factor,
)
from shapecalc.layers.keras.images import Augmentation, Number, ValueRange

GivenBothSigns = Annotated[Factor, factor(-1, 1)]
OptionalFromZero = Annotated[Factor | None, factor(0, 1).or_none()]
Bits = Annotated[Factor, factor(1, 8)]
GridSize = Annotated[int | tuple[int, ...], per_axis()]


class RandomBrightness(Augmentation):
    """Changes the brightness of images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from -1 to 1
    Source  keras.layers.RandomBrightness
    """

    factor: BothSigns
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomContrast(Augmentation):
    """Changes the contrast of images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandomContrast
    """

    factor: FromZero
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomSaturation(Augmentation):
    """Changes the saturation of images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from -1 to 1
    Source  keras.layers.RandomSaturation
    """

    factor: GivenBothSigns
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomHue(Augmentation):
    """Shifts the hue of images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandomHue
    """

    factor: FromZero
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomColorJitter(Augmentation):
    """Changes brightness, contrast, saturation and hue of images at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; a factor is out of the range of its own layer
    Source  keras.layers.RandomColorJitter
    """

    value_range: ValueRange = (0, 255)
    brightness_factor: BothSigns = None
    contrast_factor: OptionalFromZero = None
    saturation_factor: BothSigns = None
    hue_factor: OptionalFromZero = None
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomColorDegeneration(Augmentation):
    """Blends images with their gray versions at random in training.

    Shape   (batch, height, width, 3) -> (batch, height, width, 3); the batch may be missing
    Errors  the input has another number of axes, or not 3 channels; factor is not from -1 to 1
    Source  keras.layers.RandomColorDegeneration
    """

    colored = True

    factor: GivenBothSigns
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomSharpness(Augmentation):
    """Makes images sharper or softer at random in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandomSharpness
    """

    factor: FromZero
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomGrayscale(Augmentation):
    """Converts a random fraction (``factor``) of the images to gray in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandomGrayscale
    """

    factor: Fraction = 0.5
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class RandomInvert(Augmentation):
    """Inverts the colors of a random fraction (``factor``) of the images in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 0 to 1
    Source  keras.layers.RandomInvert
    """

    factor: FromZero = 1.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class RandomPosterization(Augmentation):
    """Reduces each color to ``factor`` bits in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; factor is not from 1 to 8
    Source  keras.layers.RandomPosterization
    """

    examples = ("randomposterization:4",)

    factor: Bits
    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    seed: Seed = None
    bounding_box_format: OptionalText = None


class Solarization(Augmentation):
    """Inverts the values of images above a random threshold, in training.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes; a factor is not from 0 to 1
    Source  keras.layers.Solarization
    """

    addition_factor: EachFromZero = 0.0
    threshold_factor: EachFromZero = 0.0
    value_range: ValueRange = (0, 255)
    seed: Seed = None
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class AutoContrast(Augmentation):
    """Stretches the values of each image over the whole range.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.AutoContrast
    """

    value_range: ValueRange = (0, 255)
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class Equalization(Augmentation):
    """Equalizes the histogram of each channel, with ``bins`` bins.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.Equalization
    """

    value_range: ValueRange = (0, 255)
    bins: PositiveInteger = 256
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None


class ContrastLimitedAdaptiveHistogramEqualization(Augmentation):
    """Equalizes the histogram of images tile by tile, with limited contrast (CLAHE).

    Shape   (batch, height, width, channels) -> (batch, height, width, channels);
            the batch may be missing
    Errors  the input has another number of axes
    Source  keras.layers.ContrastLimitedAdaptiveHistogramEqualization
    """

    value_range: ValueRange = (0, 255)
    clip_limit: Number = 4.0
    tile_grid_size: GridSize = (8, 8)
    data_format: DataFormat = None
    bounding_box_format: OptionalText = None
