"""Functions that put the places of axes, or the axes, elsewhere, or repeat them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from shapecalc.dims import Shape, Size, product, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, as_size
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalDim, dims_of
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

Dims = Annotated[tuple[int, ...], ArgumentKind("dims", dims_of, variadic=True)]
#: One dim or several, which do not take all that follows.
SomeDims = Annotated[tuple[int, ...], ArgumentKind("a dim, or several", dims_of)]
SomeDimsOrNone = Annotated[
    tuple[int, ...] | None, ArgumentKind("a dim, or several", dims_of).or_none()
]
Times = Annotated[
    tuple[Size, ...],
    ArgumentKind(
        "how often along each axis",
        lambda value: tuple(
            as_size(each, 0) for each in (value if isinstance(value, (list, tuple)) else (value,))
        ),
        variadic=True,
        least=0,
    ),
]


def _different(dims: tuple[int, ...], x: Shape) -> list[int]:
    """Return the axes that dims name, each once."""
    axes = [dim_of(dim, x) for dim in dims]
    if len(set(axes)) < len(axes):
        raise ShapeError(f"names one axis twice in {shape_text(dims)}")
    return axes


class Flip(Module):
    """Reverses axes.

    Shape   any -> the same
    Errors  dims name an axis twice; there is no such dim
    Source  torch.flip
    """

    keeps_rank = True
    examples = ("in:N:L:F,flip:1",)

    dims: Dims

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the other axes stay; these are not followed."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank, dict.fromkeys(self.dims))


@rule(Flip)
def flip(layer: Flip, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    _different(layer.dims, x)
    return Result(x)


class Roll(Module):
    """Shifts the elements along axes, around the end.

    Shape   any -> the same
    Errors  not a shift for each dim; there is no such dim
    Source  torch.roll
    """

    keeps_rank = True
    examples = ("in:N:C:H:W,roll:(1,1):(2,3)",)

    shifts: SomeDims
    dims: SomeDimsOrNone = None

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the other axes stay; these are not followed."""
        from shapecalc.layers.looking import each_axis

        dims = range(passed.rank) if self.dims is None else self.dims
        return each_axis(passed.rank, dict.fromkeys(dims))


@rule(Roll)
def roll(layer: Roll, _scope: Scope, x: Shape) -> Result:
    """Keep the shape; without dims, all numbers move on as one row."""
    shifts, dims = layer.shifts, layer.dims or ()
    if len(shifts) != len(dims) and not (len(shifts) == 1 and not dims):
        raise ShapeError(f"has {len(shifts)} shifts for {len(dims)} dims")
    for dim in dims:
        dim_of(dim, x)
    return Result(x)


class Movedim(Module):
    """Moves axes to other positions; the rest stay in order.

    Shape   (N, C, L) -> (N, L, C), with 1 to -1
    Errors  not a destination for each source; an axis is named twice; there is no such dim
    Source  torch.movedim
    """

    moves = True
    examples = ("in:N:C:H:W,movedim:1:-1",)

    source: SomeDims
    destination: SomeDims

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import placed

        rank = passed.rank
        source, target = ([dim % rank for dim in dims] for dims in (self.source, self.destination))
        moved, rest = dict(zip(target, source, strict=True)), iter(set(range(rank)) - set(source))
        return placed([moved[axis] if axis in moved else next(rest) for axis in range(rank)])


@rule(Movedim)
def movedim(layer: Movedim, _scope: Scope, x: Shape) -> Result:
    """Fill the places that are named, then those between in order."""
    if len(layer.source) != len(layer.destination):
        counts = f"{len(layer.source)} axes to {len(layer.destination)} places"
        raise ShapeError(f"moves {counts}")
    source, destination = _different(layer.source, x), _different(layer.destination, x)
    moved = dict(zip(destination, source, strict=True))
    rest = iter([axis for axis in range(len(x)) if axis not in source])
    order = [moved[axis] if axis in moved else next(rest) for axis in range(len(x))]
    return Result(tuple(x[axis] for axis in order))


class Swapaxes(Module):
    """Swaps two axes, as transpose does.

    Shape   (*, a, *, b, *) -> (*, b, *, a, *)
    Errors  there is no such axis
    Source  torch.swapaxes
    """

    examples = ("in:N:L:F,swapaxes:1:2",)

    axis0: Integer
    axis1: Integer

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import swapped

        return swapped(passed.rank, self.axis0, self.axis1)


