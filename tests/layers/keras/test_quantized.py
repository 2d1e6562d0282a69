"""Quantized layers, beside what is recorded of them: products, refusals, specs."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc import layer
from shapecalc.errors import ShapeError, SpecError

POLICIES = (
    "int8_from_float32",
    "int4_from_mixed_bfloat16",
    "int4/3_from_float32",
    "float8_from_float32",
    "gptq/4/2_from_float32",
    "awq/4/-1_from_float32",
)
MULTIPLYING: tuple[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]], ...] = (
    ("Dense", {"units": 5}, ((2, 3, 4),)),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (3, 2, 7)}, ((2, 3, 4),)),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ((2, 5, 4), (2, 6, 4))),
    (
        "GroupQueryAttention",
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
        ((2, 5, 4), (2, 6, 4)),
    ),
)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("name", "config", "shapes"), MULTIPLYING)
def test_packed_numbers_are_multiplied_as_often(
    name: str, config: dict[str, Any], shapes: tuple[tuple[int, ...], ...], policy: str
) -> None:
    plain, quantized = layer(name, **config), layer(name, **config, dtype=policy)
    assert quantized.count_macs(*shapes) == plain.count_macs(*shapes)


def test_way_back_is_multiplied_as_often_where_the_table_is_packed() -> None:
    config = {"input_dim": 50, "output_dim": 8, "tie_weights": False}
    for policy in ("float32", "int8_from_float32", "int4/4_from_float32"):
        made = layer("ReversibleEmbedding", **config, dtype=policy)
        assert made.count_macs((2, 3, 8), reverse=True) == 2 * 3 * 8 * 50


@pytest.mark.parametrize(
    "spec",
    [
        "in:B:T:4,dense:5:dtype=int8_from_float32",
        'in:B:T:4,dense:5:dtype="int4/128_from_float32"',
        "in:B:T:16,mha:2:8:dtype=int8_from_float32",
    ],
)
def test_policy_stands_in_a_spec(spec: str) -> None:
    assert str(shapecalc.parse(spec)) == spec


def test_letters_are_packed_too() -> None:
    made = layer("Dense", units=7, use_bias=False, dtype="int4/8_from_float32")
    assert str(made.count_params(("B", "C"))) == "5*C + 14*((C + 7)//8)"


@pytest.mark.parametrize(
    "policy", ["int8", "int8_from_float16", "int4/0_from_float32", "gptq/5/2_from_float32", "foo"]
)
def test_policy_that_is_none_is_refused(policy: str) -> None:
    with pytest.raises(SpecError, match="dtype"):
        layer("Dense", units=5, dtype=policy)


@pytest.mark.parametrize(
    ("name", "config", "why"),
    [
        ("Embedding", {"input_dim": 9, "output_dim": 4, "dtype": POLICIES[3]}, "float8"),
        ("Dense", {"units": 4, "lora_rank": 2, "dtype": POLICIES[4]}, "lora_rank"),
        (
            "EinsumDense",
            {"equation": "...b,bc->...c", "output_shape": 4, "dtype": POLICIES[0]},
            r"with \.\.\. in its equation",
        ),
        (
            "SpectralNormalization",
            {"layer": {"layer": "Dense", "config": {"units": 3, "dtype": POLICIES[0]}}},
            "packed kernel",
        ),
    ],
)
def test_what_cannot_be_quantized_is_refused(name: str, config: dict[str, Any], why: str) -> None:
    with pytest.raises(ShapeError, match=why):
        layer(name, **config).compute_output_shape((2, 6))


@pytest.mark.parametrize(
    ("name", "config", "why"),
    [
        ("Dense", {"units": 2, "trainable": 1}, "trainable"),
        ("Hashing", {"num_bins": 3, "dtype": "float32"}, "int32 or int64"),
        ("BatchNormalization", {"renorm": True, "renorm_clipping": {"dmax": -1.0}}, "dmax"),
        ("BatchNormalization", {"renorm": True, "renorm_clipping": {"rmax": 1, "rmin": 2}}, "rmin"),
        (
            "Conv2D",
            {"filters": 2, "kernel_size": 3, "lora_rank": 1, "kernel_constraint": "non_neg"},
            "lora",
        ),
    ],
)
def test_constructor_refuses(name: str, config: dict[str, Any], why: str) -> None:
    with pytest.raises(SpecError, match=why):
        layer(name, **config)
