"""Functions of several tensors: side by side, element-wise, products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Integer
from shapecalc.layers.broadcast import agree, joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalNumber
from shapecalc.layers.torch.layer import Module, dim_of, same_ranks

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class Joining(Module):
    """Base class of layers that read several tensors, the current one first."""

    abstract: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    merges: ClassVar[bool] = True


class Cat(Joining):
    """Concatenates tensors along ``dim``, by default the batch.

    Shape   (a, m, b) and (a, n, b) -> (a, m + n, b), with dim 1
    Errors  another axis differs (usual cause: an odd size that was halved and doubled again); the
            tensors have different numbers of axes
    Source  torch.cat
    """

    arity = (1, None)
    examples = ("in:N:16:H:W@a,in:N:8:H:W@b,@a,cat:@b:dim=1",)

    dim: Integer = 0

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the same position of all tensors, except along the joined axis."""
        from shapecalc.layers.looking import beside

        return beside(passed, self.dim)


@rule(Cat)
def cat(layer: Cat, scope: Scope, *inputs: Shape) -> Result:
    """Add up the sizes of the axis; all others agree."""
    same_ranks("joins", *inputs)
    first = inputs[0]
    if not first:
        raise RankError("joins tensors along an axis, but gets single numbers")
    dim = dim_of(layer.dim, first)
    made: list[Size] = []
    for axis in range(len(first)):
        if axis == dim:
            total: Size = 0
            for shape in inputs:
                total = total + shape[axis]
            made.append(total)
        else:
            made.append(agree(scope, inputs, axis))
    return Result(tuple(made))


class Stack(Joining):
    """Stacks equal tensors along a new axis.

    Shape   (a, b) and (a, b) -> (2, a, b), with dim 1 (a, 2, b)
    Errors  the shapes differ
    Source  torch.stack
    """

    arity = (1, None)
    examples = ("in:N:F@a,in:N:F@b,@a,stack:@b:dim=1",)

    dim: Integer = 0


@rule(Stack)
def stack(layer: Stack, scope: Scope, *inputs: Shape) -> Result:
    """Put in an axis of as many as there are tensors."""
    same_ranks("joins", *inputs)
    first = inputs[0]
    dim = dim_of(layer.dim, (*first, 1))
    shape = tuple(agree(scope, inputs, axis) for axis in range(len(first)))
    return Result((*shape[:dim], len(inputs), *shape[dim:]))


class Arithmetic(Joining):
    """Base class of layers that work element-wise, with another tensor or with a number."""

    arity = (1, 2)
    keeps_rank = True

    other: OptionalNumber = None


class Add(Arithmetic):
    """Adds another tensor, or a number; a residual connection adds a block's input to its output.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.add
    """

    examples = ("in:N:8:H:W@x,conv2d:8:8:3:p=1,add:@x",)


class Sub(Arithmetic):
    """Subtracts another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.sub
    """

    examples = ("in:N:F@a,in:N:F@b,@a,sub:@b",)


class Mul(Arithmetic):
    """Multiplies with another tensor, or with a number, element-wise.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.mul
    """

    examples = ("in:N:8:H:W@x,aap2d:1,sigmoid,mul:@x",)


class Div(Arithmetic):
    """Divides by another tensor, or by a number, element-wise.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.div
    """

    examples = ("in:N:F@a,in:N:F@b,@a,div:@b",)


class Remainder(Arithmetic):
    """Takes the remainder of a division, with the sign of the divisor: ``%`` of Python.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.remainder
    """

    examples = ("in:N:F,remainder:2",)


class Fmod(Arithmetic):
    """Takes the remainder of a division, with the sign of the dividend.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.fmod
    """

    examples = ("in:N:F,fmod:2",)


class FloorDivide(Arithmetic):
    """Divides by another tensor, or a number, and rounds down.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.floor_divide
    """

    examples = ("in:N:F,floor_divide:2",)


class Rsub(Arithmetic):
    """Subtracts from another tensor, or from a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.rsub
    """

    examples = ("in:N:F,rsub:2",)


@rule(Add, Sub, Mul, Div, Remainder, Fmod, FloorDivide, Rsub)
def arithmetic(_layer: Arithmetic, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all axes, the batch included."""
    return Result(joined(scope, inputs))


class Matmul(Joining):
    """Multiplies matrices, or a matrix and a vector; the axes before are broadcast.

    Shape   (*, a, n) and (*, n, b) -> (*, a, b)
    Errors  the last axis of the first is not the last but one of the second
    Source  torch.matmul
    """

    arity = (2, 2)
    examples = ("in:N:L:64@q,in:N:64:S@k,@q,matmul:@k",)

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees itself, and all along the one that is multiplied."""
        from shapecalc.layers.looking import of_matrices

        return of_matrices(passed)


@rule(Matmul)
def matmul(_layer: Matmul, scope: Scope, x: Shape, y: Shape) -> Result:
    """Multiply over the inner axes; a vector gets an axis for it, which goes again."""
    if not x or not y:
        raise RankError("multiplies matrices, but gets a single number")
    a, b = (x if len(x) > 1 else (1, *x)), (y if len(y) > 1 else (*y, 1))
    why = "cannot multiply {} and {}: {} columns and {} rows"
    scope.require(equal(a[-1], b[-2]), why, x, y, a[-1], b[-2])
    before = joined(scope, [a[:-2], b[:-2]]) if len(a) > 2 or len(b) > 2 else ()  # noqa: PLR2004
    products = [Product("product", (*before, a[-2], b[-1], a[-1]))]
    rows = a[-2:-1] if len(x) > 1 else ()
    columns = b[-1:] if len(y) > 1 else ()
    return Result((*before, *rows, *columns), products=products)


class Bmm(Joining):
    """Multiplies the matrices of two batches.

    Shape   (N, a, n) and (N, n, b) -> (N, a, b)
    Errors  the inputs have not 3 axes; the batches differ; the inner axes differ
    Source  torch.bmm
    """

    arity = (2, 2)
    examples = ("in:N:L:64@q,in:N:64:S@k,@q,bmm:@k",)

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees itself, and all along the one that is multiplied."""
        from shapecalc.layers.looking import of_matrices

        return of_matrices(passed)


@rule(Bmm)
def bmm(_layer: Bmm, scope: Scope, x: Shape, y: Shape) -> Result:
    """Multiply over the inner axes."""
    if len(x) != 3 or len(y) != 3:  # noqa: PLR2004  (batch, rows, columns)
        raise RankError(f"needs 3 axes of both, but gets {shape_text(x)} and {shape_text(y)}")
    why = "cannot multiply {} and {}"
    scope.require(equal(x[0], y[0]), f"{why}: batches of {{}} and {{}}", x, y, x[0], y[0])
    why += ": {} columns and {} rows"
    scope.require(equal(x[2], y[1]), why, x, y, x[2], y[1])
    return Result((x[0], x[1], y[2]), products=[Product("product", (*x, y[2]))])
