"""Sequential: what its modules give, their weights' names, and what only stands at its end."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.dims import Dim
from shapecalc.errors import ShapeError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

L, N = map(Dim, "LN")
LSTM = {"layer": "LSTM", "config": {"input_size": 3, "hidden_size": 8}}
LINEAR = {"layer": "Linear", "config": {"in_features": 8, "out_features": 2}}
IDENTITY = {"layer": "Identity"}


def sequential(*layers: dict[str, Any]) -> Any:
    return shapecalc.layer("Sequential", dialect="torch", layers=list(layers))


def nested(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"layer": "Sequential", "config": {"layers": list(layers)}}


def test_weights_are_named_by_the_place_of_their_module() -> None:
    layer = sequential({"layer": "ReLU"}, nested(LINEAR), IDENTITY)
    names = [weight.name for weight in apply(layer, [(N, 8)], Scope()).weights]
    assert names == ["1.0.weight", "1.0.bias"]


def test_without_modules_it_gives_what_it_gets() -> None:
    assert sequential().compute_output_shape((N, 8)) == (N, 8)


@pytest.mark.parametrize("last", [[], [IDENTITY], [nested(), nested(IDENTITY)]])
def test_a_tuple_comes_out_at_the_end(last: list[dict[str, Any]]) -> None:
    states = (1, N, 8)
    given = sequential(LSTM, *last).compute_output_shape((L, N, 3))
    assert given == [(L, N, 8), states, states]


@pytest.mark.parametrize("between", [[], [IDENTITY], [nested(nested())]])
def test_an_lstms_tuple_is_refused_with_what_to_write(between: list[dict[str, Any]]) -> None:
    with pytest.raises(ShapeError) as caught:
        sequential(LSTM, *between, LINEAR).compute_output_shape((L, N, 3))
    assert caught.value.message == (
        "LSTM gives a tuple (output, (h_n, c_n)), and Linear reads one tensor"
    )
    assert caught.value.help == (
        "call it outside Sequential, output, (h_n, c_n) = lstm(x), and hand on output;"
        " steps of a spec without sequential(…) do that"
    )


def test_the_module_that_does_not_fit_is_named() -> None:
    with pytest.raises(ShapeError) as caught:
        sequential({"layer": "ReLU"}, nested(LINEAR)).compute_output_shape((N, 7))
    assert caught.value.notes == ["in module (0), Linear", "in module (1), Sequential"]


def test_a_spec_has_its_modules_in_a_block() -> None:
    spec = "in:N:3:9:9,sequential(conv2d:3:8:3,relu)"
    network = shapecalc.parse(spec, dialect="torch")
    assert str(network).removeprefix("dialect:torch,") == spec
    assert shapecalc.trace(network).output == (N, 8, 7, 7)
