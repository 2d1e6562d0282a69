"""Layers of Keras 1 and 2 that Keras 3 lacks and many files contain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import field_validator

from shapecalc.dims import Shape, Size, equal, product, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Units, integer, number, spread
from shapecalc.layers.keras.activation import SomeAxes, places
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.layer import KerasLayer, SpatialLayer
from shapecalc.layers.keras.lstm import LSTM, lstm
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import SPATIAL, axes, join, split
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import AnyCasePadding, PerAxis, Window, one_per_axis, slide, window

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: How LocallyConnected stores its kernel: for each place, as a whole matrix, or only its numbers.
Implementation = Annotated[int, integer(1)]


class CuDNNLSTM(LSTM):
    """An LSTM as Nvidia's library stores it: with a bias for the features and one for the state.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.CuDNNLSTM
    """


@rule(CuDNNLSTM)
def cudnn_lstm(layer: CuDNNLSTM, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Do as LSTM does, with a bias that counts twice."""
    result = lstm(layer, scope, x, *states)
    weights = [
        weight._replace(shape=(2 * weight.shape[0],)) if weight.name == "bias" else weight
        for weight in result.weights
    ]
    return result.replace(weights=weights)


class ThresholdedReLU(KerasLayer):
    """Keeps values above ``theta`` and sets the others to zero.

    Shape   (...) -> (...)
    Errors  theta is not a number
    Source  keras.layers.ThresholdedReLU
    """

    keeps_rank = True

    theta: Annotated[float, number()] = 1.0


@rule(ThresholdedReLU)
def thresholded_relu(_layer: ThresholdedReLU, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)


class ParametricSoftplus(KerasLayer):
    """Applies ``alpha*log(1 + exp(beta*x))``, with alpha and beta learned per position.

    Shape   (batch, ...) -> (batch, ...), with two weights for each number of one example
    Errors  shared_axes names an axis that the input does not have; axes count from 1
    Source  keras.layers.ParametricSoftplus
    """

    keeps_rank = True

    alpha_init: Annotated[float, number()] = 0.2
    beta_init: Annotated[float, number()] = 5.0
    shared_axes: SomeAxes = None


class SReLU(KerasLayer):
    """Changes the slope below a left and above a right threshold, learned as the slopes are.

    Shape   (batch, ...) -> (batch, ...), with four weights for each number of one example
    Errors  shared_axes names an axis that the input does not have; axes count from 1
    Source  keras.layers.SReLU
    """

    keeps_rank = True

    t_left_init: Initializer = "zero"
    a_left_init: Initializer = "glorot_uniform"
    t_right_init: Initializer = "glorot_uniform"
    a_right_init: Initializer = "one"
    shared_axes: SomeAxes = None


@rule(ParametricSoftplus)
def parametric_softplus(layer: ParametricSoftplus, _scope: Scope, x: Shape) -> Result:
    """Learn two numbers for each place."""
    shape = places(x, layer.shared_axes)
    return Result(x, weights=[Weight(name, shape) for name in ("alpha", "beta")])


@rule(SReLU)
def srelu(layer: SReLU, _scope: Scope, x: Shape) -> Result:
    """Learn four numbers for each place."""
    shape = places(x, layer.shared_axes)
    names = ("t_left", "a_left", "t_right", "a_right")
    return Result(x, weights=[Weight(name, shape) for name in names])


class MaxoutDense(KerasLayer):
    """Computes ``nb_feature`` Dense layers and takes the maximum per unit.

    Shape   (batch, features) -> (batch, units)
    Errors  the input has another number of axes
    Source  keras.layers.MaxoutDense
    """

    units: Units
    nb_feature: Units = 4
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "F")


@rule(MaxoutDense)
def maxout_dense(layer: MaxoutDense, _scope: Scope, x: Shape) -> Result:
    """Multiply the features with so many kernels."""
    batch, features = axes(x, "batch features")
    weights = [Weight("kernel", (layer.nb_feature, features, layer.units), places=(batch,))]
    if layer.use_bias:
        weights.append(Weight("bias", (layer.nb_feature, layer.units)))
    return Result((batch, layer.units), weights=weights)


