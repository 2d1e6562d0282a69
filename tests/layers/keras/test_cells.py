"""Cells and RNN on letters: states, stacks, weights, messages."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, F, U = map(Dim, "BTFU")
CELLS = {"LSTMCell": ("LSTM", 2), "GRUCell": ("GRU", 1), "SimpleRNNCell": ("SimpleRNN", 1)}


def run(made: Layer, *inputs: Shape) -> Result:
    return apply(made, inputs, Scope())


def refusal(made: Layer, *inputs: Shape) -> str:
    with pytest.raises(ShapeError) as caught:
        run(made, *inputs)
    return caught.value.message


def cell(name: str, units: int | Dim, **config: object) -> Layer:
    return layer(name, units=units, **config)


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_gives_its_output_and_its_states(name: str) -> None:
    states = [(B, U)] * CELLS[name][1]
    assert run(cell(name, U), (B, F), *states).outputs == ((B, U), *states)


@pytest.mark.parametrize("name", CELLS)
def test_rnn_of_a_cell_is_the_layer_of_that_name(name: str) -> None:
    whole, _ = CELLS[name]
    flags = {"return_sequences": True, "return_state": True}
    ours = run(layer("RNN", cell=cell(name, U), **flags), (B, T, F))
    theirs = run(layer(whole, units=U, **flags), (B, T, F))
    assert (ours.outputs, ours.weights) == (theirs.outputs, theirs.weights)


def test_cells_on_top_of_each_other_read_what_the_one_below_gives() -> None:
    cells = [cell("LSTMCell", 6), cell("GRUCell", 4)]
    result = run(layer("RNN", cell=cells, return_state=True), (B, T, 3))
    assert result.outputs == ((B, 4), (B, 6), (B, 6), (B, 4))
    assert [w.shape for w in result.weights if w.name == "kernel"] == [(3, 24), (6, 12)]
    stacked = layer("RNN", cell=layer("StackedRNNCells", cells=cells), return_state=True)
    assert run(stacked, (B, T, 3)).outputs == result.outputs


def test_stacked_cells_take_the_states_of_all() -> None:
    stacked = layer("StackedRNNCells", cells=[cell("LSTMCell", 6), cell("GRUCell", 4)])
    states = [(B, 6), (B, 6), (B, 4)]
    assert run(stacked, (B, 3), *states).outputs == ((B, 4), *states)
    assert refusal(stacked, (B, 3), (B, 6)) == "takes 3 states, but gets 1"


def test_a_frozen_cell_freezes_only_its_own_weights() -> None:
    cells = [cell("LSTMCell", 3, trainable=False), cell("GRUCell", 6)]
    result = run(layer("RNN", cell=cells), (B, T, 8))
    assert (result.params, result.trainable_params) == (342, 198)


def test_rnn_takes_initial_states_for_all_cells() -> None:
    made = layer("RNN", cell=[cell("LSTMCell", 6), cell("GRUCell", 4)])
    assert run(made, (B, T, 3), (B, 6), (B, 6), (B, 4)).outputs == ((B, 4),)
    assert refusal(made, (B, T, 3), (B, 6)) == "takes 3 initial states, but gets 1"
    assert refusal(made, (B, T, 3), (B, 6), (B, 6), (B, 5)) == (
        "needs an initial state (B, 4), but gets (B, 5)"
    )


def test_messages() -> None:
    assert refusal(cell("LSTMCell", 3), (B, 8)) == "takes 2 states, but gets 0"
    assert refusal(cell("GRUCell", 3), (B, 8), (B, 4)) == "needs a state (B, 3), but gets (B, 4)"
    assert refusal(cell("GRUCell", 3), (B, T, 8), (B, 3)) == (
        "needs a 2-D input (batch, features), but gets (B, T, 8)"
    )
    assert refusal(layer("RNN", cell=cell("GRUCell", 3)), (B, 8)) == (
        "needs a 3-D input (batch, steps, features), but gets (B, 8)"
    )
    assert refusal(layer("RNN", cell=cell("GRUCell", 3), stateful=True), (B, T, 8)) == (
        "is stateful, so that it needs a batch of known size, but gets (B, T, 8)"
    )


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("RNN", {"cell": {"layer": "Dense", "config": {"units": 3}}}, "a cell such as LSTMCell"),
        ("RNN", {"cell": []}, "cell takes a cell such as LSTMCell, or several, not"),
        ("RNN", {}, "cell is missing"),
        ("StackedRNNCells", {"cells": [{"layer": "Flatten"}]}, "not Flatten"),
        ("StackedRNNCells", {"cells": []}, "cells takes a list of cells"),
        ("GRUCell", {"units": 0}, "units takes a whole number of at least 1"),
    ],
)
def test_what_makes_none(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer(name, **config)


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ("in:B:T:4,rnn(lstmcell:32|lstmcell:16):seq", (B, T, 16)),
        ("in:B:T:4,bi-rnn(grucell:8)", (B, 16)),
        ("in:B:T:9:4,td-rnn(simplernncell:8)", (B, T, 8)),
        ("in:B:T:4@x,lstm:8:state@e,@x,rnn(lstmcell:8):initial_state=@e", (B, 8)),
    ],
)
def test_in_a_spec(spec: str, output: Shape) -> None:
    assert shapecalc.trace(spec).output == output
