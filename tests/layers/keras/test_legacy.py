"""Layers that Keras 3 has no more, with the shapes and weights that Keras 1 and 2 gave them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from failing import failing

import shapecalc
from shapecalc.layers.keras.names import FAMILIES


@pytest.mark.parametrize(
    ("spec", "output", "params"),
    [
        # 4 gates of 3 features and 5 units, and a bias for each of both: 3*20 + 5*20 + 2*20.
        ("in:2:7:3,cudnnlstm:5", (2, 5), 200),
        ("in:2:7:3,cudnnlstm:5:seq:nobias", (2, 7, 5), 160),
        ("in:2:8:3,locallyconnected1d:2:3", (2, 6, 2), 120),
        ("in:2:8:3,locallyconnected1d:2:3:nobias", (2, 6, 2), 108),
        ("in:2:3:8,locallyconnected1d:2:3:cf", (2, 2, 6), 120),
        # The whole matrix, and only the numbers in it that are not always 0.
        ("in:2:8:3,locallyconnected1d:2:3:implementation=2", (2, 6, 2), 8 * 3 * 6 * 2 + 12),
        ("in:2:8:3,locallyconnected1d:2:3:implementation=3", (2, 6, 2), 120),
        ("in:2:8:3,locallyconnected1d:2:3:same:implementation=3", (2, 8, 2), 22 * 6 + 16),
        ("in:2:8:6:3,locallyconnected2d:4:(3,2):s=(2,1)", (2, 3, 5, 4), 15 * 18 * 4 + 60),
        ("in:2:9:9:1,deconvolution2d:4:3:11", (2, 11, 11, 4), 40),
        ("in:2:1:9:9,deconvolution2d:4:3:(19,20):s=2:cf", (2, 4, 19, 20), 40),
        ("in:2:9:9:1,deconvolution2d:4:3:18:s=2:same:nobias", (2, 18, 18, 4), 36),
        ("in:2:6,maxoutdense:4:3", (2, 4), 84),
        ("in:2:6,maxoutdense:4:3:nobias", (2, 4), 72),
        ("in:2:4,highway", (2, 4), 40),
        ("in:2:4,highway:nobias:relu", (2, 4), 32),
        ("in:2:5:3,srelu", (2, 5, 3), 60),
        ("in:2:5:3,srelu:shared_axes=[1]", (2, 5, 3), 12),
        ("in:2:5:3,parametricsoftplus", (2, 5, 3), 30),
        ("in:2:5:3,thresholdedrelu:0.5", (2, 5, 3), 0),
    ],
)
def test_shape_and_params(spec: str, output: tuple[int, ...], params: int) -> None:
    trace = shapecalc.trace(spec)
    assert (trace.output, trace.params) == (output, params)
    again = shapecalc.trace(str(trace.network))
    assert again.network == trace.network
    assert (again.output, again.params) == (output, params)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("in:2:8:3,locallyconnected1d:2:3:same", "only with implementation=2 or 3"),
        ("in:2:8:3,locallyconnected1d:2:9", "at least 9 steps"),
        ("in:B:T:3,locallyconnected1d:2:3:same:implementation=3", "needs sizes as numbers"),
        ("in:2:8:3,locallyconnected1d:2:3:implementation=4", "takes 1, 2 or 3"),
        ("in:2:9:9:1,deconvolution2d:4:3:12", "a convolution of it gives 10"),
        ("in:2:9:9:1,deconvolution2d:4:3:2", "at least"),
        ("in:2:3:4,highway", "2-D input"),
        ("in:2:3:4,maxoutdense:4", "2-D input"),
        ("in:2:3,srelu:shared_axes=[3]", "shares axis 3"),
    ],
)
def test_what_does_not_fit_is_refused(spec: str, message: str) -> None:
    with pytest.raises(shapecalc.ShapecalcError, match=message):
        shapecalc.trace(spec, repair=False)


def test_letters_make_conditions() -> None:
    trace = shapecalc.trace("in:B:H:W:3,deconvolution2d:8:3:14:s=2")
    assert trace.conditions == ["H == 6", "W == 6"]
    trace = shapecalc.trace("in:B:T:3,locallyconnected1d:2:3")
    assert (str(trace.params), trace.conditions) == ("20*T - 40", ["T >= 3"])
    assert trace.fixed == ["T"]


def counts_places_that_are_there(size: int, taps: int, stride: int) -> None:
    counted = 0
    for center in range(0, size, stride):
        first = center - taps // 2
        counted += len([place for place in range(first, first + taps) if 0 <= place < size])
    layer = shapecalc.layer(
        "LocallyConnected1D", filters=1, kernel_size=taps, strides=stride, padding="same",
        implementation=3, use_bias=False,
    )  # fmt: skip
    assert layer.count_params((None, size, 1)) == counted


def test_only_places_that_are_there_count() -> None:
    assert not failing(counts_places_that_are_there, product(range(1, 12), [1, 2, 3, 6], [1, 2, 5]))


def test_each_is_known_by_its_class_name() -> None:
    needed: dict[str, dict[str, Any]] = {
        "CuDNNLSTM": {"units": 3},
        "Deconvolution2D": {"filters": 3, "kernel_size": 2, "output_size": 5},
        "LocallyConnected1D": {"filters": 3, "kernel_size": 2},
        "LocallyConnected2D": {"filters": 3, "kernel_size": 2},
        "MaxoutDense": {"units": 3},
    }
    for name in FAMILIES["legacy"]:
        assert type(shapecalc.layer(name, **needed.get(name, {}))).__name__ == name
