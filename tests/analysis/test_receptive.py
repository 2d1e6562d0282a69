"""Receptive fields are those that following each place back finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

import shapecalc
from shapecalc.analysis.receptive import Field, receptive_fields

WINDOWS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4
)


@settings(max_examples=60, deadline=None)
@given(WINDOWS)
def test_field_is_what_one_output_depends_on(windows: list[tuple[int, int, int]]) -> None:
    spec, places = "in:B:400:2", [{place} for place in range(400)]
    for kernel, stride, wanted in windows:
        dilation = 1 if stride > 1 else wanted
        spec += f",conv1d:2:{kernel}:s={stride}:d={dilation}"
        reach = (kernel - 1) * dilation + 1
        places = [
            set().union(*(places[start + tap * dilation] for tap in range(kernel)))
            for start in range(0, len(places) - reach + 1, stride)
        ]
    trace = shapecalc.trace(spec)
    assert trace.output[1] == len(places)
    (field,) = receptive_fields(trace)[trace.layers[-1].name]
    assert field.size == max(places[0]) - min(places[0]) + 1
    assert len(places) < 2 or field.stride == min(places[1]) - min(places[0])


def test_branches_see_the_most_of_both() -> None:
    trace = shapecalc.trace(
        "in:B:32:32:3,concat(conv2d:8:1|conv2d:8:5:same),conv2d:8:3,maxpool2d:2"
    )
    fields = receptive_fields(trace)
    assert fields["conv2d_1"] == (Field(5, 1),) * 2
    assert fields["conv2d_2"] == (Field(7, 1),) * 2
    assert fields["max_pooling2d"] == (Field(8, 2),) * 2


def test_nothing_is_said_of_what_sees_all() -> None:
    trace = shapecalc.trace("conv1d:8:3,lstm:8:seq,conv1d:8:3")
    assert set(receptive_fields(trace)) == {"conv1d"} | (
        {"conv1d_1"} & set(receptive_fields(trace))
    )


def test_an_axis_that_is_read_as_another_one_ends_what_is_known() -> None:
    start = "in:B:3:H:W,conv2d:8:3:cf"
    fields = receptive_fields(shapecalc.trace(f"{start},conv2d:8:3:cf,conv2d:8:3"))
    assert fields == {"conv2d": (Field(3, 1),) * 2, "conv2d_1": (Field(5, 1),) * 2}
    joined = "concat(conv2d:8:1:cf|conv2d:4:3:cf:same)"
    kept = receptive_fields(shapecalc.trace(f"{start},{joined}:axis=1,maxpool2d:2:cf"))
    assert kept["max_pooling2d"] == (Field(6, 2),) * 2
    widened = "concat(conv2d:8:1:cf|conv2d:8:3:cf:same)"
    wide = receptive_fields(shapecalc.trace(f"{start},{widened}:axis=3,maxpool2d:2:cf"))
    assert "max_pooling2d" not in wide
