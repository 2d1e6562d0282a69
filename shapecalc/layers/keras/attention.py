"""Attention: every step of a query attends to all steps of a value, and mixes what it finds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Final, Self

from pydantic import model_validator

from shapecalc.dims import Dim, Shape, Size, equal, multiple_of
from shapecalc.layers.arguments import (
    ArgumentKind,
    Fraction,
    Seed,
    Switch,
    Units,
    as_size,
    choice,
    integer,
    number,
    size,
    switch,
    whole,
)
from shapecalc.layers.broadcast import broadcast
from shapecalc.layers.keras.arguments import Constraint, Initializer, Regularizer, UseBias
from shapecalc.layers.keras.attending import SCORES, Headed, Plain, attended_axes, fit
from shapecalc.layers.keras.quantized import Kept, kept, policy_of
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import axes
from shapecalc.layers.result import Product, Result, Weight
from shapecalc.layers.scope import Scope


def _output_shape(value: Any) -> tuple[Size, ...] | None:  # noqa: ANN401
    if isinstance(value, Dim):
        return (as_size(value, 1),)
    if not value:
        return None
    sizes = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(as_size(each, 1) for each in sizes)


def _attention_axes(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    named = tuple(map(whole, value if isinstance(value, (list, tuple)) else (value,)))
    if not named:
        raise ValueError
    return named


Share = Annotated[float, number()]
ScoreMode = Annotated[str, choice("dot", "concat")]
OptionalUnits = Annotated[Size | None, size().or_none()]
Window = Annotated[int | None, integer(1).or_none()]
OptionalSwitch = Annotated[bool | None, switch().or_none()]
OutputShape = Annotated[
    tuple[Size, ...] | None, ArgumentKind("a size, several, or None", _output_shape, least=1)
]
AttentionAxes = Annotated[
    tuple[int, ...] | None, ArgumentKind("an axis, or several", _attention_axes).or_none()
]


#: Without heads it looks along the last axis but one, which may be the batch.
FLAT: Final = 2


class Attention(Plain):
    """Averages the steps of the value, weighted by how well their key matches the query (Luong).

    It has no weights except a factor with ``use_scale``, and another with ``concat``.

    Shape   query (batch, steps, features), value (batch, others, values), key (batch, others,
            features) -> (batch, steps, values); without a key the value is the key
    Errors  query and key differ in their features (with `concat` one of them may have 1); value
            and key differ in their steps; the batch sizes differ. Without a steps axis it attends
            along the batch
    Source  keras.layers.Attention
    """

    examples = ("in:B:S:64@en,in:B:T:64,attn:kv=@en",)

    use_scale: Switch = False
    score_mode: ScoreMode = "dot"
    dropout: Share = 0.0
    seed: Seed = None


@rule(Attention)
def attention(
    layer: Attention, scope: Scope, query: Shape, value: Shape, key: Shape | None = None
) -> Result:
    """Compare query and key feature by feature, and take the steps of the value."""
    key = value if key is None else key
    fit(scope, query, value, key, least=FLAT)
    if layer.score_mode == "concat":
        broadcast(scope, (query, key), 1, COMPARE)
    else:
        same = equal(query[-1], key[-1])
        scope.require(same, COMPARE, query, key, len(query) - 1, query[-1], key[-1])
    weights = [Weight("scale", ())] if layer.use_scale else []
    if layer.score_mode == "concat":
        weights.append(Weight("concat_score_weight", ()))
    compared = [] if layer.score_mode == "concat" else [query[-1]]
    products = [Product("scores", (*query[:-1], key[-2], *compared))] if compared else []
    return mixture(scope, query, value, weights, products)


def mixture(
    scope: Scope, query: Shape, value: Shape, weights: list[Weight], products: list[Product]
) -> Result:
    """Return the output of an attention without heads, and its scores if requested."""
    looks = (*query[:-1], value[-2])
    outputs = [(*query[:-1], value[-1]), *([looks] if scope.call.get(SCORES) else [])]
    mix = Product("mix", (*looks, value[-1]), within=looks)
    return Result(*outputs, weights=weights, products=[*products, mix])


class AdditiveAttention(Plain):
    """Averages the steps of the value, weighted by a score of query plus key (Bahdanau).

    Shape   query (batch, steps, features), value (batch, others, values), key (batch, others,
            features) -> (batch, steps, values); without a key the value is the key
    Errors  query and key differ in their features, and none has 1; value and key differ in
            their steps; the batch sizes differ. Without a steps axis it attends along the batch
    Source  keras.layers.AdditiveAttention
    """

    use_scale: Switch = True
    dropout: Share = 0.0
    seed: Seed = None


@rule(AdditiveAttention)
def additive_attention(
    layer: AdditiveAttention, scope: Scope, query: Shape, value: Shape, key: Shape | None = None
) -> Result:
    """Add query and key feature by feature, and take the steps of the value."""
    key = value if key is None else key
    fit(scope, query, value, key, least=FLAT)
    wide = broadcast(scope, (query, key), 1, COMPARE)
    looks = (*query[:-1], key[-2])
    if wide != query[-1]:
        # The one feature of the query is repeated for those of the key, and so is its scale.
        looks = (*looks, wide // query[-1])
    weights = [Weight("scale", (query[-1],), places=looks)] if layer.use_scale else []
    return mixture(scope, query, value, weights, [])


class MultiHeadAttention(Headed):
    """Attends to all steps with several heads at once, each with its own projections.

    Every head projects the query and the key to ``key_dim`` features and averages ``value_dim``
    features of the value by their match; the output mixes all heads. Where a block reads only
    itself, query, value and key are the same tensor. With more than one axis of steps it looks
    along all of them, or along ``attention_axes``.

    Shape   query (batch, steps, features), value (batch, others, values), key (batch, others,
            keys) -> (batch, steps, features), with output_shape (batch, steps, *output_shape)
    Errors  an input has no steps axis; value and key differ in more than their features; the
            batch sizes differ, or those of another axis that it does not look along
    Source  keras.layers.MultiHeadAttention
    """

    examples = (
        "in:B:T:512,mha:8:64",
        "in:B:S:512@en,in:B:T:512,mha:8:64:kv=@en",
    )

    num_heads: Units
    key_dim: Units
    value_dim: OptionalUnits = None
    dropout: Fraction = 0.0
    use_bias: UseBias = True
    output_shape: OutputShape = None
    attention_axes: AttentionAxes = None
    sliding_window: Window = None
    flash_attention: OptionalSwitch = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    use_gate: Switch = False
    seed: Seed = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_flash_dropout(flash=self.flash_attention, dropout=self.dropout)
        return self

    def scores(self, query: Shape, value: Shape) -> tuple[Shape, int]:
        """Return the shape of the scores: other axes, the heads, then the attended axes."""
        attended = attended_axes(self.attention_axes or range(1, len(query) - 1), query)
        return looked(self.num_heads, query, value, attended), 2 * len(attended)


@rule(MultiHeadAttention)
def multi_head_attention(
    layer: MultiHeadAttention, scope: Scope, query: Shape, value: Shape, key: Shape | None = None
) -> Result:
    """Project query, key and value for each head, and all heads to the output."""
    key = value if key is None else key
    attended = fit(scope, query, value, key, layer.attention_axes or range(1, len(query) - 1))
    value_dim = layer.key_dim if layer.value_dim is None else layer.value_dim
    like, mixed = (layer.num_heads, layer.key_dim), (layer.num_heads, value_dim)
    output = layer.output_shape or (query[-1],)
    asked = query[:-1]
    projected = [
        projection(layer, "query", query[-1:], like, asked),
        projection(layer, "key", key[-1:], like, key[:-1]),
        *([projection(layer, "gate", query[-1:], mixed, asked)] if layer.use_gate else []),
        projection(layer, "value", value[-1:], mixed, value[:-1]),
        projection(layer, "attention_output", mixed, output, asked),
    ]
    scores = looked(layer.num_heads, query, value, attended)
    return headed((*asked, *output), scope, projected, scores, like, mixed)


def looked(heads: Size, query: Shape, value: Shape, attended: Collection[int]) -> Shape:
    """Return the shape of the scores: other axes, the heads, then the attended axes."""
    free = [size for axis, size in enumerate(query[:-1]) if axis not in attended]
    return (*free, heads, *[shape[axis] for shape in (query, value) for axis in attended])


def headed(
    output: Shape, scope: Scope, projected: list[Kept], looks: Shape, like: Shape, mixed: Shape
) -> Result:
    """Return what an attention with heads gives; ``looks`` is the shape of its scores."""
    outputs = [output, *([looks] if scope.call.get(SCORES) else [])]
    products = [product for each in projected for product in each.products]
    products += [
        Product("scores", (*looks, like[-1])),
        Product("mix", (*looks, mixed[-1]), within=looks),
    ]
    *reading, output_projection = projected
    weights = [weight for each in reading for weight in each.weights]
    weights += [weight._replace(inner=True) for weight in output_projection.weights]
    return Result(*outputs, weights=weights, products=products)


class GroupQueryAttention(Headed):
    """Attends to all steps with several heads; groups of query heads share a key and value head.

    It needs fewer weights, and at run time less memory, than MultiHeadAttention. One key and value
    head for all is multi-query attention.

    Shape   query (batch, steps, features), value (batch, others, features), key (batch, others,
            keys) -> (batch, steps, features)
    Errors  num_query_heads is not a multiple of num_key_value_heads; an input has another number of
            axes; query and value differ in their features; value and key differ in their steps;
            the batch sizes differ
    Source  keras.layers.GroupQueryAttention
    """

    examples = ("in:B:T:512,gqa:64:8:2",)

    head_dim: Units
    num_query_heads: Units
    num_key_value_heads: Units
    dropout: Fraction = 0.0
    use_bias: UseBias = True
    sliding_window: Window = None
    flash_attention: OptionalSwitch = None
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    use_gate: Switch = False
    seed: Seed = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_flash_dropout(flash=self.flash_attention, dropout=self.dropout)
        if multiple_of(self.num_query_heads, self.num_key_value_heads) is False:
            raise ValueError(HEADS.format(self.num_query_heads, self.num_key_value_heads))
        return self

    def scores(self, query: Shape, value: Shape) -> tuple[Shape, int]:
        """Return the shape of the scores, the last two axes of which are steps."""
        return (query[0], self.num_query_heads, query[1], value[1]), 2


@rule(GroupQueryAttention)
def group_query_attention(
    layer: GroupQueryAttention, scope: Scope, query: Shape, value: Shape, key: Shape | None = None
) -> Result:
    """Project the query for each of its heads, key and value for each of their own."""
    key = value if key is None else key
    for x in (query, value, key):
        axes(x, "batch steps features")
    fit(scope, query, value, key)
    asking, asked = layer.num_query_heads, layer.num_key_value_heads
    scope.require(multiple_of(asking, asked), HEADS, asking, asked)
    features = query[-1:]
    why = "needs as many features in the value as in the query, but gets {} and {}"
    scope.require(equal(query[-1], value[-1]), why, value, query)
    many, few = (asking, layer.head_dim), (asked, layer.head_dim)
    projected = [
        projection(layer, "query", features, many, query[:-1]),
        projection(layer, "key", key[-1:], few, key[:-1]),
        *([projection(layer, "gate", features, many, query[:-1])] if layer.use_gate else []),
        projection(layer, "value", value[-1:], few, value[:-1]),
        projection(layer, "attention_output", many, features, query[:-1]),
    ]
    scores, _ = layer.scores(query, value)
    return headed(query, scope, projected, scores, many, many)


COMPARE = "cannot compare the query {} with the key {}: their axis {} has {} and {}"
HEADS = "cannot split {} query heads evenly among {} key and value heads"


def refuse_flash_dropout(*, flash: bool | None, dropout: float) -> None:
    """Refuse what flash attention cannot do."""
    if flash and dropout > 0:
        raise ValueError("flash_attention works only without dropout")


def projection(
    layer: MultiHeadAttention | GroupQueryAttention,
    name: str,
    inputs: Shape,
    outputs: Shape,
    places: Shape,
) -> Kept:
    """Return the weights of an inner dense layer, from each input to each output."""
    policy = policy_of(layer, name)
    bias = [Weight(f"{name}/bias", outputs)] if layer.use_bias else []
    if policy.mode is None:
        kernel = Weight(f"{name}/kernel", (*inputs, *outputs), places=places)
        return Kept([kernel, *bias])
    kernel = Weight("kernel", (*inputs, *outputs), places=places)
    scales = (*[1] * len(places), *outputs)
    weights, products = kept(kernel, policy, range(len(inputs)), scales)
    named = Result(weights=weights, products=products).named(f"{name}/")
    return Kept([*named.weights, *bias], named.products)
