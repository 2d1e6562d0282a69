"""Recurrent modules: read the steps one by one and carry a state from each to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Dim, Shape, Size, at_least, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import (
    ArgumentKind,
    Fraction,
    PositiveInteger,
    Switch,
    Units,
    as_size,
    choice,
)
from shapecalc.layers.broadcast import require_same
from shapecalc.layers.layer import apply, rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Bias, InputSize
from shapecalc.layers.torch.layer import Module, require_declared, require_filled
from shapecalc.layers.torch.sequence import sequence_letters, split_sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _projection(value: Any) -> Size:  # noqa: ANN401
    return as_size(value, 1 if isinstance(value, Dim) else 0)


Nonlinearity = Annotated[str, choice("tanh", "relu")]
Projection = Annotated[Size, ArgumentKind("a size, or 0 for no projection", _projection, least=1)]


class Stepping(Module):
    """Base class of the recurrent modules and their cells: states may be read as further inputs."""

    abstract: ClassVar[bool] = True
    declares = ("input_size", -1)
    reads = ("hx",)
    reads_states = True

    #: How many sums of the features and the state a step makes.
    gates: ClassVar[int] = 1
    #: What the states are called that it carries.
    states: ClassVar[tuple[str, ...]] = ("h_0",)

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[Shape]:
        """Return the states that it can begin with: they are as those that it gives."""
        given = apply(self, read[:1], Scope()).outputs[-len(self.states) :]
        return given[len(read) - 1 :]


class Recurrent(Stepping):
    """What RNN, LSTM and GRU take."""

    reads_steps = True

    arity = (1, 2)
    keeps_axes = True
    gives = "(output, h_n)"

    input_size: InputSize
    hidden_size: Units
    num_layers: PositiveInteger = 1
    bias: Bias = True
    batch_first: Switch = False
    dropout: Fraction = 0.0
    bidirectional: Switch = False

    @property
    def directions(self) -> tuple[str, ...]:
        """What the names of the weights of each direction end in."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def projection(self) -> Size:
        """The size to which the state is projected; 0 where it is not."""
        return 0

    @property
    def output_size(self) -> Size:
        """How many features a direction gives."""
        return self.projection or self.hidden_size

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return sequence_letters(batch_first=self.batch_first)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what it reads, and what its outputs are."""
        output, *states = applied.outputs
        _, steps, _ = split_sequence(applied.inputs[0], batch_first=self.batch_first)
        yield f"reads the {steps} steps one by one"
        yield f"output 0 is the state after every step: {shape_text(output)}"
        kept = " and ".join(f"{name[0]}_n" for name in self.states)
        shapes = " and ".join(map(shape_text, states))
        yield f"{kept} are the last states of each layer and direction: {shapes}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: a state has seen all steps."""
        from shapecalc.layers.looking import all_along, placed

        rank = len(passed.inputs[0])
        steps = 0 if rank < 3 or not self.batch_first else 1  # noqa: PLR2004  (batch, steps, features)
        if passed.port == 0:
            return all_along(rank, (steps,))
        batch = 1 - steps if rank > 2 else None  # noqa: PLR2004
        return placed((None, *([] if batch is None else [batch]), None), (steps,))


class RNN(Recurrent):
    """Reads the steps one by one and mixes each with the state before it; it forgets quickly.

    Returns the state after every step, and the last state of each layer and direction.

    Shape   (L, N, input_size), with batch_first (N, L, input_size), or (L, input_size) ->
            output (L, N, D*hidden_size), where D is 2 if bidirectional, else 1, and
            h_n (D*num_layers, N, hidden_size)
    Errors  the features are not input_size; h_0 is not (D*num_layers, N, hidden_size), also with
            batch_first; no step
    Source  torch.nn.RNN
    """

    positional = ("input_size", "hidden_size", "num_layers", "nonlinearity")
    examples = ("rnn:16:32", "in:N:L:16,rnn:16:32:2:batch_first:bidirectional")

    nonlinearity: Nonlinearity = "tanh"


