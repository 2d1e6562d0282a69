"""Transformers: stacks of layers that attend, an encoder and a decoder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from shapecalc.dims import Shape, Size
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Fraction, PositiveInteger, Switch, Units
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Bias, InputSize, Number
from shapecalc.layers.torch.attention import Masks, require_alike, require_same_batch
from shapecalc.layers.torch.inner import OptionalModule, module_of
from shapecalc.layers.torch.layer import Module, require_declared
from shapecalc.layers.torch.normalization import LayerNorm
from shapecalc.layers.torch.sequence import split_sequence
from shapecalc.layers.torch.transformerlayer import (
    ACROSS,
    SELF,
    ActivationModule,
    Attending,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    TransformerLayer,
    decoded,
    encoded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed

AnyLayer = TypeVar("AnyLayer", bound=TransformerLayer)


class Stack(Module):
    """Base class of the stacks of layers."""

    abstract: ClassVar[bool] = True
    keeps_axes = True
    holds_also = "norm"

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input, which is that of its layers."""
        return self.layer.input_letters()

    def default_input(self) -> tuple[str | Size, ...] | None:
        """Return the default input, with what its layers declare."""
        return self.layer.default_input()

    @property
    def layer(self) -> TransformerLayer:
        """The layer of which it has several, each with its own weights."""
        found: TransformerLayer = getattr(self, self.holds)
        return found

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what its layers do."""
        count: int = self.num_layers  # type: ignore[attr-defined]
        yield f"{count} layers one after the other, each with its own weights; in each of them:"
        yield from self.layer.explain(applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step sees all others, and all of what else is read."""
        from shapecalc.layers.looking import attending

        steps = 1 if self.layer.batch_first and passed.rank > 2 else 0  # noqa: PLR2004
        return attending(passed, (steps,), itself=True)


class TransformerEncoder(Stack):
    """A stack of encoder layers, each with its own weights, with a final norm if given.

    Shape   as encoder_layer: (L, N, d_model), with batch_first (N, L, d_model), or (L, d_model)
            -> the same
    Errors  what encoder_layer or the norm does not take
    Source  torch.nn.TransformerEncoder
    """

    holds = "encoder_layer"
    call_arguments = ("training", "mask", "src_key_padding_mask", "is_causal")
    examples = (
        "transformerencoder(transformerencoderlayer:512:8):6",
        "transformerencoder(transformerencoderlayer:512:8:norm_first|ln:512):6",
    )

    encoder_layer: Annotated[TransformerEncoderLayer, module_of("TransformerEncoderLayer")]
    num_layers: PositiveInteger
    norm: OptionalModule = None
    enable_nested_tensor: Switch = True
    mask_check: Switch = True


@rule(TransformerEncoder)
def transformer_encoder(layer: TransformerEncoder, scope: Scope, src: Shape) -> Result:
    """Hand what each layer gives to the next, with the masks of the call."""
    return _encoder(layer, scope, src, Masks.of(scope, *layer.call_arguments[1:]))


def _encoder(layer: TransformerEncoder, scope: Scope, src: Shape, masks: Masks) -> Result:
    one = partial(encoded, layer.encoder_layer, scope, src, masks)
    return _stacked(scope, one, layer.num_layers, layer.norm)


class TransformerDecoder(Stack):
    """A stack of decoder layers, all of which attend to one memory, with a final norm if given.

    Shape   as decoder_layer: tgt (L, N, d_model) and memory (S, N, d_model), with batch_first N
            first in both, or both without N -> as tgt
    Errors  what decoder_layer or the norm does not take
    Source  torch.nn.TransformerDecoder
    """

    arity = (2, 2)
    reads = ("memory",)
    holds = "decoder_layer"
    call_arguments = ("training", *SELF, *ACROSS)
    examples = (
        "in:S:N:64@m,in:L:N:64,transformerdecoder(transformerdecoderlayer:64:4):6:memory=@m",
    )

    decoder_layer: Annotated[TransformerDecoderLayer, module_of("TransformerDecoderLayer")]
    num_layers: PositiveInteger
    norm: OptionalModule = None


@rule(TransformerDecoder)
def transformer_decoder(
    layer: TransformerDecoder, scope: Scope, tgt: Shape, memory: Shape
) -> Result:
    """Hand what each layer gives to the next, and the memory to all, with the masks of the call."""
    masks = Masks.of(scope, *SELF), Masks.of(scope, *ACROSS)
    one = partial(decoded, layer.decoder_layer, scope, tgt, memory, *masks)
    return _stacked(scope, one, layer.num_layers, layer.norm)


