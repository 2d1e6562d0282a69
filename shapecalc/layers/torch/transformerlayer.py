"""The layers of transformers: attend, and then work on each step by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, multiple_of
from shapecalc.layers.arguments import ArgumentKind, Fraction, Switch, Units
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Bias, InputSize, Number
from shapecalc.layers.torch.attention import (
    Masks,
    MultiheadAttention,
    attend,
    require_alike,
    require_same_batch,
)
from shapecalc.layers.torch.inner import inner_module
from shapecalc.layers.torch.layer import Module, require_declared
from shapecalc.layers.torch.linear import Linear
from shapecalc.layers.torch.normalization import LayerNorm
from shapecalc.layers.torch.sequence import other_sequence, sequence_letters, split_sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _activation(value: Any) -> str | Layer:  # noqa: ANN401
    if isinstance(value, str):
        if value not in ACTIVATIONS:
            raise ValueError
        return value
    return inner_module(value)


ACTIVATIONS: Final = ("relu", "gelu")
ActivationModule = Annotated[
    str | Layer,
    ArgumentKind("relu, gelu or a module", _activation, {name: name for name in ACTIVATIONS}),
]

#: What the decoders are called with to hide steps.
SELF: Final = ("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal")
ACROSS: Final = ("memory_mask", "memory_key_padding_mask", "memory_is_causal")


class Attending(Module):
    """What a transformer and its layers share: heads that share the features of sequences."""

    abstract: ClassVar[bool] = True
    declares = ("d_model", -1)

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        features, heads = self.declared, getattr(self, "nhead", 1)
        if features is not None and multiple_of(features, heads) is False:
            raise ValueError(f"d_model {features} cannot be split into {heads} heads")
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return sequence_letters(batch_first=getattr(self, "batch_first", False))

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[tuple[str | Size, ...]]:
        """Return what it attends to besides: another sequence."""
        first = getattr(self, "batch_first", False)
        return [other_sequence(read[0], None, batch_first=first)]

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step sees all others, and all of what else is read."""
        from shapecalc.layers.looking import attending

        steps = 1 if getattr(self, "batch_first", False) and passed.rank > 2 else 0  # noqa: PLR2004
        return attending(passed, (steps,), itself=True)


