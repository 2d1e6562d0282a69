"""GRU: gated recurrent units."""

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


class GRU(Recurrent):
    """Reads the steps one by one like an LSTM, with fewer weights and a single state.

    Shape   (batch, steps, features) -> (batch, units), with return_sequences (batch, steps, units)
    Errors  the input has no steps axis (usual cause: the recurrent layer before lacks `seq`)
    Source  keras.layers.GRU
    """

    units: Units
    activation: Activation = "tanh"
    recurrent_activation: InnerActivation = "sigmoid"
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
    batch, steps, features = axes(x, STEPS)
    weights = gates(
        3, features, layer.units, (batch, steps), bias=layer.use_bias, twice=layer.reset_after
    )
    state = (batch, layer.units)
    return Result(*outputs(layer, scope, x, states, state, carried=[state]), weights=weights)
