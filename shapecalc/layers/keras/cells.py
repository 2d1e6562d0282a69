"""Cells, which make one step of a recurrent layer, and RNN, which runs any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import Anything, ArgumentKind, Seed, Switch, Units
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    InnerActivation,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.inner import held
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.recurrent import (
    STEPS,
    Recurrent,
    ReturnSequences,
    ReturnState,
    Share,
    gates,
    match_states,
    outputs,
)
from shapecalc.layers.layer import apply, rule
from shapecalc.layers.layout import axes
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence


class Cell(KerasLayer):
    """Base class of the cells: beside a step they read the states that the step before gave."""

    arity = (1, None)
    reads = ("states",)
    reads_states = True

    def state_sizes(self) -> tuple[Size, ...]:
        """Return how many numbers each of its states holds."""
        raise NotImplementedError

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "F")

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[Shape]:
        """Return the states that it goes on from."""
        return [(read[0][0], size) for size in self.state_sizes()][len(read) - 1 :]


class PlainCell(Cell):
    """Base class of the cells with gates: states of as many numbers as units."""

    #: How many states it carries.
    carried: ClassVar[int] = 1

    units: Units

    def state_sizes(self) -> tuple[Size, ...]:
        """Return how many numbers each of its states holds."""
        return (self.units,) * self.carried


class LSTMCell(PlainCell):
    """Computes one step of an LSTM: from features and two states to an output and new states.

    Shape   (batch, features), (batch, units), (batch, units) -> (batch, units) three times: the
            output, which is the new state, and the new memory
    Errors  the input has a steps axis, which LSTM and RNN read; a state is missing
    Source  keras.layers.LSTMCell
    """

    examples = ("in:B:8@x,in:B:32@h,in:B:32@c,@x,lstmcell:32:states=(@h,@c)",)

    carried = 2

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
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    seed: Seed = None
    implementation: Anything = 2


@rule(LSTMCell)
def lstm_cell(layer: LSTMCell, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state and a memory over one step; four gates."""
    batch, features = axes(x, STEP)
    weights = gates(4, features, layer.units, (batch,), bias=layer.use_bias)
    return stepped(layer, scope, batch, states, weights)


class GRUCell(PlainCell):
    """Computes one step of a GRU: from features and a state to an output and the new state.

    Shape   (batch, features), (batch, units) -> (batch, units) twice: the output is the new state
    Errors  the input has a steps axis, which GRU and RNN read; the state is missing
    Source  keras.layers.GRUCell
    """

    examples = ("in:B:8@x,in:B:32@h,@x,grucell:32:states=@h.0",)

    activation: Activation = "tanh"
    recurrent_activation: InnerActivation = "sigmoid"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    reset_after: Switch = True
    seed: Seed = None
    implementation: Anything = 2


