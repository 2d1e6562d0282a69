"""Traces, networks, layers, sizes and errors go through pickle and copy as they are, and small."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.dims import Dim

SPECS = [
    "conv1d:8:3,lstm:64:seq,td-dense:3",
    "in:B:H:W:3@x,conv2d:3:3:same,add:@x",
    "in:B:8@a,in:B:8@b,@a,(dense:4)@t,@b,use:@t,sub:@t,is:B:4",
]


def again(value: Any) -> list[Any]:
    return [pickle.loads(pickle.dumps(value)), copy.deepcopy(value)]  # noqa: S301  (made here)


@pytest.mark.parametrize("spec", SPECS)
def test_a_trace_stays_what_it_is(spec: str) -> None:
    trace = shapecalc.trace(spec)
    for other in again(trace):
        assert other.to_dict() == trace.to_dict()
        assert other.outputs == trace.outputs
        assert [repr(row) for row in other.layers] == [repr(row) for row in trace.layers]


@pytest.mark.parametrize("spec", SPECS)
def test_a_network_stays_what_it_is(spec: str) -> None:
    network = shapecalc.parse(spec)
    for other in again(network):
        assert other == network
        assert str(other) == str(network)
        assert shapecalc.trace(other).to_dict() == shapecalc.trace(network).to_dict()


def test_a_model_stays_what_it_is() -> None:
    network = shapecalc.load(recorded("small")["siamese_mnist"]["json"])
    for other in again(network):
        assert shapecalc.trace(other).to_dict() == shapecalc.trace(network).to_dict()


def test_sizes_and_layers_stay_what_they_are() -> None:
    size = shapecalc.trace("conv1d:8:3:s=2").output[1]
    layer = shapecalc.layer("Conv2D", filters=8, kernel_size=3)
    assert isinstance(size, Dim)
    assert [hash(each) == hash(size) and each == size for each in again(size)] == [True, True]
    assert again(layer) == [layer, layer]


@pytest.mark.parametrize(
    "spec",
    [
        *("lstm:64,lstm:32", "nothing", "foo,bar,lstm:x", "200000x-relu"),
        "in:B:T:4,is:B:3:4,conv1d:8:5",
    ],
)
def test_an_error_stays_what_it_is(spec: str) -> None:
    with pytest.raises(shapecalc.ShapecalcError) as caught:
        shapecalc.trace(spec)
    error = caught.value
    for other in again(error):
        assert type(other) is type(error)
        assert (other.message, other.span, other.layer, other.help, other.notes) == (
            error.message,
            error.span,
            error.layer,
            error.help,
            error.notes,
        )
        assert len(other.errors) == len(error.errors)
        assert str(other) == str(error)


def test_a_trace_is_small() -> None:
    trace = shapecalc.trace("in:B:T:64," + ",".join(f"conv1d:{n + 1}:3:same" for n in range(100)))
    size = len(pickle.dumps(trace))
    assert size < 60_000
    assert size < 2 * len(json.dumps(trace.to_dict()))
