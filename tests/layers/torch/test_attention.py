"""Torch's attention on letters: outputs, weights, masks, messages, and in specs."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.dims import Dim, Shape, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

L, S, N, E = map(Dim, "LSNE")
CROSS = ((L, N, 12), (S, N, 12), (S, N, 12))


def run(*inputs: Shape, call: dict[str, Any] | None = None, **config: Any) -> Result:
    scope = Scope()
    scope.call = call or {}
    made = {"embed_dim": 12, "num_heads": 3} | config
    return apply(shapecalc.layer("MultiheadAttention", dialect="torch", **made), inputs, scope)


def refusal(*inputs: Shape, call: dict[str, Any] | None = None, **config: Any) -> str:
    with pytest.raises(ShapeError) as caught:
        run(*inputs, call=call, **config)
    return caught.value.message


def test_weights_have_the_batch_first_in_any_case() -> None:
    assert run(*CROSS).outputs == ((L, N, 12), (N, L, S))
    batch_first = [(N, L, 12), (N, S, 12), (N, S, 12)]
    assert run(*batch_first, batch_first=True).outputs == ((N, L, 12), (N, L, S))
    unbatched = [(L, 12), (S, 12), (S, 12)]
    assert run(*unbatched, batch_first=True).outputs == ((L, 12), (L, S))


def test_the_call_says_whether_weights_come_out_and_how() -> None:
    assert run(*CROSS, call={"need_weights": False}).outputs == ((L, N, 12),)
    apart = run(*CROSS, call={"average_attn_weights": False}, add_bias_kv=True, add_zero_attn=True)
    assert apart.outputs[1] == (N, 3, L, S + 2)


@pytest.mark.parametrize("config", [{}, {"kdim": 5}, {"add_bias_kv": True, "bias": False}])
def test_letters_give_what_numbers_give(config: dict[str, Any]) -> None:
    values = {"L": 4, "S": 7, "N": 2, "E": 12}
    key = config.get("kdim", E)
    letters = run((L, N, E), (S, N, key), (S, N, E), **config, embed_dim=E)
    numbers = run((4, 2, 12), (7, 2, config.get("kdim", 12)), (7, 2, 12), **config)
    assert numbers.outputs == tuple(
        tuple(substitute(size, values) for size in shape) for shape in letters.outputs
    )
    assert numbers.params == substitute(letters.params, values)
    assert numbers.macs == substitute(letters.macs, values)


def test_what_attends_to_itself_costs_the_same_as_two_of_one_length() -> None:
    alike = run((5, N, 12), (5, N, 12), (5, N, 12)).macs
    assert alike == substitute(run((5, N, 12), (S, N, 12), (S, N, 12)).macs, {"S": 5})


def test_weights_have_the_names_of_the_state_dict() -> None:
    packed = run(*CROSS, add_bias_kv=True)
    assert [(w.name, w.shape) for w in packed.weights] == [
        ("in_proj_weight", (36, 12)),
        ("in_proj_bias", (36,)),
        ("bias_k", (1, 1, 12)),
        ("bias_v", (1, 1, 12)),
        ("out_proj.weight", (12, 12)),
        ("out_proj.bias", (12,)),
    ]
    apart = run((L, N, 12), (S, N, 5), (S, N, 7), kdim=5, vdim=7, bias=False)
    assert [(w.name, w.shape) for w in apart.weights] == [
        ("q_proj_weight", (12, 12)),
        ("k_proj_weight", (12, 5)),
        ("v_proj_weight", (12, 7)),
        ("out_proj.weight", (12, 12)),
    ]


def test_masks_are_given_as_shapes() -> None:
    plain = run(*CROSS)
    masks = {"attn_mask": ("L", "S"), "key_padding_mask": (N, S)}
    assert run(*CROSS, call=masks).outputs == plain.outputs
    assert run(*CROSS, call={"attn_mask": {"shape": [3 * N, L, S]}}).outputs == plain.outputs


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"attn_mask": (2, 2)}, "needs attn_mask of (4, 7), but gets (2, 2)"),
        ({"attn_mask": (2, 4, 7)}, "needs attn_mask of (6, 4, 7), but gets (2, 4, 7)"),
        ({"attn_mask": (4,)}, "needs attn_mask of (4, 7), but gets (4,)"),
        ({"key_padding_mask": (7, 2)}, "needs key_padding_mask of (2, 7), but gets (7, 2)"),
        ({"is_causal": True}, "needs attn_mask where is_causal says what it is"),
    ],
)
def test_masks_that_do_not_fit_are_refused(call: dict[str, Any], said: str) -> None:
    assert refusal((4, 2, 12), (7, 2, 12), (7, 2, 12), call=call) == said


def test_nobody_looks_at_a_mask_that_is_causal() -> None:
    call = {"is_causal": True, "attn_mask": (1, 1), "need_weights": False}
    assert run(*CROSS, call=call).outputs == ((L, N, 12),)


def test_a_batch_on_the_other_axis_is_refused() -> None:
    assert refusal((2, 4, 12), (2, 7, 12), (2, 7, 12)) == (
        "needs query and key with the same batch on axis 1, but gets (2, 4, 12) and (2, 7, 12);"
        " batch_first says that the batch is first"
    )
    assert refusal((2, 4, 12), (3, 4, 12), (3, 4, 12), batch_first=True) == (
        "needs query and key with the same batch on axis 0, but gets (2, 4, 12) and (3, 4, 12)"
    )


def test_inputs_are_refused_for_axes_and_features() -> None:
    assert refusal((L, 12), (S, N, 12), (S, N, 12)) == (
        "needs (L, N, F) or, without a batch, (L, F), equal for query, key and value,"
        " but gets (L, 12), (S, N, 12) and (S, N, 12)"
    )
    assert refusal((L, N, 13), *CROSS[1:]) == "takes 12 features, but gets 13"
    assert refusal(*CROSS[:2], (S, N, 9)) == "takes 12 features in the value, but gets 9"
    assert refusal((4, 2, 12), (5, 2, 12), (6, 2, 12)) == (
        "needs a value for each key, but gets (6, 2, 12) and (5, 2, 12)"
    )
    assert refusal(*CROSS[:2]) == "reads 3 tensors, but gets 2"


def test_heads_share_the_features() -> None:
    with pytest.raises(SpecError, match="embed_dim 12 cannot be split into 5 heads"):
        run(*CROSS, num_heads=5)
    scope = Scope()
    layer = shapecalc.layer("MultiheadAttention", dialect="torch", embed_dim=E, num_heads=3)
    apply(layer, [(L, N, E)] * 3, scope)
    assert [str(truth) for _, truth in scope.required] == ["E % 3 == 0"]


def test_a_spec_reads_one_tensor_or_names_the_others() -> None:
    alone = shapecalc.trace("in:L:N:12,mha:12:3", dialect="torch").layers[0]
    assert alone.inputs == ((L, N, 12),) * 3
    spec = "in:S:N:5@k,in:S:N:7@v,in:L:N:12,mha:12:3:kdim=5:vdim=7:key=@k:value=@v"
    apart = shapecalc.trace(spec, dialect="torch").layers[0]
    assert apart.inputs == ((L, N, 12), (S, N, 5), (S, N, 7))
    both = shapecalc.trace("in:S:N:12@e,in:L:N:12,mha:12:3:kv=@e", dialect="torch").layers[0]
    assert both.inputs == CROSS
