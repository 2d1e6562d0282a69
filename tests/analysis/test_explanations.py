"""What is said of axes and conditions is said of the axis, and in the form, that is there."""

from __future__ import annotations

import re
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.analysis.axes import Axes
from shapecalc.analysis.explanations import explanations
from shapecalc.dims import limited, spent


def said(spec: str, row: int = -1, **more: str) -> list[str]:
    return explanations(shapecalc.trace(spec, **more))[row].lines


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("dwconv2d:3:same:cf:depth_multiplier=2", "channels: each becomes 2: 3*2 = 6"),
        ("dwconv2d:3:same:cf", "channels: each is processed separately, so their number stays"),
        ("maxpool2d:2:cf", "channels: each is processed separately, so their number stays"),
        ("conv2d:8:3:cf", "width: W - 3 + 1 = W - 2, at least 1 when W >= 3"),
        ("upsample2d:2x3:cf", "width: W becomes 3*W"),
        ("gap2d:cf", "one value per channel of all H * W positions: "
         "the spatial axes are removed"),
    ],
)  # fmt: skip
def test_channels_first(spec: str, line: str) -> None:
    assert line in said(f"in:B:3:H:W,{spec}")


WINDOWS = st.sampled_from(
    ["conv{n}d:6:{k}:s={s}", "conv{n}d:6:{k}:d={s}:same", "maxpool{n}d:{k}:s={s}", "gap{n}d",
     "avgpool{n}d:{k}:same", "gmp{n}d:keepdims", "tconv{n}d:6:{k}:s={s}", "upsample{n}d:{k}",
     "adaptiveavgpool{n}d:{k}", "spatialdropout{n}d:0.5", "dwconv{n}d:{k}:s={s}",
     "dwconv{n}d:{k}:depth_multiplier={s}", "sepconv{n}d:6:{k}:s={s}"]
)  # fmt: skip
SIZES = {1: "T", 2: "H:W", 3: "D:H:W"}


@given(WINDOWS, st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_the_same_is_said_wherever_the_channels_stand(form: str, n: int, k: int, s: int) -> None:
    if n == 3 and form[:2] in {"dw", "se"}:
        n = 2
    last = form.format(n=n, k=k, s=s)
    if n == 1 and form.startswith(("upsample", "spatial")):
        return
    assert said(f"in:B:{SIZES[n]}:4,{last}") == said(f"in:B:4:{SIZES[n]},{last}:cf")


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        (
            "in:B:3:H:W,conv2d:8:1:cf,bn",
            [
                "normalizes each position of the width by its mean and variance over the batch",
                "axis -1 is the width (W), not the channels, which are axis 1 "
                "(for those write bn:axis=1)",
            ],
        ),
        (
            "in:B:3:H:W,conv2d:8:1:cf,bn:axis=1",
            [
                "normalizes each channel by its mean and variance over the batch",
                "axis 1 is the channels (8)",
            ],
        ),
        (
            "in:B:H:W:3,conv2d:8:1,relu,dropout:0.5,bn",
            [
                "normalizes each channel by its mean and variance over the batch",
                "axis -1 is the channels (8)",
            ],
        ),
        (
            "in:B:3:H:W,ln:axis=2,conv2d:8:1:cf",
            [
                "normalizes each example separately, over its height",
                "axis 2 is the height (H), not the channels, which are axis 1 "
                "(for those write ln:axis=1)",
            ],
        ),
        (
            "in:B:3:H:W,conv2d:8:1:cf,ln:axis=(1,2,3)",
            [
                "normalizes each example separately, over its features",
                "axes 1, 2 and 3 are the channels (8), the height (H) and the width (W)",
            ],
        ),
        (
            "in:B:3:H:W,maxpool2d:2:cf,gn:8:center=False",
            [
                "normalizes each example separately, over groups of positions of the width",
                "axis -1 is the width (W//2), not the channels, which are axis 1 "
                "(for those write gn:8:center=False:axis=1)",
            ],
        ),
        (
            "lstm:8:seq,bn:axis=1",
            [
                "normalizes each position of the steps by its mean and variance over the batch",
                "axis 1 is the steps (T), not the features, which are axis 2 (for those write bn)",
            ],
        ),
        (
            "in:B:T:4:5:6,bn",
            ["normalizes each channel by its mean and variance over the batch"],
        ),
        (
            "in:B:3:H:W,conv2d:8:1:cf,dense:4",
            [
                "multiplies the width, the last axis, with a kernel and adds a bias",
                "the last axis, the width, W, becomes 4 units; all axes before it stay",
            ],
        ),
    ],
)
def test_the_axis_on_which_a_layer_works(spec: str, lines: list[str]) -> None:
    rows = explanations(shapecalc.trace(spec))
    (found,) = [each.lines for each in rows if each.lines[0] == lines[0]]
    assert found[: len(lines)] == lines


