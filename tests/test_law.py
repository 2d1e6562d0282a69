"""The law: conditions are true exactly when the trace with that number works, and sizes agree."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shapecalc
from shapecalc.errors import ShapeError
from shapecalc.network import Network
from shapecalc.walk import trace_network

NUMBERS = range(1, 301)


def random_stack(seed: int) -> str:
    """A stack over one letter: windows, padding, cropping, scaling, and skips that come back."""
    draw = random.Random(seed)  # noqa: S311  (no secret)
    steps: list[str] = []
    labels = 0

    def window() -> str:
        kernel, stride = draw.randint(1, 5), draw.choice([1, 1, 2, 2, 3])
        padding = draw.choice(["", "", ":same", ":causal"])
        dilation = draw.choice(["", "", ":d=2", ":d=3"]) if stride == 1 else ""
        return f"conv1d:4:{kernel}:s={stride}{padding}{dilation}"

    def pool() -> str:
        kind = draw.choice(["maxpool1d", "avgpool1d"])
        stride = draw.choice(["", ":s=1", ":s=2"])
        return f"{kind}:{draw.randint(2, 4)}{stride}{draw.choice(['', ':same'])}"

    def transposed() -> str:
        return f"tconv1d:4:{draw.randint(1, 4)}:s={draw.randint(1, 3)}{draw.choice(['', ':same'])}"

    def other() -> str:
        return draw.choice(
            [
                f"upsample1d:{draw.randint(1, 3)}",
                f"pad1d:({draw.randint(0, 3)},{draw.randint(0, 3)})",
                f"crop1d:({draw.randint(0, 3)},{draw.randint(0, 3)})",
                "relu",
            ]
        )

    for _ in range(draw.randint(1, 6)):
        if draw.random() < 0.25:
            labels += 1
            inner = f"{pool()},{transposed()}" if draw.random() < 0.6 else window()
            steps.append(f"id@x{labels},{inner},concat:@x{labels},conv1d:4:1")
        else:
            steps.append(draw.choice([window, window, pool, transposed, other])())
    end = draw.choice(["", "", ",flatten", f",reshape:-1:{draw.choice([2, 4, 8])}"])
    return "in:B:T:4," + ",".join(steps) + end


def outcome(network: Network, number: int) -> tuple[int, ...] | None:
    """The output at a number, without its batch; None where it does not fit."""
    try:
        trace = trace_network(network, values={"T": number})
    except ShapeError:
        return None
    assert trace.conditions == []
    return tuple(size for size in trace.output[1:] if isinstance(size, int))


def check_law(spec: str) -> None:
    network = shapecalc.parse(spec)
    try:
        trace = trace_network(network)
    except ShapeError:
        assert [n for n in NUMBERS if outcome(network, n) is not None] == [], spec
        return
    condition = " and ".join(f"({text})" for text in trace.conditions) or "True"
    for number in NUMBERS:
        concrete = outcome(network, number)
        holds = eval(condition, {"T": number})  # noqa: S307  (it is Python, as is promised)
        assert holds == (concrete is not None), (spec, condition, number)
        if concrete is not None:
            sizes = [eval(str(size), {"T": number}) for size in trace.output[1:]]  # noqa: S307
            assert tuple(sizes) == concrete, (spec, number)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_conditions_are_exact_in_both_directions(seed: int) -> None:
    check_law(random_stack(seed))


@pytest.mark.parametrize(
    "spec",
    [
        "in:B:T:4,relu@x,conv1d:8:2:s=2,tconv1d:4:2:s=2,add:@x",
        "in:B:T:4@x,conv1d:4:3,add:@x",
        "in:B:T:4@x,maxpool1d:2,upsample1d:2,concat:@x",
        "in:B:T:4@x,maxpool1d:3:same,upsample1d:3,crop1d:(0,2),concat:@x",
        "in:B:T:4,flatten,reshape:-1:8,conv1d:2:3:s=2",
        "in:B:T:4,reshape:2:-1:6",
        "in:B:T:4,conv1d:6:4:s=3,flatten,reshape:12:3",
        "in:B:T:4,pad1d:3,crop1d:(5,5),maxpool1d:2:s=1",
    ],
)
def test_the_law_for(spec: str) -> None:
    check_law(spec)
