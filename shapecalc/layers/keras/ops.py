"""Operations of ``keras.ops`` on numbers, as functional models hold them as nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from shapecalc.dims import Shape, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, ArgumentKind, Integer, Switch, Text
from shapecalc.layers.broadcast import JOIN, joined
from shapecalc.layers.contraction import contracted
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.opnames import POINTWISE, REDUCTIONS
from shapecalc.layers.keras.opvalues import Constant, OptionalAxes, TensordotAxes
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


def _operation(names: frozenset[str]) -> ArgumentKind:
    def check(value: Any) -> str:  # noqa: ANN401
        if isinstance(value, str) and value in names:
            return value
        raise ValueError

    return ArgumentKind("the name of an operation", check, {name: name for name in sorted(names)})


PointwiseOp = Annotated[str, _operation(POINTWISE)]
Reduction = Annotated[str, _operation(REDUCTIONS)]


def named(op: str) -> str:
    """Return the class that Keras has for an operation: ``not_equal`` is ``NotEqual``."""
    return "".join(part.capitalize() for part in op.split("_"))


def axis_of(axis: int, rank: int, shape: Shape) -> int:
    """Return an axis counted from the first; raises `ShapeError` where there is none."""
    if not -rank <= axis < rank:
        raise ShapeError(f"has no axis {axis} in {shape_text(shape)}")
    return axis % rank


def axes_of(what: str, axes: int | tuple[int, ...], rank: int, shape: Shape) -> set[int]:
    """Return axes counted from the first; raises `ShapeError` for a missing or repeated one."""
    named = (axes,) if isinstance(axes, int) else axes
    found = {axis_of(axis, rank, shape) for axis in named}
    if len(found) < len(named):
        raise ShapeError(f"{what} one axis twice: {shape_text(named)}")
    return found


class Pointwise(KerasLayer):
    """Applies an element-wise function: ``add``, ``multiply``, ``not_equal``, ``where`` and others.

    Further tensors are read as ``@label``; ``value`` is a number instead of one. A size of 1 is
    broadcast, on every axis.

    Shape   (batch, ..., n) and (batch, ..., n) -> (batch, ..., n)
    Errors  an axis has two sizes of which none is 1
    Source  keras.ops.add and its like
    """

    examples = (
        "in:B:T:8@one,in:B:T:8@two,pointwise:add:@one",
        "in:B:T:8,pointwise:multiply:value=0.5",
    )

    arity = (1, None)
    merges: ClassVar[bool] = True
    keeps_rank = True

    op: PointwiseOp
    value: Anything = None
    constant: Constant = None

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return named(self.op)


@rule(Pointwise)
def pointwise(layer: Pointwise, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all inputs, and the constant."""
    shapes = [*inputs, *([layer.constant] if layer.constant is not None else [])]
    return Result(joined(scope, shapes))


class Reduce(KerasLayer):
    """Reduces an axis to one value: ``mean``, ``sum``, ``max``, ``argmax`` and others.

    ``axis`` counts the batch as 0; without it all values are reduced to one. ``keepdims`` leaves
    the axis with size 1.

    Shape   (batch, ..., n) -> without the axis, or with keepdims (batch, ..., 1)
    Errors  there is no such axis
    Source  keras.ops.mean and its like
    """

    examples = (
        "in:B:T:8,reduce:mean:axis=1",
        "in:B:T:8,reduce:max:axis=-1:keepdims",
    )

    op: Reduction
    axis: OptionalAxes = None
    keepdims: Switch = False

    @property
    def called(self) -> str:
        """The class that Keras has for it."""
        return named(self.op)

    def looks(self, passed: Passed) -> Looks:
        """Return all positions of the axes that it works on."""
        from shapecalc.layers.looking import reduced

        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        return reduced(passed, axes)


@rule(Reduce)
def reduce(layer: Reduce, _scope: Scope, x: Shape) -> Result:
    """Leave the axes out, or leave 1 of them."""
    axes = tuple(range(len(x))) if layer.axis is None else layer.axis
    gone = axes_of("works on", axes, len(x), x)
    if layer.keepdims:
        return Result(tuple(1 if axis in gone else size for axis, size in enumerate(x)))
    return Result(tuple(size for axis, size in enumerate(x) if axis not in gone))


