"""Normalizations: shift and scale the numbers to a common mean and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import model_validator

from shapecalc.dims import Dim, Shape, Size, equal, multiple_of, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, Switch, number, whole
from shapecalc.layers.keras.activation import AxisOrAxes, SomeAxes, check_axes
from shapecalc.layers.keras.arguments import Constraint, Initializer, Regularizer
from shapecalc.layers.keras.layer import AlongAxes
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.layer import rule
from shapecalc.layers.ranges import Range
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.looking import Looks, Passed

_CLIPPING = frozenset({"rmax", "rmin", "dmax"})


def _truncated(value: Any) -> int:  # noqa: ANN401
    try:
        return whole(int(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError from None


def _clipping(value: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(value, dict) and _CLIPPING.issuperset(value):
        return {
            name: None if bound is None else number().check(bound) for name, bound in value.items()
        }
    raise ValueError


Axis = Annotated[int, ArgumentKind("an axis", _truncated)]
Number = Annotated[float, number()]
Clipping = Annotated[
    dict[str, Any] | None,
    ArgumentKind("bounds by the names rmax, rmin and dmax", _clipping).or_none(),
]


def weighed_sizes(x: Shape, axis: int | tuple[int, ...]) -> Shape:
    """Return the shape of weights along these axes; over the batch only where its size is known."""
    named = check_axes(x, axis)
    if any(each in {0, -len(x)} for each in named) and isinstance(x[0], Dim):
        raise ShapeError(f"has weights over the batch, whose size is unknown in {shape_text(x)}")
    return tuple(x[each] for each in sorted(named))


class BatchNormalization(AlongAxes):
    """Normalizes each channel by its mean and variance over the batch.

    Shape   (batch, ..., channels) -> (batch, ..., channels)
    Errors  the input has no such axis; the axis is the batch, whose size is unknown
    Source  keras.layers.BatchNormalization
    """

    learns_per_channel = True

    masks = ("mask",)

    axis: Axis = -1
    momentum: Number = 0.99
    epsilon: Number = 0.001
    center: Switch = True
    scale: Switch = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    moving_mean_initializer: Initializer = "zeros"
    moving_variance_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None
    renorm: Switch = False
    renorm_clipping: Clipping = None
    renorm_momentum: Number = 0.99
    synchronized: Switch = False

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that say of each position, channels aside, whether it counts."""
        require_mask(scope, "mask", inputs[0][:-1])

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        bounds = (self.renorm_clipping or {}) if self.renorm else {}
        most, least, shift = map(bounds.get, ("rmax", "rmin", "dmax"))
        if most is not None and least is not None and most < least:
            raise ValueError(f"renorm_clipping has an rmax {most} below its rmin {least}")
        if shift is not None and shift < 0:
            raise ValueError(f"renorm_clipping takes a dmax of at least 0, not {shift}")
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only at itself, since the mean and the spread are remembered."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank)


