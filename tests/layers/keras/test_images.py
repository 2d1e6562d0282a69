"""Layers that bring images to a size or a scale."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

B, C, H, S, W = map(Dim, "BCHSW")
SIZED = ("Resizing", "CenterCrop", "RandomCrop")


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize(
    ("data_format", "shape", "output"),
    [
        (None, (B, H, W, C), (B, 8, S, C)),
        (None, (H, W, 3), (8, S, 3)),
        ("channels_first", (B, C, H, W), (B, C, 8, S)),
        ("channels_first", (3, H, W), (3, 8, S)),
    ],
)
def test_a_size_replaces_that_of_the_images(
    name: str, data_format: str | None, shape: Shape, output: Shape
) -> None:
    made = layer(name, height=8, width=S, data_format=data_format)
    scope = Scope()
    assert apply(made, [shape], scope).outputs == (output,)
    assert not scope.facts.conditions()


@pytest.mark.parametrize("name", [*SIZED, "MaxNumBoundingBoxes"])
@pytest.mark.parametrize("shape", [(B,), (B, H), (B, H, W, C, 2)])
def test_images_have_three_or_four_axes(name: str, shape: Shape) -> None:
    config = {"height": 8, "width": 8} if name in SIZED else {"max_number": 4}
    with pytest.raises(
        RankError, match=r"needs a 4-D input \(batch, height, width, channels\), or"
    ):
        apply(layer(name, **config), [shape], Scope())


def test_resizing_crops_or_pads() -> None:
    with pytest.raises(SpecError, match="cannot both be True"):
        layer("Resizing", height=2, width=2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Resizing", {"height": 0, "width": 2}),
        ("Resizing", {"height": 2, "width": 2, "interpolation": "area"}),
        ("Resizing", {"height": 2, "width": 2, "fill_mode": "reflect"}),
        ("CenterCrop", {"height": -1, "width": 2}),
        ("RandomCrop", {"height": 2}),
        ("Rescaling", {"scale": "x"}),
        ("Rescaling", {"scale": []}),
        ("MaxNumBoundingBoxes", {"max_number": "x"}),
    ],
)
def test_bad_arguments(name: str, config: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        layer(name, **config)


def test_rescaling_keeps_any_shape() -> None:
    assert layer("Rescaling", scale=0.5).compute_output_shape((2, 3)) == (2, 3)
    assert layer("Rescaling", scale=[1, 2, 3]).compute_output_shape((2, 3)) == (2, 3)
    assert layer("Rescaling", scale=2, offset=[1, 2, 3]).compute_output_shape((2, 1)) == (2, 3)


def test_rescaling_each_channel_needs_as_many() -> None:
    made = layer("Rescaling", scale=[1, 2, 3])
    with pytest.raises(ShapeError, match="has 3 numbers as scale, but gets 4 channels"):
        made.compute_output_shape((None, 4))
    scope = Scope()
    assert apply(made, [(B, C)], scope).outputs == ((B, 3),)
    assert list(map(str, scope.facts.conditions())) == ["C == 3 or C == 1"]