class GRU(Recurrent):
    """Reads the steps one by one like an LSTM, with fewer weights and a single state.

    Returns the state after every step, and the last state of each layer and direction.

    Shape   (L, N, input_size), with batch_first (N, L, input_size), or (L, input_size) ->
            output (L, N, D*hidden_size), where D is 2 if bidirectional, else 1, and
            h_n (D*num_layers, N, hidden_size)
    Errors  the features are not input_size; h_0 is not (D*num_layers, N, hidden_size), also with
            batch_first; no step
    Source  torch.nn.GRU
    """

    gates = 3
    examples = ("gru:16:32", "in:N:L:16,gru:16:32:2:batch_first:bidirectional")


class LSTM(Recurrent):
    """Reads the steps one by one and carries a state and a memory.

    Returns the state after every step, and the last state and memory of each layer and direction: a
    tuple (output, (h_n, c_n)). With ``proj_size`` the state is projected to that size.

    Shape   (L, N, input_size), with batch_first (N, L, input_size), or (L, input_size) ->
            output (L, N, D*R), where D is 2 if bidirectional, else 1, and R is proj_size or
            hidden_size; h_n (D*num_layers, N, R); c_n (D*num_layers, N, hidden_size)
    Errors  the features are not input_size; h_0 or c_0 has another shape than h_n or c_n, also
            with batch_first; one of them is missing; no step
    Source  torch.nn.LSTM
    """

    arity = (1, 3)
    gates = 4
    states = ("h_0", "c_0")
    gives = "(output, (h_n, c_n))"
    examples = ("lstm:16:32", "in:N:L:16,lstm:16:32:2:batch_first:bidirectional")

    proj_size: Projection = 0

    @model_validator(mode="after")
    def _state_is_narrowed(self) -> Self:
        if at_least(self.hidden_size - self.proj_size, 1) is False:
            raise ValueError(NARROWED.format(self.proj_size, self.hidden_size))
        return self

    @property
    def projection(self) -> Size:
        """The size to which the state is projected; 0 where it is not."""
        return self.proj_size


NARROWED = "proj_size {} must be less than hidden_size {}"


@rule(RNN, GRU, LSTM)
def recurrent(layer: Recurrent, scope: Scope, x: Shape, *hx: Shape) -> Result:
    """Stack layers, each in one direction or both; each carries its own states."""
    scope.budget.repeat(layer.num_layers)
    batch, steps, size = split_sequence(x, batch_first=layer.batch_first)
    features = require_declared(scope, layer.input_size, size, "features")
    scope.require(at_least(steps, 1), "needs at least 1 step, but gets {}", x)
    require_filled(scope, x, (size,))
    if layer.projection != 0:
        room = layer.hidden_size - layer.projection
        scope.require(at_least(room, 1), NARROWED, layer.projection, layer.hidden_size)
    several = layer.num_layers * len(layer.directions)
    sizes = (layer.output_size, layer.hidden_size)
    carried = [(several, *batch, size) for size, _ in zip(sizes, layer.states, strict=False)]
    if hx:
        match_states(scope, hx, carried, layer.states, _said_of_states(layer))
    made = (*x[:-1], layer.output_size * len(layer.directions))
    return Result(made, *carried, weights=list(_weights(layer, features, (steps, *batch))))


def _said_of_states(layer: Recurrent) -> tuple[str, str]:
    """Return what a message says of the shape of a state, and behind what comes in its place."""
    layers = "1 layer" if layer.num_layers == 1 else f"{layer.num_layers} layers"
    directions = "2 directions" if layer.bidirectional else "1 direction"
    also = "; batch_first is not for the states" if layer.batch_first else ""
    return f", a state for each of {layers} in {directions}", also


def _weights(layer: Recurrent, features: Size, places: Shape) -> Iterator[Weight]:
    """Yield the weights of every layer and direction.

    A layer reads all directions of that before it.
    """
    output = layer.output_size
    for place in range(layer.num_layers):
        for direction in layer.directions:
            end = f"l{place}{direction}"
            yield from gates(layer, (features, output), places, bias=layer.bias, end=f"_{end}")
            if layer.projection != 0:
                shape = (layer.projection, layer.hidden_size)
                yield Weight(f"weight_hr_{end}", shape, places=places)
        features = output * len(layer.directions)