@rule(BatchNormalization)
def batch_normalization(layer: BatchNormalization, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; learn a scale and an offset, and remember mean and variance."""
    shape = weighed_sizes(x, layer.axis)
    learned = [("gamma", layer.scale), ("beta", layer.center)]
    seen = ["moving_mean", "moving_variance"]
    if layer.renorm:
        seen += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    weights = [Weight(name, shape) for name, used in learned if used]
    weights += [Weight(name, shape, trainable=False) for name in seen]
    return Result(x, weights=weights)


class LayerNormalization(AlongAxes):
    """Normalizes each example separately, over its features.

    Shape   (batch, ..., features) -> (batch, ..., features)
    Errors  the input has no such axis; an axis is the batch, whose size is unknown
    Source  keras.layers.LayerNormalization
    """

    axis: AxisOrAxes = -1
    epsilon: Number = 0.001
    center: Switch = True
    scale: Switch = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None
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


def _groups(value: Any) -> int:  # noqa: ANN401
    count = whole(value)
    if count < 1 and count != -1:
        raise ValueError
    return count


class GroupNormalization(AlongAxes):
    """Normalizes each example separately, over groups of channels; it does not depend on the batch.

    ``groups=1`` is much like LayerNormalization, ``groups=-1`` makes each channel a group.

    Shape   (batch, ..., channels) -> (batch, ..., channels)
    Errors  the channels cannot be split into groups (there are 32 unless you say otherwise);
            the input has no such axis; the axis is the batch, whose size is unknown
    Source  keras.layers.GroupNormalization
    """

    groups: Annotated[int, ArgumentKind("a whole number of at least 1, or -1", _groups)] = 32
    axis: Integer = -1
    epsilon: Number = 0.001
    center: Switch = True
    scale: Switch = True
    beta_initializer: Initializer = "zeros"
    gamma_initializer: Initializer = "ones"
    beta_regularizer: Regularizer = None
    gamma_regularizer: Regularizer = None
    beta_constraint: Constraint = None
    gamma_constraint: Constraint = None

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: a group has channels of all positions."""
        from shapecalc.layers.looking import all_along

        return all_along(passed.rank, range(1, passed.rank))


@rule(GroupNormalization)
def group_normalization(layer: GroupNormalization, scope: Scope, x: Shape) -> Result:
    """Keep the shape; learn a scale and an offset for each channel."""
    shape = weighed_sizes(x, layer.axis)
    (channels,) = shape
    if layer.groups != -1:
        why = "cannot split {} channels into {} groups"
        scope.require(multiple_of(channels, layer.groups), why, channels, layer.groups)
    learned = [("gamma", layer.scale), ("beta", layer.center)]
    return Result(x, weights=[Weight(name, shape) for name, used in learned if used])


class RMSNormalization(AlongAxes):
    """Divides the features by their root mean square, and scales them.

    It is LayerNormalization without the mean and the offset, as most language models use it.

    Shape   (batch, ..., features) -> (batch, ..., features)
    Errors  the input has no such axis; an axis is the batch, whose size is unknown
    Source  keras.layers.RMSNormalization
    """

    axis: AxisOrAxes = -1
    epsilon: Number = 1e-6


@rule(RMSNormalization)
def rms_normalization(layer: RMSNormalization, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; learn a scale for each place along the axes."""
    return Result(x, weights=[Weight("scale", weighed_sizes(x, layer.axis))])


class UnitNormalization(AlongAxes):
    """Scales the values along an axis to unit norm.

    Shape   (...) -> (...)
    Errors  the input has no such axis
    Source  keras.layers.UnitNormalization
    """

    leaves = Range.VECTORS

    axis: AxisOrAxes = -1


@rule(UnitNormalization)
def unit_normalization(layer: UnitNormalization, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; the axes must be there."""
    check_axes(x, layer.axis)
    return Result(x)


def _lengths(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Return the shape of nested lists of numbers, which are equally long at each depth."""
    if isinstance(value, (int, float)):
        number().check(value)
        return ()
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    inner = {_lengths(item) for item in value}
    if len(inner) > 1:
        raise ValueError
    return (len(value), *(inner.pop() if inner else ()))


def _numbers(value: Any) -> Any:  # noqa: ANN401
    _lengths(value)
    return value


Numbers = Annotated[Any, ArgumentKind("a number, or lists of numbers", _numbers).or_none()]


class Normalization(AlongAxes):
    """Shifts and scales features by a given mean and variance, or by those of the data.

    If they are not given, ``adapt()`` computes them; training does not change them.

    Shape   (...) -> (...)
    Errors  the input has no such axis; an axis is the batch, whose size is unknown; mean or
            variance alone; as many means as do not fit the sizes along the axes
    Source  keras.layers.Normalization
    """

    axis: SomeAxes = -1
    mean: Numbers = None
    variance: Numbers = None
    invert: Switch = False

    @model_validator(mode="after")
    def _mean_and_variance_agree(self) -> Self:
        if (self.mean is None) != (self.variance is None):
            raise ValueError("mean and variance go together: give both or neither")
        if self.mean is None:
            return self
        means, variances = _lengths(self.mean), _lengths(self.variance)
        if means != variances:
            raise ValueError(f"mean has {_amount(means)}, but variance {_amount(variances)}")
        if len(means) > len(self.feature_axes()):
            kept = len(self.feature_axes())
            raise ValueError(f"mean is nested {len(means)} deep, but axis names {kept}")
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only at itself, since the mean and the variance are known."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank)


def _amount(lengths: tuple[int, ...]) -> str:
    return " by ".join(map(str, lengths)) + " numbers" if lengths else "one number"


@rule(Normalization)
def normalization(layer: Normalization, scope: Scope, x: Shape) -> Result:
    """Keep the shape; remember mean, variance and how many examples were seen, unless given."""
    shape = weighed_sizes(x, layer.feature_axes())
    if layer.mean is None:
        seen: list[tuple[str, tuple[Size, ...]]] = [
            ("mean", shape),
            ("variance", shape),
            ("count", ()),
        ]
        return Result(x, weights=[Weight(name, sizes, trainable=False) for name, sizes in seen])
    lengths = _lengths(layer.mean)
    for given, size in zip(lengths, shape[len(shape) - len(lengths) :], strict=True):
        if given != 1:
            why = "has {} means for an axis of {} in {}"
            scope.require(equal(size, given), why, given, size, x)
    return Result(x)
