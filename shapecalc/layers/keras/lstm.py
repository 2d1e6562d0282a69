"""LSTM: long short-term memory."""

from __future__ import annotations

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Anything, Seed, Switch, Units
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    InnerActivation,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.recurrent import (
    STEPS,
    Recurrent,
    ReturnSequences,
    ReturnState,
    Share,
    UseCudnn,
    gates,
    outputs,
)
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import axes
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope


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
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    unit_forget_bias: Switch = True
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
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
    batch, steps, features = axes(x, STEPS)
    weights = gates(4, features, layer.units, (batch, steps), bias=layer.use_bias)
    state = (batch, layer.units)
    return Result(*outputs(layer, scope, x, states, state, carried=[state] * 2), weights=weights)
