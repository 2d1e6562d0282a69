"""Models of Keras that programs take apart and copy: what is in them, as Keras 3.15 has it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from importers.python.reading import names, shapes, traced

from shapecalc.dims import field_text
from shapecalc.errors import ShapeError, SpecError
from shapecalc.importers.python.program import Program
from shapecalc.language.shapes import read_shape
from shapecalc.tracing.walk import trace_network

LAYERS = """
import keras
from keras import layers, ops
class Own(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.second = layers.Dense(3), layers.Dense(3)
    def call(self, x):
        return self.second(self.first(x)) + self.first(x)
a, b = keras.Input((4,), name="a"), keras.Input((5,), name="b")
x, y = layers.Dense(3, name="d1")(a), layers.Dense(3, name="d2")(b)
z = layers.Dense(3, name="d3")(y)
o = layers.Dense(2, name="o")(layers.Add(name="add")([x, z]))
p = layers.Dense(1, name="p")(x)
s = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="inner")], name="s")
own = layers.Dense(7, name="top")(layers.Concatenate(name="k")([Own(name="own")(x), y]))
"""


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("keras.Model([a, b], [o, p])", "b a d2 d1 d3 add o p"),
        ("keras.Model([b, a], [p, o])", "b a d2 d1 d3 add p o"),
        ("keras.Model(a, ops.relu(x + 1.0))", "a d1"),
        ("keras.Model([a, b], layers.Concatenate(name='c')([s(a), s(s(a)), y]))", "a s b d2 c"),
        ("keras.Model([a, b], [own, z])", "a d1 b own d2 k top d3"),
        ("s", "inner"),
    ],
)
def test_layers_come_in_the_order_of_keras(model: str, listed: str) -> None:
    text = f"{LAYERS}found = [each.name for each in {model}.layers]\n"
    assert " ".join(names(text)["found"]) == listed


def test_an_input_is_a_layer_whose_output_is_it() -> None:
    text = f"{LAYERS}m = keras.Model([a, b], [o, p])\n"
    text += "found = m.layers[0].output is b, m.get_layer('a').output is a\n"
    assert names(text)["found"] == (True, True)


@pytest.mark.parametrize(
    "model",
    [
        "keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])",
        "keras.Model(a, layers.Dense(2)(layers.Dense(3)(a)))",
    ],
)
def test_a_clone_has_weights_of_its_own(model: str) -> None:
    text = f"""{LAYERS}
