"""RNN over cells of the program, and stacks that have no input yet: as in Keras 3.15."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes, traced

from shapecalc.errors import ShapeError, SpecError
from shapecalc.exporters.code import code_of

CELLS = """
import keras
from keras import layers, ops

class Cell(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.recurrent = self.add_weight(shape=(self.units, self.units), name="recurrent")
        self.built = True

    def call(self, inputs, states):
        output = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent)
        return output, [output]

class Two(layers.Layer):
    state_size = (4, 6)

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1] + 4, 6), name="kernel")

    def call(self, x, states, training=None):
        h, c = states
        c = c + ops.matmul(ops.concatenate([x, h], axis=-1), self.kernel)
        return ops.tanh(c[:, :4]), [ops.tanh(c[:, :4]), c]

x = keras.Input((7, 5))
"""

RNNS = [
    ("layers.RNN(Cell(32))", "B,32", 1184),
    ("layers.RNN(Cell(32), return_sequences=True)", "B,7,32", 1184),
    ("layers.RNN(Cell(32), return_sequences=True, return_state=True)", "B,7,32; B,32", 1184),
    ("layers.RNN([Cell(4), Cell(6)])", "B,6", 96),
    ("layers.RNN(layers.StackedRNNCells([Cell(4), Cell(6)]), True)", "B,7,6", 96),
    ("layers.RNN(cell=Two(), return_state=True)", "B,4; B,4; B,6", 54),
]


@pytest.mark.parametrize(("layer", "outputs", "params"), RNNS)
def test_cells_of_the_program_are_applied_to_each_step(
    layer: str, outputs: str, params: int
) -> None:
    text = f"{CELLS}model = keras.Model(x, {layer}(x))\n"
    assert shapes(text) == outputs
    assert traced(text).params == params


def test_what_a_cell_refuses_is_a_finding() -> None:
    text = f"{CELLS}model = keras.Model(x, layers.RNN([Cell(4), Two(), Cell(6)])(x))\n"
    wrong = text.replace("shape[-1] + 4", "shape[-1] + 3")
    assert shapes(text) == "B,6"
    with pytest.raises(ShapeError):
        shapes(wrong)


def test_a_cell_of_the_program_is_refused_by_name_in_code() -> None:
    text = f"{CELLS}model = keras.Model(x, layers.RNN(Cell(3))(x))\n"
    with pytest.raises(SpecError, match="RNN"):
        code_of(traced(text), "keras")


HEAD = """
import keras
import loaded
from keras import layers
model = keras.Sequential([layers.Dense(4), layers.Dense(2)])
"""


@pytest.mark.parametrize("name", ["input", "output", "inputs", "outputs", "input_shape"])
def test_a_stack_that_was_never_called_has_no_tensors(name: str) -> None:
    with pytest.raises(ShapeError, match="has never been called and thus has no defined") as found:
        shapes(f"{HEAD}found = model.{name}\n")
    assert found.value.place is not None
    assert found.value.place.line == 6


@pytest.mark.parametrize(
    "statement",
    [
        "model.build((None, 3))",
        "model(keras.Input((3,)))",
        "model.fit(loaded.x, loaded.y)",
        "model(loaded.batch())",
        "loaded.train(model)",
        "for batch in loaded.batches():\n    model(batch)",
        "model.add(loaded.layer())",
    ],
)
def test_a_stack_that_may_have_been_called_is_not_refused(statement: str) -> None:
    text = f"{HEAD}{statement}\nfound = model.input\n"
    text += "other = keras.Sequential([keras.Input((3,)), layers.Dense(5)])\n"
    assert shapes(text) == "B,5"


def test_states_behind_those_that_it_carries_are_passed_over() -> None:
    text = """
        import keras
        from keras import layers
        words = keras.Input((5, 3))
        _, h, c = layers.LSTM(4, return_state=True)(words)
        model = keras.Model(words, layers.GRU(4)(words, initial_state=[h, c]))
    """
    found = traced(text)
    assert str(found.output) == "(Dim('B'), 4)"
    notes = [note.message for note in found.network.source.notes]
    assert notes == ["GRU reads only the first of 2 initial states"]
