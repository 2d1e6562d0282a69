"""Stacks that Keras refuses are refused at the same layer; most get a repair that works."""

from __future__ import annotations

from typing import Any

import pytest
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.tracing.trace import stop_of

FAILING = {
    name: record
    for name, record in recorded("failing").items()
    # Two that build and fail later, and two that are refused by a function that makes a model.
    if "builds" not in record and ("json" in record or "layers" in record)
}
LINEAR = {name: record for name, record in FAILING.items() if "layers" in record}


def model(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the model that it is."""
    if "json" in record:
        return dict(record["json"])
    entry = {"class_name": "InputLayer", "config": {"batch_shape": record["input_shape"]}}
    layers = [
        {"module": "keras.layers", "class_name": layer["layer"], "config": layer["config"]}
        for layer in record["layers"]
    ]
    return {"class_name": "Sequential", "config": {"layers": [entry, *layers]}}


def refusal(record: dict[str, Any]) -> shapecalc.ShapeError:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(shapecalc.load(model(record)))
    return caught.value


def test_there_are_as_many_as_were_recorded() -> None:
    assert len(FAILING) == 54
    assert len(LINEAR) == 38


@pytest.mark.parametrize("name", sorted(LINEAR))
def test_stack_is_refused_at_the_layer_that_keras_refuses(name: str) -> None:
    error = refusal(FAILING[name])
    stop = stop_of(error)
    assert stop is not None
    assert len(stop.trace.layers) == FAILING[name]["fails_at"]


@pytest.mark.parametrize("name", sorted(FAILING.keys() - LINEAR.keys()))
def test_model_is_refused_at_the_layer_that_keras_refuses(name: str) -> None:
    assert refusal(FAILING[name]).layer == FAILING[name]["fails_at"]


@pytest.mark.parametrize("name", sorted(LINEAR))
def test_linear_stack_gets_a_repair_that_works(name: str) -> None:
    repaired = refusal(FAILING[name]).help
    assert repaired is not None
    assert shapecalc.trace(repaired).layers


def test_most_graphs_get_a_repair_that_works() -> None:
    graphs = [record for name, record in FAILING.items() if name not in LINEAR]
    repaired = [error.help for record in graphs if (error := refusal(record)).help]
    assert len(repaired) >= 11
    for spec in repaired:
        assert shapecalc.trace(str(spec)).layers
