"""Layers that change images at random keep their shape, and check how strong the change is."""

from __future__ import annotations

import pytest
from failing import failing

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.names import FAMILIES
from shapecalc.layers.layer import apply
from shapecalc.layers.parameters import flags, parameters
from shapecalc.layers.scope import Scope

B, C, H, W = map(Dim, "BCHW")
CLASSES = [(family, name) for family in ("augmentation", "color") for name in FAMILIES[family]]
STRENGTH = {"RandomPosterization": 4}


def needed(family: str, name: str) -> dict[str, object]:
    required = [
        p.name for p in parameters(CATALOGUE.load(Entry(name, family, name))).values() if p.required
    ]
    return dict.fromkeys(required, STRENGTH.get(name, 0.1))


def keeps_the_shape(family: str, name: str, shape: Shape) -> None:
    made = layer(name, **needed(family, name))
    assert len(made.compute_output_shape(shape)) == len(shape)
    assert made.compute_output_shape(shape)[-3:] == shape[-3:]
    assert made.count_params(shape) == 0


@pytest.mark.parametrize("shape", [(B, H, W, 3), (H, W, 3), (None, 8, 8, 3)])
def test_the_shape_is_kept(shape: Shape) -> None:
    assert not failing(keeps_the_shape, [(*known, shape) for known in CLASSES])


def takes_channels_first(family: str, name: str) -> None:
    made = layer(name, **needed(family, name), data_format="channels_first")
    assert made.input_letters() == ("B", "C", "H", "W")
    assert made.compute_output_shape((B, 3, H, W)) == (B, 3, H, W)


def test_channels_may_come_first() -> None:
    assert not failing(takes_channels_first, CLASSES)


def refuses_other_ranks(family: str, name: str) -> None:
    for shape in ((B,), (B, 3), (B, H, W, 3, 3)):
        with pytest.raises(RankError):
            layer(name, **needed(family, name)).compute_output_shape(shape)


def test_images_have_three_or_four_axes() -> None:
    assert not failing(refuses_other_ranks, CLASSES)


@pytest.mark.parametrize("data_format", [None, "channels_first"])
def test_gray_versions_need_colors(data_format: str | None) -> None:
    made = layer("RandomColorDegeneration", factor=0.1, data_format=data_format)
    scope = Scope()
    apply(made, [(B, C, C, C)], scope)
    assert scope.facts.conditions() == ["C == 3"]
    shape = (B, 1, H, W) if data_format else (B, H, W, 1)
    with pytest.raises(ShapeError, match=r"needs 3 channels \(RGB\), but gets 1"):
        made.compute_output_shape(shape)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("RandomRotation", {"factor": None}),
        ("RandomRotation", {"factor": [-5, 5]}),
        ("RandomBrightness", {"factor": [0.5, 0.1]}),
        ("RandomZoom", {"height_factor": 1, "width_factor": [-0.5, 0.5]}),
        ("RandomTranslation", {"height_factor": -1, "width_factor": [0, 1]}),
        ("RandomPosterization", {"factor": [1, 8]}),
        ("RandomGaussianBlur", {"kernel_size": [3, 5]}),
        ("RandomFlip", {"mode": "diag"}),
        ("RandomShear", {"bounding_box_format": "xyxy"}),
        ("RandomColorJitter", {"brightness_factor": -0.5, "hue_factor": [0, 1]}),
    ],
)
def test_what_keras_takes(name: str, config: dict[str, object]) -> None:
    layer(name, **config)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("RandomRotation", {}),
        ("RandomRotation", {"factor": 2}),
        ("RandomRotation", {"factor": [2, 3]}),
        ("RandomRotation", {"factor": 0.1, "fill_mode": "mirror"}),
        ("RandomHue", {"factor": None}),
        ("RandomHue", {"factor": -0.1}),
        ("RandomHue", {"factor": [0.1]}),
        ("RandomZoom", {"height_factor": -1}),
        ("RandomTranslation", {"height_factor": [-2, 2], "width_factor": 0}),
        ("RandomShear", {"x_factor": -0.1}),
        ("RandomPerspective", {"scale": 1.5}),
        ("RandomPerspective", {"interpolation": "bicubic"}),
        ("RandomGaussianBlur", {"kernel_size": 4}),
        ("RandomGaussianBlur", {"kernel_size": [3, 5, 7]}),
        ("RandomGrayscale", {"factor": [0, 1]}),
        ("RandomPosterization", {"factor": 9}),
        ("AugMix", {"factor": [0.5, 2]}),
        ("AutoContrast", {"value_range": 5}),
        ("Solarization", {"value_range": [1, 2, 3]}),
        ("Equalization", {"seed": 1}),
        ("MixUp", {"data_format": "foo"}),
        ("MixUp", {"seed": 1.5}),
    ],
)
def test_what_keras_refuses(name: str, config: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        layer(name, **config)


def test_nearest_is_an_interpolation() -> None:
    for name in ("RandomRotation", "RandomShear", "RandomElasticTransform"):
        words = flags(CATALOGUE.load(Entry(name, "augmentation", name)))
        assert words["nearest"] == ("interpolation", "nearest")
        assert words["reflect"] == ("fill_mode", "reflect")
