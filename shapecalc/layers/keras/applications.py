"""Layers that only the models of ``keras.applications`` have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from shapecalc.dims import Shape, equal
from shapecalc.layers.arguments import Fraction, Units, number
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class LayerScale(KerasLayer):
    """Multiplies each channel by a learned factor, initially very small.

    Shape   (batch, ..., projection_dim) -> the same
    Errors  the last axis is not projection_dim
    Source  keras.applications.convnext, LayerScale
    """

    examples = ("in:B:H:W:96,layerscale:1e-6:96",)

    init_values: Annotated[float, number()]
    projection_dim: Units

    def feature_axes(self) -> tuple[int, ...]:
        """Return the last axis."""
        return (-1,)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees only itself."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank)


@rule(LayerScale)
def layer_scale(layer: LayerScale, scope: Scope, x: Shape) -> Result:
    """Multiply along the last axis."""
    why = "scales {} channels, but gets {}"
    scope.require(
        equal(at_least_axes(x, "channels")[-1], layer.projection_dim), why, layer.projection_dim, x
    )
    return Result(x, weights=[Weight("gamma", (layer.projection_dim,))])


class StochasticDepth(KerasLayer):
    """Skips a whole branch at random in training.

    Shape   (batch, ...) -> the same
    Errors  none
    Source  keras.applications.convnext, StochasticDepth
    """

    keeps_rank = True

    drop_path_rate: Fraction


@rule(StochasticDepth)
def stochastic_depth(_layer: StochasticDepth, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)
