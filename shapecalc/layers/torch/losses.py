"""The losses of PyTorch as `fit` asks them: their modules say which shapes they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shapecalc.dims import Dim, Shape, letters
from shapecalc.errors import ShapeError
from shapecalc.layers.layer import called
from shapecalc.layers.losses import (
    BATCH,
    COUNTS,
    REAL,
    Loss,
    Losses,
    Outcome,
    Target,
    agree,
    same_shape,
    without_second,
)
from shapecalc.layers.ranges import Range
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch import classloss, loss, marginloss

FLOATS: Final = ("float32", "float64")
WIDE: Final = (*FLOATS, "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8")
ANY: Final = (Range.NUMBERS, Range.POSITIVE, Range.SIGNED, Range.SHARES)
SCORES: Final = (Range.NUMBERS, Range.SIGNED)

CLASSES: Final = Target("class indices", without_second, ("int64",))
#: A row of classes, which may be bytes where there are no places beside the batch.
FEW_CLASSES: Final = Target(
    "class indices",
    lambda output: output[:1] if len(output) == 2 else None,  # noqa: PLR2004
    ("int64", "uint8"),
)
SHARES: Final = Target("class probabilities", same_shape, FLOATS)
SEVERAL: Final = Target("class indices, then -1", same_shape, ("int64",))


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


def joint(made: Loss, shapes: Sequence[Shape]) -> None:
    """Ask the rule of a module that reads several outputs; raises `ShapeError`."""
    called(JOINT[made.name](), shapes, Scope())


def _never(_made: Loss, _y: Shape, _output: Shape) -> Outcome:
    """Take no single output."""
    return Outcome.REFUSED


def _ctc(_made: Loss, y: Shape, output: Shape) -> Outcome:
    """Ask the rule of the module, with a length for each sequence."""
    lengths = (BATCH,)
    try:
        called(classloss.CTCLoss(), [output, y, lengths, lengths], Scope())
    except ShapeError:
        return Outcome.REFUSED
    return Outcome.FITS


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


def _several(name: str, word: str, order: str, *takes: Target) -> Loss:
    return Loss(name, takes, (), _never, word, order=tuple(order.split()))


def _binary(*dtypes: str) -> Target:
    return Target("0 or 1", same_shape, dtypes)


def _signs(*dtypes: str) -> Target:
    return Target("-1 or 1", same_shape, dtypes)


#: The modules that read several outputs.
JOINT: Final = {
    each.__name__: each
    for each in (
        marginloss.MarginRankingLoss,
        marginloss.CosineEmbeddingLoss,
        marginloss.TripletMarginLoss,
        marginloss.TripletMarginWithDistanceLoss,
        marginloss.GaussianNLLLoss,
    )
}

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
        Loss(
            "CTCLoss",
            (Target("label sequences", lambda output: (*output[1:2], Dim("S"))),),
            (Range.LOGARITHMS,),
            _ctc,
            "ctc_loss",
            rank=3,
            classes=2,
            steps=0,
        ),
        _loss(
            "MultiMarginLoss",
            "multi_margin_loss",
            SCORES,
            CLASSES,
            rank=2,
            classes=2,
        ),
        _loss("MultiLabelMarginLoss", "multilabel_margin_loss", SCORES, SEVERAL, rank=2, classes=2),
        _several("MarginRankingLoss", "margin_ranking_loss", "output output y", _signs()),
        _several("CosineEmbeddingLoss", "cosine_embedding_loss", "output output y", _signs()),
        _several("TripletMarginLoss", "triplet_margin_loss", "output output output"),
        _several(
            "TripletMarginWithDistanceLoss",
            "triplet_margin_with_distance_loss",
            "output output output",
        ),
        _several("GaussianNLLLoss", "gaussian_nll_loss", "output y output", REAL),
        _loss(
            "MultiLabelSoftMarginLoss",
            "multilabel_soft_margin_loss",
            SCORES,
            _binary(*WIDE),
            classes=2,
        ),
    ),
    ("torch.", "nn.", "functional.", "F."),
    joint,
)
