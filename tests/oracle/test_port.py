"""Code of the other framework, run: ``pytest -m oracle`` with the extra ``oracle`` installed.

Each network is run under Keras and PyTorch, on the same data, with random weights carried over.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from failing import failing
from ported import case_of, cases

import shapecalc
from shapecalc.dims import letters

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
#: How much the outputs may differ, as a share of the largest number.
FLOAT32 = 2e-5
#: The same through fifty layers and more, each of which rounds.
DEEP = 1e-4
#: The families of keras.applications, with the smallest images that they take.
APPLICATIONS = {
    "VGG16": 32,
    "ResNet50": 32,
    "MobileNetV2": 32,
    "DenseNet121": 32,
    "EfficientNetB0": 32,
    "ConvNeXtTiny": 32,
    "InceptionV3": 75,
    "Xception": 71,
}


@pytest.fixture(scope="module")
def frameworks() -> tuple[Any, Any]:
    keras = pytest.importorskip("keras", reason="Keras is not installed: pip install '.[oracle]'")
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    return keras, torch


def test_networks_of_keras_compute_the_same_in_torch(frameworks: tuple[Any, Any]) -> None:
    import porting

    def same(line: str) -> None:
        assert porting.to_torch(*frameworks, *case_of(line)) < FLOAT32

    assert not failing(same, cases("keras"))


def test_networks_of_torch_compute_the_same_in_keras(frameworks: tuple[Any, Any]) -> None:
    import porting

    def same(line: str) -> None:
        assert porting.to_keras(*frameworks, *case_of(line)) < FLOAT32

    assert not failing(same, cases("torch"))


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications_compute_the_same_in_torch(frameworks: tuple[Any, Any], name: str) -> None:
    import porting

    keras, torch = frameworks
    keras.utils.clear_session()
    shape = (APPLICATIONS[name], APPLICATIONS[name], 3)
    build = getattr(keras.applications, name)
    source = build(weights=None, include_top=False, pooling="avg", input_shape=shape)
    network = shapecalc.load(json.loads(source.to_json()))
    sizes = {name: 2 for node in network.inputs for name in letters(node.shape[0])}
    assert porting.compared(keras, torch, source, network, sizes) < DEEP
