"""Data sets that packages bring: the shapes of their arrays. Nothing is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, Shape, Size
from shapecalc.importers.python.library.arrays import array, as_array
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: Keras's data sets: how many examples to train on and to test, and the shapes of one.
_OF_KERAS: Final[dict[str, tuple[int, int, Shape, Shape]]] = {
    "mnist": (60_000, 10_000, (28, 28), ()),
    "fashion_mnist": (60_000, 10_000, (28, 28), ()),
    "cifar10": (50_000, 10_000, (32, 32, 3), (1,)),
    "cifar100": (50_000, 10_000, (32, 32, 3), (1,)),
    "imdb": (25_000, 25_000, (), ()),
    "reuters": (8_982, 2_246, (), ()),
    "boston_housing": (404, 102, (13,), ()),
    "california_housing": (16_512, 4_128, (8,), ()),
}
#: How many classes the labels of a data set are of.
_CLASSES: Final = {
    "mnist": 10, "fashion_mnist": 10, "cifar10": 10, "cifar100": 100, "imdb": 2, "reuters": 46,
    "load_iris": 3, "load_digits": 10, "load_wine": 3, "load_breast_cancer": 2,
    "fetch_olivetti_faces": 40,
}  # fmt: skip
#: Data sets whose targets are real numbers.
_REAL: Final = {"boston_housing", "california_housing"}

#: scikit-learn's data sets: examples and features.
_OF_SKLEARN: Final = {
    "load_iris": (150, 4),
    "load_digits": (1797, 64),
    "load_wine": (178, 13),
    "load_breast_cancer": (569, 30),
    "load_diabetes": (442, 10),
    "load_boston": (506, 13),
    "fetch_california_housing": (20640, 8),
    "fetch_olivetti_faces": (400, 4096),
}
#: Data sets that are made: the features of an example, unless they are given.
_MADE: Final = {
    "make_classification": 20,
    "make_regression": 100,
    "make_blobs": 2,
    "make_moons": 2,
    "make_circles": 2,
    "make_swiss_roll": 3,
    "make_s_curve": 3,
}


def load_data(name: str) -> Value:
    """Return what ``keras.datasets.NAME.load_data()`` gives: two pairs of arrays."""
    known = _OF_KERAS.get(name)
    if known is None:
        return Unknown(f"keras.datasets.{name}.load_data")
    *counts, x, y = known
    pairs = []
    for count in counts:
        images = array((count, *x), whole=name not in _REAL)
        labels = array((count, *y), whole=name not in _REAL)
        labels.classes = _CLASSES.get(name)
        pairs.append((images, labels))
    return tuple(pairs)


def _loaded(name: str, shape: tuple[int, int]) -> Callable[[Machine, Call], Value]:
    def run(_m: Machine, call: Call) -> Value:
        data, target = array(shape, whole=False), array(shape[:1])
        target.classes = _CLASSES.get(name)
        if call.kwargs.get("return_X_y"):
            return data, target
        made = Instance(LibraryClass("sklearn.utils.Bunch"), call.position)
        made.attrs.update(data=data, target=target)
        return made

    return run


def _made(features: int) -> Callable[[Machine, Call], Value]:
    def run(_m: Machine, call: Call) -> Value:
        count = call.get(0, "n_samples", 100)
        width = call.get(1, "n_features", features) if features not in (2, 3) else features
        width = call.kwargs.get("n_features", width)
        known = all(isinstance(each, int | Dim) for each in (count, width))
        return (array([count, width], whole=False), array([count])) if known else UNKNOWN

    return run


def _split(_m: Machine, call: Call) -> Value:
    """``train_test_split``: each array in two parts."""
    arrays = [as_array(each) for each in call.args]
    test = call.kwargs.get("test_size")
    train = call.kwargs.get("train_size")
    found: list[Value] = []
    for each in arrays:
        parts = (
            (None, None) if each is None or not each.shape else _parts(each.shape[0], test, train)
        )
        for count in parts:
            if each is None or count is None:
                found.append(Unknown("train_test_split", call.position))
            else:
                found.append(array((count, *each.shape[1:]), whole=each.whole))
    return found


def _parts(size: Size, test: Value, train: Value) -> tuple[Value, Value]:
    """Return how many examples there are to train on, and to test."""
    if test is None and train is None:
        test = 0.25
    if not isinstance(size, int):
        return None, None
    if isinstance(test, int | float):
        count = test if isinstance(test, int) else -int(-(size * test) // 1)
        return size - count, count
    if isinstance(train, int | float):
        count = train if isinstance(train, int) else int(size * train)
        return count, size - count
    return None, None


def _same(_m: Machine, call: Call) -> Value:
    found = as_array(call.get(0, "X"))
    return Unknown("sklearn", call.position) if found is None else array(found.shape, whole=False)


def _shuffled(_m: Machine, call: Call) -> Value:
    return call.take(1)[0] if len(call.args) < 2 else list(call.args)  # noqa: PLR2004


def _itself(_m: Machine, instance: Instance) -> Value:
    return Builtin("fit", lambda _m, _call: instance)


#: What scales an array and keeps its shape.
_SCALER: Final = LibraryClass(
    "sklearn.preprocessing.Scaler",
    attributes={
        "fit": _itself,
        **{
            name: lambda _m, _instance: Builtin("transform", _same)
            for name in ("fit_transform", "transform", "inverse_transform")
        },
    },
)
_SCALERS: Final = frozenset(
    {"StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "Normalizer", "LabelEncoder"}
)


def find(name: str) -> Value | None:
    """Return what a full name of scikit-learn stands for; None where it is not known."""
    last = name.rpartition(".")[2]
    found: Any = None
    if last in _OF_SKLEARN:
        found = Builtin(name, _loaded(last, _OF_SKLEARN[last]))
    elif last in _MADE:
        found = Builtin(name, _made(_MADE[last]))
    elif last == "train_test_split":
        found = Builtin(name, _split)
    elif last == "shuffle":
        found = Builtin(name, _shuffled)
    elif last in _SCALERS:
        found = _SCALER
    elif last in {"scale", "minmax_scale", "normalize"}:
        found = Builtin(name, _same)
    elif name.count(".") < 2 and last.islower():  # noqa: PLR2004  (a module)
        found = Library(name)
    return found
