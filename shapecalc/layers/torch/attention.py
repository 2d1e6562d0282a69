"""Attention: every step of a query attends to all steps of a key, and mixes the values there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, equal, multiple_of, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import Switch, Units, size
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Product, Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Bias, InputSize, Number
from shapecalc.layers.torch.calls import tensor
from shapecalc.layers.torch.layer import Module, nearest_divisors, require_declared
from shapecalc.layers.torch.sequence import (
    BATCHED,
    batch_axis,
    other_sequence,
    sequence_letters,
    sequence_names,
    split_sequence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed

OptionalUnits = Annotated[Size | None, size().or_none()]

#: How messages say that features cannot be shared out among heads.
HEADS: Final = "embed_dim {} cannot be split into {} heads"


class MultiheadAttention(Module):
    """Attends to all steps with several heads at once, each with its own projections.

    Query, key and value are projected to ``embed_dim`` features, which the heads share among
    them. It returns a tuple: the output, and the attention weights of each step.

    Shape   query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), with batch_first
            (N, L, embed_dim) and so on, or all without N -> (L, N, embed_dim) and, unless called
            with need_weights=False, weights (N, L, S), which have N first in any case, with
            average_attn_weights=False (N, num_heads, L, S)
    Errors  num_heads does not divide embed_dim; the features are not embed_dim, kdim or vdim; the
            batch sizes differ (usual cause: batch_first); key and value differ in their steps; a
            mask has another shape
    Source  torch.nn.MultiheadAttention
    """

    arity = (3, 3)
    keeps_axes = True
    reads = ("key", "value")
    declares = ("embed_dim", -1)
    call_arguments = (
        "training",
        *("key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal"),
    )
    examples = (
        "mha:512:8",
        "in:S:N:512@enc,in:L:N:512,mha:512:8:kv=@enc",
    )

    embed_dim: InputSize
    num_heads: Units
    dropout: Number = 0.0
    bias: Bias = True
    add_bias_kv: Switch = False
    add_zero_attn: Switch = False
    kdim: OptionalUnits = None
    vdim: OptionalUnits = None
    batch_first: Switch = False

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        embed, heads = self.embed_dim, self.num_heads
        if embed is not None and multiple_of(embed, heads) is False:
            raise ValueError(HEADS.format(embed, heads) + nearest_divisors(heads, embed))
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return sequence_letters(batch_first=self.batch_first)

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[tuple[str | Size, ...]]:
        """Return the key, and the value of as many steps."""
        if len(read) > 1:
            return [(*read[1][:-1], self.vdim or read[0][-1])]
        return [other_sequence(read[0], self.kdim, batch_first=self.batch_first)]

    def mask_input(self, name: str, read: Sequence[Shape]) -> Shape | None:
        """Return the mask over pairs of steps, or over the steps of the key."""
        _, steps, _ = split_sequence(read[0], batch_first=self.batch_first)
        batch, looked, _ = split_sequence(read[1], batch_first=self.batch_first)
        masks = {"attn_mask": (steps, looked), "key_padding_mask": (*batch, looked)}
        return masks.get(name)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain which steps look at which, and what comes out."""
        query, key, _ = applied.inputs
        yield f"each step of query {shape_text(query)} attends to all steps of {shape_text(key)}"
        yield f"{self.num_heads} heads of {query[-1] // self.num_heads} features each"
        yield f"output 0 is the result: {shape_text(applied.outputs[0])}"
        for weights in applied.outputs[1:]:
            yield f"output 1 is the attention weights: {shape_text(weights)}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step of the query sees itself, and all that it looks at."""
        from shapecalc.layers.looking import attending

        if passed.port:
            return ()
        steps = 1 if self.batch_first and passed.rank > 2 else 0  # noqa: PLR2004
        return attending(passed, (steps,))


class Masks(NamedTuple):
    """What an attention is called with to hide steps; ``names`` are those of the arguments."""

    steps: Shape | None = None
    padding: Shape | None = None
    causal: bool = False
    names: tuple[str, str, str] = ("attn_mask", "key_padding_mask", "is_causal")

    @classmethod
    def of(cls, scope: Scope, *names: str) -> Masks:
        """Return the masks that a module is called with."""
        steps, padding, causal = names or cls._field_defaults["names"]
        given = tensor(scope, steps), tensor(scope, padding), bool(scope.call.get(causal))
        return cls(*given, (steps, padding, causal))


@rule(MultiheadAttention)
def multihead_attention(
    layer: MultiheadAttention, scope: Scope, query: Shape, key: Shape, value: Shape
) -> Result:
    """Attend, with the weights averaged over the heads, apart, or left out."""
    call = scope.call
    weighted = bool(call.get("need_weights", True))
    result, looks = attend(layer, scope, (query, key, value), Masks.of(scope), weighted=weighted)
    if not weighted:
        return result
    shown = looks if not call.get("average_attn_weights", True) else (*looks[:-3], *looks[-2:])
    return result.replace(outputs=[*result.outputs, shown])