@pytest.mark.parametrize(
    ("spec", "axis"),
    [
        ("in:B:3:H:W,conv2d:8:1:cf@x,bn,add:@x,ln", "width"),
        ("conv2d:8:3,permute:3:1:2,bn", "width"),
        ("conv2d:8:3,permute:3:1:2,conv2d:8:3:cf,bn:axis=1", "channels"),
        ("in:B:T:3:H:W,td-conv2d:8:1:cf,bn", "width"),
        ("convlstm2d:8:3:cf:seq,bn", "width"),
        ("convlstm2d:8:3:cf,bn", "width"),
        ("in:B:3:H:W,conv2d:8:3:cf,gap2d:cf,bn", "channels"),
        ("in:B:3:H:W,conv2d:8:3:cf,flatten,bn", "features"),
        ("in:B:12,reshape:3:2:2,bn,conv2d:4:1:cf", "width"),
        ("emb:50:8,bn", "features"),
        ("in:B:3:H:W,concat(conv2d:8:1:cf|conv2d:4:1:cf):axis=1,bn", "width"),
        ("in:B:3:H:W,spectralnormalization(conv2d:8:3:cf),bn", "width"),
        ("bi-lstm:4:seq,bn:axis=1", "steps"),
        ("bi-lstm:4,bn", "features"),
        ("repeat:3,bn", "features"),
        ("conv2d:8:3,reshape:-1:4,bn", None),
        ("in:B:T:4,bn", None),
    ],
)
def test_names_go_along(spec: str, axis: str | None) -> None:
    trace = shapecalc.trace(spec)
    (row,) = [row for row in trace.layers if row.layer.endswith("Normalization")][-1:]
    names = Axes(trace).read.get(row.name)
    assert (names and names[row.model.axis]) == axis


def test_a_concatenation_names_an_axis_that_is_not_the_channels() -> None:
    assert "axis -1, the width: W + W = 2*W; all other axes must agree" in said(
        "in:B:3:H:W,concat(conv2d:8:1:cf|conv2d:8:1:cf)"
    )


@pytest.mark.parametrize(
    ("spec", "row", "where", "line"),
    [
        ("in:B:T:4,maxpool1d:2:same,maxpool1d,conv1d:8:4", 2, "",
         "steps: ((T + 1)//4) - 4 + 1 = (T - 11)//4, at least 1 when T >= 15"),
        ("in:B:T:4,conv1d:8:3,conv1d:8:3", 1, "", "steps: T - 2 - 3 + 1 = T - 4, at least 1 when T >= 5"),
        ("in:B:T:4,conv1d:8:3,conv1d:8:3", 1, "T >= 5", "steps: T - 2 - 3 + 1 = T - 4"),
        ("in:B:T:C,reshape:-1:8", 0, "", "fits when C*T % 8 == 0"),
        ("in:B:8,reshape:2:-1,reshape:K", 1, "", "fits when K == 8"),
        ("in:B:H:W:4@x,maxpool2d:2,upsample2d:2,add:@x", 2, "", "fits when H % 2 == 0, W % 2 == 0"),
    ],
)  # fmt: skip
def test_conditions_are_said_as_the_table_says_them(
    spec: str, row: int, where: str, line: str
) -> None:
    lines = said(spec, row, where=where)
    assert line in [each.replace("(T - 2) ", "T - 2 ") for each in lines]


CHAINS = st.lists(
    st.sampled_from(
        ["conv1d:8:{k}", "conv1d:8:{k}:s=2", "maxpool1d:{k}", "conv1d:8:{k}:same:s=2",
         "avgpool1d:{k}:s=1", "upsample1d:2", "crop1d:{k}", "pad1d:1", "relu", "bn"]
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


@given(CHAINS, st.lists(st.integers(1, 4), min_size=5, max_size=5))
def test_what_the_rows_say_last_is_what_the_table_says(
    chain: list[str], numbers: list[int]
) -> None:
    spec = ",".join(["in:B:T:4", *(f.format(k=k) for f, k in zip(chain, numbers, strict=False))])
    trace = shapecalc.trace(spec)
    lines = [line for each in explanations(trace) for line in each.lines]
    found = [m[1] for line in lines if (m := re.search(r"(?:at least 1|fits) when (.*)", line))]
    assert found[-1:] == trace.conditions


def test_what_must_hold_is_said_with_work_in_proportion_to_the_rows() -> None:
    def work(turns: int) -> float:
        each = "concat(maxpool1d:3|conv1d:4:4:s=3),conv1d:4:1"
        spec = f"in:B:T//3+S:4,{turns}x({each}),{turns}x(add(conv1d:4:4|conv1d:4:4))"
        trace = shapecalc.trace(spec, where="T % S == 0, T == 2*J")
        with limited(inf):
            before = spent()
            explanations(trace)
            return spent() - before

    assert work(8) < 3 * work(4)
