"""Normalizations on letters: weights along axes, groups, given means."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, H, W, C = map(Dim, "BTHWC")
NAMES = [
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "RMSNormalization",
    "UnitNormalization",
    "Normalization",
]


def run(name: str, x: Shape, **config: Any) -> Result:
    return apply(layer(name, **config), [x], Scope())


def refusal(name: str, x: Shape, **config: Any) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, x, **config)
    return caught.value.message


@pytest.mark.parametrize("name", NAMES)
def test_the_shape_stays(name: str) -> None:
    assert run(name, (B, H, W, C)).outputs == ((B, H, W, C),)


@pytest.mark.parametrize("name", NAMES)
def test_the_axis_must_be_there(name: str) -> None:
    assert refusal(name, (B, T, C), axis=3) == "works on axis 3, but gets (B, T, C)"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "UnitNormalization"])
def test_weights_need_a_known_batch_where_they_lie_along_it(name: str) -> None:
    config = {"groups": 1} if name == "GroupNormalization" else {}
    assert refusal(name, (B, 4), axis=0, **config) == (
        "has weights over the batch, whose size is unknown in (B, 4)"
    )
    assert run(name, (6, 4), axis=0, **config).outputs == ((6, 4),)


@pytest.mark.parametrize(
    ("name", "config", "weights"),
    [
        ("GroupNormalization", {"groups": -1}, [("gamma", (C,)), ("beta", (C,))]),
        ("GroupNormalization", {"groups": 1, "center": False}, [("gamma", (C,))]),
        ("GroupNormalization", {"groups": 1, "axis": 1, "scale": False}, [("beta", (H,))]),
        ("RMSNormalization", {}, [("scale", (C,))]),
        ("RMSNormalization", {"axis": (-1, 1)}, [("scale", (C, H))]),
        ("UnitNormalization", {}, []),
        ("Normalization", {}, [("mean", (C,)), ("variance", (C,)), ("count", ())]),
        ("Normalization", {"axis": None}, [("mean", ()), ("variance", ()), ("count", ())]),
        ("Normalization", {"mean": 0, "variance": 1}, []),
    ],
)
def test_weights(name: str, config: dict[str, Any], weights: list[tuple[str, Shape]]) -> None:
    assert [(w.name, w.shape) for w in run(name, (B, H, W, C), **config).weights] == weights


def test_groups_divide_the_channels() -> None:
    assert refusal("GroupNormalization", (B, 6)) == "cannot split 6 channels into 32 groups"
    assert refusal("GroupNormalization", (B, 9), groups=4) == (
        "cannot split 9 channels into 4 groups"
    )
    scope = Scope()
    apply(layer("GroupNormalization", groups=4), [(B, C)], scope)
    assert scope.facts.conditions(["C"]) == ["C % 4 == 0"]


def test_what_was_seen_is_counted_but_not_trained() -> None:
    result = run("Normalization", (B, H, W, 8))
    assert (result.params, result.trainable_params) == (17, 0)


def test_given_means_fit_the_axes() -> None:
    def given(x: Shape, values: object, **config: Any) -> dict[str, Any]:
        return {"x": x, "mean": values, "variance": values, **config}

    assert run("Normalization", **given((B, T, 3), [1, 2, 3])).params == 0
    assert run("Normalization", **given((B, T, 3), [1])).params == 0
    assert run("Normalization", **given((B, 3, 2), [[1], [2], [3]], axis=(1, 2))).params == 0
    assert refusal("Normalization", **given((B, T, 3), [1, 2])) == (
        "has 2 means for an axis of 3 in (B, T, 3)"
    )


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("GroupNormalization", {"groups": 0}, "groups takes a whole number of at least 1, or -1"),
        ("GroupNormalization", {"groups": -2}, "groups takes a whole number of at least 1, or -1"),
        ("GroupNormalization", {"axis": [1]}, "axis takes a whole number"),
        ("RMSNormalization", {"center": True}, "there is no parameter center"),
        ("UnitNormalization", {"axis": None}, "axis takes an axis, or several, not None"),
        ("Normalization", {"mean": 1}, "give both or neither"),
        ("Normalization", {"variance": [1]}, "give both or neither"),
        ("Normalization", {"mean": 1, "variance": [1]}, "mean has one number, but variance 1"),
        ("Normalization", {"mean": [[1]], "variance": [[1]]}, "nested 2 deep, but axis names 1"),
        ("Normalization", {"mean": [[1], 2], "variance": 1}, "mean takes a number, or lists"),
        ("Normalization", {"mean": "a", "variance": "a"}, "mean takes a number, or lists"),
    ],
)
def test_what_makes_none(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer(name, **config)
