"""numpy: the shape that each function gives, as numpy says; and what it refuses."""

from __future__ import annotations

import pytest
from importers.python.reading import names, shapes

from shapecalc.dims import Dim
from shapecalc.importers.python.library.arrays import ArrayInt
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import Number, Tensor, Unknown

T = Dim("T")


def value(expression: str) -> object:
    """Evaluate an expression; of an array its shape."""
    text = f"import numpy as np\na = np.zeros((2, 3, 4))\nv = np.arange(6)\nx = {expression}\n"
    found = names(text, T=T)["x"]
    if isinstance(found, list) and found and isinstance(found[0], Tensor):
        return [each.shape for each in found]
    return found.shape if isinstance(found, Tensor) else found


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("np.ones(3)", (3,)),
        ("np.full((2, T), 7)", (2, T)),
        ("np.zeros_like(a)", (2, 3, 4)),
        ("np.array([[1, 2], [3, 4], [5, 6]])", (3, 2)),
        ("np.array([a, a])", (2, 2, 3, 4)),
        ("np.arange(2, 9, 3)", (3,)),
        ("np.arange(0, 1, 0.25)", (4,)),
        ("np.arange(start=-1.0, stop=1.0, step=2 / 32)", (32,)),
        ("np.arange(1, stop=4)", (3,)),
        ("np.arange(9, step=2)", (5,)),
        ("np.linspace(0, 1)", (50,)),
        ("np.eye(3)", (3, 3)),
        ("np.random.rand(2, T)", (2, T)),
        ("np.random.randn(5)", (5,)),
        ("np.random.random((2, 3))", (2, 3)),
        ("np.random.normal(0, 1, (2, 3))", (2, 3)),
        ("np.random.uniform(size=4)", (4,)),
        ("np.random.randint(0, 9, size=(2, 2))", (2, 2)),
        ("np.random.choice(9, (3, 3))", (3, 3)),
        ("np.random.permutation(7)", (7,)),
        ("np.random.default_rng(0).standard_normal((2, 3))", (2, 3)),
        ("np.random.RandomState(0).randn(2, 3)", (2, 3)),
        ("a.reshape(-1, 4)", (6, 4)),
        ("a.reshape((4, -1))", (4, 6)),
        ("np.reshape(a, (2, 12))", (2, 12)),
        ("a.transpose(0, 2, 1)", (2, 4, 3)),
        ("np.transpose(a)", (4, 3, 2)),
        ("a.T", (4, 3, 2)),
        ("np.swapaxes(a, 0, 2)", (4, 3, 2)),
        ("np.moveaxis(a, -1, 0)", (4, 2, 3)),
        ("np.expand_dims(a, -1)", (2, 3, 4, 1)),
        ("np.expand_dims(a, axis=(0, 2))", (1, 2, 1, 3, 4)),
        ("np.squeeze(a[:1])", (3, 4)),
        ("np.concatenate([a, a], axis=1)", (2, 6, 4)),
        ("np.concatenate((a, a), axis=None)", (48,)),
        ("np.stack([a, a], axis=-1)", (2, 3, 4, 2)),
        ("np.vstack([v, v])", (2, 6)),
        ("np.hstack([v, v])", (12,)),
        ("np.hstack([a, a])", (2, 6, 4)),
        ("np.dstack([v, v])", (1, 6, 2)),
        ("np.column_stack([v, v])", (6, 2)),
        ("np.append(v, 3)", (7,)),
        ("np.split(v, 3)", [(2,), (2,), (2,)]),
        ("np.split(v, [1, 4])", [(1,), (3,), (2,)]),
        ("np.array_split(v, 4)", [(2,), (2,), (1,), (1,)]),
        ("a.mean()", ()),
        ("a.mean(axis=0)", (3, 4)),
        ("a.sum(axis=(1, 2), keepdims=True)", (2, 1, 1)),
        ("np.argmax(a, axis=1)", (2, 4)),
        ("np.std(a, 0)", (3, 4)),
        ("np.tile(v, (2, 2))", (2, 12)),
        ("np.repeat(a, 2, axis=0)", (4, 3, 4)),
        ("np.repeat(a, 2)", (48,)),
        ("np.pad(a, ((0, 0), (1, 1), (2, 3)))", (2, 5, 9)),
        ("np.pad(v, 1)", (8,)),
        ("np.broadcast_to(v, (3, 6))", (3, 6)),
        ("np.dot(a, np.ones((4, 5)))", (2, 3, 5)),
        ("a @ np.ones((4, 5))", (2, 3, 5)),
        ("np.einsum('ijk,kl->il', a, np.ones((4, 5)))", (2, 5)),
        ("np.outer(v, v)", (6, 6)),
        ("np.meshgrid(v, np.ones(4))", [(4, 6), (4, 6)]),
        ("np.where(a > 0, a, 0)", (2, 3, 4)),
        ("np.maximum(a, 0)", (2, 3, 4)),
        ("(a - a.mean(axis=0)) / a.std()", (2, 3, 4)),
        ("a[:, 1]", (2, 4)),
        ("a[..., np.newaxis]", (2, 3, 4, 1)),
        ("a[::2, :-1, None]", (1, 2, 1, 4)),
        ("np.eye(6)[v]", (6, 6)),
        ("a[[0, 1, 1]]", (3, 3, 4)),
        ("a.astype('float32') / 255.0", (2, 3, 4)),
        ("a.flatten()", (24,)),
        ("a.ravel()", (24,)),
    ],
)
def test_shape(expression: str, shape: object) -> None:
    """Each function gives numpy's shape."""
    assert value(expression) == shape


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("np.prod(a.shape)", 24),
        ("np.prod((3, T))", 3 * T),
        ("np.sum([1, 2, 3])", 6),
        ("np.max([1, 5, 3])", 5),
        ("a.size", 24),
        ("a.ndim", 3),
        ("len(a)", 2),
        ("np.shape(a)[1:]", (3, 4)),
        ("int(np.sqrt(16))", 4),
        ("np.ceil(T / 2)", (T + 1) // 2),
        ("tuple(np.array(a.shape) * 2)", (4, 6, 8)),
        ("np.array([3, 4])[1]", 4),
    ],
)
def test_number(expression: str, expected: object) -> None:
    """What is computed of a shape is exact."""
    assert value(expression) == expected


