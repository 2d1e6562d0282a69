"""Norms of each example: over its last axes, over groups of channels, over neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, any_of, at_least, equal, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind, PositiveInteger, as_size
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Affine, Bias, InputSize, Number, OptionalNumber
from shapecalc.layers.torch.layer import (
    ImageModule,
    Module,
    refuse_groups,
    require_filled,
    require_groups,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.layers.looking import Looks, Passed


def _normalized_shape(value: Any) -> Size | tuple[Size, ...] | None:  # noqa: ANN401
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        return as_size(value, 1)
    if not value:
        raise ValueError
    return tuple(as_size(size, 1) for size in value)


NormalizedShape = Annotated[
    Size | tuple[Size, ...] | None,
    ArgumentKind(
        "a size, the sizes of the last axes, or _ for that of the last one",
        _normalized_shape,
        least=1,
        open_ended=True,
    ),
]


class LastAxesNorm(Module):
    """Base class of the norms over the last axes."""

    keeps_rank = True

    normalized_shape: NormalizedShape

    def default_input(self) -> tuple[str | Size, ...]:
        """Return the default input, with what it declares."""
        shape = self.normalized_shape
        if isinstance(shape, tuple):
            return ("N", *shape)
        return ("N", "L", "F" if shape is None else shape)

    def settled(self, inputs: Sequence[Shape]) -> Layer:
        """Return the norm with the size that came in place of one that it left open."""
        if self.normalized_shape is not None or not inputs or not inputs[0]:
            return self
        return self.model_copy(update={"normalized_shape": inputs[0][-1]})

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axes that it is declared for."""
        from shapecalc.layers.looking import all_along

        shape = self.normalized_shape
        count = len(shape) if isinstance(shape, tuple) else 1
        return all_along(passed.rank, range(passed.rank - count, passed.rank))


class LayerNorm(LastAxesNorm):
    """Normalizes each example over its last axes, then scales and shifts each of their positions.

    Shape   (*, *normalized_shape) -> the same
    Errors  the last axes are not normalized_shape (usual cause: channels first)
    Source  torch.nn.LayerNorm
    """

    eps: Number = 1e-5
    elementwise_affine: Affine = True
    bias: Bias = True


class RMSNorm(LastAxesNorm):
    """Divides each example by the root of the mean square over its last axes; no bias.

    Shape   (*, *normalized_shape) -> the same
    Errors  the last axes are not normalized_shape (usual cause: channels first)
    Source  torch.nn.RMSNorm
    """

    eps: OptionalNumber = None
    elementwise_affine: Affine = True


@rule(LayerNorm, RMSNorm)
def last_axes_norm(layer: LayerNorm | RMSNorm, scope: Scope, x: Shape) -> Result:
    """Keep the shape, whose last axes are those that are normalized."""
    declared = layer.normalized_shape
    shape = declared if isinstance(declared, tuple) else (declared,)
    if len(shape) > len(x):
        raise RankError(f"normalizes the last {len(shape)} axes, but gets {shape_text(x)}")
    last = x[len(x) - len(shape) :]
    why = "normalizes the last axes {}, but gets {} in {}"
    for size, expected in zip(last, shape, strict=True):
        scope.require(expected is None or equal(size, expected), why, shape, last, x)
    known = tuple(a if b is None else b for a, b in zip(last, shape, strict=True))
    weights = [Weight("weight", known)] if layer.elementwise_affine else []
    if weights and isinstance(layer, LayerNorm) and layer.bias:
        weights.append(Weight("bias", known))
    return Result(x, weights=weights)


class GroupNorm(ImageModule):
    """Normalizes groups of channels of each example, then scales and shifts each channel.

    One group is a LayerNorm over all but the batch, as many as channels an InstanceNorm.

    Shape   (N, C, *) -> the same
    Errors  the channels are not num_channels; num_groups does not divide them; one value for
            each group
    Source  torch.nn.GroupNorm
    """

    keeps_rank = True
    declares = ("num_channels", 1)

    num_groups: PositiveInteger
    num_channels: InputSize
    eps: Number = 1e-5
    affine: Affine = True
    bias: Bias = True

    @model_validator(mode="after")
    def _groups_divide(self) -> Self:
        refuse_groups(self, "num_channels", groups="num_groups")
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: a group has channels of all positions."""
        from shapecalc.layers.looking import all_along

        return all_along(passed.rank, range(1, passed.rank))


@rule(GroupNorm)
def group_norm(layer: GroupNorm, scope: Scope, x: Shape) -> Result:
    """Keep the shape; the groups share the channels, which stand on axis 1."""
    batch, channels, *sizes = at_least_axes(x, "batch channels")
    groups, declared = layer.num_groups, layer.num_channels
    if layer.affine and declared is not None:
        why = "normalizes {} channels, but gets {} on axis 1 of {}"
        scope.require(equal(channels, declared), why, declared, channels, x)
    require_filled(scope, x, (channels, *sizes))
    require_groups(scope, groups, channels)
    several = any_of(*(at_least(size, 2) for size in (batch, channels // groups, *sizes)))
    scope.require(several, "needs more than 1 value for each group, but gets {}", x)
    known = channels if declared is None else declared
    weights = [Weight("weight", (known,))] if layer.affine else []
    if layer.affine and layer.bias:
        weights.append(Weight("bias", (known,)))
    return Result(x, weights=weights)


class NeighbourNorm(ImageModule):
    """Base class of the norms over neighboring channels."""

    abstract: ClassVar[bool] = True
    keeps_rank = True


class LocalResponseNorm(NeighbourNorm):
    """Divides each value by those at the same position in neighboring channels, as in AlexNet.

    Shape   (N, C, *) -> the same
    Errors  the input has fewer than 3 axes
    Source  torch.nn.LocalResponseNorm
    """

    size: PositiveInteger
    alpha: Number = 1e-4
    beta: Number = 0.75
    k: Number = 1.0


class CrossMapLRN2d(NeighbourNorm):
    """Divides each value by those at the same position in neighboring channels of an image.

    Shape   (N, C, H, W) -> the same
    Errors  the input has not 4 axes
    Source  torch.nn.CrossMapLRN2d
    """

    size: PositiveInteger
    alpha: Number = 1e-4
    beta: Number = 0.75
    k: Number = 1.0


@rule(LocalResponseNorm, CrossMapLRN2d)
def neighbour_norm(layer: NeighbourNorm, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    if isinstance(layer, CrossMapLRN2d) and len(x) != 4:  # noqa: PLR2004  (an image)
        raise RankError(f"needs (N, C, H, W), but gets {shape_text(x)}")
    if len(x) < 3:  # noqa: PLR2004  (batch, channels and a place)
        raise RankError(f"needs at least (N, C, L), but gets {shape_text(x)}")
    return Result(x)
