"""Losses of classes: the target names the right one, or how likely each is."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least, equal, product, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import (
    ArgumentKind,
    Fraction,
    Integer,
    PositiveInteger,
    Switch,
    integer,
    whole,
)
from shapecalc.layers.broadcast import require_same
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalTensor
from shapecalc.layers.torch.layer import Module, require_declared
from shapecalc.layers.torch.loss import Loss, same


class ClassLoss(Loss):
    """Base class of both."""

    positional = ("weight", "size_average", "ignore_index", "reduce", "reduction")

    weight: OptionalTensor = None
    ignore_index: Integer = -100

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C")


class CrossEntropyLoss(ClassLoss):
    """Takes the cross-entropy of logits, before any softmax, with classes or probabilities.

    Shape   (N, C, *) with class numbers (N, *), or with probabilities (N, C, *); (C) with ()
            -> one number, with reduction none (N, *)
    Errors  the target is neither (usual causes: (N, 1) in place of (N), one-hot of other classes)
    Source  torch.nn.CrossEntropyLoss
    """

    examples = ("in:N:10@x,in:N@y,@x,crossentropyloss:@y",)

    label_smoothing: Fraction = 0.0


class NLLLoss(ClassLoss):
    """Takes the likelihood of classes; the input are log-probabilities, as of LogSoftmax.

    Shape   (N, C, *) with class numbers (N, *); (C) with ()
            -> one number, with reduction none (N, *)
    Errors  the target is not one class for each place (usual cause: (N, 1) in place of (N))
    Source  torch.nn.NLLLoss
    """

    examples = ("in:N:10@x,in:N@y,@x,nllloss:@y",)


class NLLLoss2d(ClassLoss):
    """NLLLoss by its older name for images; torch warns of it.

    Shape   (N, C, H, W) with class numbers (N, H, W)
            -> one number, with reduction none (N, H, W)
    Errors  the target is not one class for each place (usual cause: (N, 1, H, W))
    Source  torch.nn.NLLLoss2d
    """

    examples = ("in:N:10:H:W@x,in:N:H:W@y,@x,nllloss2d:@y",)

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C", "H", "W")


@rule(CrossEntropyLoss, NLLLoss, NLLLoss2d)
def class_loss(layer: ClassLoss, scope: Scope, x: Shape, target: Shape) -> Result:
    """Return a number for each position, without the axis of the classes."""
    if not x:
        raise RankError("needs at least the axis of the classes, but gets ()")
    places = x[2:] if len(x) > 1 else ()
    each = (*x[:1], *places) if len(x) > 1 else ()
    takes_shares = isinstance(layer, CrossEntropyLoss)
    _require_class_weights(layer, scope, x, target)
    # One row may have its class in a row of one.
    if len(x) == 1 and target == (1,) and not (takes_shares and x == target):
        return layer.reduced(())
    also, shown = (" or probabilities {}", x) if takes_shares else ("{}", "")
    expected = each
    if takes_shares and len(target) == len(x):
        expected = x
    why = f"wants class numbers {{}}{also} for an output of {{}}, not a target of {{}}"
    require_same(scope, expected, target, why, each, shown, x, target)
    return layer.reduced(each)


def _require_class_weights(layer: ClassLoss, scope: Scope, x: Shape, target: Shape) -> None:
    if layer.weight is not None:
        # Only their number counts where the classes are those of places.
        places = len(x) > 2 and len(target) < len(x)  # noqa: PLR2004
        row = not places or bool(getattr(layer, "label_smoothing", 0))
        classes = x[0] if len(x) == 1 else x[1]
        why = "needs one weight for each of {} classes, but gets {}"
        scope.require(equal(product(layer.weight), classes), why, classes, layer.weight)
        scope.require(not row or len(layer.weight) == 1, why, classes, layer.weight)


class CTCLoss(Loss):
    """Takes the likelihood of a sequence of labels, in any alignment to the steps.

    Shape   (L, N, C), labels (N, S) or in one row, lengths (N) twice
            -> one number, with reduction none (N); without a batch (L, C), (S), (), ()
    Errors  the lengths are not as many as there are sequences
    Source  torch.nn.CTCLoss
    """

    arity = (4, 4)
    reads = ("targets", "input_lengths", "target_lengths")
    positional = ("blank", "reduction", "zero_infinity")
    examples = ("in:L:N:20@x,in:N:S@y,in:N@a,in:N@b,@x,ctcloss:@y:@a:@b",)

    blank: Annotated[int, integer(0)] = 0
    zero_infinity: Switch = False


@rule(CTCLoss)
def ctc_loss(
    layer: CTCLoss, scope: Scope, x: Shape, targets: Shape, before: Shape, after: Shape
) -> Result:
    """Return a number for each sequence."""
    if len(x) not in (2, 3):
        raise RankError(f"needs (L, N, C) or (L, C), but gets {shape_text(x)}")
    why = "has blank {}, which is none of {} labels"
    scope.require(at_least(x[-1], layer.blank + 1), why, layer.blank, x[-1])
    batch = x[1:-1]
    if len(targets) not in (1, len(batch) + 1):
        raise RankError(f"needs targets (N, S) or in one row, but gets {shape_text(targets)}")
    if batch and len(targets) == 2:  # noqa: PLR2004  (a row for each sequence)
        why = "needs targets for each of {} sequences, but gets {}"
        scope.require(equal(targets[0], batch[0]), why, batch[0], targets)
    for noun, lengths in (("input_lengths", before), ("target_lengths", after)):
        if batch or lengths not in ((), (1,)):
            same(scope, batch, lengths, f"{noun} for each sequence, a tensor")
    return layer.reduced(batch)


def _cutoffs(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError
    return tuple(map(whole, value))


class AdaptiveSoftmax(Module):
    """What a softmax in clusters of classes is made of."""

    declares = ("in_features", -1)

    in_features: PositiveInteger
    n_classes: PositiveInteger
    cutoffs: Annotated[tuple[int, ...], ArgumentKind("whole numbers that grow", _cutoffs)]
    div_value: Number = 4.0
    head_bias: Switch = False

    @model_validator(mode="after")
    def _cutoffs_grow(self) -> Self:
        cutoffs = self.cutoffs
        growing = all(a < b for a, b in pairwise(cutoffs))
        if not growing or cutoffs[0] < 1 or cutoffs[-1] >= self.n_classes:
            raise ValueError(f"cutoffs must grow, from 1 to {self.n_classes - 1}")
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "F")


class AdaptiveLogSoftmaxWithLoss(AdaptiveSoftmax):
    """A softmax over very many classes: frequent ones in a head, rare ones in smaller tails.

    Shape   (N, in_features) and classes (N), or (in_features) and () -> (N) and one number
    Errors  cutoffs do not grow, or reach n_classes; the last axis is not in_features; the
            targets are not as many as the rows
    Source  torch.nn.AdaptiveLogSoftmaxWithLoss
    """

    arity = (2, 2)
    reads = ("target",)
    examples = ("in:N:64@x,in:N@y,@x,adaptivelogsoftmaxwithloss:64:1000:cutoffs=(100,500):@y",)


@rule(AdaptiveLogSoftmaxWithLoss)
def adaptive_softmax(
    layer: AdaptiveLogSoftmaxWithLoss, scope: Scope, x: Shape, target: Shape
) -> Result:
    """Return a number for each row, and their mean; which tails are used depends on the targets."""
    if len(x) not in (1, 2):
        raise ShapeError(f"needs (N, F) or (F), but gets {shape_text(x)}")
    features = require_declared(scope, layer.in_features, x[-1], "features")
    same(scope, x[:-1], target, "class for each row, a target")
    weights = _clusters(layer, features, x[:-1])
    return Result(x[:-1], (), weights=weights, varies=True)


class LogProb(AdaptiveSoftmax):
    """The logarithm of the probability of every class, by an AdaptiveLogSoftmaxWithLoss.

    Shape   (N, in_features) -> (N, n_classes)
    Errors  cutoffs do not grow, or reach n_classes; the last axis is not in_features
    Source  torch.nn.AdaptiveLogSoftmaxWithLoss.log_prob
    """

    examples = ("log_prob:64:1000:cutoffs=(100,500)",)


@rule(LogProb)
def log_prob(layer: LogProb, scope: Scope, x: Shape) -> Result:
    """Say that all tails are used, for each row."""
    if len(x) != 2:  # noqa: PLR2004  (rows and features)
        raise ShapeError(f"needs (N, F), but gets {shape_text(x)}")
    features = require_declared(scope, layer.in_features, x[-1], "features")
    weights = _clusters(layer, features, x[:-1], tails=x[:-1])
    return Result((x[0], layer.n_classes), weights=weights)


def _clusters(
    layer: AdaptiveSoftmax, features: Size, rows: Shape, tails: Shape | None = None
) -> list[Weight]:
    """Return the weights of the head, for every row, and of the tails, for ``tails`` rows."""
    ends = [*layer.cutoffs, layer.n_classes]
    head = ends[0] + len(ends) - 1
    weights = [Weight("head.weight", (head, features), places=rows)]
    if layer.head_bias:
        weights.append(Weight("head.bias", (head,)))
    for place, (start, end) in enumerate(pairwise(ends)):
        width = int(layer.in_features // layer.div_value ** (place + 1))
        weights.append(Weight(f"tail.{place}.0.weight", (width, features), places=tails))
        weights.append(Weight(f"tail.{place}.1.weight", (end - start, width), places=tails))
    return weights
