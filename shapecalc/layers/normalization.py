"""Normalizations: shift and scale the numbers to a common mean and spread."""

from __future__ import annotations

from typing import Annotated, Any

from shapecalc.dims import Dim, Shape, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.activation import AxisOrAxes, check_axes
from shapecalc.layers.arguments import Kind, Named, Switch, number
from shapecalc.layers.base import Layer, Result, Scope, Weight, rule

_CLIPPING = frozenset({"rmax", "rmin", "dmax"})


def _truncated(value: Any) -> int:  # noqa: ANN401
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError from None


def _clipping(value: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(value, dict) and _CLIPPING.issuperset(value):
        return value
    raise ValueError


Axis = Annotated[int, Kind("an axis", _truncated)]
Number = Annotated[float, number()]
Clipping = Annotated[
    dict[str, Any] | None, Kind("bounds by the names rmax, rmin and dmax", _clipping).or_none()
]


def weighed_sizes(x: Shape, axis: int | tuple[int, ...]) -> Shape:
    """The shape of weights along these axes; over the batch only where its size is known."""
    named = check_axes(x, axis)
    if isinstance(x[0], Dim) and any(each in {0, -len(x)} for each in named):
        raise ShapeError(f"has weights over the batch, whose size is unknown in {shape_text(x)}")
    return tuple(x[each] for each in sorted(named))


class BatchNormalization(Layer):
    """Normalizes each channel by the mean and the spread that it has in the batch.

    Shape   (batch, ..., channels) -> (batch, ..., channels)
    Errors  the input has no such axis; the axis is the batch, whose size is unknown
    Source  keras.layers.BatchNormalization
    """

    transparent = True

    axis: Axis = -1
    momentum: Number = 0.99
    epsilon: Number = 0.001
    center: Switch = True
    scale: Switch = True
    beta_initializer: Named = "zeros"
    gamma_initializer: Named = "ones"
    moving_mean_initializer: Named = "zeros"
    moving_variance_initializer: Named = "ones"
    beta_regularizer: Named = None
    gamma_regularizer: Named = None
    beta_constraint: Named = None
    gamma_constraint: Named = None
    renorm: Switch = False
    renorm_clipping: Clipping = None
    renorm_momentum: Number = 0.99
    synchronized: Switch = False


@rule(BatchNormalization)
def batch_normalization(layer: BatchNormalization, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; learn a scale and an offset, and remember mean and variance."""
    shape = weighed_sizes(x, layer.axis)
    learned = [("gamma", layer.scale), ("beta", layer.center)]
    seen = ["moving_mean", "moving_variance"]
    if layer.renorm:
        seen += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    weights = [Weight(name, shape) for name, wanted in learned if wanted]
    weights += [Weight(name, shape, trainable=False) for name in seen]
    return Result(x, weights=weights)


class LayerNormalization(Layer):
    """Normalizes each example by itself, over its features.

    Shape   (batch, ..., features) -> (batch, ..., features)
    Errors  the input has no such axis; an axis is the batch, whose size is unknown
    Source  keras.layers.LayerNormalization
    """

    transparent = True

    axis: AxisOrAxes = -1
    epsilon: Number = 0.001
    center: Switch = True
    scale: Switch = True
    beta_initializer: Named = "zeros"
    gamma_initializer: Named = "ones"
    beta_regularizer: Named = None
    gamma_regularizer: Named = None
    beta_constraint: Named = None
    gamma_constraint: Named = None
    rms_scaling: Switch = False


@rule(LayerNormalization)
def layer_normalization(layer: LayerNormalization, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; learn a scale and an offset for each place along the axes."""
    scaled = layer.scale or layer.rms_scaling
    centered = layer.center and not layer.rms_scaling
    if not (scaled or centered):
        check_axes(x, layer.axis)
        return Result(x)
    shape = weighed_sizes(x, layer.axis)
    weights = [Weight("gamma", shape)] if scaled else []
    if centered:
        weights.append(Weight("beta", shape))
    return Result(x, weights=weights)
