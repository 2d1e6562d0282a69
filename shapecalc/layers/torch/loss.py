"""Losses: how far the output is from the target, as one number or as one for each place."""

from __future__ import annotations

from typing import Annotated, ClassVar

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Anything, Switch, choice
from shapecalc.layers.broadcast import joined, require_same
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalTensor
from shapecalc.layers.torch.layer import Module

Reduction = Annotated[str, choice("none", "mean", "sum")]
#: Most losses still take an older word for mean, too.
OldReduction = Annotated[str, choice("none", "mean", "sum", "elementwise_mean")]
DivergenceReduction = Annotated[str, choice("none", "mean", "sum", "batchmean", "elementwise_mean")]


class Loss(Module):
    """Base class of the losses; ``reduction`` none keeps one number for each place."""

    arity = (2, 2)
    reads: ClassVar[tuple[str, ...]] = ("target",)
    #: Older names of reduction.
    size_average: Anything = None
    reduce: Anything = None
    reduction: OldReduction = "mean"

    def reduced(self, shape: Shape) -> Result:
        """Return one number, or one for each place; the older names come before reduction."""
        buffers = self.buffers()
        if self.size_average is not None or self.reduce is not None:
            return Result(shape if self.reduce is False else (), weights=buffers)
        return Result(shape if self.reduction == "none" else (), weights=buffers)

    def buffers(self) -> list[Weight]:
        """Return the tensors that it was made with, which it keeps."""
        given = ((name, getattr(self, name, None)) for name in ("weight", "pos_weight"))
        return [
            Weight(name, shape, trainable=False, buffer=True)
            for name, shape in given
            if shape is not None
        ]


def same(scope: Scope, x: Shape, y: Shape, noun: str = "target") -> None:
    """Require that a tensor has the shape of the input."""
    why = "needs a {} of the shape of its input, {}, but gets {}"
    require_same(scope, x, y, why, noun, x, y)


def fits(scope: Scope, x: Shape, y: Shape, noun: str) -> None:
    """Require that a tensor can be repeated to the shape of the input."""
    same(scope, x, joined(scope, [x, y]), f"{noun} that broadcasts to a shape")


class BroadcastLoss(Loss):
    """Base class of layers that compare element-wise, with broadcasting."""

    abstract: ClassVar[bool] = True


class MSELoss(BroadcastLoss):
    """Takes the mean of the squared differences.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.MSELoss
    """

    examples = ("in:N:10@x,in:N:10@y,@x,mseloss:@y",)


class L1Loss(BroadcastLoss):
    """Takes the mean of the absolute differences.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.L1Loss
    """

    examples = ("in:N:10@x,in:N:10@y,@x,l1loss:@y",)


class SmoothL1Loss(BroadcastLoss):
    """Takes squared differences below beta, and absolute ones above.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.SmoothL1Loss
    """

    positional = ("size_average", "reduce", "reduction")
    examples = ("in:N:10@x,in:N:10@y,@x,smoothl1loss:@y",)

    beta: Number = 1.0


class HuberLoss(BroadcastLoss):
    """Takes squared differences below delta, and absolute ones above.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.HuberLoss
    """

    positional = ("reduction", "delta")
    examples = ("in:N:10@x,in:N:10@y,@x,huberloss:@y",)

    delta: Number = 1.0


class KLDivLoss(BroadcastLoss):
    """Takes the divergence of the target from log-probabilities.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.KLDivLoss
    """

    positional = ("size_average", "reduce", "reduction")
    examples = ("in:N:10@x,in:N:10@y,@x,kldivloss:@y",)

    reduction: DivergenceReduction = "mean"
    log_target: Switch = False


class PoissonNLLLoss(BroadcastLoss):
    """Takes the likelihood of counts; the input is the logarithm of their mean.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.PoissonNLLLoss
    """

    positional = ("log_input", "full", "size_average", "eps", "reduce", "reduction")
    examples = ("in:N:10@x,in:N:10@y,@x,poissonnllloss:@y",)

    log_input: Switch = True
    full: Switch = False
    eps: Number = 1e-8
    reduction: Reduction = "mean"


class HingeEmbeddingLoss(BroadcastLoss):
    """Takes distances for targets of 1, and what is short of the margin for those of -1.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the shapes cannot be broadcast; unequal ones are, which is seldom meant
    Source  torch.nn.HingeEmbeddingLoss
    """

    positional = ("margin", "size_average", "reduce", "reduction")
    examples = ("in:N:10@x,in:N:10@y,@x,hingeembeddingloss:@y",)

    margin: Number = 1.0


@rule(MSELoss, L1Loss, SmoothL1Loss, HuberLoss, KLDivLoss, PoissonNLLLoss, HingeEmbeddingLoss)
def broadcast_loss(layer: BroadcastLoss, scope: Scope, x: Shape, target: Shape) -> Result:
    """Broadcast both."""
    return layer.reduced(joined(scope, [x, target]))


class EqualLoss(Loss):
    """Base class of layers that compare element-wise, with equal shapes only."""

    abstract: ClassVar[bool] = True


class BCELoss(EqualLoss):
    """Takes the cross-entropy of probabilities with targets from 0 to 1.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the target has another shape, such as (N,) for (N, 1)
    Source  torch.nn.BCELoss
    """

    positional = ("weight", "size_average", "reduce", "reduction")
    examples = ("in:N:1@x,in:N:1@y,@x,bceloss:@y",)

    weight: OptionalTensor = None


class BCEWithLogitsLoss(EqualLoss):
    """Takes the cross-entropy of logits, before any sigmoid, with targets from 0 to 1.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the target has another shape, such as (N,) for (N, 1)
    Source  torch.nn.BCEWithLogitsLoss
    """

    positional = ("weight", "size_average", "reduce", "reduction", "pos_weight")
    examples = ("in:N:1@x,in:N:1@y,@x,bcewithlogitsloss:@y",)

    weight: OptionalTensor = None
    pos_weight: OptionalTensor = None


@rule(BCELoss, BCEWithLogitsLoss)
def equal_loss(layer: EqualLoss, scope: Scope, x: Shape, target: Shape) -> Result:
    """Require equal shapes, and weights that can be repeated to them."""
    same(scope, x, target)
    for weight in layer.buffers():
        fits(scope, x, weight.shape, weight.name)
    return layer.reduced(x)


class SoftMarginLoss(Loss):
    """Takes the logistic loss of scores with targets of 1 and -1.

    Shape   input and target of one shape -> one number, with reduction none that shape
    Errors  the target does not broadcast to the shape of the input
    Source  torch.nn.SoftMarginLoss
    """

    examples = ("in:N:10@x,in:N:10@y,@x,softmarginloss:@y",)


@rule(SoftMarginLoss)
def soft_margin_loss(layer: SoftMarginLoss, scope: Scope, x: Shape, target: Shape) -> Result:
    """Broadcast the target to the input, whose shape stays."""
    fits(scope, x, target, "target")
    return layer.reduced(x)
