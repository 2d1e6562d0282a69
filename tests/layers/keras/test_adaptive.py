"""Adaptive pools on letters: the wanted sizes, whatever comes in."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

B, D, H, W, C, U = map(Dim, "BDHWCU")
SIZES: dict[int, Shape] = {1: (W,), 2: (H, 2), 3: (D, 2, W)}
KINDS = ["Average", "Max"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", SIZES)
def test_the_spatial_axes_get_the_wanted_sizes(kind: str, rank: int) -> None:
    name, wanted = f"Adaptive{kind}Pooling{rank}D", (7, U, 3)[:rank]
    scope = Scope()
    one = apply(layer(name, output_size=7), [(B, *SIZES[rank], C)], scope)
    assert one.outputs == ((B, *(7,) * rank, C),)
    each = layer(name, output_size=wanted, data_format="channels_first")
    assert apply(each, [(B, C, *SIZES[rank])], scope).outputs == ((B, C, *wanted),)
    assert (one.params, scope.facts.conditions(["H", "W", "D"])) == (0, [])


def test_the_input_has_all_its_axes() -> None:
    with pytest.raises(RankError) as caught:
        apply(layer("AdaptiveMaxPooling2D", output_size=3), [(B, 5, 8)], Scope())
    assert caught.value.message == (
        "needs a 4-D input (batch, height, width, channels), but gets (B, 5, 8)"
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "output_size is missing"),
        ({"output_size": 0}, "output_size takes a size of at least 1, or one for each axis, not 0"),
        ({"output_size": 2.5}, "not 2.5"),
        ({"output_size": "2"}, "not '2'"),
        ({"output_size": (2, 2, 2)}, "output_size takes one size or 2, not 3"),
        ({"output_size": 2, "data_format": "CHANNELS_FIRST"}, "data_format takes channels_last"),
    ],
)
def test_what_makes_none(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer("AdaptiveAveragePooling2D", **config)
