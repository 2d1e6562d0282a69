"""Real Keras models: every shape and every number of parameters is the one that Keras reports."""

from __future__ import annotations

from typing import Any

import pytest
from failing import failing, parts
from importers.keras.recorded import recorded, same_shapes

import shapecalc
from shapecalc.errors import SpecError
from shapecalc.layers.keras.custom import Custom

MODELS = {
    **recorded("small"),
    **recorded("legacy"),
    **recorded("applications"),
    **recorded("quantized"),
    **recorded("called"),
}

#: Models whose file does not say the shape of a layer, with what a user has to tell.
UNSAID = {"k2_custom_antirectifier": "AntirectifierCustom"}
COMPLETE = sorted(MODELS.keys() - UNSAID)


def differences(record: dict[str, Any], trace: Any) -> list[str]:
    """What a trace says otherwise than the record."""
    rows = {row.name: row for row in trace.layers}
    found, uncounted = [], 0
    for layer in record["layers"]:
        if layer["class"] == "InputLayer":
            continue
        row = rows[layer["name"]]
        if not same_shapes(row.outputs, layer["output_shapes"]):
            found.append(f"{row.name} gives {row.outputs}, not {layer['output_shapes']}")
        if row.params is None and isinstance(row.model, Custom):
            uncounted += layer["params"]
        elif row.params != layer["params"]:
            found.append(f"{row.name} has {row.params} params, not {layer['params']}")
    if not same_shapes(trace.outputs, record["output_shape"]):
        found.append(f"the outputs are {trace.outputs}, not {record['output_shape']}")
    if not trace.is_counted:
        least = record["total_params"] - uncounted
        return found if trace.least_params == least else [*found, f"at least {least}"]
    totals = (trace.params, trace.trainable_params)
    known = (record["total_params"], record.get("trainable_params", trace.trainable_params))
    return [*found, f"totals {totals}, not {known}"] if totals != known else found


def test_there_are_as_many_models_as_were_recorded() -> None:
    assert len(MODELS) == 90 + 77 + 16 + 70 + 13


def equals_keras(name: str) -> None:
    network = shapecalc.load(MODELS[name]["json"])
    trace = shapecalc.trace(network)
    assert not differences(MODELS[name], trace)
    spec = str(network)
    again = shapecalc.trace(spec)
    assert again.output == trace.output
    assert sorted(map(str, again.outputs)) == sorted(map(str, trace.outputs))
    assert again.params == trace.least_params
    assert again.trainable_params == trace.trainable_params or not trace.is_counted
    assert str(again.network) == spec


@pytest.mark.parametrize("names", parts(COMPLETE, 6))
def test_model_has_the_shapes_and_parameters_of_keras_and_so_has_its_spec(names: list[str]) -> None:
    assert not failing(equals_keras, names)


@pytest.mark.parametrize("name", sorted(UNSAID))
def test_layer_whose_shape_no_file_says_is_named(name: str) -> None:
    with pytest.raises(SpecError, match=UNSAID[name]) as caught:
        shapecalc.load(MODELS[name]["json"])
    assert f"--custom {UNSAID[name]}=same" in (caught.value.help or "")


def laid_open_counts_the_same(name: str) -> None:
    from shapecalc.importers.keras.files import read_model

    record = MODELS[name]
    trace = shapecalc.trace(read_model(record["json"], expand=True))
    assert trace.least_params == record["total_params"]
    assert same_shapes(trace.outputs, record["output_shape"])
    inner = {layer["name"] for layer in record["layers"] if "sublayers" in layer}
    assert not inner & {row.name for row in trace.layers}


def test_laid_open_models_count_the_same_parameters() -> None:
    assert not failing(laid_open_counts_the_same, sorted(recorded("small")))