base = {model}
copy = keras.models.clone_model(base)
both = keras.Model(a, layers.Add()([base(a), copy(a)]))
"""
    assert traced(text).params == 2 * (4 * 3 + 3 + 3 * 2 + 2)
    text += "cut = keras.Model(copy.inputs, copy.layers[-2].output)\n"
    assert shapes(text) == "B,3"


def test_weights_that_a_layer_makes_and_does_not_read_are_counted() -> None:
    text = """
        import keras
        class Own(keras.layers.Layer):
            def __init__(self):
                super().__init__()
                self.spare = self.add_weight(shape=(7,))
                self.inner = keras.layers.Dense(2)
            def call(self, x):
                return self.inner(x)
        x = keras.Input((4,))
        model = keras.Model(x, Own()(x))
        """
    assert traced(text).params == 7 + 4 * 2 + 2


def test_weights_that_are_not_trained_are_parameters_all_the_same() -> None:
    text = """
        import keras
        class Own(keras.layers.Layer):
            def build(self, shape):
                self.scale = self.add_weight(shape=(shape[-1],))
                self.shift = self.add_weight(shape=(shape[-1],), trainable=False)
                self.count = self.add_weight(shape=(3,), trainable=False)
            def call(self, x):
                return x * self.scale + self.shift
        x = keras.Input((4,))
        model = keras.Model(x, Own()(x))
        """
    trace = traced(text)
    assert (trace.params, trace.trainable_params) == (4 + 4 + 3, 4)


def test_a_stack_without_an_input_is_a_row_of_the_model_that_calls_it() -> None:
    text = """
        import keras
        import numpy as np
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.stack = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(5)])
            def call(self, x):
                return self.stack(x)
        net = Net()
        net(np.zeros((3, 4)))
        """
    trace = traced(text)
    assert [row.layer for row in trace.layers] == ["Sequential"]
    assert trace.params == 4 * 8 + 8 + 8 * 5 + 5


def test_names_of_a_star_import_may_be_of_older_releases() -> None:
    text = """
        from tensorflow.keras import *
        from tensorflow.keras.layers import *
        x = Input((6, 3))
        model = Model(x, layers.Dense(2)(GlobalAvgPool1D()(x)))
        """
    assert shapes(text) == "B,2"


def test_a_layer_that_is_not_known_is_named() -> None:
    text = """
        import keras
        import vocabulary
        model = keras.Sequential()
        model.add(keras.layers.Flatten())
        model.add(keras.layers.Dense(vocabulary.size()))
        """
    message = "layer 2 of sequential, line 6, is not understood: an argument of Dense"
    with pytest.raises(SpecError, match=message):
        shapes(text)


REFUSED = [
    ("keras.Model(a, layers.Dense(2, name='d1')(x))", 'the name "d1" is that of two layers'),
    (
        "keras.Sequential([a, layers.Dense(3, name='q'), layers.Dense(2, name='q')])",
        'the name "q" is that of two layers',
    ),
    ("s.get_layer('inners')", "s has no layer inners; did you mean inner"),
    ("layers.Dense({'units': 3}['width'])", "KeyError: 'width'"),
]


@pytest.mark.parametrize(("statement", "message"), REFUSED)
def test_what_keras_refuses_of_models_is_found(statement: str, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        shapes(f"{LAYERS}{statement}\n")


def test_a_merge_of_one_tensor_in_a_list_gives_it() -> None:
    text = f"{LAYERS}m = keras.Model(a, layers.concatenate([layers.Add()([a])]))\n"
    assert [row.layer for row in traced(text).layers] == ["Add", "Concatenate"]
    with pytest.raises(ShapeError, match="Add reads at least 2 tensors, but gets 1"):
        shapes(f"{LAYERS}layers.Add()(a)\n")


def test_an_argument_that_is_misspelt_is_named_before_the_one_that_is_missing() -> None:
    with pytest.raises(ShapeError, match="there is no parameter kernel; did you mean kernel_size"):
        shapes(f"{LAYERS}layers.Conv2D(32, kernel=3)\n")


def test_a_layer_knows_the_vocabulary_that_it_was_given() -> None:
    text = """
        from keras.layers import IntegerLookup, StringLookup, TextVectorization
        words = ["a", "b", "c"]
        found = [
            StringLookup(vocabulary=words).vocabulary_size(),
            StringLookup(vocabulary=words, mask_token="", num_oov_indices=2).vocabulary_size(),
            len(IntegerLookup(vocabulary=[4, 5], num_oov_indices=0).get_vocabulary()),
            TextVectorization(vocabulary=words).vocabulary_size(),
        ]
        """
    assert names(dedent(text))["found"] == [4, 6, 2, 5]


def test_the_merge_of_keras_1_is_a_layer_by_its_mode() -> None:
    text = """
        from keras.layers import Dense, Input, merge
        from keras.models import Model
        a, b = Input(shape=(4, 3)), Input(shape=(4, 5))
        c = merge([a, b], mode="concat", concat_axis=-1)
        d = merge([Dense(output_dim=8)(a), Dense(8)(b)], mode="sum", name="joined")
        model = Model(input=[a, b], output=[c, d])
        """
    assert shapes(text) == "B,4,8; B,4,8"
    assert {"concatenate", "joined"} <= {row.name for row in traced(text).layers}


@pytest.mark.parametrize("key", ["each.name", "vocabulary.key(each)"])
def test_inputs_by_names_are_no_fewer_than_they_are(key: str) -> None:
    text = f"""
        import keras
        import vocabulary
        inputs = [keras.Input((3,), name="a"), keras.Input((4,), name="b")]
        x = keras.layers.Concatenate()(inputs)
        model = keras.Model({{{key}: each for each in inputs}}, x)
        other = keras.Model(inputs, x)
        """
    assert shapes(text) == "B,7"


def test_what_is_in_a_model_of_a_library_is_not_known() -> None:
    text = """
        import keras
        from keras import layers
        base = keras.applications.VGG16(include_top=False, input_shape=(96, 96, 3))
        for layer in base.layers[:-4]:
            layer.trainable = False
        inner = keras.Model(base.input, base.layers[-2].output)
        part = keras.Model(base.input, base.get_layer("block4_pool").output)
        x = layers.GlobalAveragePooling2D()(base.output)
        model = keras.Model(base.input, layers.Dense(3)(x))
        """
    assert shapes(text) == "B,3"
    assert len(Program(dedent(text), "model.py").networks({}, {})) == 1


WRITTEN = """
import keras
from keras import layers, ops
class Linear(layers.Layer):
    def __init__(self, units=4, **options):
        super().__init__(**options)
        self.units = units
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))
        self.unread = self.add_weight(shape=(7,), trainable=False)
    def call(self, x, training=None):
        return ops.matmul(x, self.kernel)
