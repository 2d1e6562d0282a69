"""Functions that multiply vectors and matrices, and may add to what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, equal, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.broadcast import joined, require_same
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number
from shapecalc.layers.torch.combining import Combining

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: How messages say that matrices do not fit.
WHY = "cannot multiply {} and {}: {} columns and {} rows"


class Mm(Combining):
    """Multiplies two matrices.

    Shape   (a, n) and (n, b) -> (a, b)
    Errors  the inputs have not 2 axes; the inner axes differ
    Source  torch.mm
    """

    examples = ("in:N:64@a,in:64:10@b,@a,mm:@b",)

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees itself, and all along the one that is multiplied."""
        from shapecalc.layers.looking import of_matrices

        return of_matrices(passed)


@rule(Mm)
def mm(_layer: Mm, scope: Scope, x: Shape, y: Shape) -> Result:
    """Multiply over the inner axes."""
    return _multiplied(scope, x, y, 2)


def _multiplied(scope: Scope, x: Shape, y: Shape, rank: int) -> Result:
    """Return the product of matrices, or with a batch of as many as there are pairs."""
    if len(x) != rank or len(y) != rank:
        shown = f"{shape_text(x)} and {shape_text(y)}"
        raise RankError(f"needs {rank} axes of both, but gets {shown}")
    for a, b in zip(x[:-2], y[:-2], strict=True):
        why = "cannot multiply {} and {}: batches of {} and {}"
        scope.require(equal(a, b), why, x, y, a, b)
    scope.require(equal(x[-1], y[-2]), WHY, x, y, x[-1], y[-2])
    return Result((*x[:-1], y[-1]), products=[Product("product", (*x, y[-1]))])


class Dot(Combining):
    """Takes the dot product of two vectors.

    Shape   (n) and (n) -> ()
    Errors  the inputs have not 1 axis; they differ in their sizes
    Source  torch.dot
    """

    examples = ("in:64@a,in:64@b,@a,dot:@b",)


@rule(Dot)
def dot(_layer: Dot, scope: Scope, x: Shape, y: Shape) -> Result:
    """Multiply over the only axis."""
    _require_vectors(x, y)
    scope.require(equal(x[0], y[0]), "cannot multiply {} and {}", x, y)
    return Result((), products=[Product("product", x)])


class Outer(Combining):
    """Takes the outer product of two vectors.

    Shape   (a) and (b) -> (a, b)
    Errors  the inputs have not 1 axis
    Source  torch.outer
    """

    examples = ("in:L@a,in:32@b,@a,outer:@b",)


@rule(Outer)
def outer(_layer: Outer, _scope: Scope, x: Shape, y: Shape) -> Result:
    """Put the sizes side by side."""
    _require_vectors(x, y)
    return Result((x[0], y[0]))


def _require_vectors(x: Shape, y: Shape) -> None:
    if len(x) != 1 or len(y) != 1:
        raise RankError(f"needs 1 axis of both, but gets {shape_text(x)} and {shape_text(y)}")


class Adding(Combining):
    """Base class of layers that add a product of matrices to the current tensor."""

    arity = (3, 3)

    beta: Number = 1
    alpha: Number = 1


class Addmm(Adding):
    """Adds the product of two matrices to the current tensor, which is broadcast.

    Shape   (b) or (a, b), (a, n) and (n, b) -> (a, b)
    Errors  the factors have not 2 axes; their inner axes differ; what is added does not fit
    Source  torch.addmm
    """

    examples = ("in:10@bias,in:N:64@x,in:64:10@w,@bias,addmm:@x:@w",)


class Baddbmm(Adding):
    """Multiplies the matrices of two batches, and adds them to the current tensor.

    Shape   (N, a, b), (N, a, n) and (N, n, b) -> (N, a, b)
    Errors  the factors have not 3 axes; batches or inner axes differ; what is added does not fit
    Source  torch.baddbmm
    """

    examples = ("in:1:L:S@m,in:N:L:64@q,in:N:64:S@k,@m,baddbmm:@q:@k",)


@rule(Addmm, Baddbmm)
def add_product(layer: Adding, scope: Scope, added: Shape, x: Shape, y: Shape) -> Result:
    """Multiply, and repeat what is added to what comes of it."""
    result = _multiplied(scope, x, y, 2 if isinstance(layer, Addmm) else 3)
    (made,) = result.outputs
    why = "needs what broadcasts to {} to add, but gets {}"
    scope.require(len(added) <= len(made), why, made, added)
    wide = joined(scope, [added, made], "needs what broadcasts to {1} to add, but gets {0}")
    require_same(scope, wide, made, why, made, added)
    return result
