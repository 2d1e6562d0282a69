"""Whole models give layer by layer what real PyTorch gives: shapes and parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shapecalc

DATA = Path(__file__).parents[2] / "data" / "torch_sequential.jsonl"
MODELS: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]
WORKING = [model for model in MODELS if "error" not in model]
FAILING = [model for model in MODELS if "error" in model]


def walked(modules: list[dict[str, Any]], shape: Any) -> tuple[Any, list[Any]]:
    """The outputs of each module in turn, as lists, and its parameters."""
    outputs, params = [], []
    for module in modules:
        layer = shapecalc.layer(module["layer"], dialect="torch", **module["config"])
        params.append(layer.count_params(shape))
        shape = layer.compute_output_shape(shape)
        outputs.append(as_lists(shape))
    return outputs, params


def as_lists(shape: Any) -> list[Any]:
    return [list(each) if isinstance(each, tuple) else each for each in shape]


def whole(model: dict[str, Any]) -> Any:
    return shapecalc.layer("Sequential", dialect="torch", layers=model["modules"])


@pytest.mark.parametrize("model", WORKING, ids=lambda model: model["id"])
def test_each_module_gives_what_real_pytorch_gives(model: dict[str, Any]) -> None:
    found = walked(model["modules"], tuple(model["input_shape"]))
    assert found == (model["output_shapes"], model["params"])


@pytest.mark.parametrize("model", WORKING, ids=lambda model: model["id"])
def test_the_whole_is_its_modules(model: dict[str, Any]) -> None:
    shape = tuple(model["input_shape"])
    assert as_lists(whole(model).compute_output_shape(shape)) == model["output_shapes"][-1]
    assert whole(model).count_params(shape) == model["total_params"]


@pytest.mark.parametrize("model", FAILING, ids=lambda model: model["id"])
def test_what_real_pytorch_refuses_is_refused_at_the_same_module(model: dict[str, Any]) -> None:
    shape = tuple(model["input_shape"])
    before = model["shapes_before"]
    assert walked(model["modules"][: len(before)], shape)[0] == before
    with pytest.raises(shapecalc.ShapecalcError):
        whole(model).compute_output_shape(shape)
