"""Functions that make one number of all along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, Switch, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalDim, OptionalDims, dims_of
from shapecalc.layers.torch.layer import Module, dim_of, require_filled

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


def _order(value: object) -> float | str:
    if isinstance(value, str):
        if value not in ("fro", "nuc"):
            raise ValueError
        return value
    return float(value) if isinstance(value, float) else whole(value)


class OverDims(Module):
    """Base class of layers that reduce along several axes."""

    dim: OptionalDims = None
    keepdim: Switch = False

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axes that it works on."""
        from shapecalc.layers.looking import reduced

        return reduced(passed, self.dim)


class OverDim(Module):
    """Base class of layers that reduce along one axis."""

    dim: OptionalDim = None
    keepdim: Switch = False

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axes that it works on."""
        from shapecalc.layers.looking import reduced

        return reduced(passed, None if self.dim is None else (self.dim,))


class Mean(OverDims):
    """Takes the mean along axes, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.mean
    """

    examples = ("in:N:L:F,mean:1",)


class Sum(OverDims):
    """Sums along axes, or all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.sum
    """

    examples = ("in:N:L:F,sum:1",)


class Amax(OverDims):
    """Takes the maximum along axes, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.amax
    """

    examples = ("in:N:L:F,amax:1",)


class Amin(OverDims):
    """Takes the minimum along axes, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.amin
    """

    examples = ("in:N:L:F,amin:1",)


class Argmax(OverDim):
    """Returns the index of the maximum along an axis.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.argmax
    """

    examples = ("in:N:L:F,argmax:1",)


class Argmin(OverDim):
    """Returns the index of the minimum along an axis.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.argmin
    """

    examples = ("in:N:L:F,argmin:1",)


class Max(OverDim):
    """Takes the maximum along an axis, with its index as ``.1``; or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.max
    """

    examples = ("in:N:L:F,max:1",)


class Min(OverDim):
    """Takes the minimum along an axis, with its index as ``.1``; or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.min
    """

    examples = ("in:N:L:F,min:1",)


class All(OverDims):
    """Tests whether all values along axes are true, or all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.all
    """

    examples = ("in:N:L:F,gt:0,all:1",)


class Any(OverDims):
    """Tests whether any value along axes is true, or any value.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.any
    """

    examples = ("in:N:L:F,gt:0,any:1",)


class Median(OverDim):
    """Takes the median along an axis, with its index as ``.1``; or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.median
    """

    gives = "(values, indices)"
    examples = ("in:N:L:F,median:1",)


class Var(OverDims):
    """Takes the variance along axes, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.var
    """

    examples = ("in:N:L:F,var:1",)
    positional = ("dim", "unbiased", "keepdim")

    unbiased: Switch = True


class Std(OverDims):
    """Takes the standard deviation along axes, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.std
    """

    examples = ("in:N:L:F,std:1",)
    positional = ("dim", "unbiased", "keepdim")

    unbiased: Switch = True


class Logsumexp(OverDims):
    """Takes the logarithm of the sum of exponentials along axes.

    Shape   (a, n, b) -> (a, b), with dim 1
    Errors  there is no such dim
    Source  torch.logsumexp
    """

    examples = ("in:N:L:F,logsumexp:1",)

    dim: Annotated[tuple[int, ...], ArgumentKind("dims", dims_of, variadic=True)]


class Norm(OverDims):
    """Takes the length of the vectors along axes, or of all values.

    ``p`` is 2 unless it is said; nuc is the norm of matrices, along two axes.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim; nuc takes two of them, fro no more than two
    Source  torch.norm
    """

    examples = ("in:N:F,norm:dim=1",)
    positional = ("p", "dim", "keepdim")

    p: Annotated[float | str, ArgumentKind("a number, fro or nuc", _order)] = "fro"


class Prod(OverDim):
    """Takes the product along an axis, or of all values.

    Shape   (a, n, b) -> (a, b), with dim 1; without a dim ()
    Errors  there is no such dim
    Source  torch.prod
    """

    examples = ("in:N:L:F,prod:1",)


@rule(Mean, Sum, Amax, Amin, All, Any, Var, Std, Logsumexp)
def reduce_dims(layer: OverDims, scope: Scope, x: Shape) -> Result:
    """Leave the axes out, or keep them with size 1."""
    dims = layer.dim or tuple(range(len(x)))
    if isinstance(layer, Amax | Amin):
        require_filled(scope, x, (x[dim_of(dim, x)] for dim in dims))
    return Result(_reduced(x, dims, keepdim=layer.keepdim))


@rule(Argmax, Argmin, Prod)
def reduce_dim(layer: OverDim, scope: Scope, x: Shape) -> Result:
    """Leave one axis out, or all."""
    dims = tuple(range(len(x))) if layer.dim is None else (layer.dim,)
    if not isinstance(layer, Prod):
        require_filled(scope, x, (x[dim_of(dim, x)] for dim in dims if x))
    return Result(_reduced(x, dims, keepdim=layer.keepdim))


@rule(Max, Min, Median)
def reduce_with_places(layer: OverDim, scope: Scope, x: Shape) -> Result:
    """Without a dim one number; with it the numbers, and where they stand."""
    if layer.dim is None:
        # The median of no number is NaN.
        require_filled(scope, x, () if isinstance(layer, Median) else x)
        return Result(())
    require_filled(scope, x, (x[dim_of(layer.dim, x)],) if x else ())
    shape = _reduced(x, (layer.dim,), keepdim=layer.keepdim)
    return Result(shape, shape)


@rule(Norm)
def norm(layer: Norm, _scope: Scope, x: Shape) -> Result:
    """Leave the axes out; the norm of matrices takes two."""
    dims = layer.dim or tuple(range(len(x)))
    if layer.p == "fro" and layer.dim and len(layer.dim) > 2:  # noqa: PLR2004  (as for nuc)
        raise ShapeError(f"needs at most 2 axes for fro, but gets {shape_text(layer.dim)}")
    if layer.p == "nuc" and len(dims) != 2:  # noqa: PLR2004  (rows and columns)
        raise ShapeError(f"needs 2 axes for nuc, but gets {len(dims)} of {shape_text(x)}")
    return Result(_reduced(x, dims, keepdim=layer.keepdim))


def _reduced(x: Shape, dims: tuple[int, ...], *, keepdim: bool) -> Shape:
    places = [dim_of(dim, x) for dim in dims]
    if len(set(places)) < len(places):
        raise ShapeError(f"names one axis twice in {shape_text(dims)}")
    if keepdim:
        return tuple(1 if place in places else size for place, size in enumerate(x))
    return tuple(size for place, size in enumerate(x) if place not in places)
