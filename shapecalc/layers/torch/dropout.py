"""Dropout: leaves out numbers, or whole channels, while training."""

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
    """Base class of all dropouts."""

    moves = True
    keeps_rank = True
    #: How many axes the input must have while training, at least.
    least: ClassVar[int] = 0

    p: Fraction = 0.5
    inplace: Inplace = False


class Dropout(AnyDropout):
    """Sets a random fraction (``p``) of the values to 0 in training.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Dropout
    """


class AlphaDropout(AnyDropout):
    """A Dropout that keeps mean and variance, for networks with SELU.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.AlphaDropout
    """


class Dropout1d(AnyDropout):
    """Drops whole channels of a sequence while training.

    Shape   (N, C, L) or (C, L) -> the same
    Errors  the input has another number of axes
    Source  torch.nn.Dropout1d
    """


class Dropout2d(AnyDropout):
    """Drops whole channels of an image while training.

    Shape   (N, C, H, W) -> the same
    Errors  fewer than 2 axes while training
    Source  torch.nn.Dropout2d
    """

    least = 2


class Dropout3d(AnyDropout):
    """Drops whole channels of a volume while training.

    Shape   (N, C, D, H, W) -> the same
    Errors  no axis while training
    Source  torch.nn.Dropout3d
    """

    least = 1


class FeatureAlphaDropout(AnyDropout):
    """An AlphaDropout of whole channels.

    Shape   (N, C, *) -> the same
    Errors  fewer than 2 axes while training
    Source  torch.nn.FeatureAlphaDropout
    """

    least = 2


@rule(Dropout, AlphaDropout, Dropout2d, Dropout3d, FeatureAlphaDropout)
def dropout(layer: AnyDropout, scope: Scope, x: Shape) -> Result:
    """Keep the shape; what leaves out all or nothing does not look at the channels."""
    if scope.training and 0 < layer.p < 1 and len(x) < layer.least:
        raise RankError(f"needs at least {layer.least} axes in training, but gets {shape_text(x)}")
    return Result(x)


@rule(Dropout1d)
def dropout_1d(_layer: Dropout1d, _scope: Scope, x: Shape) -> Result:
    """Keep the shape of a sequence."""
    if len(x) not in (2, 3):
        raise RankError(f"needs (C, L) or (N, C, L), but gets {shape_text(x)}")
    return Result(x)
