"""Functions that take parts of a tensor: in brackets, by numbers in another tensor, the largest."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from shapecalc.dims import Shape, Size, at_least, maximum, minimum, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, Switch, as_size
from shapecalc.layers.indexing import SliceKey, read_key, taken
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module, dim_of

#: The most parts a tensor is taken apart into.
MOST_PARTS: Final = 10_000

Count = Annotated[Size, ArgumentKind("a size", lambda value: as_size(value, 0), least=0)]


class Index(Module):
    """Indexes a tensor, as Python's brackets do: ``:,-1`` is the last step.

    A number removes its axis, ``a:b`` slices it, ``None`` inserts an axis of size 1, and ``...``
    stands for all axes not named.

    Shape   (N, L, F) -> (N, F), with ":,-1"; (N, L - 1, F), with ":,1:"
    Errors  an axis is too short for a number; there are more parts than axes; a step is negative
    Source  torch.Tensor.__getitem__
    """

    examples = ('in:N:L:F,index:":,-1"', 'in:N:L:F,index:":,::2"', 'in:N:L,index:":,None"')

    key: SliceKey


@rule(Index)
def index(layer: Index, scope: Scope, x: Shape) -> Result:
    """Go through the parts; torch does not step backwards."""
    for part in read_key(layer.key):
        if isinstance(part, slice) and part.step is not None and part.step < 0:
            raise ShapeError(f"steps backwards in [{layer.key}], for which torch has flip")
    return Result(taken(scope, layer.key, x))


class Unbind(Module):
    """Splits an axis into its single indices, without that axis: so many outputs.

    Shape   (2, a, b) -> (a, b), so many times; further parts are .1, .2 ...
    Errors  how many places there are must be a number; there is no such dim
    Source  torch.unbind
    """

    gives: ClassVar[str] = "(first, second, ...)"
    examples = ("in:N:3:F,unbind:1",)

    dim: Integer = 0


@rule(Unbind)
def unbind(layer: Unbind, scope: Scope, x: Shape) -> Result:
    """Leave out the axis, once for each place."""
    if not x:
        raise RankError("takes an axis apart, but gets a single number")
    dim = dim_of(layer.dim, x)
    count = scope.facts.simplify(x[dim])
    if not isinstance(count, int):
        raise ShapeError(f"cannot say how many parts there are along axis {dim} of {shape_text(x)}")
    if count > MOST_PARTS:
        raise ShapeError(f"cannot make {count} parts; the limit is {MOST_PARTS}")
    return Result(*[(*x[:dim], *x[dim + 1 :])] * count)


class ByNumbers(Module):
    """Base class of layers that take places along an axis that another tensor names."""

    arity = (2, 2)
    reads: ClassVar[tuple[str, ...]] = ("index",)

    dim: Integer


class IndexSelect(ByNumbers):
    """Takes the indices of an axis that another tensor, of one axis, holds.

    Shape   (a, n, b) and (m) -> (a, m, b), with dim 1
    Errors  the numbers have more than one axis; there is no such dim
    Source  torch.index_select
    """

    examples = ("in:N:L:F@x,in:5@i,@x,index_select:1:@i",)


@rule(IndexSelect)
def index_select(layer: IndexSelect, _scope: Scope, x: Shape, numbers: Shape) -> Result:
    """Replace the size of the axis by the number of indices."""
    dim = dim_of(layer.dim, x)
    if len(numbers) > 1:
        raise RankError(f"needs an index of one axis, but gets {shape_text(numbers)}")
    return Result((*x[:dim], *(numbers or (1,)), *x[dim + 1 :]) if x else ())


class Gather(ByNumbers):
    """Takes the value at each index of another tensor, along an axis.

    Shape   (a, n) and index (b, m) -> (b, m), with dim 1
    Errors  the index has another number of axes; it is larger along another axis
    Source  torch.gather
    """

    examples = ("in:N:L:F@x,in:N:5:F@i,@x,gather:1:@i",)


@rule(Gather)
def gather(layer: Gather, scope: Scope, x: Shape, numbers: Shape) -> Result:
    """Return the shape of the index, which fits into the tensor but for the axis."""
    dim = dim_of(layer.dim, x)
    if len(x or (1,)) != len(numbers or (1,)):
        shown = f"{shape_text(numbers)} for {shape_text(x)}"
        raise RankError(f"needs an index with as many axes, but gets {shown}")
    for axis, (size, count) in enumerate(zip(x, numbers, strict=False)):
        if axis != dim:
            why = "needs an index of at most {} along axis {}, but gets {}"
            scope.require(at_least(size, count), why, x, axis, numbers)
    return Result(numbers)


class Topk(Module):
    """Takes the ``k`` largest values along an axis, and their indices as ``.1``.

    Shape   (a, n) -> (a, k), twice
    Errors  the axis has fewer than k; there is no such dim
    Source  torch.topk
    """

    gives = "(values, indices)"
    examples = ("in:N:1000,topk:5",)

    k: Count
    dim: Integer = -1
    largest: Switch = True
    sorted: Switch = True


@rule(Topk)
def topk(layer: Topk, scope: Scope, x: Shape) -> Result:
    """Replace the axis by k."""
    dim = dim_of(layer.dim, x)
    size = x[dim] if x else 1
    why = "takes {} numbers along axis {}, which has {}"
    scope.require(at_least(size, layer.k), why, layer.k, dim, size)
    shape = (*x[:dim], layer.k, *x[dim + 1 :]) if x else ()
    return Result(shape, shape)


class Diagonal(Module):
    """Takes the diagonal of two axes, as the last axis.

    ``offset`` is the distance from the main diagonal, above if positive.

    Shape   (a, b, *) -> (*, min(a, b))
    Errors  both dims are the same; there is no such dim
    Source  torch.diagonal
    """

    examples = ("in:N:8:8,diagonal:dim1=1:dim2=2",)

    offset: Integer = 0
    dim1: Integer = 0
    dim2: Integer = 1


@rule(Diagonal)
def diagonal(layer: Diagonal, _scope: Scope, x: Shape) -> Result:
    """Count what there is: ``min(a, b - offset)``, or ``min(a + offset, b)`` below it."""
    one, other = dim_of(layer.dim1, x), dim_of(layer.dim2, x)
    if one == other:
        raise ShapeError(f"takes the diagonal of axis {one} and itself")
    offset = layer.offset
    length = minimum(x[one] + min(offset, 0), x[other] - max(offset, 0))
    kept = (size for axis, size in enumerate(x) if axis not in (one, other))
    return Result((*kept, maximum(length, 0)))