def attend(
    layer: MultiheadAttention,
    scope: Scope,
    inputs: tuple[Shape, Shape, Shape],
    masks: Masks,
    *,
    weighted: bool = False,
) -> tuple[Result, Shape]:
    """Project query, key and value, and mix the values; return the result and the scores' shape."""
    query, key, value = inputs
    batch_first = layer.batch_first
    require_alike(inputs, "query, key and value", batch_first=batch_first)
    batch, steps, features = split_sequence(query, batch_first=batch_first)
    _, others, _ = split_sequence(key, batch_first=batch_first)
    embed = require_declared(scope, layer.embed_dim, features, "features")
    scope.require(multiple_of(embed, layer.num_heads), HEADS, embed, layer.num_heads)
    sizes = _key_and_value(layer, scope, embed, key, value)
    require_same_batch(scope, query, key, "query and key", batch_first=batch_first)
    _require_masks(layer, scope, batch, (steps, others), masks, weighted=weighted)
    seen = others + layer.add_bias_kv + layer.add_zero_attn
    looks = (*batch, layer.num_heads, steps, seen)
    weights, products = _projections(layer, embed, sizes, (*batch, steps), (*batch, others))
    share = embed // layer.num_heads
    products += [Product("scores", (*looks, share)), Product("mix", (*looks, share), within=looks)]
    return Result((*query[:-1], embed), weights=weights, products=products), looks


def require_alike(shapes: Sequence[Shape], nouns: str, *, batch_first: bool) -> None:
    """Require a batch of all sequences, or of none; raises `RankError`."""
    if len(shapes[0]) in (BATCHED - 1, BATCHED) and len({len(shape) for shape in shapes}) == 1:
        return
    *before, last = map(shape_text, shapes)
    shown = f"{', '.join(before)} and {last}"
    names = sequence_names(batch_first=batch_first)
    raise RankError(f"needs {names}, equal for {nouns}, but gets {shown}")


def require_same_batch(
    scope: Scope, one: Shape, other: Shape, nouns: str, *, batch_first: bool
) -> None:
    """Require that two sequences have the same batch."""
    axis = batch_axis(one, batch_first=batch_first)
    if axis is not None:
        why = f"needs {nouns} with the same batch on axis {axis}, but gets {{}} and {{}}"
        also = "" if batch_first else "; batch_first says that the batch is first"
        scope.require(equal(one[axis], other[axis]), why + also, one, other)


def _key_and_value(
    layer: MultiheadAttention, scope: Scope, embed: Size, key: Shape, value: Shape
) -> tuple[Size, Size]:
    """Return how many features the key and the value have, which have the same steps."""
    for a, b in zip(key[:-1], value[:-1], strict=True):
        scope.require(equal(a, b), "needs a value for each key, but gets {} and {}", value, key)
    sizes = []
    for noun, shape, declared in (("key", key, layer.kdim), ("value", value, layer.vdim)):
        expected = embed if declared is None else declared
        sizes.append(require_declared(scope, expected, shape[-1], f"features in the {noun}"))
    return sizes[0], sizes[1]


def _require_masks(
    layer: MultiheadAttention,
    scope: Scope,
    batch: Shape,
    looks: tuple[Size, Size],
    masks: Masks,
    *,
    weighted: bool,
) -> None:
    """Require that the masks are as long as what they hide."""
    steps, padding, causal = masks.names
    if masks.padding is not None:
        _require_mask(scope, padding, masks.padding, (*batch, looks[1]))
    if masks.steps is None:
        if masks.causal:
            raise ShapeError(f"needs {steps} where {causal} says what it is")
        return
    each = (batch[0] if batch else 1) * layer.num_heads
    expected: Shape = (each, *looks) if len(masks.steps) == BATCHED else looks
    ignored = masks.causal and masks.padding is None and not weighted
    if ignored and (batch or len(masks.steps) < BATCHED):
        # PyTorch believes the hint, and checks no more than the number of axes of the mask.
        expected = masks.steps if len(masks.steps) in (BATCHED - 1, BATCHED) else looks
    _require_mask(scope, steps, masks.steps, expected)


def _require_mask(scope: Scope, name: str, mask: Shape, expected: Shape) -> None:
    why = f"needs {name} of {{}}, but gets {{}}"
    scope.require(len(mask) == len(expected), why, expected, mask)
    for a, b in zip(mask, expected, strict=True):
        scope.require(equal(a, b), why, expected, mask)


def _projections(
    layer: MultiheadAttention, embed: Size, sizes: tuple[Size, Size], looks: Shape, seen: Shape
) -> tuple[list[Weight], list[Product]]:
    """Return the weights, and what is multiplied with a part of the packed one only.

    ``looks`` are the places of the query, ``seen`` those of the key and the value.
    """
    products: list[Product] = []
    if all(declared is None or declared == embed for declared in (layer.kdim, layer.vdim)):
        places = looks if looks == seen else None
        weights = [Weight("in_proj_weight", (3 * embed, embed), places=places)]
        if places is None:
            products.append(Product("query projection", (*looks, embed, embed)))
            products.append(Product("key and value projections", (*seen, 2, embed, embed)))
    else:
        weights = [
            Weight("q_proj_weight", (embed, embed), places=looks),
            Weight("k_proj_weight", (embed, sizes[0]), places=seen),
            Weight("v_proj_weight", (embed, sizes[1]), places=seen),
        ]
    if layer.bias:
        weights.append(Weight("in_proj_bias", (3 * embed,)))
    if layer.add_bias_kv:
        weights += [Weight(name, (1, 1, embed)) for name in ("bias_k", "bias_v")]
    weights.append(Weight("out_proj.weight", (embed, embed), places=looks, inner=True))
    if layer.bias:
        weights.append(Weight("out_proj.bias", (embed,)))
    return weights, products