@rule(Swapaxes)
def swapaxes(layer: Swapaxes, _scope: Scope, x: Shape) -> Result:
    """Swap the sizes."""
    sizes = list(x)
    a, b = dim_of(layer.axis0, x), dim_of(layer.axis1, x)
    if sizes:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return Result(tuple(sizes))


class T(Module):
    """Swaps the two axes of a matrix; what has fewer stays as it is.

    Shape   (a, b) -> (b, a)
    Errors  more than 2 axes
    Source  torch.t
    """

    examples = ("in:L:64,t",)

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import placed

        return placed(range(passed.rank)[::-1])


@rule(T)
def t(_layer: T, _scope: Scope, x: Shape) -> Result:
    """Turn the sizes round."""
    if len(x) > 2:  # noqa: PLR2004  (rows and columns)
        raise RankError(f"needs a matrix, but gets {shape_text(x)}")
    return Result(x[::-1])


class Tile(Module):
    """Repeats the tensor along the last axes; fewer numbers than axes are enough.

    Shape   (a, b) -> (a, n*b), with dims (n)
    Errors  a number is negative
    Source  torch.tile
    """

    examples = ("in:N:F,tile:3",)

    dims: Times


@rule(Tile)
def tile(layer: Tile, _scope: Scope, x: Shape) -> Result:
    """Multiply the sizes; what is shorter has 1 in front."""
    rank = max(len(layer.dims), len(x))
    both = [(*(1,) * (rank - len(each)), *each) for each in (x, layer.dims)]
    return Result(tuple(size * count for size, count in zip(*both, strict=True)))


class RepeatInterleave(Module):
    """Repeats each element along an axis; without a dim, of all in a row.

    Shape   (a, n) -> (a, repeats*n), with dim 1; without a dim (repeats*a*n)
    Errors  there is no such dim
    Source  torch.repeat_interleave
    """

    examples = ("in:N:8:L:F,repeat_interleave:4:dim=1",)

    repeats: Annotated[Size, ArgumentKind("a size", lambda value: as_size(value, 0), least=0)]
    dim: OptionalDim = None


@rule(RepeatInterleave)
def repeat_interleave(layer: RepeatInterleave, _scope: Scope, x: Shape) -> Result:
    """Multiply one size, or all together."""
    if layer.dim is None or not x:
        return Result((product(x) * layer.repeats,))
    dim = dim_of(layer.dim, x)
    return Result((*x[:dim], x[dim] * layer.repeats, *x[dim + 1 :]))


class Triangular(Module):
    """Base class of layers that keep a triangle of each matrix."""

    keeps_rank = True

    diagonal: Integer = 0


class Tril(Triangular):
    """Keeps the lower triangle of the last two axes, with 0 elsewhere.

    Shape   (*, a, b) -> the same
    Errors  fewer than 2 axes
    Source  torch.tril
    """

    examples = ("in:L:L,tril",)


class Triu(Triangular):
    """Keeps the upper triangle of the last two axes, with 0 elsewhere.

    Shape   (*, a, b) -> the same
    Errors  fewer than 2 axes
    Source  torch.triu
    """

    examples = ("in:L:L,triu:1",)


@rule(Tril, Triu)
def triangular(_layer: Triangular, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    if len(x) < 2:  # noqa: PLR2004  (rows and columns)
        raise RankError(f"needs matrices, but gets {shape_text(x)}")
    return Result(x)


class OneHot(Module):
    """Encodes each class as a one-hot vector: 1 at its number, 0 elsewhere.

    Shape   (*) -> (*, num_classes)
    Errors  num_classes is left to the largest number that comes in, which no shape tells
    Source  torch.nn.functional.one_hot
    """

    examples = ("in:N:L,one_hot:10",)

    num_classes: Annotated[Size, ArgumentKind("a size", lambda value: as_size(value, 1), least=1)]


@rule(OneHot)
def one_hot(layer: OneHot, _scope: Scope, x: Shape) -> Result:
    """Put in the classes behind all axes."""
    return Result((*x, layer.num_classes))
