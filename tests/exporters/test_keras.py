"""Code of Keras in detail: operations whose numbers are known, and those whose are not."""

from __future__ import annotations

import pytest

from shapecalc.errors import SpecError
from shapecalc.exporters.code import code
from shapecalc.importers.python.program import program
from shapecalc.language.build import parse

TEXT = """import keras
from keras import layers, ops

inputs = keras.Input((8,))
x = layers.Dense(8)(inputs)
x = {}
model = keras.Model(inputs, x)
"""


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ("x - 1", "x - 1"),
        ("2 * x", "x * 2"),
        ("x / 255.0", "x / 255.0"),
        ("ops.relu(x)", "ops.relu(x)"),
        ("ops.mean(x, axis=1, keepdims=True)", "ops.mean(x, axis=1, keepdims=True)"),
        ("x[:, :4]", "x[:, :4]"),
        ("ops.reshape(x, (-1, 2, 4))", "ops.reshape(x, (-1, 2, 4))"),
    ],
)
def test_operations_are_written_as_they_were(written: str, again: str) -> None:
    ((_, network),) = program(TEXT.format(written).encode(), "model.py").networks({}, {})
    assert f"x = {again}\n" in code(network, "keras")


@pytest.mark.parametrize("written", ["1 - x", "2 / x", "ops.clip(x, 0, 1)"])
def test_what_a_step_does_not_keep_is_refused_by_name(written: str) -> None:
    ((_, network),) = program(TEXT.format(written).encode(), "model.py").networks({}, {})
    with pytest.raises(SpecError, match=r"cannot be written in Keras: .* is not known"):
        code(network, "keras")


def test_letters_of_one_size_are_arguments_in_the_order_of_the_alphabet() -> None:
    for first, second in (("Tee", "Ess"), ("A", "B"), ("D", "C"), ("Y", "X"), ("K", "L")):
        spec = f"in:N:{first}*{second}:4,reshape:{first}:{second}:4"
        low, high = sorted((first, second))
        assert f"def build({low}=16, {high}=16):" in code(parse(spec), "keras")


@pytest.mark.parametrize("step", ["split:1:axis=1", "unstack:axis=1"])
def test_what_gives_a_list_of_one_is_taken_apart(step: str) -> None:
    assert "(x,) = ops." in code(parse(f"in:2:1:4,{step},relu"), "keras")


def test_no_layer_is_called_as_keras_calls_an_operation() -> None:
    text = code(parse("in:2:6:4,newshape:-1:4,reshape:2:2,reshape:4,dense:3"), "keras")
    assert "name=" not in text