def test_kinds() -> None:
    """A product is a NumPy number until ``int`` makes one of Python of it."""
    text = "import numpy as np\nx = 2 * np.prod((3, 4))\ny = int(x)\nz = np.zeros(x).shape[0]\n"
    found = names(text)
    assert type(found["x"]) is ArrayInt
    assert type(found["y"]) is int
    assert type(found["z"]) is int


def test_units() -> None:
    """Keras's Dense takes numbers of Python only."""
    text = """
    import numpy as np
    from keras import layers
    layers.Dense(int(np.prod((3, 4))))
    layers.Dense(np.prod((3, 4)))
    """
    with pytest.raises(Raised, match="a NumPy number") as caught:
        names(text)
    assert caught.value.position is not None
    assert caught.value.position.line == 5


@pytest.mark.parametrize(
    "expression",
    ["a[a > 0]", "np.load('x.npy')", "np.unique(v)", "np.genfromtxt('x')", "np.where(a)"],
)
def test_unknown(expression: str) -> None:
    """What depends on the numbers is not known."""
    assert isinstance(value(expression), Unknown)


def test_unknown_number() -> None:
    """A random number is a number."""
    assert isinstance(value("np.random.uniform(0, 1)"), Number)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a.reshape(5, -1)", "reshape"),
        ("np.concatenate([a, v])", "concatenate"),
        ("np.concatenate([a, a[:, :1]], axis=0)", "concatenate"),
        ("a + np.ones(5)", "add"),
        ("a @ np.ones((3, 3))", "matmul"),
        ("np.squeeze(a, 0)", "not equal to one"),
        ("np.split(v, 4)", "equal division"),
        ("np.zeros((2, -3))", "negative dimensions"),
        ("a[5]", "5"),
        ("np.random.rand(2.5)", "cannot be interpreted as an integer"),
    ],
)
def test_refused(expression: str, message: str) -> None:
    """What numpy refuses is refused where it stands."""
    with pytest.raises(Raised, match=message) as caught:
        value(expression)
    assert caught.value.position is not None
    assert caught.value.position.line == 4


def test_meets_torch() -> None:
    """Arrays become tensors, and sizes of layers."""
    text = """
    import numpy as np
    import torch
    from torch import nn
    x = np.random.rand(8, 3, 5).astype(np.float32)
    net = nn.Sequential(nn.Flatten(), nn.Linear(np.prod(x.shape[1:]), 4))
    net(torch.from_numpy(x))
    """
    assert shapes(text) == "8,4"


def test_meets_keras() -> None:
    """The shape of an array is that of an input."""
    text = """
    import numpy as np
    from keras import layers, models
    x = np.zeros((100, 28, 28))[..., None]
    model = models.Sequential([layers.Input(x.shape[1:]), layers.Conv2D(4, 3), layers.Flatten()])
    """
    assert shapes(text) == "B,2704"


@pytest.mark.parametrize(
    "expression",
    [
        "np.zeros((10**30, 10**30))",
        "np.prod([10**1000] * 1000)",
        "np.arange(10**18)",
        "np.random.rand(10**12).reshape(-1, 10**6)",
        "np.tile(a, (10**9,) * 3)",
    ],
)
def test_hostile(expression: str) -> None:
    """Sizes cost nothing, and numbers that are too large are not known."""
    value(expression)
