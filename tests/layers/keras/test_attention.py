"""Attention on letters: shapes, weights, conditions and messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, S, F, G, H, W = map(Dim, "BTSFGHW")
CONFIGS: dict[str, dict[str, Any]] = {
    "Attention": {},
    "AdditiveAttention": {},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 4},
    "GroupQueryAttention": {"head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1},
}


def run(name: str, *inputs: Shape, scope: Scope | None = None, **config: object) -> Result:
    return apply(layer(name, **CONFIGS[name] | config), inputs, scope or Scope())


def refusal(name: str, *inputs: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    return caught.value.message


def conditions(name: str, *inputs: Shape, **config: object) -> list[str]:
    scope = Scope()
    run(name, *inputs, scope=scope, **config)
    return scope.facts.conditions()


def weights(name: str, *inputs: Shape, **config: object) -> dict[str, Shape]:
    return {weight.name: weight.shape for weight in run(name, *inputs, **config).weights}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_query_keeps_its_steps_whatever_those_of_the_value(name: str) -> None:
    assert run(name, (B, T, 8), (B, S, 8)).outputs == ((B, T, 8),)
    assert conditions(name, (B, T, 8), (B, S, 8)) == []


@pytest.mark.parametrize("name", CONFIGS)
def test_there_is_a_key_for_each_value(name: str) -> None:
    assert conditions(name, (B, T, 8), (B, S, 8), (B, G, 8)) in (["G == S"], ["S == G"])
    assert refusal(name, (B, T, 8), (B, 5, 8), (B, 6, 8)) == (
        "needs a key for each value, but the axis 1 of (B, 5, 8) and (B, 6, 8) has 5 and 6"
    )


@pytest.mark.parametrize("name", CONFIGS)
def test_examples_look_only_at_themselves(name: str) -> None:
    assert conditions(name, (B, T, 8), (4, S, 8)) == ["B == 4"]
    assert refusal(name, (3, T, 8), (1, S, 8)) == (
        "cannot attend from the query (3, T, 8) to the value (1, S, 8): their axis 0 has 3 and 1"
    )


@pytest.mark.parametrize("name", CONFIGS)
def test_all_tensors_have_as_many_axes(name: str) -> None:
    with pytest.raises(ShapeError):
        run(name, (B, T, 8), (B, 8))
    assert layer(name, **CONFIGS[name]).input_letters() == ("B", "T", "F")


@pytest.mark.parametrize("name", ["MultiHeadAttention", "GroupQueryAttention"])
def test_heads_need_steps(name: str) -> None:
    with pytest.raises(RankError):
        run(name, (B, 8), (B, 8))


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_without_heads_it_attends_along_the_batch_where_there_are_no_steps(name: str) -> None:
    assert run(name, (B, 8), (B, 8)).outputs == ((B, 8),)
    assert run(name, (4, 8), (5, 8)).outputs == ((4, 8),)
    with pytest.raises(RankError):
        run(name, (B,), (B,))


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_the_features_come_from_the_value(name: str) -> None:
    assert run(name, (B, T, 8), (B, S, F), (B, S, 8)).outputs == ((B, T, F),)
    assert run(name, (B, H, T, 8), (B, H, S, F), (B, H, S, 8)).outputs == ((B, H, T, F),)
    assert refusal(name, (B, T, 8), (B, S, 9)) == (
        "cannot compare the query (B, T, 8) with the key (B, S, 9): their axis 2 has 8 and 9"
    )


def test_a_product_needs_the_same_features_and_a_sum_repeats_one() -> None:
    query, value = (B, T, 8), (B, S, F)
    assert conditions("Attention", query, value) == ["F == 8"]
    assert conditions("Attention", query, value, score_mode="concat") == ["F == 8 or F == 1"]
    assert conditions("AdditiveAttention", query, value) == ["F == 8 or F == 1"]


def test_factors_are_the_only_weights_of_attention() -> None:
    x = (B, T, F)
    assert weights("Attention", x, x) == {}
    assert weights("Attention", x, x, use_scale=True, score_mode="concat") == {
        "scale": (),
        "concat_score_weight": (),
    }
    assert weights("AdditiveAttention", x, x) == {"scale": (F,)}
    assert weights("AdditiveAttention", x, x, use_scale=False) == {}


def test_weights_of_heads() -> None:
    inputs = (B, T, 8), (B, S, F), (B, S, G)
    assert weights("MultiHeadAttention", *inputs, value_dim=3, use_gate=True, output_shape=5) == {
        "query/kernel": (8, 2, 4),
        "query/bias": (2, 4),
        "key/kernel": (G, 2, 4),
        "key/bias": (2, 4),
        "gate/kernel": (8, 2, 3),
        "gate/bias": (2, 3),
        "value/kernel": (F, 2, 3),
        "value/bias": (2, 3),
        "attention_output/kernel": (2, 3, 5),
        "attention_output/bias": (5,),
    }
    assert weights("GroupQueryAttention", (B, T, F), (B, S, F), (B, S, G), use_bias=False) == {
        "query/kernel": (F, 2, 4),
        "key/kernel": (G, 1, 4),
        "value/kernel": (F, 1, 4),
        "attention_output/kernel": (2, 4, F),
    }


def test_the_output_has_the_shape_that_is_asked_for() -> None:
    x = (B, T, 8)
    assert run("MultiHeadAttention", x, x, output_shape=F).outputs == ((B, T, F),)
    assert run("MultiHeadAttention", x, x, output_shape=(2, 3)).outputs == ((B, T, 2, 3),)
    assert run("MultiHeadAttention", x, x, output_shape=[]).outputs == ((B, T, 8),)


def test_axes_that_it_does_not_look_along_are_equal() -> None:
    image, other = (B, H, W, 8), (B, T, S, 8)
    assert conditions("MultiHeadAttention", image, other) == []
    assert conditions("MultiHeadAttention", image, other, attention_axes=2) in (
        ["H == T"],
        ["T == H"],
    )
    assert conditions("MultiHeadAttention", image, other, attention_axes=(-3,)) in (
        ["S == W"],
        ["W == S"],
    )
    assert refusal("MultiHeadAttention", image, other, attention_axes=3) == (
        "cannot attend along axis 3 of (B, H, W, 8): it is not an axis of steps"
    )
    assert refusal("MultiHeadAttention", image, other, attention_axes=(1, -3)) == (
        "cannot attend along axis -3 of (B, H, W, 8) twice"
    )


def test_heads_look_along_the_batch_too() -> None:
    made = layer("MultiHeadAttention", num_heads=2, key_dim=3, attention_axes=0)
    outputs = made.compute_output_shape((2, 5, 4), (3, 5, 4), return_attention_scores=True)
    assert outputs == [(2, 5, 4), (5, 2, 2, 3)]
    assert made.count_params((2, 5, 4), (3, 5, 4)) == 118


def test_group_query_attention() -> None:
    assert refusal("GroupQueryAttention", (B, T, 8), (B, S, 9)) == (
        "needs as many features in the value as in the query, but gets (B, S, 9) and (B, T, 8)"
    )
    with pytest.raises(SpecError, match="cannot split 3 query heads evenly among 2 key and value"):
        layer("GroupQueryAttention", head_dim=2, num_query_heads=3, num_key_value_heads=2)
    x = (B, T, 8)
    assert conditions("GroupQueryAttention", x, x, num_query_heads=H, num_key_value_heads=3) == [
        "H % 3 == 0"
    ]


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("MultiHeadAttention", {"flash_attention": True, "dropout": 0.1}),
        ("GroupQueryAttention", {"flash_attention": True, "dropout": 0.1}),
        ("MultiHeadAttention", {"value_dim": 0}),
        ("MultiHeadAttention", {"sliding_window": 0}),
        ("MultiHeadAttention", {"attention_axes": "x"}),
        ("MultiHeadAttention", {"attention_axes": []}),
        ("MultiHeadAttention", {"output_shape": "x"}),
        ("MultiHeadAttention", {"output_shape": -1}),
        ("Attention", {"score_mode": "bilinear"}),
        ("Attention", {"num_heads": 2}),
    ],
)
def test_arguments(name: str, config: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        layer(name, **CONFIGS[name] | config)


LENGTHS = st.integers(1, 9)


@given(LENGTHS, LENGTHS, LENGTHS, LENGTHS)
def test_letters_then_numbers_count_like_numbers(t: int, s: int, f: int, g: int) -> None:
    for name, config in (("MultiHeadAttention", {"use_gate": True}), ("AdditiveAttention", {})):
        value = (2, s, g if "Head" in name else f)
        numbers = run(name, (2, t, f), value, **config)
        symbols = run(name, (2, T, F), (2, S, G if "Head" in name else F), **config)
        known = {"T": t, "S": s, "F": f, "G": g}
        assert eval(str(symbols.params), {"__builtins__": {}}, known) == numbers.params  # noqa: S307
