"""Functions that give a tensor other axes, or a part of it: torch's own names and order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size, any_of, equal, product, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, as_size, size_or_open
from shapecalc.layers.layer import rule
from shapecalc.layers.reshape import filled, refuse_several_open
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.sizes import is_one
from shapecalc.layers.torch.arguments import OptionalDims, dims_of
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.looking import Looks, Passed


def _kept_sizes(value: Any) -> tuple[Size, ...]:  # noqa: ANN401
    return tuple(map(size_or_open, value if isinstance(value, (list, tuple)) else (value,)))


def _sizes(value: Any) -> tuple[Size, ...]:  # noqa: ANN401
    sizes = _kept_sizes(value)
    refuse_several_open(sizes)
    return sizes


Sizes = Annotated[
    tuple[Size, ...], ArgumentKind("sizes, of which one can be -1", _sizes, variadic=True, least=1)
]
KeptSizes = Annotated[
    tuple[Size, ...],
    ArgumentKind("sizes, -1 for those that stay", _kept_sizes, variadic=True, least=1),
]
Dims = Annotated[tuple[int, ...], ArgumentKind("dims", dims_of, variadic=True)]


class Reshaping(Module):
    """Base class of reshapes."""

    reshapes = True
    moves = True

    shape: Sizes

    def caution(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:
        """Say where the batch is no longer what it was, and its rows are not those of before.

        Rows that stay whole, ``(N, L, F)`` as ``(N*L, F)``, are meant so.
        """
        (x,), (made,) = inputs, outputs
        if len(x) < 2 or len(made) < 2 or self.shape[0] != -1:  # noqa: PLR2004  (a batch)
            return None
        whole = made[1:] == x[len(x) - len(made) + 1 :]
        if whole or made[0] in (1, x[0]):
            return None
        return f"the batch axis is {made[0]} from here, and was {x[0]}: flatten keeps it"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the axes before and after stay."""
        from shapecalc.layers.looking import rearranged

        return rearranged(passed.inputs[0], passed.output)


class View(Reshaping):
    """Reshapes a tensor, the batch included; ``-1`` is found from the others.

    Shape   any -> shape, where -1 is found from the other sizes
    Errors  the new shape holds more or fewer numbers than the old one
    Source  torch.Tensor.view
    """

    examples = ("in:N:16:5:5,view:-1:400",)


class Reshape(Reshaping):
    """Reshapes a tensor as view does, even if it is not contiguous.

    Shape   any -> shape, where -1 is found from the other sizes
    Errors  the new shape holds more or fewer numbers than the old one
    Source  torch.reshape
    """

    examples = ("in:N:12,reshape:N:3:4",)


@rule(View, Reshape)
def view(layer: Reshaping, scope: Scope, x: Shape) -> Result:
    """Find the size that is left open; the number of numbers must not change."""
    return Result(filled(scope, layer.shape, product(x), x))


class Permute(Module):
    """Permutes all axes, the batch included.

    Shape   (a, b, c) -> (a, c, b), with dims (0, 2, 1)
    Errors  dims do not name each axis once
    Source  torch.permute
    """

    moves = True
    examples = ("in:N:H:W:C,permute:0:3:1:2",)

    dims: Dims

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import placed

        return placed([dim_of(dim, passed.inputs[0]) for dim in self.dims])


@rule(Permute)
def permute(layer: Permute, _scope: Scope, x: Shape) -> Result:
    """Take the sizes in the order of the dims."""
    if len(layer.dims) != len(x):
        raise RankError(f"orders {len(layer.dims)} axes, but gets {shape_text(x)}")
    order = [dim_of(dim, x) for dim in layer.dims]
    if len(set(order)) < len(order):
        raise ShapeError(f"names one axis twice in {shape_text(layer.dims)}")
    return Result(tuple(x[dim] for dim in order))


class Transpose(Module):
    """Swaps two axes.

    Shape   (*, a, *, b, *) -> (*, b, *, a, *)
    Errors  there is no such dim
    Source  torch.transpose
    """

    moves = True
    examples = ("in:N:L:F,transpose:1:2",)

    dim0: Integer
    dim1: Integer

    def looks(self, passed: Passed) -> Looks:
        """Return the axes in their new order."""
        from shapecalc.layers.looking import swapped

        return swapped(passed.rank, self.dim0, self.dim1)


