"""Encodings: where the vector goes, and which axis it takes."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.scope import Scope

B, C, F, U = map(Dim, "BCFU")
ENCODERS = {
    "CategoryEncoding": {"num_tokens": 5},
    "Discretization": {"bin_boundaries": [0.0, 1.0, 2.0, 3.0]},
    "Hashing": {"num_bins": 5},
}


def run(made: Layer, *inputs: Shape) -> tuple[Shape, Scope]:
    scope = Scope()
    return apply(made, inputs, scope).outputs[0], scope


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize(
    ("mode", "shape", "output"),
    [
        ("one_hot", (4,), (4, 5)),
        ("one_hot", (2, 1), (2, 5)),
        ("one_hot", (2, 3), (2, 3, 5)),
        ("one_hot", (B, 3, 1), (B, 3, 5)),
        ("multi_hot", (4,), (5,)),
        ("multi_hot", (B, F), (B, 5)),
        ("count", (B, 3, 2), (B, 2, 5)),
        ("count", (B, 2, 3, 1), (B, 3, 1, 5)),
    ],
)
def test_modes(name: str, mode: str, shape: Shape, output: Shape) -> None:
    assert run(layer(name, **ENCODERS[name], output_mode=mode), shape)[0] == output


@pytest.mark.parametrize("name", ["Discretization", "Hashing"])
def test_indices_keep_the_shape(name: str) -> None:
    assert run(layer(name, **ENCODERS[name]), (B, F, 1))[0] == (B, F, 1)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_letter_is_assumed_to_be_more_than_one(name: str) -> None:
    output, scope = run(layer(name, **ENCODERS[name], output_mode="one_hot"), (B, F))
    assert output == (B, F, 5)
    assert list(scope.assumptions) == ["F >= 2"]


def test_hashing_takes_two_axes_of_one() -> None:
    made = layer("Hashing", num_bins=5, output_mode="one_hot")
    assert run(made, (B, 1, 1))[0] == (B, 5)
    assert run(made, (1,))[0] == (1, 5)


def test_depths_may_be_letters() -> None:
    assert run(layer("CategoryEncoding", num_tokens=U), (B, 3))[0] == (B, U)
    assert run(layer("Discretization", num_bins=U, output_mode="count"), (B, 3))[0] == (B, U)


@pytest.mark.parametrize(
    ("mode", "shape", "output"),
    [
        ("int", (B,), (B,)),
        ("int", (B, 1), (B, 1)),
        ("one_hot", (B,), (B, 5)),
        ("one_hot", (B, 1), (B, 5)),
    ],
)
def test_crossing(mode: str, shape: Shape, output: Shape) -> None:
    assert run(layer("HashedCrossing", num_bins=5, output_mode=mode), shape, shape)[0] == output


def test_crossing_needs_columns_of_the_same_length() -> None:
    made = layer("HashedCrossing", num_bins=5)
    assert run(made, (B,), (C,))[1].facts.conditions() == ["B == C"]
    assert run(made, (B, F), (B, F))[1].facts.conditions() == ["F == 1"]
    for one, two in [((B, 1), (B,)), ((3,), (4,)), ((B, 2), (B, 2)), ((B, 1), (B, 2))]:
        with pytest.raises(ShapeError):
            run(made, one, two)
    with pytest.raises(RankError):
        run(made, (B, 1, 1), (B, 1, 1))
    with pytest.raises(ShapeError, match="reads 2 tensors, but gets 1"):
        run(made, (B,))


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("CategoryEncoding", {}),
        ("CategoryEncoding", {"num_tokens": None}),
        ("CategoryEncoding", {"num_tokens": 0}),
        ("CategoryEncoding", {"num_tokens": 5, "output_mode": "int"}),
        ("Discretization", {}),
        ("Discretization", {"bin_boundaries": [1.0], "num_bins": 3}),
        ("Discretization", {"num_bins": -1}),
        ("Discretization", {"num_bins": 3, "output_mode": "binary"}),
        ("Discretization", {"num_bins": 3, "sparse": True}),
        ("Discretization", {"num_bins": 3, "trainable": False}),
        ("Hashing", {"num_bins": 0}),
        ("Hashing", {"num_bins": 3, "salt": [1, 2, 3]}),
        ("Hashing", {"num_bins": 3, "sparse": True}),
        ("HashedCrossing", {"num_bins": -1}),
        ("HashedCrossing", {"num_bins": 2, "output_mode": "multi_hot"}),
    ],
)
def test_bad_arguments(name: str, config: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        layer(name, **config)


def test_old_names_of_modes() -> None:
    assert layer("CategoryEncoding", num_tokens=5, output_mode="binary").config() == {
        "num_tokens": 5
    }
