"""Reshaping and resizing on letters: sizes, conditions, messages."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

B, T, F, H, W, C, N = map(Dim, "BTFHWCN")


def run(name: str, x: Shape, **config: object) -> tuple[Shape, list[str]]:
    scope = Scope()
    (output,) = apply(layer(name, **config), [x], scope).outputs
    return output, scope.facts.conditions([str(size) for size in x])


def refusal(name: str, x: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, x, **config)
    return caught.value.message


def test_flatten_multiplies() -> None:
    assert run("Flatten", (B, H, W, 3)) == ((B, 3 * H * W), [])
    assert run("Flatten", (B,)) == ((B, 1), [])


def test_an_open_size_follows_from_the_others() -> None:
    assert run("Reshape", (B, 6, 4), target_shape=(-1, 8)) == ((B, 3, 8), [])
    assert run("Reshape", (B, T, 4), target_shape=(-1, 2)) == ((B, 2 * T, 2), [])
    assert run("Reshape", (B, T, 7), target_shape=(-1, 14)) == ((B, T // 2, 14), ["T % 2 == 0"])


def test_sizes_without_an_open_one_must_hold_as_many() -> None:
    assert run("Reshape", (B, T, 7), target_shape=(3, 14)) == ((B, 3, 14), ["T == 6"])
    assert run("Reshape", (B, T, 7), target_shape=(7, T)) == ((B, 7, T), [])


def test_an_unknown_size_gets_a_letter() -> None:
    output, conditions = run("Reshape", (B, T, 6), target_shape=(None, 3))
    assert output == (B, N, 3)
    assert conditions == ["N == 2*T"]


def test_reshape_says_how_many_numbers_do_not_fit() -> None:
    assert refusal("Reshape", (B, 5), target_shape=(3, 4)) == (
        "needs 12 numbers for (3, 4), but gets 5 from (B, 5)"
    )
    assert refusal("Reshape", (B, 5), target_shape=(-1, 2)) == (
        "needs a multiple of 2 numbers for (-1, 2), but gets 5 from (B, 5)"
    )
    assert refusal("Reshape", (B, T, 4), target_shape=(7,)) == (
        "needs 7 numbers for (7,), but gets 4*T from (B, T, 4)"
    )
    assert refusal("Reshape", (B, T), target_shape=(-1, 0)).startswith("needs a multiple of 0")


@pytest.mark.parametrize("target", [5, None, "12", (1.5,), (-2, 3), ("a",)])
def test_reshape_takes_sizes(target: object) -> None:
    with pytest.raises(SpecError, match="Reshape: target_shape takes the sizes of the new shape"):
        layer("Reshape", target_shape=target)


def test_reshape_leaves_one_size_open() -> None:
    with pytest.raises(SpecError, match="target_shape can leave only one size to be found by -1"):
        layer("Reshape", target_shape=(-1, -1))


def test_permute_orders_the_axes_after_the_batch() -> None:
    assert run("Permute", (B, H, W, C), dims=(3, 1, 2)) == ((B, C, H, W), [])
    assert refusal("Permute", (B, T), dims=(2, 1)) == (
        "orders 2 axes after the batch, but gets (B, T)"
    )
    with pytest.raises(SpecError, match=r"dims must name each axis from 1 to 2 once, not \(1, 3\)"):
        layer("Permute", dims=(1, 3))


def test_sizes_are_written_one_after_the_other() -> None:
    trace = shapecalc.trace("in:B:T:6,reshape:T:2:3,permute:3:1:2")
    assert trace.output == (B, 3, T, 2)


def test_repeat_vector_takes_a_letter() -> None:
    assert run("RepeatVector", (B, F), n=T) == ((B, T, F), [])
    assert refusal("RepeatVector", (B, T, F), n=3) == (
        "needs a 2-D input (batch, features), but gets (B, T, F)"
    )


def test_padding_adds_at_both_ends() -> None:
    assert run("ZeroPadding1D", (B, T, C), padding=(2, 0)) == ((B, T + 2, C), [])
    assert run("ZeroPadding2D", (B, H, W, C), padding=(1, (0, 3))) == ((B, H + 2, W + 3, C), [])
    first = {"padding": 2, "data_format": "channels_first"}
    assert run("ZeroPadding2D", (B, C, H, W), **first) == ((B, C, H + 4, W + 4), [])


def test_cropping_leaves_something() -> None:
    assert run("Cropping1D", (B, T, C), cropping=(2, 1)) == ((B, T - 3, C), ["T >= 4"])
    assert run("Cropping2D", (B, H, W, C)) == ((B, H, W, C), [])
    assert refusal("Cropping2D", (B, 9, 6, C), cropping=3) == (
        "cuts 6 off the width, but gets only 6"
    )


def test_amounts_in_letters_stand_in_lists() -> None:
    odd = T % 2
    assert run("Cropping1D", (B, T, C), cropping=(0, odd)) == ((B, T - odd, C), ["T >= 2"])
    assert run("ZeroPadding1D", (B, T, C), padding=(odd, 0)) == ((B, T + odd, C), [])
    assert run("ZeroPadding1D", (B, 4, C), padding=(0, T - 3)) == ((B, T + 1, C), ["T >= 3"])


def test_up_sampling_multiplies() -> None:
    assert run("UpSampling1D", (B, T, C), size=3) == ((B, 3 * T, C), [])
    assert run("UpSampling2D", (B, H, W, C), size=(2, 3)) == ((B, 2 * H, 3 * W, C), [])


def test_equal_amounts_are_kept_once() -> None:
    assert layer("ZeroPadding2D", padding=((1, 1), (1, 1))).config() == {}
    assert layer("ZeroPadding2D", padding=((2, 2), (3, 3))).config() == {"padding": [2, 3]}
    assert layer("Cropping3D", cropping=(2, 2, 2)).config() == {"cropping": 2}
    assert layer("UpSampling3D", size=(2, 2, 2)).config() == {}


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("ZeroPadding1D", {"padding": (1, 2, 3)}, "padding takes a whole number, or a pair"),
        (
            "ZeroPadding2D",
            {"padding": ((1, 2, 3), 1)},
            "padding takes a whole number, or 2 numbers",
        ),
        (
            "Cropping3D",
            {"cropping": (1, 1)},
            "cropping takes a whole number, or 3 numbers or pairs",
        ),
        ("Cropping2D", {"cropping": -1}, "cropping takes a whole number of at least 0"),
        ("UpSampling1D", {"size": (2,)}, "size takes a whole number of at least 1"),
        ("UpSampling2D", {"size": (1, 2, 3)}, "size takes one number or 2, not 3"),
        ("UpSampling2D", {"interpolation": "area"}, "interpolation takes nearest, bilinear"),
        ("RepeatVector", {"n": True}, "n takes a whole number of at least 1"),
    ],
)
def test_what_fits_no_axes(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer(name, **config)


@pytest.mark.parametrize("cuts", ["(3,2)", "(1,-1)", "(-1,2)", "(2,6)"])
def test_positions_to_split_at_are_in_order_and_in_the_axis(cuts: str) -> None:
    with pytest.raises(shapecalc.ShapeError, match="cannot cut axis 1 of"):
        shapecalc.trace(f"in:2:5:4,split:{cuts}:axis=1")


def test_positions_to_split_at_are_a_condition_on_letters() -> None:
    trace = shapecalc.trace("in:2:T:4,split:(2,2,6):axis=1")
    assert [str(shape[1]) for shape in trace.layers[0].outputs] == ["2", "0", "4", "T - 6"]
    assert trace.conditions == ["T >= 6"]