class Matmul(KerasLayer):
    """Multiplies matrices: the last axis of the first tensor with the last but one of the second.

    All axes before these two are broadcast. A tensor of one axis counts as a row or a column.

    Shape   (batch, a, n) and (batch, n, b) -> (batch, a, b)
    Errors  the two axes differ; the axes before them do not fit
    Source  keras.ops.matmul
    """

    examples = ("in:B:S:8@one,in:B:8:T@two,@one,matmul:@two",)

    arity = (1, 2)
    merges: ClassVar[bool] = True

    constant: Constant = None

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees itself, and all along the one that is multiplied."""
        from shapecalc.layers.looking import of_matrices

        return of_matrices(passed) if len(passed.inputs) > 1 else ()


@rule(Matmul)
def matmul(layer: Matmul, scope: Scope, *inputs: Shape) -> Result:
    """Multiply over the inner axes, and broadcast those before them."""
    x, y = _two(layer.constant, inputs)
    if not x or not y:
        raise ShapeError(f"cannot multiply {shape_text(x)} and {shape_text(y)}")
    wide_x: Shape = x if len(x) > 1 else (1, *x)
    wide_y: Shape = y if len(y) > 1 else (*y, 1)
    why = "cannot multiply {} and {}: {} columns and {} rows"
    scope.require(equal(wide_x[-1], wide_y[-2]), why, x, y, wide_x[-1], wide_y[-2])
    before: Shape = ()
    if len(wide_x) > 2 or len(wide_y) > 2:  # noqa: PLR2004  (more than a matrix)
        before = joined(scope, [wide_x[:-2], wide_y[:-2]])
    rows = wide_x[-2:-1] if len(x) > 1 else ()
    columns = wide_y[-1:] if len(y) > 1 else ()
    each = Product("product", (*before, *rows, wide_x[-1], *columns))
    return Result((*before, *rows, *columns), products=[each])


class Tensordot(KerasLayer):
    """Contracts two tensors along axes of each; the other axes follow one another.

    ``axes`` is a list for each tensor, or the number of axes, the last of one and the first of the
    other.

    Shape   (a, n) and (n, b) -> (a, b), with axes 1
    Errors  two axes that are multiplied differ; there is no such axis
    Source  keras.ops.tensordot
    """

    examples = ("in:B:S:8@one,tensordot:1:constant=8x3",)

    arity = (1, 2)
    merges: ClassVar[bool] = True

    axes: TensordotAxes = 2
    constant: Constant = None


@rule(Tensordot)
def tensordot(layer: Tensordot, scope: Scope, *inputs: Shape) -> Result:
    """Leave out the axes that are multiplied."""
    x, y = _two(layer.constant, inputs)
    axes = layer.axes
    pairs = axes if isinstance(axes, tuple) else (range(-axes, 0), range(axes))
    first = [axis_of(axis, len(x), x) for axis in pairs[0]]
    second = [axis_of(axis, len(y), y) for axis in pairs[1]]
    if len(first) != len(second):
        raise ShapeError(f"multiplies {len(first)} axes with {len(second)}")
    why = "cannot multiply {} and {}: axis {} of the first has {}, axis {} of the second {}"
    for a, b in zip(first, second, strict=True):
        scope.require(equal(x[a], y[b]), why, x, y, a, x[a], b, y[b])
    rest_x = [size for axis, size in enumerate(x) if axis not in first]
    rest_y = [size for axis, size in enumerate(y) if axis not in second]
    return Result((*rest_x, *rest_y), products=[Product("product", (*x, *rest_y))])


def _two(constant: tuple[int, ...] | None, inputs: tuple[Shape, ...]) -> tuple[Shape, Shape]:
    """Return both operands, of which the second may be an array."""
    both = (*inputs, *([constant] if constant is not None else []))
    if len(both) != 2:  # noqa: PLR2004  (a product of two)
        raise ShapeError(f"multiplies 2 tensors, but gets {len(both)}")
    return both[0], both[1]


class Einsum(KerasLayer):
    """Evaluates an Einstein summation, in which each letter is an axis.

    Shape   (batch, a, n) and (batch, b, n) -> (batch, a, b), with "ban,bcn->bac"
    Errors  a letter has two sizes; a tensor has another number of axes than its letters
    Source  keras.ops.einsum
    """

    examples = ('in:B:S:8@one,in:B:T:8@two,einsum:@one:"btd,bsd->bts"',)

    arity = (1, None)
    merges: ClassVar[bool] = True

    subscripts: Text

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees those of its letter."""
        from shapecalc.layers.looking import of_equation

        return of_equation(passed, self.subscripts)


@rule(Einsum)
def einsum(layer: Einsum, scope: Scope, *inputs: Shape) -> Result:
    """Give each letter its size; dots stand for the axes that no letter names."""
    return contracted(scope, layer.subscripts, inputs)


class Stack(KerasLayer):
    """Stacks tensors of one shape along a new axis.

    Shape   (batch, n) and (batch, n) -> (2, batch, n), with axis=1 (batch, 2, n)
    Errors  the shapes differ; there is no such axis
    Source  keras.ops.stack
    """

    arity = (1, None)
    merges: ClassVar[bool] = True

    axis: Integer = 0


@rule(Stack)
def stack(layer: Stack, scope: Scope, *inputs: Shape) -> Result:
    """Put how many there are between the sizes, which all agree."""
    first = inputs[0]
    for other in inputs[1:]:
        if len(other) != len(first):
            raise ShapeError(f"cannot stack {shape_text(first)} and {shape_text(other)}")
        for axis, (size, expected) in enumerate(zip(other, first, strict=True)):
            scope.require(equal(size, expected), JOIN, first, other, axis, expected, size)
    place = axis_of(layer.axis, len(first) + 1, first)
    return Result((*first[:place], len(inputs), *first[place:]))
