"""Record models of real Keras 1.2.2: ``python record_keras1.py KERAS | gzip -n > keras1.jsonl.gz``.

KERAS is a checkout of Keras at the tag 1.2.2. Its layers work out their shapes and weights
themselves, so that a backend which computes nothing is enough: this needs numpy and six alone.
"""

from __future__ import annotations

import collections
import collections.abc
import importlib
import inspect
import json
import math
import random
import sys
import types
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How often each class is drawn.
TURNS = 12


class Nothing:
    """A tensor of which only the shape is known, and what any operation makes of it."""

    def __init__(self, shape: Any = None) -> None:
        self.shape = self._keras_shape = shape

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *_: Any, **__: Any) -> Nothing:
        return Nothing()

    __add__ = __radd__ = __mul__ = __rmul__ = __call__


def any_operation(name: str) -> Nothing:
    """What the backend has under a name that nothing here depends on."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Nothing()


def backend() -> types.ModuleType:
    """The backend of Keras 1, which makes weights of the right shapes and computes nothing."""
    found: Any = types.ModuleType("keras.backend")
    counts: collections.Counter[str] = collections.Counter()

    def number(prefix: str = "") -> int:
        counts[prefix] += 1
        return counts[prefix]

    def made(shape: Any = None, *_: Any, **__: Any) -> Nothing:
        return Nothing(tuple(shape))

    found.__path__ = []
    found.__getattr__ = any_operation
    found.get_uid = number
    found.backend = lambda: "tensorflow"
    found.floatx = lambda: "float32"
    found.epsilon = lambda: 1e-7
    found.dtype = lambda _: "float32"
    found.image_dim_ordering = lambda: "tf"
    found.is_sparse = lambda _: False
    found.cast_to_floatx = lambda value: value
    found.get_value = lambda weight: np.zeros(weight.shape)
    found.variable = lambda value, **_: Nothing(getattr(value, "shape", ()))
    found.zeros = found.ones = found.placeholder = made
    found.random_uniform_variable = found.random_normal_variable = made
    found.int_shape = lambda tensor: tensor._keras_shape  # noqa: SLF001
    found.ndim = lambda tensor: len(tensor._keras_shape)  # noqa: SLF001
    found.count_params = lambda weight: math.prod(weight.shape)
    return found  # type: ignore[no-any-return]


def keras1(path: str) -> Any:
    """Import the layers and models of a checkout, whatever it needs beside."""
    collections.Iterable = collections.abc.Iterable  # type: ignore[attr-defined]
    inspect.getargspec = inspect.getfullargspec  # type: ignore[attr-defined]
    for name in ("tensorflow", "h5py", "yaml"):
        sys.modules.setdefault(name, MagicMock())
    package: Any = types.ModuleType("keras")
    package.__path__, package.__version__ = [f"{path}/keras"], "1.2.2"
    package.backend = backend()
    sys.modules |= {"keras": package, "keras.backend": package.backend}
    found = importlib.import_module("keras.layers")
    found.models = importlib.import_module("keras.models")  # type: ignore[attr-defined]
    compute_nothing(found.Layer)  # type: ignore[attr-defined]
    return found


def compute_nothing(cls: Any) -> None:
    """Leave a class and those made of it what they know of shapes, and nothing to compute."""
    cls.call = lambda *_, **__: Nothing()
    cls.compute_mask = lambda *_, **__: None
    for each in cls.__subclasses__():
        compute_nothing(each)


def drawn(draw: random.Random) -> Iterator[tuple[str, dict[str, Any], tuple[int, ...]]]:
    """A layer of each class, with arguments, and the shape of one example."""

    def some(*values: Any) -> Any:
        return draw.choice(values)

    def few() -> int:
        return draw.randint(1, 4)

    units, bias = draw.randint(1, 6), some(True, False)
    steps = (draw.randint(4, 12), draw.randint(1, 5))
    th = some("th", "tf")
    sizes = [draw.randint(6, 12) for _ in range(3)]
    channels = draw.randint(1, 4)

    def images(rank: int) -> tuple[int, ...]:
        return (channels, *sizes[:rank]) if th == "th" else (*sizes[:rank], channels)

    border = {"border_mode": some("valid", "same"), "activation": some("relu", "linear")}
    weights = {
        "bias": bias,
        "W_regularizer": some(None, "l2"),
        "b_constraint": some(None, "nonneg"),
    }
    image = {**border, **weights, "dim_ordering": th}
    flat = {"nb_filter": units, "filter_length": few()}
    square = {"nb_filter": units, "nb_row": few(), "nb_col": few()}
    for name in ("Dense", "MaxoutDense"):
        yield name, {"output_dim": units, **weights}, (few(),)
    yield "MaxoutDense", {"output_dim": units, "nb_feature": few(), "bias": bias}, (few(),)
    yield "Highway", weights, (few(),)
    yield "TimeDistributedDense", {"output_dim": units, **weights}, steps
    for name, config in (
        ("Activation", {"activation": "tanh"}),
        ("Dropout", {"p": 0.5}),
        ("GaussianDropout", {"p": 0.5}),
        ("GaussianNoise", {"sigma": 0.2}),
        ("Masking", {"mask_value": 1.0}),
        ("ActivityRegularization", {"l1": 0.1, "l2": 0.0}),
        ("SpatialDropout1D", {"p": 0.5}),
        ("LeakyReLU", {"alpha": 0.1}),
        ("ELU", {"alpha": 0.5}),
        ("ThresholdedReLU", {"theta": 0.5}),
        ("PReLU", {}),
        ("SReLU", {}),
        ("ParametricSoftplus", {}),
        ("BatchNormalization", {"mode": some(0, 1, 2), "axis": some(-1, 1, 2)}),
        ("Flatten", {}),
        ("Permute", {"dims": (2, 1)}),
        ("UpSampling1D", {"length": few()}),
        ("ZeroPadding1D", {"padding": some(few(), (1, 2), {"left_pad": 2})}),
        ("Cropping1D", {"cropping": (1, 2)}),
        ("GlobalMaxPooling1D", {}),
        ("GlobalAveragePooling1D", {}),
    ):
        yield name, config, steps
    yield "Reshape", {"target_shape": (3, -1)}, (6, few())
    yield "RepeatVector", {"n": few()}, (few(),)
    embedded = {"input_dim": 50, "output_dim": units, "input_length": steps[0], "dropout": 0.1}
    yield "Embedding", embedded, steps[:1]
    pool = {"border_mode": border["border_mode"]}
    for kind in ("Max", "Average"):
        yield f"{kind}Pooling1D", {**pool, "pool_length": few(), "stride": some(None, few())}, steps
        for rank in (2, 3):
            size = tuple(few() for _ in range(rank))
            config = {**pool, "pool_size": size, "strides": some(None, size[::-1])}
            yield f"{kind}Pooling{rank}D", {**config, "dim_ordering": th}, images(rank)
            yield f"Global{kind}Pooling{rank}D", {"dim_ordering": th}, images(rank)
    yield "Convolution1D", {**flat, **border, **weights, "subsample_length": few()}, steps
    yield "AtrousConvolution1D", {**flat, **border, "atrous_rate": some(1, 2)}, steps
    valid = {**weights, "border_mode": "valid"}
    yield "LocallyConnected1D", {**flat, **valid, "subsample_length": few()}, steps
    subsample = {"subsample": (few(), few())}
    yield "Convolution2D", {**square, **image, **subsample}, images(2)
    yield "AtrousConvolution2D", {**square, **image, "atrous_rate": some((1, 2), (2, 2))}, images(2)
    yield "LocallyConnected2D", {**square, **valid, **subsample, "dim_ordering": th}, images(2)
    separable = {**square, "border_mode": "same", "bias": bias, "depth_multiplier": few()}
    yield "SeparableConvolution2D", {**separable, "dim_ordering": th}, images(2)
    rows, columns = sizes[0] + square["nb_row"] - 1, sizes[1] + square["nb_col"] - 1
    shape = (None, units, rows, columns) if th == "th" else (None, rows, columns, units)
    told = {**square, **weights, "dim_ordering": th, "output_shape": shape}
    yield "Deconvolution2D", told, images(2)
    kernel = {f"kernel_dim{axis}": few() for axis in (1, 2, 3)}
    yield "Convolution3D", {"nb_filter": units, **kernel, **image}, images(3)
    yield "SpatialDropout2D", {"p": 0.5, "dim_ordering": th}, images(2)
    # These do not store how their axes stand, for which the file's other layers stand in.
    for name, config, rank in (
        ("UpSampling2D", {"size": (2, 3)}, 2),
        ("UpSampling3D", {"size": (1, 2, 3)}, 3),
        ("ZeroPadding2D", {"padding": some((1, 2), (1, 2, 3, 0), {"top_pad": 1})}, 2),
        ("ZeroPadding3D", {"padding": (1, 2, 3)}, 3),
        ("Cropping2D", {"cropping": ((1, 2), (0, 1))}, 2),
        ("Cropping3D", {"cropping": ((1, 1), (0, 1), (1, 0))}, 3),
    ):
        yield name, config, (*sizes[:rank], channels)
    for name in ("SimpleRNN", "GRU", "LSTM"):
        config = {
            "output_dim": units,
            "return_sequences": bias,
            "go_backwards": some(True, False),
            "dropout_W": 0.1,
            "consume_less": some("cpu", "mem", "gpu"),
        }
        yield name, config, steps


def sequential(layers: Any, *held: Any) -> Any:
    model = layers.models.Sequential()
    for each in held:
        model.add(each)
    return model


def models(layers: Any, draw: random.Random) -> Iterator[Any]:
    """Models of one layer, and such as hold others."""
    for _ in range(TURNS):
        for name, config, shape in drawn(draw):
            yield sequential(layers, getattr(layers, name)(input_shape=shape, **config))
        units = draw.randint(1, 5)
        inner = layers.LSTM(units, return_sequences=True)
        mode = draw.choice(["concat", "sum", "mul", "ave", None])
        if mode is None:
            wrapped = layers.TimeDistributed(layers.Dense(units), input_shape=(6, 3))
        else:
            wrapped = layers.Bidirectional(inner, merge_mode=mode, input_shape=(6, 3))
        yield sequential(layers, wrapped)
        for mode in ("sum", "mul", "ave", "max", "concat", "dot", "cos"):
            yield merged(layers, mode, units)
            yield functional(layers, mode, units)


def merged(layers: Any, mode: str, units: int) -> Any:
    """A Sequential that begins with a Merge of others, one of which does so too."""
    left = sequential(layers, layers.Dense(units, input_dim=5))
    one, two = (sequential(layers, layers.Dense(units, input_dim=size)) for size in (3, 4))
    right = sequential(layers, layers.Merge([one, two], mode="sum"), layers.Dense(units))
    joined = layers.Merge([left, right], mode=mode, concat_axis=1)
    return sequential(layers, joined, layers.Dense(2))


def functional(layers: Any, mode: str, units: int) -> Any:
    """A graph in which a layer is called twice, and a model stands in a model."""
    one, two = layers.Input((6, 4)), layers.Input((6, 4))
    shared = layers.LSTM(units, return_sequences=mode not in {"dot", "cos"})
    inner = sequential(layers, layers.Activation("relu", input_shape=(6, 4)))
    joined = layers.merge([shared(inner(one)), shared(two)], mode=mode, concat_axis=-1)
    return layers.models.Model([one, two], joined)


def weights_in(layer: Any, model: Any) -> int:
    """How many weights a layer has; a Merge at the begin of a Sequential has those it joins."""
    if type(layer).__name__ == "Merge" and type(model).__name__ == "Sequential":
        return sum(each.count_params() for each in layer.layers)
    return layer.count_params()  # type: ignore[no-any-return]


def main() -> None:
    layers = keras1(sys.argv[1])
    seen = set()
    for model in models(layers, random.Random(1)):  # noqa: S311  (no secret)
        stored = json.loads(model.to_json())
        rows = [
            [each.name, each.output_shape, weights_in(each, model)]
            for each in model.layers
            if type(each).__name__ != "InputLayer"
        ]
        text = json.dumps(
            {"model": stored, "rows": rows, "total": model.count_params()}, default=int
        )
        if text not in seen:
            print(text)  # noqa: T201
        seen.add(text)


if __name__ == "__main__":
    main()
