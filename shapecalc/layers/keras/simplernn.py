"""SimpleRNN: a fully connected recurrent layer."""

from __future__ import annotations

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Seed, Switch, Units
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.recurrent import (
    STEPS,
    Recurrent,
    ReturnSequences,
    ReturnState,
    Share,
    gates,
    outputs,
)
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import axes
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope


class SimpleRNN(Recurrent):
    """Reads the steps one by one and mixes each with the state before it; it forgets quickly.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.SimpleRNN
    """

    units: Units
    activation: Activation = "tanh"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
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
    batch, steps, features = axes(x, STEPS)
    weights = gates(1, features, layer.units, (batch, steps), bias=layer.use_bias)
    state = (batch, layer.units)
    return Result(*outputs(layer, scope, x, states, state, carried=[state]), weights=weights)
