"""The plainest layers: embeddings, Lambda, inputs, and low rank."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc import layer
from shapecalc.dims import Dim
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

B, T, F, U = map(Dim, "BTFU")


def run(name: str, *inputs: Any, **config: Any) -> Result:
    used = [letter for shape in inputs for dim in shape for letter in getattr(dim, "letters", ())]
    return apply(layer(name, **config), inputs, Scope(used=used))


def test_a_reversible_embedding_may_have_two_tables() -> None:
    tied = run("ReversibleEmbedding", (B, T), input_dim=10, output_dim=U)
    assert tied.outputs == ((B, T, U),)
    assert [(w.name, w.shape) for w in tied.weights] == [("embeddings", (10, U))]
    loose = run("ReversibleEmbedding", (B, T), input_dim=10, output_dim=U, tie_weights=False)
    assert loose.weights[1:] == (Weight("reverse_embeddings", (U, 10)),)


def test_lambda_gives_what_it_says() -> None:
    assert run("Lambda", (B, T, F), output_shape=8).outputs == ((B, 8),)
    assert run("Lambda", (B, T, F), (B, 3), output_shape=(T, 8)).outputs == ((B, T, 8),)
    assert run("Lambda", (4, 3), output_shape=(None, 8)).outputs == ((4, T, 8),)
    with pytest.raises(ShapeError, match="does not say its output_shape"):
        run("Lambda", (B, T, F))


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"shape": (28, 28, 1)}, (B, 28, 28, 1)),
        ({"shape": (None, 4), "batch_size": 8}, (8, T, 4)),
        ({"batch_shape": (None, None)}, (B, F)),
        ({"batch_shape": ()}, ()),
        ({"shape": (), "batch_size": U}, (U,)),
        ({"shape": (T, 0)}, (B, T, 0)),
        ({"input_shape": (3,)}, (B, 3)),
        ({"batch_input_shape": (5, 3)}, (5, 3)),
    ],
)
def test_an_input_has_letters_for_what_is_unknown(config: dict[str, Any], output: Any) -> None:
    assert run("InputLayer", **config).outputs == (output,)


def test_an_input_reads_nothing() -> None:
    with pytest.raises(ShapeError, match="reads 0 tensors, but gets 1"):
        run("InputLayer", (B, 3), shape=(3,))


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("InputLayer", {}, "shape is missing"),
        ("InputLayer", {"shape": 3}, "shape takes a list of sizes, or None, not 3"),
        ("InputLayer", {"shape": ["a"]}, "shape takes a list of sizes"),
        ("InputLayer", {"shape": (-1, 3)}, "shape takes a list of sizes"),
        ("InputLayer", {"shape": (3,), "batch_shape": (None, 3)}, "cannot both be given"),
        ("InputLayer", {"batch_size": 3, "batch_shape": (None, 3)}, "cannot both be given"),
        ("Lambda", {"output_shape": (2.5,)}, "output_shape takes a size, or several"),
        (
            "Dense",
            {"units": 3, "lora_rank": 2, "kernel_constraint": "non_neg"},
            "lora_rank and kernel_constraint cannot both be given",
        ),
        (
            "ReversibleEmbedding",
            {"input_dim": 9, "output_dim": 3, "lora_rank": 2, "embeddings_constraint": "non_neg"},
            "lora_rank and embeddings_constraint cannot both be given",
        ),
    ],
)
def test_what_makes_none(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer(name, **config)
