"""Axes that a slice has left empty: what PyTorch refuses is refused, in letters by a condition."""

from __future__ import annotations

import pytest

import shapecalc

#: Steps on (2, 4, 5) or (2, 4, 5, 5): those that read no empty channels, and no empty last axis.
CHANNELS = (
    *("conv1d:_:4:2", "tconv1d:_:4:2", "maxpool1d:2", "avgpool1d:2", "lppool1d:2:1", "bn1d:_"),
    *("adaptivemaxpool1d:2", "instancenorm1d:_:affine", "gn:2:_", "reflectionpad1d:1"),
    *("pad:1:1:mode=replicate", "amax:1", "argmax:1", "max:1", "median:1", "amin", "max"),
)
LAST = (
    *("conv1d:_:4:2:padding=2", "tconv1d:_:4:2", "maxpool1d:2:1:1", "avgpool1d:2:1:1", "aap1d:2"),
    *("adaptivemaxpool1d:2", "gn:2:_", "lstm:_:3", "gru:_:3:batch_first", "mha:_:1"),
    *("transformerencoderlayer:_:1:3", "replicationpad1d:1", "amax:2", "argmin:2", "max:2"),
)
TAKEN = (
    *("aap1d:2", "bn1d:_:affine=False", "relu", "ln:_", "linear:_:3", "mean:1", "sum", "median"),
    *("prod:1", "pad:1:1:mode=circular", "softmax:1", "localresponsenorm:2", "flatten:1"),
)


@pytest.mark.parametrize(
    ("cut", "step"),
    [
        *(("index:':,0:0'", step) for step in CHANNELS),
        *(("index:'...,0:0'", step) for step in LAST),
    ],
)
def test_an_empty_axis_is_refused(cut: str, step: str) -> None:
    with pytest.raises(shapecalc.ShapeError, match="has nothing to read in"):
        shapecalc.trace(f"dialect:torch,in:2:4:5,{cut},{step}", repair=False)


@pytest.mark.parametrize("step", TAKEN)
def test_empty_channels_are_taken(step: str) -> None:
    shapecalc.trace(f"dialect:torch,in:2:4:5,index:':,0:0',{step}", repair=False)


@pytest.mark.parametrize("step", LAST)
def test_an_axis_that_may_be_empty_is_a_condition(step: str) -> None:
    trace = shapecalc.trace(f"dialect:torch,in:2:4:T,index:':,:,3:',{step}")
    assert trace.conditions == ["T >= 4"]


@pytest.mark.parametrize("ends", ["2:-4", "-4:2"])
def test_an_end_is_cut_off_before_the_other_is_added_to(ends: str) -> None:
    spec = f"dialect:torch,in:2:4:T,pad:{ends}"
    assert shapecalc.trace(spec).conditions == ["T >= 4"]
    with pytest.raises(shapecalc.ShapeError, match="cuts 4 off axis 2, which has 3"):
        shapecalc.trace(spec, set={"T": 3}, repair=False)