class Highway(KerasLayer):
    """A Dense with as many units as features, and a gate that lets the input through.

    Shape   (batch, features) -> (batch, features)
    Errors  the input has another number of axes
    Source  keras.layers.Highway
    """

    keeps_axes = True

    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "F")

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each vector is read separately."""
        from shapecalc.layers.looking import one_by_one

        return one_by_one(passed.rank)


@rule(Highway)
def highway(layer: Highway, _scope: Scope, x: Shape) -> Result:
    """Mix the features, and learn how much of them is left as it is."""
    batch, features = axes(x, "batch features")
    square = (features, features)
    weights = [Weight(name, square, places=(batch,)) for name in ("kernel", "carry_kernel")]
    if layer.use_bias:
        weights += [Weight(name, (features,)) for name in ("bias", "carry_bias")]
    return Result(x, weights=weights)


class Deconvolution2D(SpatialLayer):
    """The transposed convolution of Keras 1, with the output's height and width as an argument.

    Shape   (batch, height, width, channels) -> (batch, *output_size, filters)
    Errors  the input has another number of axes; a convolution of the output with this kernel
            and these strides would not give the height and width of the input
    Source  keras.layers.Deconvolution2D
    """

    examples = ("in:B:12:12:3,deconvolution2d:8:3:output_size=14",)

    rank = 2
    keeps_axes = True

    filters: Units
    kernel_size: PerAxis
    output_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    data_format: DataFormat = None
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None

    _one_per_axis = field_validator("kernel_size", "output_size", "strides")(one_per_axis)


@rule(Deconvolution2D)
def deconvolution(layer: Deconvolution2D, scope: Scope, x: Shape) -> Result:
    """Return the size that it is told, from which the convolution must lead back."""
    batch, sizes, channels = split(x, layer.rank, layer.data_format)
    told = spread(layer.output_size, layer.rank)
    kernel = spread(layer.kernel_size, layer.rank)
    strides = spread(layer.strides, layer.rank)
    names = SPATIAL[layer.rank]
    for name, size, new, taps, stride in zip(names, sizes, told, kernel, strides, strict=True):
        back = window(new, scope, name, taps, stride, padding=layer.padding)
        why = f"cannot make a {name} of {{}} from {{}}: a convolution of it gives {{}}"
        scope.require(equal(size, back), why, new, size, back)
    weights = [Weight("kernel", (*kernel, channels, layer.filters), places=(batch, *sizes))]
    if layer.use_bias:
        weights.append(Weight("bias", (layer.filters,)))
    return Result(join(batch, told, layer.filters, layer.data_format), weights=weights)


class LocallyConnected(SpatialLayer):
    """Base class of the convolutions with other weights at each place."""

    keeps_axes = True

    filters: Units
    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    data_format: DataFormat = None
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    implementation: Implementation = 1

    _one_per_axis = field_validator("kernel_size", "strides")(one_per_axis)

    @field_validator("implementation")
    @classmethod
    def _known(cls, value: int) -> int:
        if value > 3:  # noqa: PLR2004  (the kinds of storage that Keras has)
            raise ValueError(f"takes 1, 2 or 3, not {value}")
        return value

    def moving_window(self) -> Window:
        """Return the window that slides along the spatial axes."""
        return Window(self.kernel_size, self.strides, 1, self.padding)


class LocallyConnected1D(LocallyConnected):
    """Slides a window along the steps like Conv1D, with separate weights at each position.

    Shape   (batch, steps, channels) -> (batch, new_steps, filters), where new_steps is
            (steps - kernel_size)//strides + 1
    Errors  the input has another number of axes; fewer steps than the kernel spans
    Source  keras.layers.LocallyConnected1D
    """

    examples = ("in:B:8:3,locallyconnected1d:2:3",)

    rank = 1


class LocallyConnected2D(LocallyConnected):
    """Slides a window over an image like Conv2D, with separate weights at each position.

    Shape   (batch, height, width, channels) -> (batch, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1
    Errors  the input has another number of axes; less height or width than the kernel spans
    Source  keras.layers.LocallyConnected2D
    """

    examples = ("in:B:8:8:3,locallyconnected2d:2:3",)

    rank = 2


@rule(LocallyConnected1D, LocallyConnected2D)
def locally_connected(layer: LocallyConnected, scope: Scope, x: Shape) -> Result:
    """Slide the window; each place has a kernel and a bias."""
    batch, sizes, channels = split(x, layer.rank, layer.data_format)
    if layer.padding == "same" and layer.implementation == 1:
        raise ShapeError("takes padding same only with implementation=2 or 3")
    moved = slide(sizes, scope, layer.moving_window())
    if layer.implementation == 1:
        taps = product(spread(layer.kernel_size, layer.rank))
        kernel: Shape = (product(moved), taps * channels, layer.filters)
    elif layer.implementation == 2:  # noqa: PLR2004  (the whole matrix, mostly zeros)
        before = join(batch, sizes, channels, layer.data_format)[1:]
        after = join(batch, moved, layer.filters, layer.data_format)[1:]
        kernel = (*before, *after)
    else:
        kernel = (_connections(layer, x, sizes, moved) * channels * layer.filters,)
    weights = [Weight("kernel", kernel, places=(batch,))]
    if layer.use_bias:
        weights.append(Weight("bias", (*moved, layer.filters)))
    return Result(join(batch, moved, layer.filters, layer.data_format), weights=weights)


def _connections(layer: LocallyConnected, x: Shape, sizes: Shape, moved: Shape) -> Size:
    """Return how many pairs of an input and an output place see each other."""
    kernel = spread(layer.kernel_size, layer.rank)
    if layer.padding == "valid":
        return product(moved) * product(kernel)
    strides = spread(layer.strides, layer.rank)
    count: Size = 1
    for size, outputs, taps, stride in zip(sizes, moved, kernel, strides, strict=True):
        if not isinstance(size, int) or not isinstance(outputs, int):
            raise ShapeError(f"needs sizes as numbers for padding same, but gets {shape_text(x)}")
        count = count * _seen(size, outputs, taps, stride)
    return count


def _seen(size: int, outputs: int, taps: int, stride: int) -> int:
    """Return how many inputs all outputs along an axis see, of which those at the ends see fewer.

    Output i sees what lies from max(i*s - h, 0) to min(i*s - h + k, n), where h is k//2.
    """
    half = taps // 2
    inside = min(max((size + half - taps) // stride + 1, 0), outputs)
    ends = stride * _below(inside) + (taps - half) * inside + size * (outputs - inside)
    cut = min(-(-half // stride), outputs)
    starts = stride * (_below(outputs) - _below(cut)) - half * (outputs - cut)
    return ends - starts


def _below(count: int) -> int:
    """0 + 1 + ... + (count - 1)."""
    return count * (count - 1) // 2
