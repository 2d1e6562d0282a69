"""What functions and layers of Keras give, as Keras 3.15 does."""

from __future__ import annotations

import pytest
from importers.python.reading import names, shapes, traced

from shapecalc.errors import ShapeError

GIVEN = [
    ("ops.arange(start=0, stop=7, step=2)", (4,)),
    ("ops.image.extract_patches(ops.zeros((2, 9, 8, 3)), size=4)", (2, 2, 2, 48)),
    (
        'ops.image.extract_patches(ops.zeros((2, 9, 8, 3)), size=(3, 2), strides=2, padding="same")',
        (2, 5, 4, 18),
    ),
    (
        'ops.max_pool(ops.zeros((2, 9, 8, 3)), (2, 2), padding="same")',
        (2, 5, 4, 3),
    ),
    ("ops.average_pool(ops.zeros((2, 9, 3)), 3, strides=1)", (2, 7, 3)),
    ("ops.conv(ops.zeros((2, 9, 8, 3)), ops.zeros((3, 3, 3, 5)), strides=2)", (2, 4, 3, 5)),
    ("ops.hstack([ops.zeros((2, 3)), ops.zeros((2, 4))])", (2, 7)),
    ("ops.outer(ops.zeros(3), ops.zeros(4))", (3, 4)),
    ("ops.kron(ops.zeros((2, 3)), ops.zeros((4, 5)))", (8, 15)),
    ("ops.broadcast_to(ops.zeros((1, 3)), (4, 3))", (4, 3)),
    ("ops.ravel(ops.zeros((2, 3)))", (6,)),
    ("ops.slice(ops.zeros((4, 5)), (1, 2), (3, 2))", (3, 2)),
    ("ops.moments(ops.zeros((4, 5, 6)), axes=[0, 1])[0]", (6,)),
    ("ops.glu(ops.zeros((4, 6)))", (4, 3)),
    ("ops.full((2, 3), 1.0)", (2, 3)),
    ("ops.diag(ops.zeros(3))", (3, 3)),
    ('ops.take_along_axis(ops.zeros((3, 4)), ops.zeros((3, 2), dtype="int32"), axis=1)', (3, 2)),
    ('ops.segment_sum(ops.zeros((6, 4)), ops.zeros(6, dtype="int32"), num_segments=3)', (3, 4)),
    ("ops.fmod(ops.zeros((3, 1)), ops.zeros((1, 4)))", (3, 4)),
    ('ops.meshgrid(ops.zeros(2), ops.zeros(3), indexing="ij")[1]', (2, 3)),
    ('ops.take(ops.zeros((5, 4, 3)), ops.zeros((2, 6), dtype="int32"), axis=1)', (5, 2, 6, 3)),
    ('ops.take(ops.zeros((5, 4)), ops.zeros((2, 6), dtype="int32"))', (2, 6)),
    ("ops.take(ops.zeros((5, 4)), [1, 2, 3], axis=0)", (3, 4)),
    ("ops.convert_to_tensor([[1, 2, 3], [4, 5, 6]])", (2, 3)),
    ("ops.image.resize(ops.zeros((2, 9, 8, 3)), (4, 5))", (2, 4, 5, 3)),
    ("ops.conv_transpose(ops.zeros((2, 9, 3)), ops.zeros((4, 5, 3)), strides=2)", (2, 20, 5)),
    (
        "ops.separable_conv(ops.zeros((2, 9, 8, 3)), ops.zeros((3, 3, 3, 2)), ops.zeros((1, 1, 6, 7)))",
        (2, 7, 6, 7),
    ),
    ("ops.adaptive_average_pool(ops.zeros((2, 9, 8, 3)), (4, 2))", (2, 4, 2, 3)),
    ("ops.diagonal(ops.zeros((2, 5, 5)), axis1=1, axis2=2)", (2, 5)),
    ('ops.multi_hot(ops.zeros((2, 5), dtype="int32"), 7)', (2, 7)),
    ("ops.categorical_crossentropy(ops.zeros((2, 5)), ops.zeros((2, 5)))", (2,)),
    (
        'ops.sparse_categorical_crossentropy(ops.zeros((2, 4), dtype="int32"), ops.zeros((2, 4, 5)))',
        (2, 4),
    ),
    ('ops.scatter(ops.zeros((3, 1), dtype="int32"), ops.zeros(3), (8,))', (8,)),
    ('ops.segment_max(ops.zeros((6, 4)), ops.zeros(6, dtype="int32"), num_segments=3)', (3, 4)),
    ("ops.stft(ops.zeros((2, 100)), 20, 10, 32)[0]", (2, 11, 17)),
    ("ops.map(lambda row: row[1:], ops.zeros((6, 4)))", (6, 3)),
    (
        "ops.scan(lambda carry, x: (carry + x, x[:2]), ops.zeros((4,)), ops.zeros((6, 4)))[1]",
        (6, 2),
    ),
    ("ops.fori_loop(0, 3, lambda i, x: x + 1, ops.zeros((4, 2)))", (4, 2)),
    ("ops.linspace(0, 1)", (50,)),
    ("keras.random.randint((3, 4), 0, 9)", (3, 4)),
    ("keras.random.categorical(ops.zeros((3, 4)), 5)", (3, 5)),
    ("ops.linalg.qr(ops.zeros((5, 3)))[0]", (5, 3)),
    (
        "ops.image.crop_images(ops.zeros((2, 9, 8, 3)), top_cropping=1, left_cropping=2, target_height=4, target_width=5)",
        (2, 4, 5, 3),
    ),
    (
        "ops.image.pad_images(ops.zeros((2, 9, 8, 3)), top_padding=1, left_padding=2, bottom_padding=3, right_padding=4)",
        (2, 13, 14, 3),
    ),
    ("ops.array_split(ops.zeros((7, 2)), 3)[0]", (3, 2)),
    ("ops.append(ops.zeros((2, 2)), ops.zeros((3, 2)), axis=0)", (5, 2)),
    ('ops.rearrange(ops.zeros((2, 6, 4)), "b (h w) c -> b h w c", h=2)', (2, 2, 3, 4)),
    ("ops.fft((ops.zeros((2, 8)), ops.zeros((2, 8))))[0]", (2, 8)),
    ("ops.dot(ops.zeros((3, 4)), ops.zeros(4))", (3,)),
    ("ops.digitize(ops.zeros((3, 4)), ops.zeros(5))", (3, 4)),
    ("ops.identity(5)", (5, 5)),
    ("ops.rot90(ops.ones((4, 5)))", (5, 4)),
    ("ops.trace(ops.ones((4, 5, 5)), axis1=1, axis2=2)", (4,)),
    ("ops.get_item(ops.ones((4, 5)), (slice(None), 2))", (4,)),
    ("ops.pad(ops.ones((4, 5)), (1, 2))", (7, 8)),
    ("ops.quantile(ops.ones((2, 16)), 0.5, axis=1)", (2,)),
]


