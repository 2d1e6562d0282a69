"""Every layer gives the shapes and parameters that Keras gives, and refuses what it refuses."""

from __future__ import annotations

import pytest
from failing import failing, parts
from layers.keras.recorded import by_class, wrong

CASES = by_class("keras_layers.jsonl")


def equals_keras(name: str) -> None:
    assert not wrong(CASES[name])


@pytest.mark.parametrize("names", parts(sorted(CASES), 6))
def test_layer_equals_keras(names: list[str]) -> None:
    assert not failing(equals_keras, names)
