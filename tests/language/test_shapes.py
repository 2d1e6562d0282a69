"""Shapes as they are given: every element is read as one size, or refused in words."""

from __future__ import annotations

import itertools
import math
from enum import IntEnum
from typing import Any

import pytest
from dims.strategies import pairs
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.dims import Dim, Size, field_text, maximum, shape_text
from shapecalc.dims.bounds import interval
from shapecalc.language.shapes import given_shape


class Whole:
    """What other packages have for whole numbers: an index, and no int."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class Named(IntEnum):
    FIVE = 5


T = Dim("T")


@pytest.mark.parametrize(
    ("size", "read"),
    [
        (7, 7),
        (Whole(7), 7),
        (Named.FIVE, 5),
        (T, T),
        ("T", T),
        (" T - 2 ", T - 2),
        ("7", 7),
        ("max(T,3)", maximum(T, 3)),
        ("(T + 1)//2", (T + 1) // 2),
        (None, None),
        ("None", None),
        ("?", None),
        ("_", None),
    ],
)
def test_one_size_in_every_form(size: object, read: Size | None) -> None:
    assert given_shape(("B", size, 5)) == (Dim("B"), read, 5)
    assert type(given_shape([size])[0]) is type(read)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (3.0, "a whole number or letters, not 3.0"),
        (0.5, "a whole number or letters, not 0.5"),
        (math.nan, "a whole number or letters, not nan"),
        (math.inf, "a whole number or letters, not inf"),
        (True, "a whole number or letters, not True"),
        (False, "a whole number or letters, not False"),
        (b"T", "a whole number or letters, not bytes"),
        (["T"], "a whole number or letters, not list"),
        ({}, "a whole number or letters, not dict"),
        (0, "at least 1, but this is 0"),
        (-3, "at least 1, but this is -3"),
        (Whole(-3), "at least 1, but this is -3"),
        (Dim("T") * -1, "at least 1, but this is -T"),
        ("-3", "at least 1, but this is -3"),
        (10**40, "at most 40 digits"),
        pytest.param(10**5000, "at most 40 digits", id="long"),
        pytest.param(-(10**5000), "at most 40 digits", id="long-negative"),
        ("9" * 41, "at most 40 digits"),
        ("", "a size is expected here"),
        ("()", "a size is expected here"),
        ("T,3", "not part of a size"),
        ("(T,3)", "one size is expected"),
        ("T 3", "not part of a size"),
        ("T\0", "not part of a size"),
    ],
)
def test_what_is_no_size_is_refused(size: object, said: str) -> None:
    layer = shapecalc.layer("Dense", units=3)
    calls = [
        lambda: shapecalc.trace("dense:3", input=("B", size, 5)),
        lambda: shapecalc.trace("dense:3", input={"input_layer": ["B", size]}),
        lambda: shapecalc.trace("dense:3", set={"F": size}),
        lambda: shapecalc.solve("dense:3", "B,3", set={"F": size}),
        lambda: layer.compute_output_shape((None, size)),
        lambda: layer.count_params((None, size)),
    ]
    for call in calls:
        # In a list of lists the layer sees several inputs, which Dense does not read.
        with pytest.raises(shapecalc.ShapecalcError) as caught:
            call()
        assert said in caught.value.message


def test_an_output_may_be_empty_and_no_less() -> None:
    with pytest.raises(shapecalc.ShapeError, match="no input gives this output"):
        shapecalc.solve("dense:3", ("B", 0))
    with pytest.raises(shapecalc.SpecError, match="at least 0, but this is -3"):
        shapecalc.solve("dense:3", ("B", -3))


def test_a_number_that_is_meant_is_named() -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        given_shape(("B", 3.0))
    assert caught.value.help == "did you mean 3?"


@pytest.mark.parametrize(
    "shape", [5, b"B,T", {"B": 3}, {"B", "T"}, itertools.count(), iter("BT"), range(1, 2000), True]
)
def test_what_is_no_shape_is_refused(shape: object) -> None:
    with pytest.raises(shapecalc.SpecError):
        given_shape(shape)
    with pytest.raises(shapecalc.SpecError):
        shapecalc.layer("Dense", units=3).compute_output_shape(shape)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"set": {"F": None}}, "F can be set to a whole number or letters, not to None"),
        ({"set": {"F": "?"}}, "F can be set to a whole number or letters, not to ?"),
        ({"set": [("F", 3)]}, "set takes a size for each letter, not list"),
        ({"set": {1: 3}}, "a letter is a string, not int"),
        ({"input": {1: "B,3"}}, "the name of an input is a string, not int"),
        ({"where": 5}, "where is a string, not int"),
        ({"max_layers": 0}, "max_layers is a whole number of at least 1"),
        ({"max_layers": "9"}, "max_layers is a whole number of at least 1"),
        ({"max_layers": 2.5}, "max_layers is a whole number of at least 1"),
        ({"max_layers": True}, "max_layers is a whole number of at least 1"),
    ],
)
def test_what_python_gives_wrongly_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        shapecalc.trace("dense:3", **options)
    assert caught.value.message == said


def test_what_is_put_in_may_be_too_large() -> None:
    deep = "T"
    for number in range(38):
        deep = f"{'max' if number % 2 else 'min'}({deep},{number + 2}*S{number})"
    other = deep.replace("S", "R").replace("T", "Q")
    for spec in (
        f"in:B:{deep}:4,dense:3",
        f"reshape:{deep}:4",
        f"in:B:{deep}:4,is:B:{deep}:4,relu",
    ):
        with pytest.raises(shapecalc.ShapeError, match="too large a size: max and min nest"):
            shapecalc.trace(spec, set={"T": other})


@pytest.mark.parametrize("spec", [5, None, b"dense:3", ["dense:3"]])
def test_a_spec_is_a_text(spec: Any) -> None:
    for call in (shapecalc.trace, shapecalc.parse, lambda text: shapecalc.solve(text, "B,3")):
        with pytest.raises(shapecalc.SpecError, match="a spec is a string"):
            call(spec)


def test_results_hold_plain_numbers() -> None:
    trace = shapecalc.trace("conv1d:8:3", input=(Whole(2), "T", Whole(4)), set={"T": Whole(9)})
    shape = shapecalc.layer("Dense", units=3).compute_output_shape((Whole(2), Named.FIVE))
    sizes = [*trace.output, *shape, *trace.layers[0].inputs[0]]
    assert sizes == [2, 7, 8, 2, 3, 2, 9, 4]
    assert {type(size) for size in sizes} == {int}


def _positive(size: Size) -> Size:
    """The size, or a number in its place where it is below 1 for certain."""
    high = interval(size, {})[1]
    return size if high is None or high >= 1 else 1


SIZES = pairs().map(lambda pair: _positive(pair[0]))


@given(st.lists(SIZES, max_size=5))
def test_every_form_of_a_shape_reads_as_the_same(sizes: list[Size]) -> None:
    shape = tuple(sizes)
    assert given_shape(sizes) == shape
    assert given_shape([str(size) for size in sizes]) == shape
    assert given_shape(shape_text(shape)) == shape
    assert given_shape(field_text(shape)) == shape


@given(st.lists(st.text("BT0123 ,()max-+/?_", max_size=8), max_size=4))
def test_no_element_is_dropped(texts: list[str]) -> None:
    try:
        shape = given_shape(texts)
    except shapecalc.SpecError:
        return
    assert len(shape) == len(texts)