def _stacked(scope: Scope, one: Callable[[], Result], count: int, norm: Layer | None) -> Result:
    """Several layers that keep the shape, which are all alike, and a norm."""
    scope.budget.repeat(count)
    made = one()
    parts: Iterable[Result] = [made.named(f"layers.{place}.") for place in range(count)]
    if norm is None:
        return Result.together(made.outputs, list(parts))
    try:
        normed = apply(norm, made.outputs, scope)
    except ShapeError as error:
        raise error.noted([f"in norm, {norm.called}, after the layers"]) from None
    return Result.together(normed.outputs, [*parts, normed.named("norm.")])


CustomEncoder = Annotated[TransformerEncoder | None, module_of("TransformerEncoder").or_none()]
CustomDecoder = Annotated[TransformerDecoder | None, module_of("TransformerDecoder").or_none()]


class Transformer(Attending):
    """Encodes a source, and decodes a target that attends to both.

    It has neither embeddings nor the linear layer at the end. Each stack ends in a LayerNorm.

    Shape   src (S, N, d_model) and tgt (T, N, d_model), with batch_first N first in both, or both
            without N -> as tgt
    Errors  the features of one are not d_model; the batch sizes differ (usual cause:
            batch_first); nhead does not divide d_model; a mask has another shape
    Source  torch.nn.Transformer
    """

    arity = (2, 2)
    reads = ("tgt",)
    call_arguments = (
        "training",
        *("src_mask", "src_key_padding_mask", "src_is_causal"),
        *SELF,
        *ACROSS,
    )
    examples = ("in:T:N:512@tgt,in:S:N:512,transformer:512:8:tgt=@tgt",)

    d_model: InputSize = 512
    nhead: Units = 8
    num_encoder_layers: PositiveInteger = 6
    num_decoder_layers: PositiveInteger = 6
    dim_feedforward: Units = 2048
    dropout: Fraction = 0.1
    activation: ActivationModule = "relu"
    custom_encoder: CustomEncoder = None
    custom_decoder: CustomDecoder = None
    layer_norm_eps: Number = 1e-5
    batch_first: Switch = False
    norm_first: Switch = False
    bias: Bias = True

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of source and target."""
        source, target = (split_sequence(x, batch_first=self.batch_first) for x in applied.inputs)
        yield f"{self.num_encoder_layers} encoder layers attend to the {source[1]} steps of src"
        yield (
            f"{self.num_decoder_layers} decoder layers attend to the {target[1]} steps of tgt,"
            " and to the output of the encoder"
        )
        yield "the output has the shape of tgt"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step of the target sees all others, and all of the source."""
        from shapecalc.layers.looking import attending

        steps = 1 if self.batch_first and passed.rank > 2 else 0  # noqa: PLR2004
        source, target = passed.inputs
        found = attending(passed._replace(inputs=(target, source)), (steps,), itself=True)
        return tuple(
            tuple(each._replace(tensor=1 - each.tensor) for each in looks) for looks in found
        )


@rule(Transformer)
def transformer(layer: Transformer, scope: Scope, src: Shape, tgt: Shape) -> Result:
    """Encode the source, and decode the target with it."""
    require_alike((src, tgt), "src and tgt", batch_first=layer.batch_first)
    size = require_declared(scope, layer.d_model, src[-1], "features in src")
    require_declared(scope, size, tgt[-1], "features in tgt")
    require_same_batch(scope, src, tgt, "src and tgt", batch_first=layer.batch_first)
    encoder = layer.custom_encoder or TransformerEncoder(
        encoder_layer=_layer(layer, TransformerEncoderLayer),
        num_layers=layer.num_encoder_layers,
        norm=LayerNorm(normalized_shape=size, bias=layer.bias),
    )
    decoder = layer.custom_decoder or TransformerDecoder(
        decoder_layer=_layer(layer, TransformerDecoderLayer),
        num_layers=layer.num_decoder_layers,
        norm=LayerNorm(normalized_shape=size, bias=layer.bias),
    )
    masks = Masks.of(scope, "src_mask", "src_key_padding_mask", "src_is_causal")
    memory = _encoder(encoder, scope, src, masks)
    made = transformer_decoder(decoder, scope, tgt, memory.outputs[0])
    return Result.together(made.outputs, [memory.named("encoder."), made.named("decoder.")])


def _layer(layer: Transformer, cls: type[AnyLayer]) -> AnyLayer:
    """Return one layer of a stack, with the arguments that it shares with the whole."""
    return cls(**{name: getattr(layer, name) for name in cls.model_fields if name != "name"})