class TransformerLayer(Attending):
    """Base class of the layers of an encoder and of a decoder."""

    keeps_axes = True

    d_model: InputSize
    nhead: Units
    dim_feedforward: Units = 2048
    dropout: Fraction = 0.1
    activation: ActivationModule = "relu"
    layer_norm_eps: Number = 1e-5
    batch_first: Switch = False
    norm_first: Switch = False
    bias: Bias = True

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what happens to each step."""
        features = applied.inputs[0][-1]
        yield f"every step attends to all others with {self.nhead} heads"
        for memory in applied.inputs[1:]:
            _, steps, _ = split_sequence(memory, batch_first=self.batch_first)
            yield f"then it attends to all {steps} steps of the memory"
        yield f"each step separately: {features} -> {self.dim_feedforward} -> {features} features"
        yield "each part is added to its input, so that the shape stays the same"


class TransformerEncoderLayer(TransformerLayer):
    """Lets every step attend to all steps, and then processes each step separately.

    A self-attention with ``nhead`` heads and a feed-forward part of two linear layers, each of
    which is added to its input and normalized.

    Shape   (L, N, d_model), with batch_first (N, L, d_model), or (L, d_model) -> the same
    Errors  the features are not d_model; nhead does not divide d_model; a mask has another shape
    Source  torch.nn.TransformerEncoderLayer
    """

    call_arguments = ("training", "src_mask", "src_key_padding_mask", "is_causal")
    examples = ("transformerencoderlayer:512:8",)


@rule(TransformerEncoderLayer)
def transformer_encoder_layer(layer: TransformerEncoderLayer, scope: Scope, src: Shape) -> Result:
    """Attend to itself, with the masks of the call."""
    masks = Masks.of(scope, *layer.call_arguments[1:])
    return encoded(layer, scope, src, masks)


def encoded(layer: TransformerEncoderLayer, scope: Scope, src: Shape, masks: Masks) -> Result:
    """Return what an encoder layer makes of a source."""
    split_sequence(src, batch_first=layer.batch_first)
    require_declared(scope, layer.d_model, src[-1], "features")
    attended, _ = attend(_attention(layer), scope, (src, src, src), masks)
    return _joined(layer, scope, src, [attended.named("self_attn.")])


class TransformerDecoderLayer(TransformerLayer):
    """Lets every step attend to its own sequence and to a memory, then processes each separately.

    A self-attention, an attention to the memory that an encoder gave, and a feed-forward part of
    two linear layers, each of which is added to its input and normalized.

    Shape   tgt (L, N, d_model), with batch_first (N, L, d_model), or (L, d_model), and memory
            (S, N, d_model), the batch as in tgt -> as tgt
    Errors  the features of one are not d_model; the batch sizes differ (usual cause:
            batch_first); nhead does not divide d_model; a mask has another shape
    Source  torch.nn.TransformerDecoderLayer
    """

    arity = (2, 2)
    reads = ("memory",)
    call_arguments = ("training", *SELF, *ACROSS)
    examples = ("in:S:N:512@src,in:L:N:512,transformerdecoderlayer:512:8:memory=@src",)


@rule(TransformerDecoderLayer)
def transformer_decoder_layer(
    layer: TransformerDecoderLayer, scope: Scope, tgt: Shape, memory: Shape
) -> Result:
    """Attend to itself and to the memory, with the masks of the call."""
    return decoded(layer, scope, tgt, memory, Masks.of(scope, *SELF), Masks.of(scope, *ACROSS))


def decoded(
    layer: TransformerDecoderLayer,
    scope: Scope,
    tgt: Shape,
    memory: Shape,
    own: Masks,
    across: Masks,
) -> Result:
    """Return what a decoder layer makes of a target, and a memory that an encoder gave."""
    first = layer.batch_first
    require_alike((tgt, memory), "tgt and memory", batch_first=first)
    size = require_declared(scope, layer.d_model, tgt[-1], "features in tgt")
    require_declared(scope, size, memory[-1], "features in the memory")
    require_same_batch(scope, tgt, memory, "tgt and memory", batch_first=first)
    attention = _attention(layer)
    attended, _ = attend(attention, scope, (tgt, tgt, tgt), own)
    seen, _ = attend(attention, scope, (tgt, memory, memory), across)
    parts = [attended.named("self_attn."), seen.named("multihead_attn.")]
    return _joined(layer, scope, tgt, parts)


def _attention(layer: TransformerLayer) -> MultiheadAttention:
    return MultiheadAttention(
        embed_dim=None, num_heads=layer.nhead, bias=layer.bias, batch_first=layer.batch_first
    )


def _joined(layer: TransformerLayer, scope: Scope, x: Shape, attended: list[Result]) -> Result:
    """Return the attentions, the feed-forward part, and a norm for each of them."""
    results = list(attended)
    wide = Linear(in_features=None, out_features=layer.dim_feedforward, bias=layer.bias)
    results.append(apply(wide, (x,), scope).named("linear1."))
    (made,) = results[-1].outputs
    activated = Result(made)
    if isinstance(layer.activation, Layer):
        activated = apply(layer.activation, (made,), scope).named("activation.")
    back = Linear(in_features=layer.dim_feedforward, out_features=x[-1], bias=layer.bias)
    results.append(apply(back, activated.outputs, scope).named("linear2."))
    norm = LayerNorm(normalized_shape=x[-1], bias=layer.bias)
    normed = apply(norm, (x,), scope)
    results += [normed.named(f"norm{place + 1}.") for place in range(len(attended) + 1)]
    return Result.together((x,), [*results, activated])
