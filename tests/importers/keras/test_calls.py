"""What a file says that a layer is called with is read, or refused by its name."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.errors import ShapeError, SpecError

MODELS = recorded("called")


def altered(name: str, layer: str, **kwargs: Any) -> dict[str, Any]:
    """The data of a recorded model, of which one layer is called with something else too."""
    data = copy.deepcopy(MODELS[f"called_{name}"]["json"])
    (found,) = [each for each in data["config"]["layers"] if each["class_name"] == layer]
    found["inbound_nodes"][0]["kwargs"] |= kwargs
    return data


def test_way_back_through_a_table_is_written_in_the_spec() -> None:
    network = shapecalc.load(MODELS["called_tied"]["json"])
    assert str(network).endswith(":reverse")
    assert shapecalc.trace(network).output[-1] == 40


def test_masks_are_inputs_of_the_rows() -> None:
    trace = shapecalc.trace(shapecalc.load(MODELS["called_lmask"]["json"]))
    (row,) = trace.layers
    assert [shape[1:] for shape in row.inputs] == [(7, 4), (7,)]
    assert len(row.sources) == 2


def test_mask_of_another_shape_is_refused() -> None:
    data = copy.deepcopy(MODELS["called_lmask"]["json"])
    (entry,) = [each for each in data["config"]["layers"] if each["config"].get("dtype") == "bool"]
    entry["config"]["batch_shape"] = [None, 6]
    with pytest.raises(ShapeError, match=r"a mask of shape \(B, 7\), but gets \(B, 6\)"):
        shapecalc.trace(shapecalc.load(data))


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"flavour": 3}, "is called with flavour=3, which cannot be read"),
        ({"training": [True]}, r"is called with training=\[True\], which cannot be read"),
        ({"reverse": True}, "is called with reverse=True"),
    ],
)
def test_keyword_that_no_layer_takes_is_refused_by_name(kwargs: dict[str, Any], why: str) -> None:
    with pytest.raises(SpecError, match=why):
        shapecalc.load(altered("lmask", "LSTM", **kwargs))


def test_keyword_that_is_not_set_says_nothing() -> None:
    data = altered("lmask", "LSTM", training=False, initial_state=None)
    assert shapecalc.load(data) == shapecalc.load(MODELS["called_lmask"]["json"])


def test_key_of_a_model_that_is_not_known_is_refused_by_name() -> None:
    data = copy.deepcopy(MODELS["called_tied"]["json"])
    data["config"]["flavour"] = 3
    with pytest.raises(SpecError, match="has flavour, which is not part of a Functional"):
        shapecalc.load(data)
