"""Recurrent layers on letters: outputs, states, weights, messages."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, F, U = map(Dim, "BTFU")
CARRIED = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}


def run(name: str, *inputs: Shape, **config: object) -> Result:
    return apply(layer(name, **config), inputs, Scope())


def refusal(name: str, *inputs: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    return caught.value.message


@pytest.mark.parametrize("name", CARRIED)
def test_seq_keeps_the_steps(name: str) -> None:
    assert run(name, (B, T, 7), units=U).outputs == ((B, U),)
    assert run(name, (B, T, 7), units=U, return_sequences=True).outputs == ((B, T, U),)


@pytest.mark.parametrize("name", CARRIED)
def test_states_stand_behind_the_output(name: str) -> None:
    result = run(name, (B, T, 7), units=8, return_sequences=True, return_state=True)
    assert result.outputs == ((B, T, 8), *[(B, 8)] * CARRIED[name])


def test_weights_have_the_names_and_shapes_of_keras() -> None:
    lstm = run("LSTM", (B, T, F), units=U)
    assert [(w.name, w.shape) for w in lstm.weights] == [
        ("kernel", (F, 4 * U)),
        ("recurrent_kernel", (U, 4 * U)),
        ("bias", (4 * U,)),
    ]
    assert lstm.params == 4 * (F * U + U**2 + U)


def test_gru_has_two_biases_unless_reset_before() -> None:
    assert run("GRU", (B, T, 4), units=5).weights[-1].shape == (2, 15)
    assert run("GRU", (B, T, 4), units=5, reset_after=False).weights[-1].shape == (15,)
    assert len(run("GRU", (B, T, 4), units=5, use_bias=False).weights) == 2


def test_frozen_weights_are_counted_but_not_trained() -> None:
    result = run("SimpleRNN", (B, T, 4), units=5, trainable=False)
    assert (result.params, result.trainable_params) == (50, 0)


@pytest.mark.parametrize("name", CARRIED)
def test_initial_states_are_further_inputs(name: str) -> None:
    states = [(B, 8)] * CARRIED[name]
    assert run(name, (B, T, 7), *states, units=8).outputs == ((B, 8),)


def test_messages() -> None:
    assert refusal("LSTM", (B, 64), units=8) == (
        "needs a 3-D input (batch, steps, features), but gets (B, 64)"
    )
    assert refusal("LSTM", (B, T, 7), (B, 8), units=8) == "takes 2 initial states, but gets 1"
    assert refusal("GRU", (B, T, 7), (B, 9), units=8) == (
        "needs an initial state (B, 8), but gets (B, 9)"
    )
    assert refusal("GRU", (B, T, 7), (B, T, 8), units=8) == (
        "needs an initial state (B, 8), but gets (B, T, 8)"
    )
    assert refusal("LSTM", (B, T, 7), units=8, stateful=True) == (
        "is stateful, so that it needs a batch of known size, but gets (B, T, 7)"
    )


def test_stateful_runs_on_a_known_batch() -> None:
    assert run("LSTM", (4, T, 7), units=8, stateful=True).outputs == ((4, 8),)


def test_an_initial_state_of_letters_becomes_a_condition() -> None:
    scope = Scope()
    apply(layer("GRU", units=U), [(B, T, 7), (B, 9)], scope)
    assert scope.facts.conditions(["U"]) == ["U == 9"]


@pytest.mark.parametrize("units", [0, -1, 2.5, "8", None])
def test_units_are_a_positive_whole_number(units: object) -> None:
    with pytest.raises(SpecError, match="LSTM: units takes a whole number of at least 1"):
        layer("LSTM", units=units)
