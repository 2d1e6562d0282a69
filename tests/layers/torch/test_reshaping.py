"""Flatten, Unflatten, shuffles, folds and upsampling of torch on letters, and what they refuse."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.dims import Dim, Shape, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

N, C, H, W, F = map(Dim, "NCHWF")


def run(name: str, x: Shape, scope: Scope | None = None, **config: object) -> Shape:
    made = shapecalc.layer(name, dialect="torch", **config)
    (output,) = apply(made, (x,), scope or Scope()).outputs
    return output


def refusal(name: str, x: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, x, **config)
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "config", "x", "output", "conditions"),
    [
        ("Flatten", {}, (N, C, H, W), (N, C * H * W), []),
        ("Flatten", {"start_dim": 0, "end_dim": -2}, (N, C, H), (N * C, H), []),
        (
            "Unflatten",
            {"dim": 1, "unflattened_size": (-1, 4)},
            (N, F),
            (N, F // 4, 4),
            ["F % 4 == 0"],
        ),
        (
            "Unflatten",
            {"dim": -1, "unflattened_size": (C, H, W)},
            (N, F),
            (N, C, H, W),
            ["F == C*H*W"],
        ),
        (
            "PixelShuffle",
            {"upscale_factor": 2},
            (C, H, W),
            (C // 4, 2 * H, 2 * W),
            ["C % 4 == 0"],
        ),
        (
            "PixelUnshuffle",
            {"downscale_factor": 2},
            (N, 3, H, W),
            (N, 12, H // 2, W // 2),
            ["H % 2 == 0", "W % 2 == 0"],
        ),
        ("ChannelShuffle", {"groups": 3}, (N, C, F), (N, C, F), ["C % 3 == 0"]),
        (
            "Unfold",
            {"kernel_size": 3, "stride": 2},
            (C, H, W),
            (9 * C, ((H - 1) // 2) * ((W - 1) // 2)),
            ["H >= 3", "W >= 3"],
        ),
        (
            "Fold",
            {"output_size": (H, W), "kernel_size": 3, "padding": 1},
            (N, 27, F),
            (N, 3, H, W),
            ["F == H*W"],
        ),
        (
            "Upsample",
            {"scale_factor": 0.5},
            (N, C, H, W),
            (N, C, H // 2, W // 2),
            ["H//2 >= 1", "W//2 >= 1"],
        ),
        ("Upsample", {"size": (H, 5), "mode": "bicubic"}, (N, C, W, W), (N, C, H, 5), []),
        ("UpsamplingNearest2d", {"scale_factor": 3}, (N, C, F), (N, C, 3 * F), []),
        (
            "UpsamplingBilinear2d",
            {"scale_factor": (2, 1.5)},
            (N, C, H, W),
            (N, C, 2 * H, (3 * W) // 2),
            [],
        ),
    ],
)
def test_letters(
    name: str, config: dict[str, object], x: Shape, output: Shape, conditions: list[str]
) -> None:
    scope = Scope()
    assert run(name, x, scope, **config) == output
    assert [str(truth) for _, truth in scope.required] == conditions


@pytest.mark.parametrize(
    ("name", "config", "x", "values"),
    [
        ("Flatten", {"start_dim": -3, "end_dim": -2}, (N, C, H, W), {"C": 3, "H": 5}),
        ("PixelShuffle", {"upscale_factor": 3}, (N, C, H, W), {"C": 18, "H": 4, "W": 5}),
        (
            "Unfold",
            {"kernel_size": (2, 3), "dilation": 2, "padding": 1, "stride": 2},
            (N, C, H, W),
            {"C": 2, "H": 9, "W": 12},
        ),
        ("Upsample", {"scale_factor": 2.7}, (N, C, H, W), {"C": 2, "H": 7, "W": 10}),
    ],
)
def test_letters_give_what_numbers_give(
    name: str, config: dict[str, object], x: Shape, values: dict[str, int]
) -> None:
    values = {"N": 2, "W": 3, **values}
    numbers = tuple(substitute(size, values) for size in x)
    letters = run(name, x, **config)
    assert run(name, numbers, **config) == tuple(substitute(size, values) for size in letters)


@pytest.mark.parametrize(
    "factor", [0.1, 0.29, 0.3, 0.57, 0.58, 0.7, 1.1, 1.15, 1 / 3, 2 / 3, 2.3, 4.35, 0.123456]
)
def test_a_factor_of_a_letter_is_what_floats_make_of_its_numbers(factor: float) -> None:
    scope = Scope()
    made = run("Upsample", (N, C, H), scope, scale_factor=factor)[2]
    held = 0
    for size in range(10, 1200):
        if all(eval(str(truth), {}, {"H": size}) for _, truth in scope.required):  # noqa: S307
            assert substitute(made, {"H": size}) == int(size * factor)
            held += 1
    assert held > 800


def test_what_floats_may_round_down_is_assumed_not_to_occur() -> None:
    trace = shapecalc.trace("in:N:C:H:W,upsample:scale_factor=(0.29,0.3)", dialect="torch")
    assert trace.output == (N, C, (29 * H) // 100, (3 * W) // 10)
    assert trace.assumptions == ["H > 100*(H//100)"]
    spec = "in:N:C:100:W,upsample:scale_factor=(0.29,0.3)"
    assert shapecalc.trace(spec, dialect="torch").output[2] == 28


def test_area_leaves_an_empty_image_where_the_other_modes_refuse() -> None:
    assert run("Upsample", (2, 3, 8, 8), scale_factor=0.1, mode="area") == (2, 3, 0, 0)
    assert "leaves 0 of 8" in refusal("Upsample", (2, 3, 8, 8), scale_factor=0.1)


@pytest.mark.parametrize(
    ("name", "config", "x", "message"),
    [
        (
            "Flatten",
            {},
            (8,),
            "has dim 1, but (8,) has those from -1 to 0",
        ),
        (
            "Flatten",
            {"start_dim": -1, "end_dim": 1},
            (2, 3, 4),
            "has start_dim -1 after end_dim 1",
        ),
        (
            "Unflatten",
            {"dim": 1, "unflattened_size": (3, 5)},
            (2, 12),
            "needs 15 numbers for (3, 5), but gets 12 from (2, 12)",
        ),
        (
            "PixelShuffle",
            {"upscale_factor": 4},
            (2, 9, 5, 3),
            "needs a multiple of 16 channels for a factor of 4, but gets 9",
        ),
        (
            "PixelUnshuffle",
            {"downscale_factor": 2},
            (1, 3, 6, 7),
            "needs a width that is a multiple of 2, but gets 7",
        ),
        (
            "ChannelShuffle",
            {"groups": 3},
            (1, 4, 2, 2),
            "cannot split 4 channels into 3 groups",
        ),
        (
            "Unfold",
            {"kernel_size": 20},
            (2, 3, 8, 8),
            "needs a height of at least 20 for its window of 20, but gets 8",
        ),
        (
            "Fold",
            {"output_size": (4, 4), "kernel_size": 2},
            (2, 12, 10),
            "needs 9 columns for (4, 4), but gets 10",
        ),
        (
            "Fold",
            {"output_size": (4, 4), "kernel_size": 2},
            (2, 13, 9),
            "needs a multiple of 4 numbers in each column, but gets 13",
        ),
        (
            "Upsample",
            {"scale_factor": 2, "mode": "bilinear"},
            (3, 8, 8),
            "needs 4 axes for bilinear, batch and channels first, but gets (3, 8, 8)",
        ),
        (
            "Upsample",
            {"scale_factor": (2, 3)},
            (2, 3, 8),
            "has 2 numbers for 1 spatial axes",
        ),
    ],
)
def test_refused(name: str, config: dict[str, object], x: Shape, message: str) -> None:
    assert refusal(name, x, **config) == message


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("Upsample", {}, "takes either size or scale_factor"),
        ("Upsample", {"size": 4, "scale_factor": 2}, "takes either size or scale_factor"),
        (
            "Upsample",
            {"size": 4, "align_corners": False},
            "mode nearest mixes no neighbors, and takes no align_corners",
        ),
        (
            "Upsample",
            {"size": 4, "recompute_scale_factor": True},
            "recompute_scale_factor has no meaning where size is given",
        ),
        (
            "Unflatten",
            {"dim": 1, "unflattened_size": (-1, -1)},
            "unflattened_size can leave only one size to be found by -1",
        ),
        ("Unfold", {"kernel_size": (2,)}, "kernel_size takes one number or 2, not 1"),
        (
            "Fold",
            {"output_size": (4, 4, 4), "kernel_size": 2},
            "output_size takes one number or 2, not 3",
        ),
    ],
)
def test_refused_when_made(name: str, config: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.layer(name, dialect="torch", **config)
    assert caught.value.message == f"{name}: {message}"
