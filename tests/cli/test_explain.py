"""Explanations: what is said of each layer is what the trace says."""

from __future__ import annotations

import json

import pytest
from failing import failing
from layers.test_catalogue import LAYERS
from terminal import called, shown

import shapecalc
from shapecalc.analysis.explanations import explanations
from shapecalc.analysis.reference import reference
from shapecalc.dims import product
from shapecalc.layers.keras.dialect import KERAS


def test_the_rule_stands_with_its_numbers() -> None:
    out = called("explain", "in:B:T:4,conv1d:8:3:s=2,lstm:64:seq,td-dense:3").out
    lines = [line.strip() for line in out.splitlines()]
    assert "1 conv1d  Conv1D(8, 3, strides=2)  (B, T, 4) -> (B, (T - 1)//2, 8)" in lines
    assert "steps: (T - 3)//2 + 1 = (T - 1)//2, at least 1 when T >= 3" in lines
    assert "receptive field: one output sees 3 steps of the input, stride 2" in lines
    assert "weight kernel (3, 4, 8) = 96" in lines
    assert "params 96 + 8 = 104" in lines
    assert "slides a kernel along the steps and computes 8 new channels at each position" in lines
    assert "reads (T - 1)//2 steps one by one and returns the state after every step" in lines
    assert "without seq: (B, 64)" in lines
    assert "195 params, however many steps there are" in lines
    assert lines[-1] == "holds when: T >= 3"


def test_one_row_by_number_or_name() -> None:
    by_number = called("explain", "lstm:64,dense:3", "--row", "2")
    assert by_number == called("explain", "lstm:64,dense:3", "--row", "dense")
    assert by_number.out.startswith("2 dense  Dense(3)  (B, 64) -> (B, 3)\n")
    done = called("explain", "lstm:64", "--row", "3")
    assert (done.code, done.out) == (2, "")
    assert "there is no row 3" in done.err


@pytest.mark.parametrize("more", [(), ("--row", "1"), ("-f", "json")])
def test_what_does_not_fit_leaves_stdout_empty(more: tuple[str, ...]) -> None:
    done = called("explain", "lstm:64,lstm:32", *more)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: lstm needs a 3-D input")
    assert "lstm:64 before it returns only its last step" in done.err
    assert "help: lstm:64:seq,lstm:32" in done.err


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    code, text = shown("explain", "in:B:T:4,conv1d:8:3:s=2,lstm:64:seq", columns=columns)
    assert code == 0
    assert max(map(len, text.splitlines())) <= columns


def is_explained(name: str) -> None:
    for example in reference(name, KERAS).examples:
        trace = shapecalc.trace(example.spec)
        for said in explanations(trace):
            assert said.lines
            assert all(line == line.strip() and line for line in said.lines)
            weights = [line for line in said.lines if line.startswith("weight ")]
            assert len(weights) == len(said.row.weights)
            total = sum((product(weight.shape) for weight in said.row.weights), start=0)
            assert total == said.row.params


def test_every_layer_is_explained() -> None:
    assert not failing(is_explained, LAYERS)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            "in:B:28:28:1,conv2d:8:3:same",
            "height: 28, since zeros at both ends (same) make up for the window",
        ),
        ("in:B:29:28:1,conv2d:8:3:s=2:same", "height: (29 + 1)//2 = 15, 29/2 rounded up (same)"),
        (
            "in:B:28:28:8,maxpool2d:2",
            "channels: each is processed separately, so their number stays",
        ),
        ("in:B:T:8,tconv1d:4:3:s=2", "steps: T*2 + 1 = 2*T + 1"),
        ("in:B:7:7:8,flatten", "all axes but the batch become one: 7*7*8 = 392"),
        (
            "in:B:H:W:8,gap2d",
            "one value per channel of all H * W positions: the spatial axes are removed",
        ),
        ("in:B:T:8@a,in:B:T:4@b,@a,concat:@b", "axis -1: 8 + 4 = 12; all other axes must agree"),
        ("in:B:T:8,dense:3", "the last axis, 8 features, becomes 3 units; all axes before it stay"),
        ("lstm:64", "with seq: (B, T, 64)"),
        ("bi-lstm:8", "what both give is concatenated: their units add up"),
        ("relu", "the shape does not change"),
    ],
)
def test_what_is_said_of_a_layer(spec: str, said: str) -> None:
    assert said in explanations(shapecalc.trace(spec))[-1].lines