@pytest.mark.parametrize(("expression", "shape"), GIVEN)
def test_a_function_gives_the_shape_that_keras_gives(
    expression: str, shape: tuple[int, ...]
) -> None:
    assert (
        names(f"import keras\nfrom keras import ops\nfound = {expression}\n")["found"].shape
        == shape
    )


OF_TENSORFLOW = [
    ("tf.image.resize(tf.zeros((2, 9, 8, 3)), [4, 5])", (2, 4, 5, 3)),
    ("tf.gather(tf.zeros((5, 4)), tf.constant([1, 2, 3]))", (3, 4)),
    ("tf.gather(tf.zeros((2, 5, 4)), tf.zeros((2, 3)), batch_dims=1)", (2, 3, 4)),
    (
        "tf.nn.conv2d_transpose(tf.zeros((2, 7, 7, 3)), tf.zeros((5, 5, 8, 3)), [2, 14, 14, 8], 2)",
        (2, 14, 14, 8),
    ),
    ("tf.signal.stft(tf.zeros((2, 100)), frame_length=20, frame_step=10)", (2, 9, 17)),
    ("tf.map_fn(lambda row: tf.reduce_sum(row, -1), tf.zeros((6, 4, 3)))", (6, 4)),
    ("tf.reshape(tf.zeros((4, 6)), tf.stack([tf.shape(tf.zeros((2, 1)))[0], -1]))", (2, 12)),
    ("tf.zeros(tf.concat([tf.shape(tf.zeros((2, 3)))[:1], [5]], axis=0))", (2, 5)),
    ("K.rnn(lambda x, h: (x, h), tf.zeros((2, 9, 4)), [tf.zeros((2, 3))])[1]", (2, 9, 4)),
    ("K.spatial_2d_padding(tf.zeros((2, 9, 8, 3)), ((1, 2), (3, 4)))", (2, 12, 15, 3)),
    ("tf.matmul(tf.zeros((2, 3, 4)), tf.zeros((2, 5, 4)), transpose_b=True)", (2, 3, 5)),
    ("tf.matmul(tf.zeros((4, 3)), tf.zeros((4, 5)), True)", (3, 5)),
    ("tf.zeros((2, 3)) / tf.math.sqrt(tf.cast(64, tf.float32))", (2, 3)),
    ("tf.zeros((9, 4))[tf.newaxis, :5, :]", (1, 5, 4)),
    ("K.in_train_phase(lambda: tf.zeros((2, 3)), tf.zeros((2, 3)))", (2, 3)),
]


