"""EinsumDense: a Dense layer over any axes, written as an equation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, Self

from pydantic import model_validator

from shapecalc.dims import Dim, Shape, Size, equal, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import Anything, ArgumentKind, OptionalText
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    OptionalNumber,
    Regularizer,
)
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.lora import Rank, low_rank, refuse_constrained, refuse_low_rank
from shapecalc.layers.keras.policies import Quantization
from shapecalc.layers.keras.quantized import Kept, kept, policy_of
from shapecalc.layers.keras.shapes import Sizes
from shapecalc.layers.layer import rule
from shapecalc.layers.letters import LETTERS
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: The three forms: all axes named, the first ones left out, the last ones left out.
EQUATION: Final = re.compile(
    r"(?P<left>\.\.\.)?(?P<x>[a-zA-Z]+)(?P<right>(?<=[a-zA-Z]{2})\.\.\.)?,(?P<kernel>[a-zA-Z]+)"
    r"->(?(left)\.\.\.)(?P<y>[a-zA-Z]+)(?(right)\.\.\.)"
)


class Equation(NamedTuple):
    """An equation taken apart: the letters of the axes of input, kernel and output."""

    x: str
    kernel: str
    y: str
    #: Whether ``...`` stands for axes before those, or behind them.
    left: bool
    right: bool


def read(text: str) -> Equation:
    """Take an equation apart; raises `ValueError` where it has none of the three forms."""
    match = EQUATION.fullmatch(text)
    if match is None or (match["left"] and match["right"]):
        raise ValueError
    return Equation(
        match["x"], match["kernel"], match["y"], bool(match["left"]), bool(match["right"])
    )


def _equation(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    read(value)
    return value


class EinsumDense(KerasLayer):
    """Multiplies with a kernel along the axes that an equation names.

    In ``"abc,cd->abd"`` the input has the axes a, b and c, the kernel c and d: c is summed up as
    in Dense, and d is new. ``...`` stands for any axes in front (``"...x,xy->...y"``) or behind.
    ``output_shape`` says the sizes without the batch; None takes that of the input.
    ``bias_axes`` names the axes of the output that have a bias.

    Shape   (batch, ...) -> (batch, *output_shape), and the axes that ``...`` stands for
    Errors  the input has another number of axes; an axis has another size in output_shape;
            a new axis has no size there
    Source  keras.layers.EinsumDense
    """

    examples = (
        'einsumdense:"abc,cd->abd":(None,64)',
        'in:B:T:C,einsumdense:"abc,cde->abde":(None,8,64):bias_axes=de',
    )

    names_axes = False

    equation: Annotated[
        str,
        ArgumentKind(
            'an equation like "ab,bc->ac", "...ab,bc->...ac" or "ab...,bc->ac..."', _equation
        ),
    ]
    output_shape: Sizes
    activation: Activation = None
    bias_axes: OptionalText = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None
    gptq_unpacked_column_size: Anything = None
    quantization_config: Quantization = None
    activity_regularizer: Regularizer = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        x, kernel, y, _, _ = read(self.equation)
        for letter in y:
            if letter not in x + kernel:
                raise ValueError(f"axis {letter} of the output is in neither input nor kernel")
            if y.count(letter) > 1:
                raise ValueError(f"axis {letter} of the output is named twice")
        for letter in kernel:
            if letter not in x + y:
                raise ValueError(f"axis {letter} of the kernel is in neither input nor output")
        for letter in self.bias_axes or "":
            if letter not in y:
                raise ValueError(f"bias_axes names {letter}, which the output {y} lacks")
        refuse_constrained(self.lora_rank, "kernel_constraint", self.kernel_constraint)
        return self

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input; none where it has very many axes."""
        x, _, _, left, _ = read(self.equation)
        letters = LETTERS.axes.get(len(x) + left)
        return None if letters is None else ("B", *letters)

    def looks(self, passed: Passed) -> Looks:
        """Axes that are named alike see each other; of others all places are summed up."""
        from shapecalc.layers.looking import placed

        equation, (x, *_) = read(self.equation), passed.inputs
        front = len(x) - len(equation.x) if equation.left else 0
        behind = len(x) - len(equation.x) - front
        at = {letter: front + axis for axis, letter in enumerate(equation.x)}
        kept = [at.get(letter) for letter in equation.y]
        mixed = [axis for letter, axis in at.items() if letter not in equation.y]
        return placed([*range(front), *kept, *range(len(x) - behind, len(x))], mixed)


@rule(EinsumDense)
def einsum_dense(layer: EinsumDense, scope: Scope, x: Shape) -> Result:
    """Give each letter its size, and make input, kernel and output of them."""
    equation = read(layer.equation)
    before, named, behind = _split(equation, x)
    declared = dict(zip(equation.y, _declared(equation, layer, before, x), strict=True))
    sizes = _sizes(equation, scope, named, declared)
    if not before and isinstance(x[0], Dim):
        weighed = equation.kernel + (layer.bias_axes or "")
        if equation.x[0] in weighed or equation.y[0] in weighed:
            raise ShapeError(f"has weights over the batch, unknown in {shape_text(x)}")
    places = [size for letter, size in sizes.items() if letter not in equation.kernel]
    weights, products = _kernel(equation, layer, sizes, (*before, *behind, *places))
    if layer.bias_axes is not None:
        bias = _bias(equation, layer.bias_axes, declared, len(behind))
        weights = [*weights, Weight("bias", bias)]
    output = tuple(sizes[letter] for letter in equation.y)
    return Result((*before, *output, *behind), weights=weights, products=products)


