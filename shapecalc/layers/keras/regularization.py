"""Regularizations: disturb or punish in training, and keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from pydantic import field_validator

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import ArgumentKind, Fraction, Seed, as_size, number
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import KerasLayer, SpatialLayer
from shapecalc.layers.layer import Layer, rule
from shapecalc.layers.layout import split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


def _noise_shape(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(None if size is None else as_size(size, 1) for size in value)


NoiseShape = Annotated[
    tuple[Size | None, ...] | None,
    ArgumentKind("a shape, in which None is any size", _noise_shape, least=1).or_none(),
]
Penalty = Annotated[float | None, number(0).or_none()]


class Dropout(KerasLayer):
    """Sets a random fraction (``rate``) of the values to zero in training.

    Shape   (...) -> (...)
    Errors  rate is not from 0 to 1
    Source  keras.layers.Dropout
    """

    moves = True
    keeps_rank = True

    rate: Fraction
    noise_shape: NoiseShape = None
    seed: Seed = None


class AlphaDropout(KerasLayer):
    """Drops a fraction of the values in training and keeps mean and variance; made for ``selu``.

    Shape   (...) -> (...)
    Errors  rate is not from 0 to 1
    Source  keras.layers.AlphaDropout
    """

    keeps_rank = True

    rate: Fraction
    noise_shape: NoiseShape = None
    seed: Seed = None


class GaussianDropout(KerasLayer):
    """Multiplies the values with noise around 1 in training.

    Shape   (...) -> (...)
    Errors  rate is not from 0 to 1
    Source  keras.layers.GaussianDropout
    """

    keeps_rank = True

    rate: Fraction
    seed: Seed = None


class GaussianNoise(KerasLayer):
    """Adds noise around 0 to the values in training.

    Shape   (...) -> (...)
    Errors  stddev is not from 0 to 1
    Source  keras.layers.GaussianNoise
    """

    keeps_rank = True

    stddev: Fraction
    seed: Seed = None


class ActivityRegularization(KerasLayer):
    """Adds a penalty for large outputs to the loss.

    Shape   (...) -> (...)
    Errors  l1 or l2 is below 0
    Source  keras.layers.ActivityRegularization
    """

    moves = True
    keeps_rank = True

    l1: Penalty = 0.0
    l2: Penalty = 0.0


@rule(Dropout, AlphaDropout, GaussianDropout, GaussianNoise, ActivityRegularization)
def regularization(_layer: Layer, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)


class SpatialDropout(SpatialLayer):
    """Base class of the dropouts of whole channels; unlike other layers they are never frozen."""

    moves = True
    keeps_axes = True

    rate: Fraction

    @field_validator("trainable", "input_shape")
    @classmethod
    def _not_taken(cls, _value: object) -> NoReturn:
        raise ValueError("is not an argument of this layer")

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees only itself."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank)


class SpatialDropout1D(SpatialDropout):
    """Drops whole channels of a sequence in training, instead of single values.

    Shape   (batch, steps, channels) -> (batch, steps, channels)
    Errors  the input has another number of axes; rate is not from 0 to 1
    Source  keras.layers.SpatialDropout1D
    """

    rank = 1

    seed: Seed = None


class SpatialDropout2D(SpatialDropout):
    """Drops whole channels of an image in training, instead of single values.

    Shape   (batch, height, width, channels) -> (batch, height, width, channels)
    Errors  the input has another number of axes; rate is not from 0 to 1
    Source  keras.layers.SpatialDropout2D
    """

    rank = 2

    data_format: DataFormat = None
    seed: Seed = None


class SpatialDropout3D(SpatialDropout):
    """Drops whole channels of a volume or a video in training, instead of single values.

    Shape   (batch, depth, height, width, channels) -> (batch, depth, height, width, channels)
    Errors  the input has another number of axes; rate is not from 0 to 1
    Source  keras.layers.SpatialDropout3D
    """

    rank = 3

    data_format: DataFormat = None
    seed: Seed = None


@rule(SpatialDropout1D, SpatialDropout2D, SpatialDropout3D)
def spatial_dropout(layer: SpatialDropout, _scope: Scope, x: Shape) -> Result:
    """Keep the shape, which must have so many axes."""
    split(x, layer.rank, getattr(layer, "data_format", None))
    return Result(x)
