"""ConvLSTM on letters: the window on every step, states, weights, messages."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, D, H, W, C = map(Dim, "BTDHWC")
SIZES: dict[int, tuple[Dim, ...]] = {1: (W,), 2: (H, W), 3: (D, H, W)}


def run(rank: int, *inputs: Shape, **config: Any) -> Result:
    made = layer(f"ConvLSTM{rank}D", **{"filters": 8, "kernel_size": 3, **config})
    return apply(made, inputs, Scope())


def refusal(rank: int, *inputs: Shape, **config: Any) -> str:
    with pytest.raises(ShapeError) as caught:
        run(rank, *inputs, **config)
    return caught.value.message


@pytest.mark.parametrize("rank", SIZES)
def test_every_step_is_a_convolution(rank: int) -> None:
    x = (B, T, *SIZES[rank], C)
    moved = tuple(size - 2 for size in SIZES[rank])
    assert run(rank, x).outputs == ((B, *moved, 8),)
    full = run(rank, x, return_sequences=True, return_state=True)
    assert full.outputs == ((B, T, *moved, 8), (B, *moved, 8), (B, *moved, 8))
    assert run(rank, x, padding="same").outputs == ((B, *SIZES[rank], 8),)


@pytest.mark.parametrize("rank", SIZES)
def test_channels_may_stand_first(rank: int) -> None:
    x = (B, T, C, *SIZES[rank])
    result = run(rank, x, data_format="channels_first", padding="same", return_sequences=True)
    assert result.outputs == ((B, T, 8, *SIZES[rank]),)


def test_weights_have_the_names_and_shapes_of_keras() -> None:
    result = run(2, (B, T, 9, 9, C), kernel_size=(3, 2))
    assert [(w.name, w.shape) for w in result.weights] == [
        ("kernel", (3, 2, C, 32)),
        ("recurrent_kernel", (3, 2, 8, 32)),
        ("bias", (32,)),
    ]
    assert len(run(2, (B, T, 9, 9, C), use_bias=False).weights) == 2


def test_states_have_the_shape_of_a_step() -> None:
    assert run(1, (B, T, 9, 4), (B, 7, 8), (B, 7, 8)).outputs == ((B, 7, 8),)
    assert refusal(1, (B, T, 9, 4), (B, 9, 8), (B, 9, 8)) == (
        "needs an initial state (B, 7, 8), but gets (B, 9, 8)"
    )


def test_messages() -> None:
    assert refusal(2, (B, 9, 9, 4)) == (
        "needs a 5-D input (batch, steps, height, width, channels), but gets (B, 9, 9, 4)"
    )
    assert refusal(1, (B, T, 2, 4)) == "needs a width of at least 3 for its kernel of 3, but gets 2"
    assert refusal(1, (B, T, 9, 4), stateful=True) == (
        "is stateful, so that it needs a batch of known size, but gets (B, T, 9, 4)"
    )


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"strides": 2, "dilation_rate": 2}, "cannot both be above 1"),
        ({"padding": "causal"}, "padding takes valid or same, not 'causal'"),
        ({"kernel_size": (3, 3, 3)}, "kernel_size takes one number or 2, not 3"),
        ({"strides": 0}, "strides takes a whole number of at least 1"),
        ({"groups": 2}, "there is no parameter groups"),
    ],
)
def test_what_makes_none(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer("ConvLSTM2D", **{"filters": 8, "kernel_size": 3, **config})


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ("convlstm2d:8:3:same:seq", (B, T, H, W, 8)),
        ("convlstm1d:8:3:cf:same", (B, 8, W)),
        ("bi-convlstm2d:8:3:same", (B, H, W, 16)),
        ("td-convlstm1d:8:3:same", (B, T, W, 8)),
    ],
)
def test_in_a_spec(spec: str, output: Shape) -> None:
    assert shapecalc.trace(spec).output == output
