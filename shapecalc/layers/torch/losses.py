"""The losses of PyTorch as `fit` asks them: their modules say which shapes they take."""

from __future__ import annotations

from typing import Final

from shapecalc.dims import Shape, letters
from shapecalc.errors import ShapeError
from shapecalc.layers.layer import called
from shapecalc.layers.losses import (
    BATCH,
    COUNTS,
    REAL,
    Loss,
    Losses,
    Outcome,
    Range,
    Target,
    agree,
    same_shape,
    without_second,
)
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch import classloss, loss, marginloss

FLOATS: Final = ("float32", "float64")
WIDE: Final = (*FLOATS, "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8")
ANY: Final = (Range.NUMBERS, Range.POSITIVE, Range.SIGNED, Range.SHARES)
SCORES: Final = (Range.NUMBERS, Range.SIGNED)

CLASSES: Final = Target("class numbers", without_second, ("int64",))
#: A row of classes, which may be bytes where there are no places beside the batch.
FEW_CLASSES: Final = Target(
    "class numbers",
    lambda output: output[:1] if len(output) == 2 else None,  # noqa: PLR2004
    ("int64", "uint8"),
)
SHARES: Final = Target("probabilities of classes", same_shape, FLOATS)
SEVERAL: Final = Target("class numbers, then -1", same_shape, ("int64",))


def _asked(made: Loss, y: Shape, output: Shape) -> Outcome:
    """Ask the rule of the module; equal shapes are what it is made for, other ones broadcast."""
    module = MODULES[made.name]
    try:
        scope = Scope()
        called(module(), [output, y], scope)
    except ShapeError:
        return Outcome.REFUSED
    names = {name for size in (*output, *y) for name in letters(size)}
    if any(scope.facts.domain(name).low == BATCH for name in names):
        return Outcome.REFUSED
    fits = any(agree(target.shape(output), y) for target in made.takes)
    return Outcome.FITS if fits else Outcome.BROADCASTS


MODULES: Final = {
    each.__name__: each
    for each in (
        loss.MSELoss,
        loss.L1Loss,
        loss.SmoothL1Loss,
        loss.HuberLoss,
        loss.KLDivLoss,
        loss.PoissonNLLLoss,
        loss.HingeEmbeddingLoss,
        loss.BCELoss,
        loss.BCEWithLogitsLoss,
        loss.SoftMarginLoss,
        classloss.CrossEntropyLoss,
        classloss.NLLLoss,
        classloss.NLLLoss2d,
        marginloss.MultiMarginLoss,
        marginloss.MultiLabelMarginLoss,
        marginloss.MultiLabelSoftMarginLoss,
    )
}


def _loss(
    name: str,
    word: str,
    suits: tuple[Range, ...],
    *takes: Target,
    rank: int | None = None,
    classes: int = 0,
) -> Loss:
    return Loss(name, takes, suits, _asked, word, rank=rank, classes=classes)


def _binary(*dtypes: str) -> Target:
    return Target("0 or 1", same_shape, dtypes)


def _signs(*dtypes: str) -> Target:
    return Target("-1 or 1", same_shape, dtypes)


#: A line for each loss: its class and the function of torch.nn.functional.
LOSSES: Final = Losses(
    (
        _loss("MSELoss", "mse_loss", ANY, REAL),
        _loss("L1Loss", "l1_loss", ANY, Target("numbers", same_shape, WIDE)),
        _loss("SmoothL1Loss", "smooth_l1_loss", ANY, REAL),
        _loss("HuberLoss", "huber_loss", ANY, Target("numbers", same_shape, ("float32",))),
        _loss("CrossEntropyLoss", "cross_entropy", SCORES, FEW_CLASSES, CLASSES, SHARES, classes=2),
        _loss("NLLLoss", "nll_loss", (Range.LOGARITHMS,), FEW_CLASSES, CLASSES, classes=2),
        _loss("NLLLoss2d", "nll_loss2d", (Range.LOGARITHMS,), CLASSES, rank=4, classes=2),
        _loss("BCELoss", "binary_cross_entropy", (Range.SHARES,), _binary("float32")),
        _loss("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", SCORES, _binary(*FLOATS)),
        _loss(
            "KLDivLoss",
            "kl_div",
            (Range.LOGARITHMS,),
            Target("probabilities", same_shape, FLOATS),
            classes=2,
        ),
        _loss("PoissonNLLLoss", "poisson_nll_loss", (Range.NUMBERS,), COUNTS),
        _loss("HingeEmbeddingLoss", "hinge_embedding_loss", (Range.POSITIVE,), _signs()),
        _loss("SoftMarginLoss", "soft_margin_loss", SCORES, _signs(*WIDE)),
        _loss(
            "MultiMarginLoss",
            "multi_margin_loss",
            SCORES,
            CLASSES,
            rank=2,
            classes=2,
        ),
        _loss("MultiLabelMarginLoss", "multilabel_margin_loss", SCORES, SEVERAL, rank=2, classes=2),
        _loss(
            "MultiLabelSoftMarginLoss",
            "multilabel_soft_margin_loss",
            SCORES,
            _binary(*WIDE),
            classes=2,
        ),
    ),
    ("torch.", "nn.", "functional.", "F."),
)
