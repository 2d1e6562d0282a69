"""What the tests of Keras itself do: the same shapes, parameters, weights and refusals."""

from __future__ import annotations

from functools import cache
from typing import Any

from failing import failing
from layers.keras.recorded import by_class, wrong

from shapecalc import layer
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope


def cases() -> dict[str, list[dict[str, Any]]]:
    """The cases, which only the process that asks has to read."""
    return by_class("keras_suite.jsonl.gz")


def weighed(case: dict[str, Any]) -> bool:
    """Whether a case has weights, and sizes that are all known."""
    return bool(case.get("weights")) and all(None not in shape for shape in case["input_shapes"])


@cache
def with_weights() -> dict[str, list[dict[str, Any]]]:
    """The cases that have weights, by class."""
    found = {name: [case for case in each if weighed(case)] for name, each in cases().items()}
    return {name: kept for name, kept in found.items() if kept}


def layer_does_what_it_does_in_keras(name: str) -> None:
    assert not wrong(cases()[name])


def test_layers_do_in_the_tests_of_keras_what_they_do_there() -> None:
    assert not failing(layer_does_what_it_does_in_keras, sorted(cases()))


def weights_have_their_shapes(name: str) -> None:
    for case in with_weights()[name]:
        made = layer(name, **case["config"])
        weights = apply(made, [tuple(shape) for shape in case["input_shapes"]], Scope()).weights
        found = sorted([list(weight.shape), weight.trainable] for weight in weights)
        assert found == sorted(case["weights"]), case


def test_each_weight_has_its_shape() -> None:
    assert not failing(weights_have_their_shapes, sorted(with_weights()))