class Cell(Stepping):
    """Base class of the cells."""

    arity = (1, 2)

    input_size: InputSize
    hidden_size: Units
    bias: Bias = True

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "F")


class RNNCell(Cell):
    """Computes one step of an RNN: mixes the features with the state of the step before.

    Shape   (N, input_size) or (input_size) -> the new state, (N, hidden_size); the state before
            is zeros, or a further input (N, hidden_size)
    Errors  the input has an axis of steps, which RNN reads; the features are not input_size;
            the state has another shape
    Source  torch.nn.RNNCell
    """

    examples = ("rnncell:16:32", "in:N:16@x,in:N:32@h,@x,rnncell:16:32:hx=@h.0")

    nonlinearity: Nonlinearity = "tanh"


class GRUCell(Cell):
    """Computes one step of a GRU: from features and a state to the new state.

    Shape   (N, input_size) or (input_size) -> the new state, (N, hidden_size); the state before
            is zeros, or a further input (N, hidden_size)
    Errors  the input has an axis of steps, which GRU reads; the features are not input_size;
            the state has another shape
    Source  torch.nn.GRUCell
    """

    gates = 3
    examples = ("grucell:16:32", "in:N:16@x,in:N:32@h,@x,grucell:16:32:hx=@h.0")


class LSTMCell(Cell):
    """Computes one step of an LSTM: from features, a state and a memory to a new state and memory.

    Shape   (N, input_size) or (input_size) -> the new state and the new memory, (N, hidden_size)
            each; those before are zeros, or two further inputs (N, hidden_size)
    Errors  the input has an axis of steps, which LSTM reads; the features are not input_size;
            a state has another shape, or is missing
    Source  torch.nn.LSTMCell
    """

    arity = (1, 3)
    gates = 4
    states = ("h_0", "c_0")
    gives = "(output, c_1)"
    examples = ("lstmcell:16:32", "in:N:16@x,in:N:32@h,in:N:32@c,@x,lstmcell:16:32:hx=(@h.0,@c.0)")


@rule(RNNCell, GRUCell, LSTMCell)
def cell(layer: Cell, scope: Scope, x: Shape, *hx: Shape) -> Result:
    """Make one step from the states before, which are as those behind it."""
    if len(x) not in (1, 2):
        raise RankError(f"needs (N, F) or, without a batch, (F,), but gets {shape_text(x)}")
    features = require_declared(scope, layer.input_size, x[-1], "features")
    state = (*x[:-1], layer.hidden_size)
    if hx:
        match_states(scope, hx, [state] * len(layer.states), layer.states)
    weights = gates(layer, (features, layer.hidden_size), x[:-1], bias=layer.bias)
    return Result(*[state] * len(layer.states), weights=weights)


def gates(
    layer: Recurrent | Cell, reads: tuple[Size, Size], places: Shape, *, bias: bool, end: str = ""
) -> list[Weight]:
    """Return the weights for the features and for the state, and a bias for each: gates on top."""
    height = layer.gates * layer.hidden_size
    parts = ("ih", "hh")
    weights = [
        Weight(
            f"weight_{part}{end}",
            (height, size),
            places=places,
            gates=(layer.gates, 0),
            inner=part == "hh",
        )
        for part, size in zip(parts, reads, strict=True)
    ]
    return weights + [Weight(f"bias_{part}{end}", (height,)) for part in parts if bias]


def match_states(
    scope: Scope,
    given: Sequence[Shape],
    carried: Sequence[Shape],
    names: Sequence[str],
    said: tuple[str, str] = ("", ""),
) -> None:
    """Require the given states to be as those that it carries; raises `ShapeError`."""
    if len(given) != len(carried):
        raise ShapeError(f"takes {' and '.join(names)}, or none of them, but gets {len(given)}")
    for got, expected, name in zip(given, carried, names, strict=True):
        why = f"needs {name} of {{}}{said[0]}, but gets {{}}{said[1]}"
        require_same(scope, got, expected, why, expected, got)
