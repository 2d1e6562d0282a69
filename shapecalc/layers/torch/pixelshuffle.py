"""Channels that become places, places that become channels, and channels that change places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, multiple_of, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import PositiveInteger
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import ImageModule, require_groups

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class PixelShuffle(ImageModule):
    """Rearranges channels to an image ``upscale_factor`` times as high and wide.

    Shape   (*, C*r^2, H, W) -> (*, C, H*r, W*r)
    Errors  the channels are not a multiple of upscale_factor squared; fewer than 3 axes
    Source  torch.nn.PixelShuffle
    """

    examples = ("in:N:16:H:W,pixelshuffle:2",)

    upscale_factor: PositiveInteger

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position comes from one, which is repeated."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import repeated

        spread = repeated(self.upscale_factor)
        return each_axis(passed.rank, {-2: spread, -1: spread})


class PixelUnshuffle(ImageModule):
    """Rearranges blocks of pixels to channels: each square of downscale_factor becomes channels.

    Shape   (*, C, H*r, W*r) -> (*, C*r^2, H, W)
    Errors  height or width is not a multiple of downscale_factor; fewer than 3 axes
    Source  torch.nn.PixelUnshuffle
    """

    examples = ("in:N:3:H:W,pixelunshuffle:2",)

    downscale_factor: PositiveInteger

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position is made of a square."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import windowed

        square = windowed(self.downscale_factor, self.downscale_factor, 1, 0)
        return each_axis(passed.rank, {-2: square, -1: square})


def _image(x: Shape) -> tuple[Shape, Shape]:
    if len(x) < 3:  # noqa: PLR2004  (channels, height and width)
        raise RankError(f"needs at least (C, H, W), but gets {shape_text(x)}")
    return x[:-3], x[-3:]


@rule(PixelShuffle)
def pixel_shuffle(layer: PixelShuffle, scope: Scope, x: Shape) -> Result:
    """Divide the channels, multiply height and width."""
    before, (channels, height, width) = _image(x)
    factor, square = layer.upscale_factor, layer.upscale_factor**2
    why = "needs a multiple of {} channels for a factor of {}, but gets {}"
    scope.require(multiple_of(channels, square), why, square, factor, channels)
    return Result((*before, channels // square, height * factor, width * factor))


@rule(PixelUnshuffle)
def pixel_unshuffle(layer: PixelUnshuffle, scope: Scope, x: Shape) -> Result:
    """Multiply the channels, divide height and width."""
    before, (channels, height, width) = _image(x)
    factor = layer.downscale_factor
    for axis, size in (("height", height), ("width", width)):
        why = "needs a {} that is a multiple of {}, but gets {}"
        scope.require(multiple_of(size, factor), why, axis, factor, size)
    return Result((*before, channels * factor**2, height // factor, width // factor))


class ChannelShuffle(ImageModule):
    """Interleaves the channels of the groups, so that grouped convolutions mix.

    Shape   (N, C, *) -> the same
    Errors  groups does not divide the channels, on axis 1; fewer than 3 axes
    Source  torch.nn.ChannelShuffle
    """

    keeps_rank = True

    groups: PositiveInteger


@rule(ChannelShuffle)
def channel_shuffle(layer: ChannelShuffle, scope: Scope, x: Shape) -> Result:
    """Keep the shape; the groups share the channels."""
    if len(x) < 3:  # noqa: PLR2004  (batch, channels and a place)
        raise RankError(f"needs at least (N, C, L), but gets {shape_text(x)}")
    require_groups(scope, layer.groups, x[1])
    return Result(x)
