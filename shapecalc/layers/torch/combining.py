"""Functions of several tensors beside sums and products: powers, choices, equations, attention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from shapecalc.dims import Shape, equal, multiple_of, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Switch, switch
from shapecalc.layers.broadcast import joined, require_same
from shapecalc.layers.contraction import contracted
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalNumber
from shapecalc.layers.torch.calls import tensor
from shapecalc.layers.torch.layer import Module

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed


class Combining(Module):
    """Base class of layers that read several tensors, the current one first, with broadcasting."""

    abstract: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    merges: ClassVar[bool] = True


class Pow(Combining):
    """Raises to a power, element-wise: each value to the same number, or to that of another tensor.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.pow
    """

    arity = (1, 2)
    keeps_rank = True
    examples = ("in:N:F,pow:2",)

    exponent: OptionalNumber = None


class Maximum(Combining):
    """Takes the element-wise maximum.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.maximum
    """

    examples = ("in:N:F@a,in:N:F@b,@a,maximum:@b",)


class Minimum(Combining):
    """Takes the element-wise minimum.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.minimum
    """

    examples = ("in:N:F@a,in:N:F@b,@a,minimum:@b",)


class MaskedFill(Combining):
    """Replaces the values where a mask is true.

    Shape   (a, b) and mask (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.Tensor.masked_fill
    """

    reads = ("mask",)
    examples = ("in:N:8:L:L@x,in:N:1:1:L@m,@x,masked_fill:@m:value=0",)

    value: Number


@rule(Pow, Maximum, Minimum, MaskedFill)
def combine(_layer: Combining, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all axes, the batch included."""
    return Result(joined(scope, inputs))


class Where(Combining):
    """Takes the values of one tensor where a condition is true, else of the other.

    The current tensor is the condition; numbers can replace the tensors.

    Shape   (a, b), (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.where
    """

    arity = (1, 3)
    examples = ("in:N:F@a,in:N:F@c,@c,where:@a:other=0",)

    input: OptionalNumber = None
    other: OptionalNumber = None


@rule(Where)
def where(layer: Where, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all; of what is chosen from, each is a tensor or a number."""
    numbers = (layer.input, layer.other)
    given = len(inputs) - 1 + sum(number is not None for number in numbers)
    if given != 2:  # noqa: PLR2004  (what is taken where true, and elsewhere)
        raise ShapeError(f"chooses between 2 tensors or numbers, but gets {given}")
    return Result(joined(scope, inputs))


_TERM: Final = r"[a-zA-Z]*(\.\.\.[a-zA-Z]*)?"
_EQUATION: Final = re.compile(rf"{_TERM}(,{_TERM})*(->{_TERM})?")


def _equation(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    found = _EQUATION.fullmatch(value.replace(" ", ""))
    if found is None:
        raise ValueError
    left, _, right = value.replace(" ", "").partition("->")
    for letter in right.replace(".", ""):
        if right.count(letter) > 1:
            raise ValueError(f"names axis {letter} of the output twice")
        if letter not in left:
            raise ValueError(f"names axis {letter} of the output, which no tensor has")
    return value


class Einsum(Combining):
    """Evaluates an Einstein summation, in which each letter is an axis.

    A letter that the output does not name is summed up; ``...`` stands for axes without a letter.

    Shape   (N, a, n) and (N, b, n) -> (N, a, b), with "Nan,Nbn->Nab"
    Errors  a letter has two sizes; a tensor has another number of axes than its letters
    Source  torch.einsum
    """

    arity = (1, None)
    examples = ('in:N:L:8:64@q,in:N:S:8:64@k,@q,einsum:"nlhd,nshd->nhls":@k',)

    equation: Annotated[str, ArgumentKind('an equation like "bij,bjk->bik"', _equation)]

    def looks(self, passed: Passed) -> Looks:
        """Return each axis sees those of its letter."""
        from shapecalc.layers.looking import of_equation

        return of_equation(passed, self.equation)


@rule(Einsum)
def einsum(layer: Einsum, scope: Scope, *inputs: Shape) -> Result:
    """Give each letter its size, and repeat a size of 1 to fit."""
    return contracted(scope, layer.equation, inputs, repeats=True)


class ScaledDotProductAttention(Module):
    """Attends with each query to all keys and averages the values, within each head.

    With ``enable_gqa`` several heads of the query share one of key and value.

    Shape   query (N, heads, L, E), key (N, heads, S, E), value (N, heads, S, V) -> (N, heads,
            L, V); an attn_mask broadcasts to (N, heads, L, S)
    Errors  query and key differ in their last axis; key and value differ in their steps; a mask
            has another shape, or is given with is_causal; the heads of key and value do not
            divide those of the query
    Source  torch.nn.functional.scaled_dot_product_attention
    """

    arity = (3, 3)
    reads = ("key", "value")
    masks = ("attn_mask",)
    examples = ("in:N:8:L:64@q,in:N:8:S:64@k,in:N:8:S:64@v,@q,scaled_dot_product_attention:@k:@v",)

    dropout_p: Number = 0.0
    is_causal: Annotated[bool, switch("is_causal")] = False
    scale: OptionalNumber = None
    enable_gqa: Switch = False

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step of the query sees itself, and all that it looks at."""
        from shapecalc.layers.looking import attending

        return attending(passed, (passed.rank - 2,))


@rule(ScaledDotProductAttention)
def scaled_dot_product_attention(
    layer: ScaledDotProductAttention,
    scope: Scope,
    query: Shape,
    key: Shape,
    value: Shape,
) -> Result:
    """Multiply the queries with the keys, and what comes of it with the values."""
    inputs, mask = (query, key, value), tensor(scope, "attn_mask")
    if min(map(len, inputs)) < 2:  # noqa: PLR2004  (steps and features)
        shown = ", ".join(map(shape_text, inputs))
        raise RankError(f"needs steps and features of query, key and value, but gets {shown}")
    if layer.is_causal and mask is not None:
        raise ShapeError("takes a mask or is_causal, not both")
    if layer.enable_gqa:
        key, value = (_with_heads(scope, query, each) for each in (key, value))
    why = "needs query and key with the same features, but gets {} and {}"
    scope.require(equal(query[-1], key[-1]), why, query, key)
    why = "needs a value for each key, but gets {} and {}"
    scope.require(equal(key[-2], value[-2]), why, value, key)
    looks = (*joined(scope, [query[:-2], key[:-2]], _HEADS), query[-2], key[-2])
    if mask is not None:
        _require_mask(scope, mask, looks)
    mixed = (*joined(scope, [looks[:-2], value[:-2]], _HEADS), query[-2])
    products = [
        Product("scores", (*looks, query[-1])),
        Product("mix", (*mixed, key[-2], value[-1]), within=looks),
    ]
    return Result((*mixed, value[-1]), products=products)


#: What an error says where the axes before steps and features differ.
_HEADS: Final = "needs batch and heads that are the same or 1, but gets {0} and {1}"


def _require_mask(scope: Scope, mask: Shape, looks: Shape) -> None:
    why = "needs attn_mask that broadcasts to {}, but gets {}"
    scope.require(2 <= len(mask) <= len(looks), why, looks, mask)  # noqa: PLR2004
    shown = "needs attn_mask that broadcasts to {1}, but gets {0}"
    require_same(scope, joined(scope, [mask, looks], shown), looks, why, looks, mask)


def _with_heads(scope: Scope, query: Shape, x: Shape) -> Shape:
    """Key or value with as many heads as the query."""
    if len(query) < 3 or len(x) < 3:  # noqa: PLR2004  (heads, steps, features)
        raise RankError(f"needs heads, but gets {shape_text(query)} and {shape_text(x)}")
    why = "needs a multiple of {} heads in the query, but gets {}"
    scope.require(multiple_of(query[-3], x[-3]), why, x[-3], query[-3])
    return (*x[:-3], query[-3], *x[-2:])
