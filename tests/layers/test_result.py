"""The weights of a result: made when they are asked for, but for those that must be looked at."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import shapecalc
from shapecalc import ShapeError, layer
from shapecalc.dims import Dim, substitute
from shapecalc.layers.layer import apply
from shapecalc.layers.result import LARGE, Result, Weight
from shapecalc.layers.scope import Scope


def column(made: list[Any], sizes: tuple[Any, ...], output: tuple[Any, ...]) -> tuple[Weight, ...]:
    made.append(output)
    return (Weight("kernel", sizes, places=output[:-1]),)


def test_weights_of_numbers_wait_and_are_made_once() -> None:
    made: list[Any] = []
    result = Result.deferred((Dim("B"), 4), (3, 4), column, made)
    assert not made
    assert result.weights == (Weight("kernel", (3, 4), places=(Dim("B"),)),)
    assert result.weights is result.weights
    assert (result.params, result.macs) == (12, 12 * Dim("B"))
    assert made == [(Dim("B"), 4)]


@pytest.mark.parametrize("size", [Dim("C"), LARGE, 10**900])
def test_weights_of_letters_and_of_large_numbers_are_made_at_once(size: Any) -> None:
    made: list[Any] = []
    result = Result.deferred((2, 4), (size, 4), column, made)
    assert made
    assert result.made == result.weights


@pytest.mark.parametrize(
    ("name", "config", "shape"),
    [
        ("Dense", {"units": 4}, (2, 3)),
        ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 3}, (2, 9, 9, 3)),
        ("Conv1D", {"filters": 4, "kernel_size": 3, "lora_rank": 2}, (2, 9, 3)),
    ],
)
def test_weights_are_the_same_for_a_letter_and_for_its_number(
    name: str, config: dict[str, Any], shape: tuple[int, ...]
) -> None:
    rule = layer(name, **config)
    known = apply(rule, (shape,), Scope()).weights
    lettered = apply(rule, ((*shape[:-1], Dim("C")),), Scope())
    values = {"C": shape[-1]}
    put = lettered.mapped(lambda sizes: tuple(substitute(size, values) for size in sizes))
    assert put.weights == known


def test_weights_that_are_too_large_are_refused_when_the_layer_is_applied() -> None:
    with pytest.raises(ShapeError, match="too large a count of parameters"):
        layer("Conv1D", filters=10**600, kernel_size=10**600, padding="same").compute_output_shape(
            (2, 9, 3)
        )


def test_a_trace_is_pickled_with_weights_that_wait() -> None:
    trace = shapecalc.trace("conv1d:8:3,dense:4", input=(2, 9, 3))
    again = pickle.loads(pickle.dumps(trace.layers[0].result))  # noqa: S301  (of this test)
    assert again.weights == trace.layers[0].weights
    assert [row.params for row in trace.layers] == [3 * 3 * 8 + 8, 8 * 4 + 4]
