"""Distances: how far apart, or how alike, the vectors of two tensors are."""

from __future__ import annotations

from math import inf
from typing import Annotated, Any

from shapecalc.dims import Shape
from shapecalc.layers.arguments import ArgumentKind, Integer, Switch, number
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number
from shapecalc.layers.torch.layer import Module, dim_of


def _norm(value: Any) -> float:  # noqa: ANN401
    return value if value in (inf, -inf) else number().check(value)  # type: ignore[no-any-return]


#: Which norm: infinity is that of the largest number, its opposite that of the smallest.
Norm = Annotated[float, ArgumentKind("a number, or infinity", _norm)]


class Distance(Module):
    """Base class of both: a second tensor."""

    arity = (2, 2)
    reads = ("x2",)


class CosineSimilarity(Distance):
    """Takes the cosine of the angle between vectors along ``dim``.

    Shape   (*, n, *) twice -> (*, *); a size of 1 is repeated to fit
    Errors  the shapes cannot be broadcast; there is no such dim
    Source  torch.nn.CosineSimilarity
    """

    examples = ("in:N:64@a,in:N:64@b,@a,cosinesimilarity:@b",)

    dim: Integer = 1
    eps: Number = 1e-8


class PairwiseDistance(Distance):
    """Takes the distance between vectors along the last axis.

    Shape   (*, n) twice -> (*), with keepdim (*, 1); a size of 1 is repeated to fit
    Errors  the shapes cannot be broadcast
    Source  torch.nn.PairwiseDistance
    """

    examples = ("in:N:64@a,in:N:64@b,@a,pairwisedistance:@b",)

    p: Norm = 2.0
    eps: Number = 1e-6
    keepdim: Switch = False


@rule(CosineSimilarity)
def cosine_similarity(layer: CosineSimilarity, scope: Scope, x: Shape, y: Shape) -> Result:
    """Broadcast, and leave the axis out."""
    both = joined(scope, [x, y])
    dim = dim_of(layer.dim, both)
    return Result((*both[:dim], *both[dim + 1 :]))


@rule(PairwiseDistance)
def pairwise_distance(layer: PairwiseDistance, scope: Scope, x: Shape, y: Shape) -> Result:
    """Broadcast, and leave the last axis out or keep it with size 1."""
    both = joined(scope, [x, y])
    kept = (1,) if both and layer.keepdim else ()
    return Result((*both[:-1], *kept))