def _split(equation: Equation, x: Shape) -> tuple[Shape, Shape, Shape]:
    """Return the axes in front of those that the equation names, these, and those behind them."""
    count = len(equation.x)
    extra = len(x) - count
    open_ended = equation.left or equation.right
    if extra < 0 or (extra and not open_ended):
        amount = f"{'at least ' if open_ended else ''}{count} ax{'is' if count == 1 else 'es'}"
        raise RankError(f"needs {amount} ({', '.join(equation.x)}), but gets {shape_text(x)}")
    start = extra if equation.left else 0
    return x[:start], x[start : start + count], x[start + count :]


def _declared(
    equation: Equation, layer: EinsumDense, before: Shape, x: Shape
) -> tuple[Size | None, ...]:
    """Return what output_shape says of each axis of the output that has a letter.

    The first is the batch.

    The batch is not in output_shape, and has no letter where ``...`` stands for it.
    """
    declared = layer.output_shape if before else (x[0], *layer.output_shape)
    if len(declared) != len(equation.y):
        count = len(layer.output_shape)
        if equation.left and not before and count == len(equation.y):
            raise RankError(f"needs an axis before {equation.x}, but gets {shape_text(x)}")
        plural = "" if count == 1 else "s"
        expected = len(equation.y) - (not before)
        raise ShapeError(
            f"has {count} size{plural} in output_shape, "
            f"but {layer.equation} makes {expected} beside the batch"
        )
    return declared


def _sizes(
    equation: Equation, scope: Scope, named: Shape, declared: dict[str, Size | None]
) -> dict[str, Size]:
    """Return the size of every letter: that of the input, else what output_shape says."""
    sizes: dict[str, Size] = {}
    for letter, size in zip(equation.x, named, strict=True):
        known = sizes.get(letter, declared.get(letter))
        if known is not None:
            why = f"needs {{}} along axis {letter} of {equation.x}, but gets {{}}"
            scope.require(equal(size, known), why, known, size)
        sizes[letter] = size if known is None or isinstance(known, Dim) else known
    for letter, known in declared.items():
        if letter in sizes:
            continue
        if known is None:
            raise ShapeError(f"needs a size for axis {letter} in output_shape, which is new there")
        sizes[letter] = known
    return sizes


def _kernel(equation: Equation, layer: EinsumDense, sizes: dict[str, Size], places: Shape) -> Kept:
    """Return what is kept of the kernel, and with lora_rank what learns in its place."""
    policy = policy_of(layer)
    refuse_low_rank(layer.lora_rank, policy)
    if policy.packs and (equation.left or equation.right):
        raise ShapeError(f"cannot be quantized to {policy.mode} with ... in its equation")
    shape = tuple(sizes[letter] for letter in equation.kernel)
    reduced = [axis for axis, letter in enumerate(equation.kernel) if letter not in equation.y]
    scales = _scales(equation, shape, reduced) if policy.mode == "int8" else ()
    kernel = Weight("kernel", shape, not layer.lora_rank, places)
    weights, products = kept(kernel, policy, reduced, scales)
    learned = low_rank("lora_kernel", shape[:-1], shape[-1], layer.lora_rank)
    return Kept([*weights, *learned], products)


def _scales(equation: Equation, kernel: Shape, reduced: list[int]) -> Shape:
    """Return the shape of the scales of int8: the axes of the output, 1 where the kernel has none.

    An axis over which is summed takes the place of one that the kernel lacks, as in Keras.
    """
    free = [place for place, letter in enumerate(equation.y) if letter not in equation.kernel]
    order = [equation.kernel.index(letter) for letter in equation.y if letter in equation.kernel]
    squeezed, place = [], 0
    for axis in reduced:
        if free:
            place = free.pop(0)
        else:
            squeezed.append(axis)
        order.insert(place, axis)
    shape: list[Size] = [1 if axis in reduced else kernel[axis] for axis in order]
    for place in free:
        shape.insert(place, 1)
    for axis in reversed(squeezed):
        shape.pop(axis)
    return tuple(shape)


def _bias(equation: Equation, axes: str, declared: dict[str, Size | None], behind: int) -> Shape:
    """Return the shape of the bias, which is 1 along the axes that ``bias_axes`` does not name."""
    shape: list[Size] = []
    for letter in equation.y[min(map(equation.y.index, axes)) :]:
        size = declared[letter] if letter in axes else 1
        if size is None:
            raise ShapeError(f"needs a size for axis {letter} in output_shape, for its bias")
        shape.append(size)
    return (*shape, *[1] * behind)
