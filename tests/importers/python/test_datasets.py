"""Data sets that packages bring: the shapes of their arrays."""

from __future__ import annotations

import pytest
from importers.python.reading import names, shapes

from shapecalc.importers.python.values import Unknown


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("mnist", ((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,))),
        ("fashion_mnist", ((60000, 28, 28), (60000,)), ((10000, 28, 28), (10000,))),
        ("cifar10", ((50000, 32, 32, 3), (50000, 1)), ((10000, 32, 32, 3), (10000, 1))),
        ("cifar100", ((50000, 32, 32, 3), (50000, 1)), ((10000, 32, 32, 3), (10000, 1))),
        ("imdb", ((25000,), (25000,)), ((25000,), (25000,))),
        ("reuters", ((8982,), (8982,)), ((2246,), (2246,))),
        ("boston_housing", ((404, 13), (404,)), ((102, 13), (102,))),
    ],
)
def test_keras(name: str, train: object, test: object) -> None:
    """``load_data`` gives two pairs."""
    found = names(f"from keras.datasets import {name}\nx, y = {name}.load_data(path='x')")
    assert tuple(each.shape for each in found["x"]) == train
    assert tuple(each.shape for each in found["y"]) == test


def test_unknown() -> None:
    """Other names are not known."""
    text = "from keras import datasets\nx = datasets.others.load_data()"
    assert isinstance(names(text)["x"], Unknown)


def test_sklearn() -> None:
    """Data is split and scaled."""
    text = """
    from sklearn.datasets import load_iris, make_classification
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler
    X, y = load_iris(return_X_y=True)
    a, b, c, d = train_test_split(X, y, test_size=0.33)
    scaler = StandardScaler()
    e = scaler.fit_transform(a)
    f, g = make_classification(n_samples=40, n_features=7)
    x = [each.shape for each in (a, b, c, d, e, f, g)]
    """
    expected = [(100, 4), (50, 4), (100,), (50,), (100, 4), (40, 7), (40,)]
    assert names(text)["x"] == expected


def test_model() -> None:
    """The shape of an example is that of an input."""
    text = """
    from keras.datasets import mnist
    from keras.models import Sequential
    from keras.layers import Dense
    (x, y), _ = mnist.load_data()
    x = x.reshape(60000, 784).astype("float32") / 255
    model = Sequential()
    model.add(Dense(10, input_shape=x.shape[1:]))
    """
    assert shapes(text) == "B,10"