def test_the_product_is_spelled_out() -> None:
    out = called("explain", "in:B:H:W:C,conv2d:64:3:same").out
    assert "    macs: kernel 576*C at each of B*H*W positions = 576*B*C*H*W\n" in out
    lines = [each.strip() for each in called("explain", "in:B:T:8,lstm:64").out.splitlines()]
    assert "weight kernel (8, 256) = 2,048, 256 = 4 gates of 64" in lines
    assert "macs: recurrent_kernel 16,384 at each of B*T positions = 16384*B*T" in lines
    assert "macs 2048*B*T + 16384*B*T = 18432*B*T" in lines
    out = called("explain", "in:B:T:8,mha:2:4").out
    assert "macs: scores B*2*T*T*4 = 8*B*T**2\n" in out
    out = called("explain", "gru:10:20", "-d", "torch").out
    assert "weight weight_ih_l0 (60, 10) = 600, 60 = 3 gates of 20\n" in out


def test_what_depends_on_the_data_is_said() -> None:
    spec = "in:N:64@x,in:N@y,@x,adaptivelogsoftmaxwithloss:64:1000:(10,100):@y"
    assert "macs: their number depends on the data" in called("explain", spec, "-d", "torch").out


def test_an_output_that_sees_everything() -> None:
    out = called("explain", "in:B:S:8@en,in:B:T:8@de,conv1d:8:3,mha:2:4:kv=@en").out
    assert "receptive field: one output sees 3 steps of de, stride 1\n" in out
    assert "receptive field: one output sees all steps of en\n" in out


def test_as_data() -> None:
    (row,) = json.loads(called("explain", "dense:3", "-f", "json").out)
    assert row["outputs"] == [["B", 3]]
    assert (
        row["explanation"][0]
        == "multiplies the features on the last axis with a kernel and adds a bias"
    )


def test_a_receptive_field_may_be_larger_than_any_number_that_is_read() -> None:
    done = called("explain", "200x-conv1d:8:3:s=2:same", "-i", "1,1,8", "--row", "200")
    assert done.code == 0
    assert (
        "one output sees more than 10**40 steps of the input, stride more than 10**40" in done.out
    )


def test_a_wrapper_that_changes_nothing_is_said_to() -> None:
    said = "dense:3 without td returns the same shape, (B, T, 3), with as many params"
    assert said in called("explain", "lstm:64:seq,td-dense:3").out
    for spec in (
        "dialect:keras1,lstm:64:seq,td-dense:3",
        "in:B:T:8:8:3,td-conv2d:4:3",
        "bi-lstm:3",
    ):
        assert "without td" not in called("explain", spec).out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("lstm:64",), "B batch, T steps, F features"),
        (("conv3d:8:3",), "B batch, D depth, H height, W width, C channels"),
        (("-d", "torch", "lstm:10:20"), "L length, N batch"),
        (("in:?:?:4,lstm:3",), "B batch, T steps"),
        (("conv2d:8:3", "-i", "None,28,28,1"), "B batch"),
        (("lstm:64", "-s", "T=9"), "B batch, F features"),
        (("in:B:T:4,lstm:3",), None),
        (("lstm:3", "-i", "B,T,4"), None),
        (("lstm:3", "-i", "B,?,4"), "T steps"),
    ],
)
def test_made_letters_are_explained_once(arguments: tuple[str, ...], line: str | None) -> None:
    expected = [] if line is None else [line]
    for text, colon in ((shown(*arguments)[1], ""), (called("explain", *arguments).out, ":")):
        begin = f"letters{colon}"
        said = [each.strip() for each in text.splitlines() if each.strip().startswith(begin)]
        assert [each.removeprefix(begin).strip() for each in said] == expected
