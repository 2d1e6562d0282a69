"""Losses of pairs and triplets, with margins, and of several labels at once."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from shapecalc.dims import Shape, any_of, equal, product, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Anything, ArgumentKind, Switch, number, whole
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalTensor
from shapecalc.layers.torch.distance import Norm
from shapecalc.layers.torch.layer import same_ranks
from shapecalc.layers.torch.loss import Loss, Reduction, same


def _margin(value: Any) -> float:  # noqa: ANN401
    margin: float = number(0).check(value)
    if margin == 0:
        raise ValueError
    return margin


def _exponent(value: Any) -> int:  # noqa: ANN401
    if value not in (1, 2):
        raise ValueError
    return whole(int(value))


Margin = Annotated[float, ArgumentKind("a number above 0", _margin)]
Exponent = Annotated[int, ArgumentKind("1 or 2", _exponent)]


class ThreeTensors(Loss):
    """Base class of layers that read three tensors."""

    abstract: ClassVar[bool] = True
    arity = (3, 3)


class MarginRankingLoss(ThreeTensors):
    """Penalizes a first score that is not larger by a margin, or a second for targets of -1.

    Shape   three tensors of one shape -> one number, with reduction none that shape
    Errors  another number of axes; the shapes cannot be broadcast
    Source  torch.nn.MarginRankingLoss
    """

    positional = ("margin", "size_average", "reduce", "reduction")
    examples = ("in:N@a,in:N@b,in:N@y,@a,marginrankingloss:@b:@y",)
    reads = ("input2", "target")

    margin: Number = 0.0


@rule(MarginRankingLoss)
def margin_ranking_loss(
    layer: MarginRankingLoss, scope: Scope, x: Shape, y: Shape, target: Shape
) -> Result:
    """Broadcast all three."""
    same_ranks("needs", x, y, target)
    return layer.reduced(joined(scope, [x, y, target]))


class CosineEmbeddingLoss(ThreeTensors):
    """Penalizes dissimilar vectors for targets of 1, and similar ones for targets of -1.

    Shape   (N, D) twice and (N), or (D) twice and () -> one number, with reduction none (N)
    Errors  the pairs and the targets differ in number
    Source  torch.nn.CosineEmbeddingLoss
    """

    positional = ("margin", "size_average", "reduce", "reduction")
    examples = ("in:N:64@a,in:N:64@b,in:N@y,@a,cosineembeddingloss:@b:@y",)
    reads = ("input2", "target")

    margin: Number = 0.0


@rule(CosineEmbeddingLoss)
def cosine_embedding_loss(
    layer: CosineEmbeddingLoss, scope: Scope, x: Shape, y: Shape, target: Shape
) -> Result:
    """Return a number for each pair."""
    if len(target) > 1 or len(x) != len(target) + 1 or len(y) != len(x):
        listed = ", ".join(map(shape_text, (x, y, target)))
        raise RankError(f"needs (N, D), (N, D), (N) or (D), (D), (), but gets {listed}")
    return layer.reduced(joined(scope, [joined(scope, [x, y])[:-1], target]))


class TripletMarginLoss(ThreeTensors):
    """Penalizes an anchor that is not nearer to the positive than to the negative, by a margin.

    Shape   (N, D) three times -> one number, with reduction none (N)
    Errors  another number of axes; the shapes cannot be broadcast
    Source  torch.nn.TripletMarginLoss
    """

    positional = ("margin", "p", "eps", "swap", "size_average", "reduce", "reduction")
    examples = ("in:N:64@a,in:N:64@p,in:N:64@n,@a,tripletmarginloss:@p:@n",)
    reads = ("positive", "negative")

    margin: Margin = 1.0
    p: Norm = 2.0
    eps: Number = 1e-6
    swap: Switch = False


class TripletMarginWithDistanceLoss(ThreeTensors):
    """A TripletMarginLoss with a user-defined distance.

    Shape   (N, D) three times -> one number, with reduction none (N)
    Errors  another number of axes; the shapes cannot be broadcast
    Source  torch.nn.TripletMarginWithDistanceLoss
    """

    positional = ("distance_function", "margin", "swap", "reduction")
    examples = ("in:N:64@a,in:N:64@p,in:N:64@n,@a,tripletmarginwithdistanceloss:@p:@n",)
    reads = ("positive", "negative")

    distance_function: Anything = None
    margin: Margin = 1.0
    swap: Switch = False
    reduction: Reduction = "mean"


@rule(TripletMarginLoss, TripletMarginWithDistanceLoss)
def triplet_loss(
    layer: ThreeTensors, scope: Scope, anchor: Shape, positive: Shape, negative: Shape
) -> Result:
    """Return a number for each triplet."""
    same_ranks("needs", anchor, positive, negative)
    return layer.reduced(joined(scope, [anchor, positive, negative])[:-1])


class MultiMarginLoss(Loss):
    """Penalizes a score of the right class that is not the largest, by a margin.

    Shape   (N, C) and (N), or (C) and () -> one number, with reduction none (N)
    Errors  the target is not one class for each row
    Source  torch.nn.MultiMarginLoss
    """

    positional = ("p", "margin", "weight", "size_average", "reduce", "reduction")
    examples = ("in:N:10@x,in:N@y,@x,multimarginloss:@y",)

    p: Exponent = 1
    margin: Number = 1.0
    weight: OptionalTensor = None


@rule(MultiMarginLoss)
def multi_margin_loss(layer: MultiMarginLoss, scope: Scope, x: Shape, target: Shape) -> Result:
    """Return a number for each row; what has no axis is one class."""
    if len(x) > 2:  # noqa: PLR2004  (rows of classes)
        raise RankError(f"needs (C) or (N, C), but gets {shape_text(x)}")
    if layer.weight is not None:
        why = "needs one weight for each class of {}, but gets {}"
        scope.require(len(layer.weight) == 1, why, x, layer.weight)
        scope.require(equal(layer.weight[0], x[-1] if x else 1), why, x, layer.weight)
    # One row may have its class in a row of one, or by itself.
    why = "needs a target with a class for each row of {}, but gets {}"
    rows = x[0] if len(x) > 1 else 1
    scope.require(len(target) < 2 and equal(rows, product(target)), why, x, target)  # noqa: PLR2004
    return layer.reduced(target)


class MultiLabelMarginLoss(Loss):
    """Penalizes scores of right classes that are not larger than the others, by a margin.

    Shape   (N, C) twice, or (C) twice -> one number, with reduction none (N)
    Errors  the target has another shape
    Source  torch.nn.MultiLabelMarginLoss
    """

    examples = ("in:N:10@x,in:N:10@y,@x,multilabelmarginloss:@y",)


@rule(MultiLabelMarginLoss)
def multi_label_margin_loss(
    layer: MultiLabelMarginLoss, scope: Scope, x: Shape, target: Shape
) -> Result:
    """Return a number for each row; what has no axis is one class."""
    if len(x) > 2:  # noqa: PLR2004  (rows of classes)
        raise RankError(f"needs (C) or (N, C), but gets {shape_text(x)}")
    if len(x) == 2:  # noqa: PLR2004
        same(scope, x, target)
    else:
        why = "needs a target of the shape of its input, {}, but gets {}"
        scope.require(len(target) < 2 and equal(product(x), product(target)), why, x, target)  # noqa: PLR2004
    return layer.reduced(x[:-1])


class MultiLabelSoftMarginLoss(Loss):
    """Takes the mean of the cross-entropies of the single classes.

    Shape   (N, C) twice -> one number, with reduction none (N)
    Errors  the shapes cannot be broadcast
    Source  torch.nn.MultiLabelSoftMarginLoss
    """

    positional = ("weight", "size_average", "reduce", "reduction")
    examples = ("in:N:10@x,in:N:10@y,@x,multilabelsoftmarginloss:@y",)

    weight: OptionalTensor = None
    reduction: Reduction = "mean"


@rule(MultiLabelSoftMarginLoss)
def multi_label_soft_margin_loss(
    layer: MultiLabelSoftMarginLoss, scope: Scope, x: Shape, target: Shape
) -> Result:
    """Broadcast, and take the mean along the axis that is the last of the input."""
    if not x:
        raise RankError("needs at least 1 axis, but gets ()")
    both = joined(scope, [x, target, *(weight.shape for weight in layer.buffers())])
    return layer.reduced((*both[: len(x) - 1], *both[len(x) :]))


class GaussianNLLLoss(Loss):
    """Takes the likelihood of numbers whose mean and variance are estimated.

    Shape   input, target and var of one shape; var may have a last axis of 1, or lack it
            -> one number, with reduction none the shape of the input
    Errors  var has another shape
    Source  torch.nn.GaussianNLLLoss
    """

    arity = (3, 3)
    reads = ("target", "var")
    positional = ("full", "eps", "reduction")
    examples = ("in:N:10@x,in:N:10@y,in:N:10@v,@x,gaussiannllloss:@y:@v",)

    full: Switch = False
    eps: Number = 1e-6
    reduction: Reduction = "mean"


@rule(GaussianNLLLoss)
def gaussian_loss(
    layer: GaussianNLLLoss, scope: Scope, x: Shape, target: Shape, var: Shape
) -> Result:
    """Broadcast the target; the variance is that of each place, or the same along one axis."""
    why = "needs a var of {}, in which one axis can be 1 or the last left out, but gets {}"
    scope.require(len(var) in (len(x), len(x) - 1), why, x, var)
    other = [place for place, pair in enumerate(zip(x, var, strict=False)) if equal(*pair) is False]
    for place, (size, part) in enumerate(zip(x, var, strict=False)):
        one = len(var) == len(x) and other in ([], [place])
        scope.require(any_of(equal(size, part), one and equal(part, 1)), why, x, var)
    return layer.reduced(joined(scope, [x, target]))
