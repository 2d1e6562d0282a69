"""ChannelShuffle: mix the channels of groups, so that the next grouped convolution sees all."""

from __future__ import annotations

from shapecalc.dims import Shape, multiple_of, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import PositiveInteger
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module


class ChannelShuffle(Module):
    """Deals the channels out anew: the first of each group, then the second of each, and so on.

    Shape   (N, C, *) -> the same; the channels stand on axis 1, so that there must be a batch
    Errors  the channels cannot be split into the groups; fewer than 3 axes
    Source  torch.nn.ChannelShuffle
    """

    examples = ("in:N:12:H:W,channelshuffle:3",)
    keeps_axes = True

    groups: PositiveInteger

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", "H", "W")


@rule(ChannelShuffle)
def channel_shuffle(layer: ChannelShuffle, scope: Scope, x: Shape) -> Result:
    """Keep the shape; each group has as many channels."""
    if len(x) < 3:  # noqa: PLR2004  (batch, channels, and what they are of)
        raise RankError(f"needs at least 3 axes (N, C, *), but gets {shape_text(x)}")
    why = "cannot split {} channels into {} groups"
    scope.require(multiple_of(x[1], layer.groups), why, x[1], layer.groups)
    return Result(x)
