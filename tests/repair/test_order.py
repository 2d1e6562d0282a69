"""Layers in the wrong order, windows that do not scale exactly, axes that are not there."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc

ROW = "in:N:3:32:32,conv2d:3:16:5,relu,maxpool2d:2,flatten"


def first(spec: str) -> str:
    """The first repair, which works."""
    found = called("fix", spec, "--all").out.splitlines()[0]
    shapecalc.trace(found)
    return found.removeprefix("dialect:torch,")


@pytest.mark.parametrize(
    ("spec", "repair"),
    [
        (f"{ROW},linear:120:10,linear:3136:120", f"{ROW},linear:3136:120,linear:120:10"),
        ("in:N:512:7:7,aap2d:1,linear:512:10,flatten", "in:N:512:7:7,aap2d:1,flatten,linear:512:10"),
    ],
)  # fmt: skip
def test_two_modules_change_places(spec: str, repair: str) -> None:
    assert first(f"dialect:torch,{spec}") == repair


@pytest.mark.parametrize(
    ("spec", "repair"),
    [
        ("in:B:28:28:1,conv2d:8:3,flatten,maxpool2d,dense:10,is:B:10", "in:B:28:28:1,conv2d:8:3,maxpool2d,flatten,dense:10,is:B:10"),
        ("in:B:100,reshape:7:7:8,dense:392,tconv2d:1:5:s=2:same,is:B:14:14:1", "in:B:100,dense:392,reshape:7:7:8,tconv2d:1:5:s=2:same,is:B:14:14:1"),
        ("in:B:H:W:3,conv2d:8:3:same@e,maxpool2d,concat:@e,upsample2d,is:B:H:W:16", "in:B:H:W:3,conv2d:8:3:same@e,maxpool2d,upsample2d,concat:@e,is:B:H:W:16"),
        ("in:B:5:4@a,in:B:6@b,@a,concat:@b,flatten,dense:8,is:B:8", "in:B:5:4@a,in:B:6@b,@a,flatten,concat:@b,dense:8,is:B:8"),
    ],
)  # fmt: skip
def test_two_layers_change_places(spec: str, repair: str) -> None:
    assert first(spec) == repair


@pytest.mark.parametrize(
    ("window", "repair"),
    [
        # Out of 14 places 28: by the padding, the kernel, or the output padding.
        ("tconv2d:8:1:4:s=2,is:N:1:28:28", "tconv2d:8:1:4:s=2:p=1,is:N:1:28:28"),
        ("tconv2d:8:1:5:s=2:p=1,is:N:1:28:28", "tconv2d:8:1:4:s=2:p=1,is:N:1:28:28"),
        ("tconv2d:8:1:3:s=2:p=1,is:N:1:28:28", "tconv2d:8:1:4:s=2:p=1,is:N:1:28:28"),
        ("conv2d:8:1:2:p=1,is:N:1:14:14", "conv2d:8:1:3:p=1,is:N:1:14:14"),
        ("conv2d:8:1:4:s=2,is:N:1:7:7", "conv2d:8:1:4:s=2:p=1,is:N:1:7:7"),
        ("maxpool2d:3:s=2,is:N:8:7:7", "maxpool2d:3:s=2:p=1,is:N:8:7:7"),
    ],
)
def test_a_window_scales_by_its_stride(window: str, repair: str) -> None:
    start = "in:N:8:14:14"
    assert first(f"dialect:torch,{start},{window}") == f"{start},{repair}"


@pytest.mark.parametrize(
    ("spec", "repair"),
    [
        ("in:N:T:20,lstm:20:64:batch_first,linear:64:5,is:N:5", "in:N:T:20,lstm:20:64:batch_first,select:1:-1,linear:64:5,is:N:5"),
        ("in:T:N:20,gru:20:64,linear:64:5,is:N:5", "in:T:N:20,gru:20:64,select:0:-1,linear:64:5,is:N:5"),
        ("in:N:T:20,lstm:20:64:batch_first,select:9:-1,linear:64:5,is:N:5", "in:N:T:20,lstm:20:64:batch_first,select:1:-1,linear:64:5,is:N:5"),
        ("in:N:8:6:6,mean:2,linear:8:3", "in:N:8:6:6,mean:2:3,linear:8:3"),
        ("in:N:8:6:6,flatten,linear:8:3", "in:N:8:6:6,aap2d:1,flatten,linear:8:3"),
        ("in:N:8:6:6,aap2d:2,flatten,linear:8:3", "in:N:8:6:6,aap2d:1,flatten,linear:8:3"),
        ("in:N:8,linear:8:4,is:N:3", "in:N:8,linear:8:3,is:N:3"),
        ("in:N:8:6:6,flatten,is:N:10", "in:N:8:6:6,flatten,linear:288:10,is:N:10"),
        ("in:N:L:64,transpose:1:2,conv1d:64:32:3,transpose:1:2,is:N:L:32", "in:N:L:64,transpose:1:2,conv1d:64:32:3:p=1,transpose:1:2,is:N:L:32"),
        ("in:N:9,linear:9:40,unflatten:1:(4,3,3)", "in:N:9,linear:9:36,unflatten:1:4:3:3"),
    ],
)  # fmt: skip
def test_modules_of_torch_work_on_other_axes(spec: str, repair: str) -> None:
    assert first(f"dialect:torch,{spec}") == repair


@pytest.mark.parametrize(
    ("spec", "repair"),
    [
        ("in:B:H:W:3,conv2d:8:3:same@e,maxpool2d:3,upsample2d,concat:@e", "in:B:H:W:3,conv2d:8:3:same@e,maxpool2d:3,upsample2d:3,concat:@e"),
        ("in:B:H:W:3,conv2d:8:3:same@e,maxpool2d,concat:@e", "in:B:H:W:3,conv2d:8:3:same@e,maxpool2d,upsample2d,concat:@e"),
        ("in:B:64:64:3@x,conv2d:8:3:s=2:same,tconv2d:3:3:s=4:same,add:@x", "in:B:64:64:3@x,conv2d:8:3:s=2:same,tconv2d:3:3:s=2:same,add:@x"),
        ("dialect:torch,in:N:3:64:64@x,conv2d:3:8:3:s=2:p=1,tconv2d:8:3:4:s=4,add:@x", "in:N:3:64:64@x,conv2d:3:8:3:s=2:p=1,tconv2d:8:3:4:s=2:p=1,add:@x"),
    ],
)  # fmt: skip
def test_maps_grow_as_often_as_they_shrank(spec: str, repair: str) -> None:
    assert first(spec) == repair


def test_what_leaves_one_size_of_an_open_axis_comes_last() -> None:
    spec = "dialect:torch,in:N:T:20,lstm:20:64:batch_first,select:9:-1,linear:64:5,is:N:5"
    found = called("fix", spec, "--all").out.splitlines()
    bound = ["T == 64" in shapecalc.trace(each).conditions for each in found]
    assert len(set(bound)) > 1
    assert bound == sorted(bound)


def test_what_works_for_a_size_of_1_only_is_no_repair() -> None:
    found = called("fix", "in:B:T:4,is:B:N:_,maxpool1d,is:B:N:_", "--all").out.splitlines()
    assert found == ["in:B:T:4,is:B:N:_,maxpool1d:s=1:same,is:B:N:_"]


def test_a_number_of_steps_that_must_be_is_written() -> None:
    assert first("in:B:9,td-dense:3,is:B:4:3") == "in:B:9,repeat:4,td-dense:3,is:B:4:3"
