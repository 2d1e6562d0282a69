"""Records what real frameworks make of data and labels: ``python record_fit.py NAME``.

Runs with the extra ``oracle``, and writes ``fit_NAME.jsonl``, where NAME is ``keras``, ``torch``,
``ctc``, ``keras_inputs`` or ``torch_inputs``. A line is a loss and an output, with the shapes of y that are taken: ``right``,
or ``broadcasts`` where numbers are compared with others than their own. All other shapes of `YS`
are refused. There are 5 samples, which is no other size, so that nothing fits by chance.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
N = 5
OUTPUTS = ((), (1,), (2,), (4,), (7,), (7, 1), (7, 4), (3, 6), (3, 6, 1), (3, 6, 4), (1, 1))
YS = (
    (), (1,), (2,), (3,), (4,), (7,), (1, 1), (1, 4), (4, 1), (7, 1), (7, 3), (7, 4), (1, 7),
    (3, 6), (3, 6, 1), (3, 6, 4), (6, 3, 4), (3, 6, 2), (3, 6, 1, 1),
)  # fmt: skip
DTYPES = ("float32", "int64", "int32", "float64", "uint8", "bool")
#: Outputs along whose axis 1 the classes are.
FIRST = ((4, 7), (4, 3, 6), (1, 3, 6))


def text(shape: tuple[int, ...]) -> str:
    """Say a shape as the lines do."""
    return ",".join(map(str, shape))


def write(name: str, rows: Iterator[dict[str, Any]]) -> None:
    """Write a file anew."""
    lines = [json.dumps(row, separators=(",", ":")) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{name}: {len(lines)} lines\n")


# Keras.


def keras_losses() -> list[str]:
    """All classes with their own arguments, all functions, and all other words for them."""
    import keras
    from keras.src.losses import ALL_OBJECTS_DICT

    base = {"Loss", "LossFunctionWrapper"}
    words = [name for name in ALL_OBJECTS_DICT if name not in base]
    classes = [
        f"{name}()"
        for name in dir(keras.losses)
        if name[0].isupper() and name not in {*base, *words}
    ]
    logits = [
        f"{name}(from_logits=True)" for name in words if "rossentropy" in name and name[0].isupper()
    ]
    others = ["SparseCategoricalCrossentropy(ignore_class=0)", "crossentropy"]
    return sorted({*words, *classes, *logits, *others})


def keras_loss(name: str) -> Any:
    """Make a loss that has arguments."""
    import keras

    # One of our own, written above.
    return eval(f"keras.losses.{name}", {"keras": keras}) if name.endswith(")") else name  # noqa: S307


def compared(loss: Any, y: np.ndarray, out: np.ndarray) -> int:
    """How many pairs a loss compares, by what it would sum up."""
    from keras.src import ops
    from keras.src.trainers.compile_utils import get_loss

    def whole(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:  # noqa: ARG001
        return x

    kept = {name: getattr(ops, name) for name in ("mean", "sum", "max")}
    found = get_loss(loss, y, out)
    found.reduction = "none"
    try:
        for name in kept:
            setattr(ops, name, whole)
        return int(prod(found(y, out).shape))
    finally:
        for name, function in kept.items():
            setattr(ops, name, function)


def keras_cases() -> Iterator[dict[str, Any]]:
    """What `fit` computes of its outputs; other words for a loss with two outputs only."""
    import keras

    warnings.simplefilter("ignore")
    model = keras.Sequential([keras.layers.Dense(1)])
    # What these take is right: they ask for the shape, or read labels.
    sure = ("sparse", "ctc", "circle", "categoricalcrossentropy", "categorical_cross", "crossent")
    for rest, name in product(OUTPUTS, keras_losses()):
        is_circle = name.lower() == "circle"  # which compares vectors, whatever it is given
        if len(rest) != 1 and (is_circle or not name[0].isupper()):
            continue
        out = np.full((N, *rest), 0.5, "float32")
        row: dict[str, str] = {}
        for y_rest in YS:
            y = np.ones((N, *y_rest), "float32")
            loss = keras_loss(name)
            try:
                model.compile("sgd", loss)
                model.compute_loss(None, y, out)
            except Exception:  # noqa: BLE001, S112  (each backend has its own)
                continue
            right = name.lower().startswith(sure)
            if not right:
                pairs = compared(loss, y, out)
                right = pairs == out.size and (y.size == out.size or "Generalized" in name)
            row[text((N, *y_rest))] = "right" if right else "broadcasts"
        yield {"loss": name, "output": [N, *rest], "taken": row}


# PyTorch.


def torch_losses() -> list[str]:
    """All that read one output and one target."""
    import torch

    several = {
        "CTCLoss", "CosineEmbeddingLoss", "GaussianNLLLoss", "MarginRankingLoss",
        "TripletMarginLoss", "TripletMarginWithDistanceLoss", "AdaptiveLogSoftmaxWithLoss",
        "LinearCrossEntropyLoss",
    }  # fmt: skip
    return sorted(name for name in dir(torch.nn) if name.endswith("Loss") and name not in several)


def torch_cases() -> Iterator[dict[str, Any]]:
    """What the modules take, by the type of y too."""
    import torch

    warnings.simplefilter("ignore")
    for name, rest, dtype in product(torch_losses(), (*OUTPUTS, *FIRST), DTYPES):
        if dtype not in DTYPES[:2] and rest not in {(1,), (4,), (7, 4)}:
            continue
        row: dict[str, str] = {}
        for y_rest in YS:
            loss = getattr(torch.nn, name)()
            out = torch.rand(N, *rest, requires_grad=True)
            out = out.log_softmax(1) if rest and name == "NLLLoss" else out.sigmoid()
            y = torch.zeros((N, *y_rest), dtype=getattr(torch, dtype))
            try:
                loss(out, y).backward()
            except Exception:  # noqa: BLE001, S112
                continue
            by_class = name in {"CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"}
            # Torch itself warns that other shapes are likely wrong.
            right = by_class or y.shape == out.shape
            row[text((N, *y_rest))] = "right" if right else "broadcasts"
        yield {"loss": name, "output": [N, *rest], "dtype": dtype, "taken": row}


#: Labels of which some stand twice, one behind the other.
LABELS = ([1], [1, 2], [1, 1], [1, 2, 1], [2, 2, 2], [1, 2, 3, 4], [1, 1, 2, 2], [3, 3, 3, 3, 3])


def ctc_cases() -> Iterator[dict[str, Any]]:
    """For which steps a loss of sequences is finite."""
    import torch

    for labels, steps in product(LABELS, range(1, 11)):
        output = torch.zeros(steps, 1, 6).log_softmax(2)
        lengths = torch.tensor([steps]), torch.tensor([len(labels)])
        loss = torch.nn.CTCLoss()(output, torch.tensor([labels]), *lengths)
        yield {"labels": labels, "steps": steps, "finite": bool(torch.isfinite(loss))}


# Data.


def keras_models() -> dict[str, Callable[[], Any]]:
    """Models by the spec that says the same."""
    from keras import Input, Model, Sequential, layers

    def two() -> Any:
        a, b = Input((10,), name="a"), Input((4,), name="b")
        return Model([a, b], layers.Dense(1)(layers.Concatenate()([b, a])))

    return {
        "in:B:28:28:1,conv2d:8:3,flatten,dense:10": lambda: Sequential(
            [Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)]
        ),
        "conv2d:8:3,gap2d,dense:10": lambda: Sequential(
            [layers.Conv2D(8, 3), layers.GlobalAveragePooling2D(), layers.Dense(10)]
        ),
        "in:B:H:W:3,conv2d:8:3,gap2d,dense:10": lambda: Sequential(
            [
                Input((None, None, 3)),
                layers.Conv2D(8, 3),
                layers.GlobalAveragePooling2D(),
                layers.Dense(10),
            ]
        ),
        "in:B:T:6,lstm:8,dense:1": lambda: Sequential(
            [Input((None, 6)), layers.LSTM(8), layers.Dense(1)]
        ),
        "in:B:T:6,conv1d:8:9,gap1d,dense:1": lambda: Sequential(
            [
                Input((None, 6)),
                layers.Conv1D(8, 9),
                layers.GlobalAveragePooling1D(),
                layers.Dense(1),
            ]
        ),
        "in:B:784,dense:10": lambda: Sequential([Input((784,)), layers.Dense(10)]),
        "in:B:1,dense:10": lambda: Sequential([Input((1,)), layers.Dense(10)]),
        "dense:10": lambda: Sequential([layers.Dense(10)]),
        "in:B:50,embedding:20:8,lstm:8": lambda: Sequential(
            [Input((50,)), layers.Embedding(20, 8), layers.LSTM(8)]
        ),
        "in:32:10:6,lstm:8:stateful=True": lambda: Sequential(
            [Input(batch_shape=(32, 10, 6)), layers.LSTM(8, stateful=True)]
        ),
        "in:B:64:28:28:1,flatten,dense:10": lambda: Sequential(
            [Input((64, 28, 28, 1)), layers.Flatten(), layers.Dense(10)]
        ),
        "in:B:10@a,in:B:4@b,concat:@a,dense:1": two,
    }


#: The shapes of x without the samples, of which there are 64; of several inputs one for each.
XS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "in:B:28:28:1,conv2d:8:3,flatten,dense:10": (
        (28, 28, 1), (28, 28), (1, 28, 28), (28, 28, 3), (784,), (28, 28, 1, 1), (32, 32, 1), (28,),
    ),
    "conv2d:8:3,gap2d,dense:10": ((28, 28, 1), (28, 28), (1, 28, 28), (3, 28, 28), (784,), (2, 9, 9)),
    "in:B:H:W:3,conv2d:8:3,gap2d,dense:10": (
        (28, 28, 3), (3, 28, 28), (28, 28), (28, 28, 1), (2, 28, 3), (3, 3, 3), (28, 28, 3, 1),
    ),
    "in:B:T:6,lstm:8,dense:1": ((50, 6), (6, 50), (6,), (50, 1), (50, 6, 1), (1, 6)),
    "in:B:T:6,conv1d:8:9,gap1d,dense:1": ((50, 6), (9, 6), (8, 6), (6, 50), (8, 6, 1)),
    "in:B:784,dense:10": ((784,), (28, 28), (28, 28, 1), (784, 1), (783,), ()),
    "in:B:1,dense:10": ((1,), (), (2,), (1, 1)),
    "dense:10": ((7,), (3, 7), (), (1,)),
    "in:B:50,embedding:20:8,lstm:8": ((50,), (50, 1), (49,), (50, 20)),
    "in:32:10:6,lstm:8:stateful=True": ((10, 6), (10, 5), (11, 6)),
    "in:B:64:28:28:1,flatten,dense:10": ((28, 28, 1), (64, 28, 28, 1), (64, 28, 28)),
    "in:B:10@a,in:B:4@b,concat:@a,dense:1": (
        ((10,), (4,)), ((4,), (10,)), ((10,), (4, 1)), ((10, 1), (5,)),
    ),
}  # fmt: skip
#: What these are trained with beside 64 samples.
BATCHES = {"in:32:10:6,lstm:8:stateful=True": ((64, 32), (65, 32), (64, 16))}


def keras_inputs() -> Iterator[dict[str, Any]]:
    """Which data `fit` takes."""
    import keras

    warnings.simplefilter("ignore")
    for spec, make in keras_models().items():
        for rest, (n, batch) in product(XS[spec], BATCHES.get(spec, ((64, 32),))):
            several = bool(rest) and isinstance(rest[0], tuple)
            shapes = [(n, *each) for each in (rest if several else [rest])]
            x = [np.zeros(shape, "float32") for shape in shapes]
            model = make()
            model.compile("sgd", lambda _, out: keras.ops.mean(out), run_eagerly=True)
            try:
                model.fit(x if several else x[0], np.zeros((n, 1)), batch_size=batch, verbose=0)
                takes = True
            except Exception:  # noqa: BLE001
                takes = False
            yield {"dialect": "keras", "spec": spec, "x": shapes, "batch": batch, "fits": takes}


def torch_models() -> dict[str, Callable[[], Any]]:
    """Modules by the spec that says the same."""
    from torch import nn

    return {
        "conv2d:1:8:3,flatten,linear:5408:10": lambda: nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(5408, 10)
        ),
        "conv1d:6:8:9,adaptiveavgpool1d:1,flatten,linear:8:1": lambda: nn.Sequential(
            nn.Conv1d(6, 8, 9), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 1)
        ),
        "linear:784:10": lambda: nn.Sequential(nn.Linear(784, 10)),
        "linear:1:10": lambda: nn.Sequential(nn.Linear(1, 10)),
    }


TORCH_XS: dict[str, tuple[tuple[int, ...], ...]] = {
    "conv2d:1:8:3,flatten,linear:5408:10": (
        (1, 28, 28), (28, 28, 1), (3, 28, 28), (784,), (1, 32, 32), (1, 28, 28, 1),
    ),
    "conv1d:6:8:9,adaptiveavgpool1d:1,flatten,linear:8:1": ((6, 50), (50, 6), (6, 8), (6, 9), (6, 9, 1)),
    "linear:784:10": ((784,), (28, 28), (1, 784), (783,), (784, 1)),
    "linear:1:10": ((1,), (), (4, 1), (4,)),
}  # fmt: skip


def torch_inputs() -> Iterator[dict[str, Any]]:
    """Which data a module takes."""
    import torch

    for spec, make in torch_models().items():
        for rest in TORCH_XS[spec]:
            try:
                make()(torch.zeros(64, *rest))
                takes = True
            except Exception:  # noqa: BLE001
                takes = False
            x = [[64, *rest]]
            yield {"dialect": "torch", "spec": spec, "x": x, "batch": 32, "fits": takes}


RECORDERS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "keras": keras_cases,
    "torch": torch_cases,
    "ctc": ctc_cases,
    "keras_inputs": keras_inputs,
    "torch_inputs": torch_inputs,
}

if __name__ == "__main__":
    for each in sys.argv[1:]:
        write(f"fit_{each}.jsonl", RECORDERS[each]())