@pytest.mark.parametrize(("expression", "shape"), OF_TENSORFLOW)
def test_a_function_gives_the_shape_that_tensorflow_gives(
    expression: str, shape: tuple[int, ...]
) -> None:
    text = f"import tensorflow as tf\nfrom keras import backend as K\nfound = {expression}\n"
    assert names(text)["found"].shape == shape


def test_what_a_layer_of_the_program_makes_itself_is_counted() -> None:
    text = """
        import keras
        from keras import layers, ops
        class Positions(layers.Layer):
            def __init__(self):
                super().__init__()
                self.words = layers.Embedding(50, 8)
                self.places = layers.Embedding(10, 8)
                self.u = self.add_weight(shape=(8,))
            def call(self, x):
                x = self.words(x) + self.places(ops.arange(start=0, stop=ops.shape(x)[-1]))
                return ops.matmul(x, ops.expand_dims(self.u, -1))
        x = keras.Input((10,), dtype="int32")
        model = keras.Model(x, Positions()(x))
        """
    assert traced(text).params == 50 * 8 + 10 * 8 + 8
    assert shapes(text) == "B,10,1"


def test_time_distributed_takes_a_layer_of_the_program() -> None:
    text = """
        import keras
        from keras import layers
        class Frame(layers.Layer):
            def __init__(self, width):
                super().__init__()
                self.conv = layers.Conv2D(width, 3)
                self.pool = layers.GlobalAveragePooling2D()
            def call(self, x):
                return self.pool(self.conv(x))
        video = keras.Input((12, 32, 32, 3))
        x = layers.TimeDistributed(Frame(16))(video)
        model = keras.Model(video, layers.LSTM(20)(x))
        """
    assert traced(text).params == 3 * 3 * 3 * 16 + 16 + 4 * 20 * (16 + 20 + 1)
    assert shapes(text) == "B,20"


def test_tensors_that_are_named_come_in_the_order_of_their_names() -> None:
    text = """
        import keras
        a, b = keras.Input((3,), name="a"), keras.Input((5,), name="b")
        y, x = keras.layers.Dense(2)(a), keras.layers.Dense(4)(b)
        model = keras.Model(inputs={"b": b, "a": a}, outputs={"y": y, "x": x})
        """
    assert shapes(text) == "B,4; B,2"
    assert next(shape for _, shape in traced(text).inputs)[-1] == 3


def test_layers_know_what_they_read_and_gave() -> None:
    text = """
        import keras
        from keras import layers
        model = keras.Sequential([
            layers.Input((32, 32, 3)), layers.Conv2D(8, 3, name="c1"), layers.Flatten(),
        ])
        inner = keras.Model(model.inputs, model.get_layer("c1").output)
        """
    assert shapes(text) == "B,30,30,8"


def test_a_size_of_an_input_that_is_not_known_is_a_letter() -> None:
    text = """
        import keras, unknown_package
        rows = unknown_package.read("rows.csv")
        x = keras.Input((120, rows.shape[-1]))
        model = keras.Model(x, keras.layers.LSTM(16)(x))
        """
    trace = traced(text)
    assert shapes(text) == "B,16"
    assert str(trace.params) == "64*C + 1088"
    assert [note.message for note in trace.network.source.notes] == [
        "what unknown_package.read gives is not known here"
    ]


def test_a_model_that_is_not_understood_leaves_the_others() -> None:
    text = """
        import keras, unknown_package
        from keras import layers
        lost = keras.Sequential([unknown_package.Layer(3)])
        model = keras.Sequential([layers.Input((8,)), layers.Dense(4)])
        other = keras.Model(model.inputs, unknown_package.head(model.outputs))
        """
    assert shapes(text) == "B,4"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("o, h, c = layers.LSTM(8, return_sequences=True)(a)", 4),
        ("m = keras.Model(a, layers.Concatenate()([a, b]))", 4),
    ],
)
def test_what_keras_refuses_of_graphs(lines: str, line: int) -> None:
    text = f"""import keras
from keras import layers
a, b = keras.Input((10, 4)), keras.Input((10, 4))
{lines}
"""
    with pytest.raises(ShapeError) as caught:
        traced(text)
    assert caught.value.place is not None
    assert caught.value.place.line == line


def test_a_function_refuses_no_tensor_that_is_not_known() -> None:
    text = """
        import keras
        import vocabulary
        a = keras.Input((4, 6))
        lost = keras.ops.einsum("bij,bkj->bik", a, vocabulary.rows())
        model = keras.Model(a, keras.layers.Dense(2)(a))
    """
    assert shapes(text) == "B,4,2"


