"""Recurrent layers: read the steps one by one and carry a state from each to the next."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from shapecalc.dims import Dim, Shape, Size, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import (
    Activation,
    Anything,
    InnerActivation,
    Kind,
    Named,
    Seed,
    Switch,
    Units,
    UseBias,
    number,
    switch,
)
from shapecalc.layers.base import Layer, Result, Scope, Weight, axes, rule


def _cudnn(value: Any) -> str | bool:  # noqa: ANN401
    if value in ("auto", True, False):
        return value if isinstance(value, str) else bool(value)
    raise ValueError


Share = Annotated[float, number()]
ReturnSequences = Annotated[bool, switch("seq")]
ReturnState = Annotated[bool, switch("state")]
UseCudnn = Annotated[str | bool, Kind("auto, True or False", _cudnn)]


class Recurrent(Layer):
    """What the recurrent layers share: the initial states may be read as further inputs."""

    arity = (1, None)
    recurrent: ClassVar[bool] = True

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("B", "T", "F")


class LSTM(Recurrent):
    """Reads the steps one by one and keeps a memory; `seq` gives the state after every step.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.LSTM
    """

    units: Units
    activation: Activation = "tanh"
    recurrent_activation: InnerActivation = "sigmoid"
    use_bias: UseBias = True
    kernel_initializer: Named = "glorot_uniform"
    recurrent_initializer: Named = "orthogonal"
    bias_initializer: Named = "zeros"
    unit_forget_bias: Switch = True
    kernel_regularizer: Named = None
    recurrent_regularizer: Named = None
    bias_regularizer: Named = None
    activity_regularizer: Named = None
    kernel_constraint: Named = None
    recurrent_constraint: Named = None
    bias_constraint: Named = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    seed: Seed = None
    return_sequences: ReturnSequences = False
    return_state: ReturnState = False
    go_backwards: Switch = False
    stateful: Switch = False
    unroll: Switch = False
    use_cudnn: UseCudnn = "auto"
    implementation: Anything = 2
    zero_output_for_mask: Switch = False


@rule(LSTM)
def lstm(layer: LSTM, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state and a memory; four gates, each with weights of its own."""
    weights = gates(4, x, layer.units)
    if layer.use_bias:
        weights.append(Weight("bias", (4 * layer.units,)))
    return Result(*outputs(layer, scope, x, states, carried=2), weights=weights)


class GRU(Recurrent):
    """Reads the steps one by one like an LSTM, with fewer weights and no memory beside the state.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.GRU
    """

    units: Units
    activation: Activation = "tanh"
    recurrent_activation: InnerActivation = "sigmoid"
    use_bias: UseBias = True
    kernel_initializer: Named = "glorot_uniform"
    recurrent_initializer: Named = "orthogonal"
    bias_initializer: Named = "zeros"
    kernel_regularizer: Named = None
    recurrent_regularizer: Named = None
    bias_regularizer: Named = None
    activity_regularizer: Named = None
    kernel_constraint: Named = None
    recurrent_constraint: Named = None
    bias_constraint: Named = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    seed: Seed = None
    return_sequences: ReturnSequences = False
    return_state: ReturnState = False
    go_backwards: Switch = False
    stateful: Switch = False
    unroll: Switch = False
    reset_after: Switch = True
    use_cudnn: UseCudnn = "auto"
    implementation: Anything = 2
    zero_output_for_mask: Switch = False


@rule(GRU)
def gru(layer: GRU, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state; three gates, whose bias counts twice with reset_after."""
    weights = gates(3, x, layer.units)
    if layer.use_bias:
        bias = 3 * layer.units
        weights.append(Weight("bias", (2, bias) if layer.reset_after else (bias,)))
    return Result(*outputs(layer, scope, x, states, carried=1), weights=weights)


class SimpleRNN(Recurrent):
    """Reads the steps one by one and mixes each with the state before it; it forgets soon.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.SimpleRNN
    """

    units: Units
    activation: Activation = "tanh"
    use_bias: UseBias = True
    kernel_initializer: Named = "glorot_uniform"
    recurrent_initializer: Named = "orthogonal"
    bias_initializer: Named = "zeros"
    kernel_regularizer: Named = None
    recurrent_regularizer: Named = None
    bias_regularizer: Named = None
    activity_regularizer: Named = None
    kernel_constraint: Named = None
    recurrent_constraint: Named = None
    bias_constraint: Named = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    return_sequences: ReturnSequences = False
    return_state: ReturnState = False
    go_backwards: Switch = False
    stateful: Switch = False
    unroll: Switch = False
    seed: Seed = None
    zero_output_for_mask: Switch = False


@rule(SimpleRNN)
def simple_rnn(layer: SimpleRNN, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state; one set of weights."""
    weights = gates(1, x, layer.units)
    if layer.use_bias:
        weights.append(Weight("bias", (layer.units,)))
    return Result(*outputs(layer, scope, x, states, carried=1), weights=weights)


AnyRecurrent: TypeAlias = LSTM | GRU | SimpleRNN


def gates(count: int, x: Shape, units: Size) -> list[Weight]:
    """The kernels for the features and for the state, which hold all gates side by side."""
    _, _, features = axes(x, "batch steps features")
    width = count * units
    return [Weight("kernel", (features, width)), Weight("recurrent_kernel", (units, width))]


def outputs(
    layer: AnyRecurrent, scope: Scope, x: Shape, states: tuple[Shape, ...], *, carried: int
) -> list[Shape]:
    """The output, and behind it the carried states where they are asked for."""
    batch, steps, _ = x
    if layer.stateful and isinstance(batch, Dim):
        raise ShapeError(
            f"is stateful, so that it needs a batch of known size, but gets {shape_text(x)}"
        )
    state = (batch, layer.units)
    if states and len(states) != carried:
        wanted = "1 initial state" if carried == 1 else f"{carried} initial states"
        raise ShapeError(f"takes {wanted}, but gets {len(states)}")
    for given in states:
        why = "needs an initial state {}, but gets {}"
        scope.require(len(given) == len(state), why, state, given)
        for size, wanted_size in zip(given, state, strict=True):
            scope.require(equal(size, wanted_size), why, state, given)
    output = (batch, steps, layer.units) if layer.return_sequences else state
    return [output, *[state] * carried] if layer.return_state else [output]
