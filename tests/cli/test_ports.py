"""``diff`` of a model and its port to the other framework: what both have, and what differs first."""

from __future__ import annotations

import json

import pytest
from terminal import called

UNSEEN = (
    "not looked at: epsilon, momentum, activations within layers, and the order of the numbers "
    "that a flatten makes of channels"
)


def compared(keras: str, torch: str, *options: str) -> tuple[int, list[str], list[str]]:
    """The exit code, the marks of the rows that differ, and the notes."""
    done = called("diff", keras, f"dialect:torch,{torch}", *options)
    notes = [line.removeprefix("note: ") for line in done.err.splitlines()]
    assert notes[-1] == UNSEEN
    marks = ["".join(line.split("\t")[:3]) for line in done.out.splitlines()]
    return done.code, marks, notes[:-1]


@pytest.mark.parametrize(
    ("keras", "torch"),
    [
        (
            "in:B:32:32:3,conv2d:16:3:same:relu,bn,maxpool2d:2,flatten,dense:10:softmax",
            "conv2d:3:16:3:p=1,bn2d:16,relu,maxpool2d:2,flatten,linear:4096:10",
        ),
        ("in:B:H:W:3,conv2d:8:3:s=2,gap2d,dense:5", "conv2d:3:8:3:2,relu,aap2d:1,flatten,fc:8:5"),
        ("in:B:T:8,gru:16,dense:3", "in:N:L:8,gru:8:16:batch_first,select:1:-1,linear:16:3"),
        ("in:B:T,embedding:9:4,conv1d:8:3", "in:N:L,embedding:9:4,permute:0:2:1,conv1d:4:8:3"),
        ("in:B:T:8,td-dense:4,ln", "in:N:L:8,linear:8:4,layernorm:4"),
        ("in:B:9:9:4@x,conv2d:4:3:same,add:@x", "in:N:4:9:9@x,conv2d:4:4:3:p=same,add:@x"),
        (
            "in:B:8:8:4,pad2d:1,dwconv2d:3,conv2d:6:1:nobias",
            "conv2d:4:4:3:p=1:g=4,conv2d:4:6:1:nobias",
        ),
        ("in:B:12,dense:8,dropout:0.5,dense:2", "linear:12:8,linear:8:2"),
    ],
)
def test_a_port_that_does_the_same_is_exit_0(keras: str, torch: str) -> None:
    assert compared(keras, torch) == (0, [], [])
    assert called("diff", f"dialect:torch,{torch}", keras).code == 0


def test_a_pooling_whose_windows_lie_side_by_side_has_a_stride() -> None:
    code, marks, notes = compared("in:B:9:9:4,maxpool2d:2:same", "in:N:4:9:9,maxpool2d:2")
    assert (code, marks) == (1, ["~11"])
    assert notes == [
        "first at 1 max_pooling2d and 1 maxpool2d: A gives (B, 5, 5, 4), B (B, 4, 4, 4); same with "
        "a stride rounds up, and pads more at the end than at the beginning"
    ]
    assert compared("in:B:9:9:4,maxpool2d:2:s=1:same", "in:N:4:9:9,maxpool2d:3:1:1")[0] == 0


def test_same_with_a_stride_has_the_same_shape_and_other_windows() -> None:
    code, marks, notes = compared("in:B:32:32:3,conv2d:16:3:s=2:same", "conv2d:3:16:3:2:1")
    assert (code, marks) == (0, [])
    assert notes == [
        "conv2d: same with a stride rounds up, and pads more at the end than at the beginning; "
        "the windows lie at other positions there"
    ]


@pytest.mark.parametrize(
    ("keras", "torch", "marks", "why"),
    [
        (
            "in:B:T:8,lstm:16,dense:3",
            "in:N:L:8,lstm:8:16:batch_first,select:1:-1,linear:16:3",
            ["~11"],
            "first at 1 lstm and 1 lstm: B keeps a second bias of each layer, bias_hh_l0: 64 more",
        ),
        (
            "in:B:28:28:1,conv2d:8:3:nobias,flatten,dense:10",
            "conv2d:1:8:3,flatten,linear:5408:10",
            ["~11"],
            "first at 1 conv2d and 1 conv2d: only B has a bias: 8 more",
        ),
        (
            "in:B:32:32:3,conv2d:16:5,maxpool2d:2,conv2d:32:5",
            "conv2d:3:16:5,conv2d:16:32:5",
            ["-2", "~32"],
            "first at 2 max_pooling2d: only A has it",
        ),
        (
            "in:B:32:32:3,conv2d:16:3:s=2:same",
            "conv2d:3:16:3:2",
            ["~11"],
            "first at 1 conv2d and 1 conv2d: A gives (B, 16, 16, 16), B (B, 16, 15, 15); same with a "
            "stride rounds up, and pads more at the end than at the beginning",
        ),
        (
            "in:B:12,dense:8,dense:8,dense:2",
            "linear:12:8,linear:8:2",
            ["-2"],
            "first at 2 dense_1: only A has it",
        ),
    ],
)
def test_what_differs_first_is_said_with_the_reason(
    keras: str, torch: str, marks: list[str], why: str
) -> None:
    code, found, notes = compared(keras, torch)
    assert (code, found, notes) == (1, marks, [why])


def test_json_has_the_notes() -> None:
    done = called("diff", "in:B:8,dense:4", "dialect:torch,linear:8:4", "-f", "json", "--full")
    data = json.loads(done.out)
    assert (done.code, data["same"], data["notes"]) == (0, True, [UNSEEN])
    assert [row["mark"] for row in data["rows"]] == ["="]
    assert data["b"]["outputs"] == [[4, "B"]]
