"""What one output sees is what real Keras does, and what following each place back finds."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from failing import failing
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.layers.spans import Span, windowed

DATA = Path(__file__).parents[1] / "data" / "receptive.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]


def seen(spec: str, axis: int = 1, row: int = -1, **more: Any) -> Any:
    """Size, stride and offset of an axis; None where nothing is said."""
    trace = shapecalc.trace(spec, **more)
    found = [each for each in trace.layers[row].receptive if each["axis"] == axis]
    return tuple(found[0].values())[1:4] if found else None


def axis_sees_what_real_keras_does(case: dict[str, Any]) -> None:
    letters = [str(size) for size in shapecalc.trace(case["spec"]).inputs[0][1]]
    axis, stride = letters.index(case["axis"]), Fraction(case["stride"])
    wanted = (case["size"], stride.numerator if stride.denominator == 1 else str(stride))
    assert seen(case["spec"], axis, set=case["at"]) == (*wanted, case["first"][0])
    assert seen(case["spec"], axis)[:2] == wanted


def test_axes_see_what_real_keras_does() -> None:
    assert len(CASES) > 30
    assert not failing(axis_sees_what_real_keras_does, CASES)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("conv1d"), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)),
        st.tuples(st.just("upsample1d"), st.integers(1, 3), st.just(1), st.just(1)),
        st.tuples(st.just("tconv1d"), st.integers(1, 4), st.integers(1, 3), st.just(1)),
        st.tuples(st.just("pad1d"), st.integers(1, 3), st.just(1), st.just(1)),
        st.tuples(st.just("crop1d"), st.integers(1, 3), st.just(1), st.just(1)),
    ),
    min_size=1,
    max_size=4,
)


def gone_back(step: tuple[str, int, int, int], low: int, high: int) -> tuple[int, int]:
    """What is seen of the input of a step, place by place, by those from one to another."""
    name, k, s, d = step
    if name == "conv1d":
        return low * s, high * s + (k - 1) * d
    if name == "upsample1d":
        return low // k, high // k
    if name == "tconv1d":
        return -((k - 1 - low) // s), high // s
    shift = k if name == "crop1d" else -k
    return low + shift, high + shift


@given(STEPS)
def test_a_field_is_what_going_back_finds(steps: list[tuple[str, int, int, int]]) -> None:
    steps = [(name, k, s, 1 if s > 1 else d) for name, k, s, d in steps]
    texts = [
        f"{name}:2:{k}:s={s}" + (f":d={d}" if name == "conv1d" else "")
        if "conv" in name
        else f"{name}:{k}"
        for name, k, s, d in steps
    ]
    found = []
    for place in range(36):
        low = high = place
        for step in reversed(steps):
            low, high = gone_back(step, low, high)
        found.append((low, high))
    size, stride, offset = seen(f"in:B:2000:2,{','.join(texts)}")
    assert offset == found[0][0]
    # A phase of 36 places holds all phases of factors up to 3 only where there are few of them.
    assert size >= max(high - low + 1 for low, high in found)
    assert all(high - low + 1 <= size for low, high in found)
    assert Fraction(stride) >= 0
    assert all(a[0] <= b[0] for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        # A merge sees what any of its tensors sees: from -4 to 2.
        ("in:B:T:4@x,conv1d:4:5:causal@a,@x,conv1d:4:5:same,add:@a", (7, 1, -4)),
        ("in:B:32:32:3,concat(conv2d:8:1|conv2d:8:5:same),conv2d:8:3", (7, 1, -2)),
        ("in:B:T:64,conv1d:64:3,gn,conv1d:64:3", ("all", 1, 0)),
        ("in:B:T:8,conv1d:8:3,ln,conv1d:8:3", (5, 1, 0)),
        ("in:B:T:8,conv1d:8:3,ln:axis=1,conv1d:8:3", ("all", 1, 0)),
        ("in:B:T:8,conv1d:8:3,bn,dense:4,conv1d:8:3", (5, 1, 0)),
        ("in:B:T:8,conv1d:8:3,lstm:8:seq,conv1d:8:3", ("all", 1, 0)),
        ("in:B:T:8,conv1d:8:3,mha:2:4", ("all", 1, 0)),
        ("in:B:T:8,td-dense:4,spectralnormalization(conv1d:8:3)", (3, 1, 0)),
        ("in:B:T:8,conv1d:8:3,gap1d:keepdims", ("all", 1, 0)),
        ("in:B:T,embedding:50:8,conv1d:8:3", (3, 1, 0)),
        ("in:B:T:8,permute:2:1,permute:2:1,conv1d:8:3", (3, 1, 0)),
        ("in:B:T:8,einsumdense:'abc,cd->abd':(None,4),conv1d:8:3", (3, 1, 0)),
        ("in:B:H:W:8@x,conv2d:8:3:same@y,gap2d,dense:8,reshape:1:1:8,mul:@y", ("all", 1, 0)),
        ("in:B:H:W:8,tconv2d:8:3:s=2:same", (2, "1/2", -1)),
        ("in:B:H:W:8,flatten", None),
        ("in:B:8,dense:4", None),
    ],
)
def test_layers_say_what_they_look_at(spec: str, size: Any) -> None:
    assert seen(spec) == size


def test_time_and_space_are_axes_of_their_own() -> None:
    row = shapecalc.trace("in:B:T:9:9:3,td-conv2d:8:3:s=2").layers[0]
    assert [(each["axis"], each["size"], each["stride"]) for each in row.receptive] == [
        (1, 1, 1),
        (2, 3, 2),
        (3, 3, 2),
    ]


def test_each_input_has_fields_of_its_own() -> None:
    row = shapecalc.trace("in:B:S:8@en,in:B:T:8@de,conv1d:8:3,mha:2:4:kv=@en").layers[-1]
    assert row.receptive == [
        {"axis": 1, "size": 3, "stride": 1, "offset": 0, "input": "de"},
        {"axis": 1, "size": "all", "stride": 1, "offset": 0, "input": "en"},
    ]


@pytest.mark.parametrize(
    ("spec", "axis", "size"),
    [
        ("conv2d:3:8:3:padding=1,maxpool2d:2,conv2d:8:8:3", 2, (8, 2, -1)),
        ("conv2d:3:8:3:padding=1,instancenorm2d:8", 3, ("all", 1, 0)),
        ("conv2d:3:8:3,batchnorm2d:8,convtranspose2d:8:8:4:2:1", 2, (4, "1/2", -1)),
        ("conv2d:3:12:3,pixelshuffle:2,conv2d:3:3:3", 2, (4, "1/2", 0)),
        ("zeropad2d:2,conv2d:3:8:3,upsample:scale_factor=2", 2, (3, "1/2", -2)),
        ("lstm:8:16:batch_first", 1, ("all", 1, 0)),
        ("in:N:C:L,transpose:1:2,linear:_:8,transpose:1:2,conv1d:8:8:3", 2, (3, 1, 0)),
        ("sequential(conv2d:3:8:3,relu,maxpool2d:2)", 2, (4, 2, 0)),
        ("in:N:3:15:15,conv2d:3:8:3,adaptiveavgpool2d:1", 2, ("all", 1, 0)),
    ],
)
def test_modules_of_torch_say_it_too(spec: str, axis: int, size: Any) -> None:
    assert seen(spec, axis, dialect="torch") == size


def test_a_model_within_a_model_is_followed() -> None:
    inner = {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Conv1D", "config": {"filters": 4, "kernel_size": 3, "strides": 2}},
        {"class_name": "Conv1D", "config": {"filters": 4, "kernel_size": 3}},
    ]}}  # fmt: skip
    network = shapecalc.load({"class_name": "Sequential", "config": {"layers": [inner]}})
    (row,) = shapecalc.trace(network, input="B,50,4").layers
    assert row.receptive == [{"axis": 1, "size": 7, "stride": 2, "offset": 0}]


def test_an_axis_that_is_read_as_another_one_ends_what_is_known() -> None:
    start = "in:B:3:H:W,conv2d:8:3:cf,"
    assert seen(f"{start}conv2d:8:3:cf", 2) == (5, 1, 0)
    kept = "concat(conv2d:8:1:cf|conv2d:4:3:cf:same):axis=1,maxpool2d:2:cf"
    assert seen(start + kept, 2) == (6, 2, -1)
    widened = "concat(conv2d:8:1:cf|conv2d:8:3:cf:same):axis=3,maxpool2d:2:cf"
    assert seen(start + widened, 3) is None
    assert seen(start + widened, 2) == (6, 2, -1)


spans = st.builds(
    windowed, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3)
)


@given(spans, spans, spans)
def test_spans_can_be_put_behind_one_another_in_any_order(a: Span, b: Span, c: Span) -> None:
    first, last = a.behind(b), b.behind(c)
    assert first is not None
    assert last is not None
    assert first.behind(c) == a.behind(last)


@pytest.mark.parametrize(
    ("dialect", "spec", "fields"),
    [
        (
            "keras",
            "in:B:T:8@a,in:B:S:8@b,@a,conv1d:8:3@c,@b,conv1d:8:5:s=2,dot:@c:2",
            [(1, 5, 2, 0, "b"), (2, 3, 1, 0, "a")],
        ),
        ("keras", "in:B:8@a,in:B:8@b,@a,dot:@b:1", []),
        ("keras", "in:B:S:8@a,in:B:8:T@b,@a,matmul:@b", [(1, 1, 1, 0, "a"), (2, 1, 1, 0, "b")]),
        ("torch", "in:N:4:9@a,in:N:7:T@b,@a,conv1d:4:4:3,bmm:@b", [(2, 1, 1, 0, "b")]),
        (
            "torch",
            "in:N:2:L:8@a,in:8:T@b,@a,matmul:@b",
            [(1, 1, 1, 0, "a"), (2, 1, 1, 0, "a"), (3, 1, 1, 0, "b")],
        ),
        (
            "torch",
            'in:N:L:4@a,in:N:S:4@b,@a,einsum:"nlc,nmc->nml":@b',
            [(1, 1, 1, 0, "b"), (2, 1, 1, 0, "a")],
        ),
        (
            "torch",
            "in:N:3:32:32,conv2d:3:4:3,maxpool2d:2:indices@p,maxunpool2d:2:@p.1",
            [(2, 4, 1, 0, "input"), (3, 4, 1, 0, "input")],
        ),
    ],
)
def test_products_and_unpools_are_followed(
    dialect: str, spec: str, fields: list[tuple[object, ...]]
) -> None:
    row = shapecalc.trace(spec, dialect=dialect).layers[-1]
    assert [tuple(each) for each in row.fields] == fields
