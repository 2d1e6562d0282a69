"""Every layer gives the shapes and parameters that Keras gives, and refuses what it refuses."""

from __future__ import annotations

import pytest
from layers.keras.recorded import by_class, wrong

CASES = by_class("keras_layers.jsonl")


@pytest.mark.parametrize("name", sorted(CASES))
def test_layer_equals_keras(name: str) -> None:
    assert not wrong(CASES[name])
