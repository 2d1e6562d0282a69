"""Functions of ``keras.ops`` of each number: each is its own operation, with its number."""

from __future__ import annotations

import pytest

from tests.importers.python.reading import traced


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("ops.abs(x)", "pointwise:absolute"),
        ("~(x > 1)", "pointwise:logical_not"),
        ("abs(x)", "pointwise:absolute"),
        ("(x > 1) ^ (x > 1)", "pointwise:@greater_1:logical_xor"),
        ("ops.power(x, 2)", "pointwise:power:value=2"),
        ("ops.maximum(0.5, x)", "pointwise:maximum:value=0.5"),
        ("ops.subtract(1, x)", "pointwise:subtract"),
        ("keras.backend.pow(x, 2)", "pointwise:power:value=2"),
    ],
)
def test_a_function_of_each_number_is_its_own_operation(call: str, step: str) -> None:
    """Not a sum, which has the same shape."""
    trace = traced(
        f"""
        import keras
        from keras import ops

        inputs = keras.Input((8,))
        x = keras.layers.Dense(8)(inputs)
        model = keras.Model(inputs, {call})
        """
    )
    assert str(trace.network).rpartition(",")[2] == step
