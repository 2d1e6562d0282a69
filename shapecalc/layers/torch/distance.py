"""Distances: how far two tensors are apart, or how much they point the same way."""

from __future__ import annotations

from math import inf
from typing import Annotated, Any, ClassVar

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Integer, Kind, Switch, number
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module, dim_of

Number = Annotated[float, number()]


def _norm(value: Any) -> float:  # noqa: ANN401
    return value if value in (inf, -inf) else number().check(value)  # type: ignore[no-any-return]


#: Which norm: infinity is that of the largest number, its opposite that of the smallest.
Norm = Annotated[float, Kind("a number, or infinity", _norm)]


class Comparison(Module):
    """What the distances share: they compare with a second tensor."""

    abstract: ClassVar[bool] = True
    arity = (2, 2)
    reads = ("x2",)


class CosineSimilarity(Comparison):
    """Gives the cosine of the angle between the vectors along ``dim`` of two tensors.

    Shape   (N, D, *) and (N, D, *) -> (N, *), with dim 1; a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1; there is no such dim (usual cause: two
            vectors, which need dim 0)
    Source  torch.nn.CosineSimilarity
    """

    examples = ("in:N:8@a,in:N:8,cosinesimilarity:x2=@a",)

    dim: Integer = 1
    eps: Number = 1e-8

    def feature_axes(self) -> tuple[int, ...]:
        """The axis along which the vectors lie."""
        return (self.dim,)


@rule(CosineSimilarity)
def cosine_similarity(layer: CosineSimilarity, scope: Scope, x: Shape, y: Shape) -> Result:
    """Leave out the axis of the vectors."""
    shape = joined(scope, (x, y))
    dim = dim_of(layer.dim, shape)
    return Result((*shape[:dim], *shape[dim + 1 :]))


class PairwiseDistance(Comparison):
    """Gives the distance between the vectors on the last axis of two tensors.

    Shape   (*, D) and (*, D) -> (*), with keepdim (*, 1); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.nn.PairwiseDistance
    """

    examples = ("in:N:8@a,in:N:8,pairwisedistance:x2=@a",)

    p: Norm = 2.0
    eps: Number = 1e-6
    keepdim: Switch = False


@rule(PairwiseDistance)
def pairwise_distance(layer: PairwiseDistance, scope: Scope, x: Shape, y: Shape) -> Result:
    """Leave out the last axis, or make it 1."""
    return Result(distances(scope, x, y, keepdim=layer.keepdim))


def distances(scope: Scope, x: Shape, y: Shape, *, keepdim: bool = False) -> Shape:
    """The shape of the distances between the vectors on the last axis."""
    shape = joined(scope, (x, y))
    return (*shape[:-1], 1) if keepdim and shape else shape[:-1]
