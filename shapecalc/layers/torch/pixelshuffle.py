"""Pixel shuffles: channels become pixels, and pixels channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shapecalc.dims import Shape, multiple_of, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import PositiveInteger
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Layout
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import SPATIAL, Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied

#: Channels, height and width.
IMAGE = 3


class Shuffle(Module):
    """What both ways share: they work on the last three axes."""

    abstract: ClassVar[bool] = True
    keeps_axes = True

    def layout(self) -> Layout:
        """Where the axes of its input stand."""
        return Layout(2, "channels_first", SPATIAL[2])

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", "H", "W")


class PixelShuffle(Shuffle):
    """Makes an image larger: of upscale_factor**2 channels each it makes one with more pixels.

    Shape   (*, C, H, W) -> (*, C/r**2, H*r, W*r), with r = upscale_factor
    Errors  the channels are no multiple of upscale_factor**2; fewer than 3 axes
    Source  torch.nn.PixelShuffle
    """

    examples = ("in:N:12:H:W,pixelshuffle:2",)

    upscale_factor: PositiveInteger

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say where the pixels come from."""
        before, after = applied.inputs[0][-3], applied.outputs[0][-3]
        factor = self.upscale_factor
        yield f"channels: {before} becomes {after}, for {factor}*{factor} of them make one"


@rule(PixelShuffle)
def pixel_shuffle(layer: PixelShuffle, scope: Scope, x: Shape) -> Result:
    """Share the channels out over the pixels."""
    channels, height, width = _image(x)
    factor = layer.upscale_factor
    why = "makes one channel of each {}, but {} has {} channels"
    scope.require(multiple_of(channels, factor**2), why, factor**2, x, channels)
    return Result((*x[:-IMAGE], channels // factor**2, height * factor, width * factor))


class PixelUnshuffle(Shuffle):
    """Makes an image smaller: its pixels go to downscale_factor**2 times as many channels.

    Shape   (*, C, H, W) -> (*, C*r**2, H/r, W/r), with r = downscale_factor
    Errors  height or width is no multiple of downscale_factor; fewer than 3 axes
    Source  torch.nn.PixelUnshuffle
    """

    examples = ("in:N:3:H:W,pixelunshuffle:2",)

    downscale_factor: PositiveInteger

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say where the pixels go."""
        before, after = applied.inputs[0][-3], applied.outputs[0][-3]
        factor = self.downscale_factor
        yield f"channels: {before} becomes {after}, for each makes {factor}*{factor} of its pixels"


@rule(PixelUnshuffle)
def pixel_unshuffle(layer: PixelUnshuffle, scope: Scope, x: Shape) -> Result:
    """Collect the pixels in channels."""
    channels, *sizes = _image(x)
    factor = layer.downscale_factor
    for axis, size in zip(SPATIAL[2], sizes, strict=True):
        why = "divides the {} by {}, but gets {}"
        scope.require(multiple_of(size, factor), why, axis, factor, size)
    return Result((*x[:-IMAGE], channels * factor**2, *(size // factor for size in sizes)))


def _image(x: Shape) -> Shape:
    if len(x) < IMAGE:
        raise RankError(f"needs at least 3 axes (*, C, H, W), but gets {shape_text(x)}")
    return x[-IMAGE:]