class Cross(layers.Layer):
    def __init__(self, units=4, **options):
        super().__init__(**options)
        self.query, self.key = layers.Dense(units), [Linear(units)]
    def call(self, x, context):
        keys = ops.transpose(self.key[0](context), (0, 2, 1))
        return ops.matmul(self.query(x), keys)
class Half(layers.Dense):
    def call(self, x):
        return super().call(x)[..., ::2]
class Skip(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.conv = layers.Conv1D(8, 3)
    def call(self, x):
        return x + self.conv(x)
"""


def _layer(expression: str | None, *inputs: str) -> Any:
    given: dict[Any, Any] = {place: read_shape(each) for place, each in enumerate(inputs)}
    models = Program(WRITTEN, "layers.py", expression).networks(given, {})
    return [trace_network(network) for _, network in models]


@pytest.mark.parametrize(
    ("expression", "inputs", "output", "params"),
    [
        ("Linear()", ["B,T,8"], "B,T,4", 8 * 4 + 7),
        ("Linear", ["B,8"], "B,4", 8 * 4 + 7),
        ("Cross(2)", ["B,T,8", "B,S,3"], "B,T,S", 8 * 2 + 2 + 3 * 2 + 7),
        ("Cross(2).query", ["B,T,8"], "B,T,2", 8 * 2 + 2),
        ("Half(7)", ["B,3"], "B,4", 3 * 7 + 7),
    ],
)
def test_a_layer_that_the_program_writes_is_read_by_itself(
    expression: str, inputs: list[str], output: str, params: int
) -> None:
    (trace,) = _layer(expression, *inputs)
    assert field_text(trace.output) == output
    assert trace.params == params


def test_a_layer_that_the_program_writes_is_made_for_what_its_parts_read() -> None:
    (trace,) = _layer("Skip()")
    assert field_text(trace.layers[0].inputs[0]) == "B,3,C"
    with pytest.raises(SpecError, match="no input was found that fits Linear"):
        _layer("Linear()")


def test_what_does_not_fit_in_a_layer_by_itself_is_found_on_its_line() -> None:
    with pytest.raises(ShapeError, match="Add cannot join") as caught:
        _layer("Skip()", "B,9,8")
    assert caught.value.place is not None
    assert caught.value.place.line == 28


def test_a_file_of_layers_shows_those_that_no_other_one_holds() -> None:
    models = Program(WRITTEN, "layers.py").networks({0: read_shape("B,3,8")}, {})
    assert [name for name, _ in models] == ["skip"]