def test_functions_of_plain_numbers_are_no_rows() -> None:
    text = """
        import tensorflow as tf
        x = tf.keras.Input((4, 16))
        model = tf.keras.Model(x, x * tf.math.sqrt(tf.cast(16, tf.float32)))
    """
    assert [row.layer for row in traced(text).layers] == ["Constant", "ops.Multiply"]


def test_data_of_which_one_array_is_unknown_refuse_no_model() -> None:
    text = """
        import keras
        import numpy as np
        import vocabulary
        a, b = keras.Input((4,)), keras.Input((3,))
        model = keras.Model([a, b], keras.layers.Dense(2)(keras.layers.Concatenate()([a, b])))
        model.predict([np.zeros((8, 4)), vocabulary.targets()])
    """
    assert shapes(text) == "B,2"


def test_a_stack_whose_input_comes_from_a_file_is_tried_with_each_number_of_axes() -> None:
    text = """
        import numpy as np
        from keras.layers import Dense, Flatten
        from keras.models import Sequential

        features = np.load("features.npy")
        model = Sequential()
        model.add(Flatten(input_shape=features.shape[1:]))
        model.add(Dense(16))
        model.add(Dense(3))
        other = Sequential([Flatten(), Dense(8), Dense(5)])
    """
    assert shapes(text) == "B,5"


SIZES = [
    ("np.int64(4)", "B,4,3"),
    ("np.array(4)", "B,4,3"),
    ("np.amax(np.load('y.npy')) + 1", "B,T,3"),
]


@pytest.mark.parametrize(("size", "shape"), SIZES)
def test_a_size_of_an_input_may_be_a_number_of_numpy(size: str, shape: str) -> None:
    text = f"import keras\nimport numpy as np\nx = keras.Input(({size}, 3))\n"
    assert shapes(text + "model = keras.Model(x, keras.layers.ReLU()(x))\n") == shape


@pytest.mark.parametrize("size", ["4.0", "'four'", "[4]"])
def test_a_size_of_an_input_that_is_no_whole_number_is_refused(size: str) -> None:
    text = f"import keras\nx = keras.Input(({size}, 3))\nmodel = keras.Model(x, x)\n"
    with pytest.raises(ShapeError, match="a size of a shape is a whole number or None, not a"):
        shapes(text)


def test_a_model_reads_its_inputs_in_their_order_whichever_was_made_first() -> None:
    text = """
        import keras
        from keras import layers
        labels, noise = keras.Input((10,)), keras.Input((100,))
        generator = keras.Model(
            [noise, labels], layers.Dense(8)(layers.Concatenate()([noise, labels])))
        model = keras.Model([noise, labels], layers.Dense(2)(generator([noise, labels])))
    """
    trace = traced(text)
    assert trace.params == 110 * 8 + 8 + 8 * 2 + 2


def test_an_activation_that_the_program_has_named_itself_changes_no_shape() -> None:
    text = """
        import keras
        from keras.layers import Activation, Dense
        from keras.utils import get_custom_objects
        get_custom_objects().update({"softplusk": Activation(lambda x: keras.ops.softplus(x))})
        x = keras.Input((4,))
        model = keras.Model(x, Dense(3, activation="softplusk")(Activation("softplusk")(x)))
    """
    assert shapes(text) == "B,3"


@pytest.mark.parametrize(
    ("count", "classes"),
    [
        ("len(np.unique(y))", 10),
        ("int(np.amax(y)) + 1", 10),
        ("int(y.max() + 1)", 10),
        ("len(np.unique(np.array(y).flatten()))", 10),
        ("to_categorical(y).shape[1]", 10),
        ("to_categorical(y.reshape(-1)).shape[-1]", 10),
        ("len(set(y))", 10),
        ("len(np.unique(np.random.randint(0, 4, size=(200, 1))))", 4),
    ],
)
def test_the_labels_of_known_data_are_of_so_many_classes(count: str, classes: int) -> None:
    text = "import numpy as np\nfrom keras.datasets import mnist\n"
    text += "from keras.utils import to_categorical\n(x, y), _ = mnist.load_data()\n"
    assert names(f"{text}found = {count}\n")["found"] == classes


def test_lists_of_tensors_are_one_tensor_to_a_reduction() -> None:
    """As TensorFlow and Keras convert them."""
    found = names(
        """
    import tensorflow as tf
    a, b = tf.zeros((2, 3)), tf.zeros((2, 3))
    mean, rows = tf.reduce_mean([a, b]), tf.reduce_sum([a, b], axis=0)
    large = tf.image.resize_images(tf.zeros((3, 4, 5, 3)), [8, 9])
    """
    )
    assert [found[name].shape for name in ("mean", "rows", "large")] == [(), (2, 3), (3, 8, 9, 3)]