@rule(Transpose)
def transpose(layer: Transpose, _scope: Scope, x: Shape) -> Result:
    """Swap the sizes."""
    sizes = list(x)
    a, b = dim_of(layer.dim0, x), dim_of(layer.dim1, x)
    if sizes:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return Result(tuple(sizes))


class Squeeze(Module):
    """Removes axes of size 1: those of ``dim`` that have it, or all.

    Shape   (a, 1, b) -> (a, b)
    Errors  there is no such dim
    Source  torch.squeeze
    """

    moves = True
    examples = ("in:N:1:F,squeeze:1",)

    dim: OptionalDims = None


@rule(Squeeze)
def squeeze(layer: Squeeze, scope: Scope, x: Shape) -> Result:
    """Leave out what is 1; a size in letters is taken for more, which is said."""
    dims = range(len(x)) if layer.dim is None else {dim_of(dim, x) for dim in layer.dim}
    return Result(
        tuple(size for place, size in enumerate(x) if place not in dims or not is_one(size, scope))
    )


class Unsqueeze(Module):
    """Inserts an axis of size 1.

    Shape   (a, b) -> (a, 1, b), with dim 1
    Errors  there is no such place
    Source  torch.unsqueeze
    """

    moves = True
    examples = ("in:N:L,unsqueeze:1",)

    dim: Integer

    def looks(self, passed: Passed) -> Looks:
        """Return the axes, with a new one between them."""
        from shapecalc.layers.looking import placed

        dim = dim_of(self.dim, passed.output)
        return placed((*range(dim), None, *range(dim, passed.rank - 1)))


@rule(Unsqueeze)
def unsqueeze(layer: Unsqueeze, _scope: Scope, x: Shape) -> Result:
    """Put in a 1, before or behind all axes too."""
    dim = dim_of(layer.dim, (*x, 1))
    return Result((*x[:dim], 1, *x[dim:]))


class Expand(Module):
    """Repeats axes of size 1 without copying them; ``-1`` keeps a size.

    Shape   (1, b) -> (a, b), and new axes in front
    Errors  a size is neither 1 nor that which is asked for; fewer axes than there are
    Source  torch.Tensor.expand
    """

    examples = ("in:N:1:F,expand:-1:10:-1",)

    sizes: KeptSizes


@rule(Expand)
def expand(layer: Expand, scope: Scope, x: Shape) -> Result:
    """Say that each axis has the size already, or is 1."""
    sizes = layer.sizes
    if len(sizes) < len(x):
        raise RankError(f"has {len(sizes)} sizes for {shape_text(x)}")
    new = len(sizes) - len(x)
    made: list[Size] = []
    for place, size in enumerate(sizes):
        if place < new:
            if size == -1:
                raise ShapeError("cannot keep the size of an axis that is new")
            made.append(size)
        elif size == -1:
            made.append(x[place - new])
        else:
            before = x[place - new]
            why = "expands axis {} to {}, but it has {}, not 1"
            fits = any_of(equal(before, 1), equal(before, size))
            scope.require(fits, why, place - new, size, before)
            made.append(size)
    return Result(tuple(made))


class Repeat(Module):
    """Repeats the tensor along each axis, and along new ones in front.

    Shape   (a, b) -> (m*a, n*b), with sizes (m, n)
    Errors  fewer numbers than axes
    Source  torch.Tensor.repeat
    """

    examples = ("in:N:F,repeat:1:3",)

    sizes: Annotated[
        tuple[Size, ...],
        ArgumentKind(
            "a size for each axis",
            lambda value: tuple(as_size(size, 0) for size in value),
            variadic=True,
            least=0,
        ),
    ]


@rule(Repeat)
def repeat(layer: Repeat, _scope: Scope, x: Shape) -> Result:
    """Multiply the sizes, those in front by 1."""
    times = layer.sizes
    if len(times) < len(x):
        raise RankError(f"repeats {len(times)} axes, but gets {shape_text(x)}")
    wide = (*(1,) * (len(times) - len(x)), *x)
    return Result(tuple(size * count for size, count in zip(wide, times, strict=True)))
