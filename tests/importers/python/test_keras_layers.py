"""Layers of Keras between symbolic tensors, and those that a program writes itself."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes, traced

from shapecalc.errors import ShapeError


@pytest.mark.parametrize(
    ("attention", "after", "line"),
    [
        ("layers.MultiHeadAttention(2, 4)(x, x)", "layers.GlobalAveragePooling1D()(a)", 6),
        ("layers.MultiHeadAttention(2, 4)(x, x)", "layers.Dense(2)(a)", 5),
        ("layers.Attention()([x, x])", "layers.LSTM(2)(a)", 6),
        ("layers.AdditiveAttention()([x, x])", "layers.GlobalMaxPooling1D()(a)", 6),
    ],
)
def test_attention_without_steps_is_built_and_refused_when_it_is_called(
    attention: str, after: str, line: int
) -> None:
    text = f"""\
        import keras
        from keras import layers
        inputs = keras.Input((10, 16))
        x = layers.LSTM(8)(inputs)
        a = {attention}
        model = keras.Model(inputs, {after})
    """
    with pytest.raises(ShapeError) as caught:
        traced(text)
    assert caught.value.place is not None
    assert caught.value.place.line == line


def test_a_layer_of_the_program_calls_attention_and_so_needs_steps() -> None:
    text = """\
        import keras
        from keras import layers
        class Block(layers.Layer):
            def __init__(self):
                super().__init__()
                self.attend = layers.MultiHeadAttention(2, 4)
            def call(self, x):
                return self.attend(x, x)
        inputs = keras.Input((16,))
        model = keras.Model(inputs, layers.GlobalAveragePooling1D()(Block()(inputs)))
    """
    with pytest.raises(ShapeError) as caught:
        traced(text)
    assert caught.value.place is not None
    assert caught.value.place.line == 8


@pytest.mark.parametrize(
    ("embedding", "works"),
    [
        ("layers.Embedding(10, 32, mask_zero=True)(words)", True),
        ("layers.Masking()(layers.Embedding(10, 32)(words))", True),
        ("layers.Embedding(10, 32)(words)", False),
    ],
)
def test_a_layer_of_the_program_gets_the_mask_of_its_input(*, embedding: str, works: bool) -> None:
    text = f"""\
        import keras
        from keras import layers, ops
        class Softmax(layers.Layer):
            def call(self, x, mask=None):
                assert mask is not None
                return ops.exp(x) * ops.expand_dims(ops.cast(mask, "float32"), -1)
        words = keras.Input((None,), dtype="int32")
        x = layers.Dense(1)({embedding})
        model = keras.Model(words, Softmax()(x))
    """
    if works:
        assert shapes(text) == "B,F,1"
        return
    with pytest.raises(ShapeError):
        traced(text)


def test_a_convolution_without_filters_makes_its_kernel_itself() -> None:
    text = """\
        import keras
        from keras import layers
        class Depthwise(layers.Conv2D):
            def __init__(self, kernel_size):
                super().__init__(filters=None, kernel_size=kernel_size)
            def call(self, x):
                return x
        inputs = keras.Input((8, 8, 3))
        model = keras.Model(inputs, layers.Dense(4)(Depthwise(3)(inputs)))
    """
    assert shapes(text) == "B,8,8,4"


def test_what_seeds_random_numbers_says_nothing_of_shapes() -> None:
    text = """\
        import keras
        from keras import layers, ops, random
        class Noise(layers.Layer):
            def __init__(self):
                super().__init__()
                self.seeds = random.SeedGenerator(1337)
            def call(self, x):
                noise = random.normal(ops.shape(x), seed=self.seeds)
                return random.dropout(x + noise, 0.5, seed=self.seeds)
        inputs = keras.Input((8,))
        model = keras.Model(inputs, Noise()(inputs))
    """
    assert shapes(text) == "B,8"


@pytest.mark.parametrize(
    "taken",
    ["words, more = inputs", "words = inputs[0]\n        more = inputs[1]"],
)
def test_a_model_of_a_class_takes_several_inputs_in_a_list(taken: str) -> None:
    text = f"""
import keras
from keras import layers
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed, self.lstm = layers.Embedding(30, 8), layers.LSTM(8)
        self.join, self.out = layers.Concatenate(), layers.Dense(2)
    def call(self, inputs):
        {taken}
        return self.out(self.join([self.lstm(self.embed(words)), more]))
net = Net()
"""
    trace = traced(text)
    assert len(trace.inputs) == 2
    assert shapes(text) == "B,2"
    given = traced(text, "B,9", "B,6")
    assert [[str(size) for size in shape] for _, shape in given.inputs] == [["B", "9"], ["B", "6"]]
    assert given.params == 240 + 544 + 2 * 14 + 2
