"""The losses of Keras: which y each takes for an output, as `fit` hands them over."""

from __future__ import annotations

from typing import Final

from shapecalc.dims import Dim, Shape
from shapecalc.layers.losses import (
    BINARY,
    COUNTS,
    ONE_HOT,
    REAL,
    SIGNS,
    Loss,
    Losses,
    Outcome,
    Target,
    agree,
    elementwise,
    equal_shapes,
    repeated,
    without_last,
)
from shapecalc.layers.ranges import Range

CLASSES: Final = Target("class indices", without_last)
LABELS: Final = Target("sample labels", lambda output: output[:1])
SEQUENCES: Final = Target("label sequences, 0 is the blank", lambda output: (*output[:1], Dim("S")))

ANY: Final = (Range.NUMBERS, Range.POSITIVE, Range.SIGNED, Range.SHARES)
SCORES: Final = (Range.SIGNED, Range.NUMBERS)
EACH: Final = (Range.SHARES,)
AMONG: Final = (Range.DISTRIBUTION,)


def same_rank(y: Shape, output: Shape) -> tuple[Shape, Shape]:
    """Add or take a last axis of 1 where the other lacks it, as Keras does."""
    if len(y) == len(output) + 1 and y[-1] == 1:
        return (y, (*output, 1)) if len(output) == 1 else (y[:-1], output)
    if len(output) == len(y) + 1 and output[-1] == 1:
        return ((*y, 1), output) if len(y) == 1 else (y, output[:-1])
    return y, output


def _broadcasts(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    return elementwise(*same_rank(y, output))


def _equal(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    return equal_shapes(*same_rank(y, output))


def _sparse(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    """Take a class for each place; y may have an axis of 1 instead of the classes."""
    y, output = same_rank(y, output)
    if len(y) == len(output) and y[-1] == 1:
        y = y[:-1]
    return Outcome.FITS if agree(output[:-1], y) else Outcome.REFUSED


def _generalized(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    """Make one-hot rows of y, and compare those."""
    y, output = same_rank(y, output)
    both = repeated((*y, output[-1]), output)
    if both is None:
        return Outcome.REFUSED
    return Outcome.FITS if agree(output, both) else Outcome.BROADCASTS


def _circle(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    """Compare each sample with each other one, by their labels."""
    y, output = same_rank(y, output)
    is_label = len(y) == 1 or (len(y) == 2 and y[-1] == 1)  # noqa: PLR2004
    return Outcome.FITS if is_label and len(output) == 2 else Outcome.REFUSED  # noqa: PLR2004


def _ctc(_loss: Loss, y: Shape, output: Shape) -> Outcome:
    """Take a row of labels for each row of steps."""
    y, output = same_rank(y, output)
    fits = len(y) == 2 and len(output) == 3 and agree(output[:1], y[:1])  # noqa: PLR2004
    return Outcome.FITS if fits else Outcome.REFUSED


def _chosen(loss: Loss, y: Shape, output: Shape) -> Outcome:
    """Compare as the cross-entropy that Keras chooses by the shapes."""
    if output[-1] == 1:
        return _equal(loss, y, output)
    is_sparse = len(y) < len(output) or y[-1] == 1
    return (_sparse if is_sparse else _equal)(loss, y, output)


def _numbers(
    name: str,
    words: str,
    takes: Target = REAL,
    suits: tuple[Range, ...] = ANY,
    *,
    classes: int = 0,
) -> Loss:
    return Loss(name, (takes,), suits, _broadcasts, words, classes=classes)


#: A line for each loss: its class, then its function, then Keras's other words for that.
LOSSES: Final = Losses(
    (
        Loss(
            "BinaryCrossentropy",
            (BINARY,),
            EACH,
            _equal,
            "binary_crossentropy bce",
            Range.NUMBERS,
        ),
        Loss(
            "BinaryFocalCrossentropy",
            (BINARY,),
            EACH,
            _equal,
            "binary_focal_crossentropy",
            Range.NUMBERS,
        ),
        Loss(
            "CategoricalCrossentropy",
            (ONE_HOT,),
            AMONG,
            _equal,
            "categorical_crossentropy",
            Range.NUMBERS,
            classes=2,
        ),
        Loss(
            "CategoricalFocalCrossentropy",
            (ONE_HOT,),
            AMONG,
            _broadcasts,
            "categorical_focal_crossentropy",
            Range.NUMBERS,
            classes=2,
        ),
        Loss(
            "SparseCategoricalCrossentropy",
            (CLASSES,),
            AMONG,
            _sparse,
            "sparse_categorical_crossentropy",
            Range.NUMBERS,
            classes=2,
        ),
        Loss(
            "CategoricalGeneralizedCrossEntropy",
            (CLASSES,),
            AMONG,
            _generalized,
            "categorical_generalized_cross_entropy",
            classes=2,
        ),
        _numbers("MeanSquaredError", "mean_squared_error mse"),
        _numbers("MeanAbsoluteError", "mean_absolute_error mae"),
        _numbers("MeanAbsolutePercentageError", "mean_absolute_percentage_error mape"),
        _numbers(
            "MeanSquaredLogarithmicError",
            "mean_squared_logarithmic_error msle",
            Target("numbers from 0 up"),
            (Range.POSITIVE,),
        ),
        _numbers("Huber", "huber"),
        _numbers("LogCosh", "log_cosh"),
        _numbers("CosineSimilarity", "cosine_similarity", suits=(*ANY, Range.VECTORS), classes=2),
        _numbers("Hinge", "hinge", SIGNS, SCORES),
        _numbers("SquaredHinge", "squared_hinge", SIGNS, SCORES),
        _numbers("CategoricalHinge", "categorical_hinge", ONE_HOT, SCORES, classes=2),
        _numbers("Poisson", "poisson", COUNTS, (Range.POSITIVE,)),
        _numbers("KLDivergence", "kl_divergence kld", Target("probabilities"), AMONG),
        _numbers("Dice", "dice", BINARY, (*EACH, *AMONG)),
        _numbers("Tversky", "tversky", BINARY, (*EACH, *AMONG)),
        Loss("Circle", (LABELS,), (Range.VECTORS,), _circle, "circle", rank=2),
        Loss("CTC", (SEQUENCES,), (Range.NUMBERS,), _ctc, "ctc", rank=3, classes=2, steps=1),
        Loss("crossentropy", (BINARY, CLASSES, ONE_HOT), (*EACH, *AMONG), _chosen, "ce"),
    ),
    ("keras.", "tf.keras.", "losses."),
)