@rule(GRUCell)
def gru_cell(layer: GRUCell, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state over one step; three gates, whose bias counts twice with reset_after."""
    batch, features = axes(x, STEP)
    weights = gates(
        3, features, layer.units, (batch,), bias=layer.use_bias, twice=layer.reset_after
    )
    return stepped(layer, scope, batch, states, weights)


class SimpleRNNCell(PlainCell):
    """Computes one step of a SimpleRNN: mixes the features with the state of the step before.

    Shape   (batch, features), (batch, units) -> (batch, units) twice: the output is the new state
    Errors  the input has a steps axis, which SimpleRNN and RNN read; the state is missing
    Source  keras.layers.SimpleRNNCell
    """

    examples = ("in:B:8@x,in:B:32@h,@x,simplernncell:32:states=@h.0",)

    activation: Activation = "tanh"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    seed: Seed = None


@rule(SimpleRNNCell)
def simple_rnn_cell(layer: SimpleRNNCell, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Carry a state over one step; one set of weights."""
    batch, features = axes(x, STEP)
    weights = gates(1, features, layer.units, (batch,), bias=layer.use_bias)
    return stepped(layer, scope, batch, states, weights)


#: The axes of one step.
STEP = "batch features"


def stepped(
    layer: Cell, scope: Scope, batch: Size, states: Sequence[Shape], weights: Sequence[Weight]
) -> Result:
    """Return the output of a cell, which is its first state, and its states."""
    carried = [(batch, size) for size in layer.state_sizes()]
    match_states(scope, states, carried, "state")
    return Result(carried[0], *carried, weights=weights)


def _cell(value: Any) -> Cell:  # noqa: ANN401
    layer = held(value)
    if not isinstance(layer, Cell):
        raise ValueError(  # noqa: TRY004  (what pydantic reads)
            f"must be a cell such as LSTMCell, not {type(layer).__name__}"
        )
    return layer


def _cells(value: Any) -> tuple[Cell, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError
    return tuple(map(_cell, value))


def _cell_or_cells(value: Any) -> Cell | tuple[Cell, ...]:  # noqa: ANN401
    """Return one cell, or several; a list of one is that cell."""
    if not isinstance(value, (list, tuple)):
        return _cell(value)
    cells = _cells(value)
    return cells[0] if len(cells) == 1 else cells


class StackedRNNCells(Cell):
    """Computes one step through several cells: each reads what the one before it gives.

    Shape   (batch, features) and the states of all cells -> the output of the last cell, and the
            new states of all cells
    Errors  the input has a steps axis, which RNN reads; a state is missing
    Source  keras.layers.StackedRNNCells
    """

    examples = ("rnn(stackedrnncells(lstmcell:32,lstmcell:16))",)

    holds = "cells"

    cells: Annotated[tuple[Cell, ...], ArgumentKind("a list of cells", _cells)]

    def state_sizes(self) -> tuple[Size, ...]:
        """Return how many numbers each of its states holds, those of the first cell first."""
        return tuple(size for cell in self.cells for size in cell.state_sizes())


@rule(StackedRNNCells)
def stacked_rnn_cells(layer: StackedRNNCells, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Run the cells one behind the other, each with states of its own."""
    batch, _ = axes(x, STEP)
    match_states(scope, states, [(batch, size) for size in layer.state_sizes()], "state")
    return run_cells(layer.cells, scope, x, states)


def run_cells(cells: Sequence[Cell], scope: Scope, x: Shape, states: Sequence[Shape]) -> Result:
    """Return the output of the last cell, and the new states and the weights of all."""
    carried: list[Shape] = []
    results: list[Result] = []
    for cell in cells:
        count = len(cell.state_sizes())
        own, states = states[:count], states[count:]
        result = apply(cell, (x, *own), scope)
        x = result.outputs[0]
        carried += result.outputs[1:]
        results.append(result)
    return Result.together((x, *carried), results)


class RNN(Recurrent):
    """Reads the steps one by one with a cell, or with several stacked cells.

    ``rnn(lstmcell:32|lstmcell:16)`` is two LSTMs in one layer.

    Shape   (batch, steps, features) -> (batch, units) of the last cell, with return_sequences
            (batch, steps, units); return_state adds the states of every cell
    Errors  the layer inside is not a cell; the input has no steps axis
    Source  keras.layers.RNN
    """

    examples = (
        "rnn(lstmcell:32)",
        "rnn(lstmcell:32|grucell:16):seq",
    )

    holds = "cell"

    cell: Annotated[
        Cell | tuple[Cell, ...], ArgumentKind("a cell such as LSTMCell, or several", _cell_or_cells)
    ]
    return_sequences: ReturnSequences = False
    return_state: ReturnState = False
    go_backwards: Switch = False
    stateful: Switch = False
    unroll: Switch = False
    zero_output_for_mask: Switch = False


@rule(RNN)
def rnn(layer: RNN, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Run the cells over the steps; the states begin as zeros where none are given."""
    batch, steps, features = axes(x, STEPS)
    cells = layer.cell if isinstance(layer.cell, tuple) else (layer.cell,)
    zeros = [(batch, size) for cell in cells for size in cell.state_sizes()]
    result = run_cells(cells, scope, (batch, features), zeros)
    step, *carried = result.outputs
    given = outputs(layer, scope, x, states, step, carried)
    return result.times(steps).replace(outputs=given)
