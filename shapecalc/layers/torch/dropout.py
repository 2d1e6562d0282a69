"""Dropout: make some numbers 0 in training, single ones or whole channels."""

from __future__ import annotations

from typing import ClassVar

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Fraction
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Inplace
from shapecalc.layers.torch.layer import Module


class AnyDropout(Module):
    """What all dropouts take; they keep the shape."""

    transparent = True
    #: How many axes there must be while channels are left out: they are as nothing in evaluation.
    least: ClassVar[int] = 0

    p: Fraction = 0.5
    inplace: Inplace = False


class Dropout(AnyDropout):
    """Makes a share ``p`` of the numbers 0 in training, and does nothing in evaluation.

    Shape   any -> the same
    Errors  p is not between 0 and 1
    Source  torch.nn.Dropout
    """


class AlphaDropout(AnyDropout):
    """Is a dropout that keeps mean and variance; it belongs to SELU.

    Shape   any -> the same
    Errors  p is not between 0 and 1
    Source  torch.nn.AlphaDropout
    """


class Dropout2d(AnyDropout):
    """Makes a share ``p`` of the channels of an image 0 in training.

    Another number of axes than 4 is taken, with a warning: of (C, H, W) it drops no channels.

    Shape   (N, C, H, W) -> the same
    Errors  in training, fewer than 2 axes; p is not between 0 and 1
    Source  torch.nn.Dropout2d
    """

    least = 2


class Dropout3d(AnyDropout):
    """Makes a share ``p`` of the channels of a volume or a video 0 in training.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> the same; other inputs are taken with a warning
    Errors  in training, a single number; p is not between 0 and 1
    Source  torch.nn.Dropout3d
    """

    least = 1


class FeatureAlphaDropout(AnyDropout):
    """Makes a share ``p`` of the channels 0 in training, and keeps mean and variance.

    Shape   (N, C, *) -> the same
    Errors  in training, fewer than 2 axes; p is not between 0 and 1
    Source  torch.nn.FeatureAlphaDropout
    """

    least = 2


@rule(Dropout, AlphaDropout, Dropout2d, Dropout3d, FeatureAlphaDropout)
def dropout(layer: AnyDropout, scope: Scope, x: Shape) -> Result:
    """Keep the shape; where only some channels are left out, there must be channels."""
    if scope.training and 0 < layer.p < 1 and len(x) < layer.least:
        axes = "axis" if layer.least == 1 else "axes"
        raise RankError(
            f"leaves out channels in training, which needs at least {layer.least} {axes}, "
            f"but gets {shape_text(x)}"
        )
    return Result(x)


class Dropout1d(AnyDropout):
    """Makes a share ``p`` of the channels of a sequence 0 in training.

    Shape   (N, C, L) or (C, L) -> the same
    Errors  another number of axes, in evaluation too; p is not between 0 and 1
    Source  torch.nn.Dropout1d
    """

    transparent = False
    keeps_axes = True

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", "L")


@rule(Dropout1d)
def dropout_1d(_layer: Dropout1d, _scope: Scope, x: Shape) -> Result:
    """Keep the shape of a sequence."""
    if len(x) not in (2, 3):
        raise RankError(f"needs (C, L) or, with a batch, (N, C, L), but gets {shape_text(x)}")
    return Result(x)
