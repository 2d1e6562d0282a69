"""Transformers of torch on letters: outputs, weights, masks, messages, and in specs."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.dims import Dim, Shape, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

L, S, N, F = map(Dim, "LSNF")
SMALL = {"d_model": 8, "nhead": 2, "dim_feedforward": 24}
ENCODER = {"encoder_layer": {"layer": "TransformerEncoderLayer", "config": SMALL}, "num_layers": 3}
DECODER = {"decoder_layer": {"layer": "TransformerDecoderLayer", "config": SMALL}, "num_layers": 2}


def run(name: str, *inputs: Shape, call: dict[str, Any] | None = None, **config: Any) -> Result:
    scope = Scope()
    scope.call = call or {}
    return apply(shapecalc.layer(name, dialect="torch", **config), inputs, scope)


def refusal(name: str, *inputs: Shape, call: dict[str, Any] | None = None, **config: Any) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, call=call, **config)
    return caught.value.message


def names(result: Result) -> list[str]:
    return [weight.name for weight in result.weights]


LAYER_WEIGHTS = (
    *(f"self_attn.{name}" for name in ("in_proj_weight", "in_proj_bias")),
    *(f"self_attn.out_proj.{name}" for name in ("weight", "bias")),
    *(f"linear{place}.{name}" for place in (1, 2) for name in ("weight", "bias")),
    *(f"norm{place}.{name}" for place in (1, 2) for name in ("weight", "bias")),
)


def test_weights_have_the_names_of_the_state_dict() -> None:
    layer = run("TransformerEncoderLayer", (L, N, 8), **SMALL)
    assert names(layer) == list(LAYER_WEIGHTS)
    norm = {"layer": "LayerNorm", "config": {"normalized_shape": 8}}
    stack = run("TransformerEncoder", (L, N, 8), **ENCODER, norm=norm)
    layers = [f"layers.{place}.{name}" for place in range(3) for name in LAYER_WEIGHTS]
    assert names(stack) == [*layers, "norm.weight", "norm.bias"]
    whole = names(run("Transformer", (S, N, 8), (L, N, 8), **SMALL))
    assert whole[0] == "encoder.layers.0.self_attn.in_proj_weight"
    assert whole[-1] == "decoder.norm.bias"
    assert "decoder.layers.5.multihead_attn.out_proj.weight" in whole


@pytest.mark.parametrize("bias", [True, False])
def test_letters_give_what_numbers_give(bias: bool) -> None:  # noqa: FBT001
    config = SMALL | {"num_encoder_layers": 2, "num_decoder_layers": 3, "bias": bias}
    letters = run("Transformer", (S, N, 8), (L, N, 8), **config | {"dim_feedforward": F})
    numbers = run("Transformer", (7, 2, 8), (5, 2, 8), **config)
    values = {"S": 7, "L": 5, "N": 2, "F": 24}
    assert letters.outputs == ((L, N, 8),)
    assert numbers.outputs == ((5, 2, 8),)
    assert numbers.params == substitute(letters.params, values)
    assert numbers.macs == substitute(letters.macs, values)


def test_what_comes_in_settles_an_open_size() -> None:
    result = run("TransformerEncoderLayer", (L, N, 12), **SMALL | {"d_model": None})
    assert result.weights[0].shape == (36, 12)


def test_a_module_as_activation_has_its_weights_at_the_end() -> None:
    activation = {"layer": "PReLU", "config": {}}
    result = run("TransformerEncoderLayer", (L, N, 8), **SMALL, activation=activation)
    assert names(result) == [*LAYER_WEIGHTS, "activation.weight"]


@pytest.mark.parametrize(
    ("name", "config", "inputs", "call", "said"),
    [
        (
            "TransformerEncoderLayer",
            SMALL,
            [(4, 2, 8)],
            {"src_mask": (2, 2)},
            "needs src_mask of (4, 4), but gets (2, 2)",
        ),
        (
            "TransformerEncoder",
            ENCODER,
            [(4, 2, 8)],
            {"mask": (3, 4, 4)},
            "needs mask of (4, 4, 4), but gets (3, 4, 4)",
        ),
        (
            "TransformerDecoder",
            DECODER,
            [(4, 2, 8), (7, 2, 8)],
            {"tgt_mask": (4, 4), "memory_mask": (7, 4)},
            "needs memory_mask of (4, 7), but gets (7, 4)",
        ),
        (
            "Transformer",
            SMALL,
            [(7, 2, 8), (4, 2, 8)],
            {"src_key_padding_mask": (2, 7), "memory_key_padding_mask": (2, 4)},
            "needs memory_key_padding_mask of (2, 7), but gets (2, 4)",
        ),
        (
            "TransformerDecoderLayer",
            SMALL,
            [(4, 2, 8), (7, 2, 8)],
            {"tgt_is_causal": True},
            "needs tgt_mask where tgt_is_causal says what it is",
        ),
    ],
)
def test_masks_have_the_names_of_the_call(
    name: str, config: dict[str, Any], inputs: list[Shape], call: dict[str, Any], said: str
) -> None:
    assert refusal(name, *inputs, call=call, **config) == said


def test_masks_that_fit_change_nothing() -> None:
    call = {"tgt_mask": (L, L), "memory_mask": (2 * N, L, S), "memory_key_padding_mask": (N, S)}
    inputs = (L, N, 8), (S, N, 8)
    assert run("TransformerDecoder", *inputs, call=call, **DECODER).outputs == ((L, N, 8),)


def test_inputs_are_refused_for_axes_features_and_batch() -> None:
    assert refusal("TransformerEncoderLayer", (L,), **SMALL) == (
        "needs (L, N, F) or, without a batch, (L, F), but gets (L,)"
    )
    assert refusal("TransformerEncoder", (L, N, 9), **ENCODER) == "takes 8 features, but gets 9"
    layer = "TransformerDecoderLayer"
    assert refusal(layer, (L, N, 8), (S, N, 9), **SMALL) == (
        "takes 8 features in the memory, but gets 9"
    )
    assert refusal(layer, (L, 8), (S, N, 8), **SMALL) == (
        "needs (L, N, F) or, without a batch, (L, F), equal for tgt and memory,"
        " but gets (L, 8) and (S, N, 8)"
    )
    assert refusal("Transformer", (2, 4, 8), (2, 3, 8), **SMALL) == (
        "needs src and tgt with the same batch on axis 1, but gets (2, 4, 8) and (2, 3, 8);"
        " batch_first says that the batch is first"
    )
    assert refusal("Transformer", (4, 2, 9), (4, 2, 9), **SMALL) == (
        "takes 8 features in src, but gets 9"
    )


def test_a_norm_that_does_not_fit_is_named() -> None:
    norm = {"layer": "LayerNorm", "config": {"normalized_shape": 9}}
    with pytest.raises(ShapeError) as caught:
        run("TransformerEncoder", (L, N, 8), **ENCODER, norm=norm)
    assert caught.value.notes == ["in norm, LayerNorm, after the layers"]


@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        ("TransformerEncoderLayer", {"nhead": 3}, "d_model 8 cannot be split into 3 heads"),
        ("TransformerEncoderLayer", {"activation": "tanh"}, "takes relu, gelu or a module"),
        ("Transformer", {"num_decoder_layers": 0}, "takes a whole number of at least 1, not 0"),
        (
            "Transformer",
            {"custom_encoder": {"layer": "ReLU"}},
            "custom_encoder must be a TransformerEncoder, not ReLU",
        ),
    ],
)
def test_arguments_are_refused(name: str, config: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        shapecalc.layer(name, dialect="torch", **SMALL | config)


def test_layers_without_end_are_refused() -> None:
    with pytest.raises(SpecError, match=f"more than {MAX_LAYERS} layers"):
        run("TransformerEncoder", (L, N, 8), **ENCODER | {"num_layers": 10**12})


@pytest.mark.parametrize(
    "spec",
    [
        "transformerencoder(transformerencoderlayer:8:2:norm_first|ln:8):num_layers=6",
        "in:S:N:8@m,in:L:N:8,transformerdecoder(transformerdecoderlayer:8:2):num_layers=6:memory=@m",
        "in:L:N:8@t,in:S:N:8,transformer:8:nhead=2:gelu:tgt=@t",
    ],
)
def test_specs_hold_layers_in_a_block_and_print_back(spec: str) -> None:
    network = shapecalc.parse(spec, dialect="torch")
    assert str(network).removeprefix("dialect:torch,") == spec
    assert shapecalc.trace(network).output == (L, N, 8)
