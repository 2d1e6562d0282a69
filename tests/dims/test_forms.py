"""Other forms of a size have the same value: factors, waves, inverses."""

from __future__ import annotations

from math import prod

import pytest
from dims.strategies import VALUES, Pair, pairs
from hypothesis import example, given
from hypothesis import strategies as st

from shapecalc.dims import Dim, Size, parse_size, substitute
from shapecalc.dims.expression import collect
from shapecalc.dims.factor import factors
from shapecalc.dims.invert import invert
from shapecalc.dims.periodic import recognized, value, wave

SINGLE = pairs(leaves=6, letters=("T",))


@given(pairs(), VALUES)
def test_factors_multiply_to_the_size(pair: Pair, values: dict[str, int]) -> None:
    size, meaning = pair
    if isinstance(size, Dim):
        assert prod(int(substitute(each, values)) for each in factors(size)) == meaning(values)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("8*H*W - 16*H - 16*W + 32", ["8", "H - 2", "W - 2"]),
        ("T**2 + 2*T + 1", ["T + 1", "T + 1"]),
        ("6*T", ["6", "T"]),
        ("T**2 + 1", ["T**2 + 1"]),
    ],
)
def test_factors(text: str, parts: list[str]) -> None:
    size = parse_size(text)
    assert isinstance(size, Dim)
    assert sorted(map(str, factors(size))) == sorted(parts)


@given(SINGLE, st.integers(1, 500))
def test_a_wave_grows_by_its_slope_over_each_period(pair: Pair, n: int) -> None:
    size, meaning = pair
    shape = wave(size)
    if shape is None:
        return
    assert value(size, n) == meaning({"T": n})
    assert meaning({"T": n + shape.period}) - meaning({"T": n}) == shape.slope * shape.period


@given(SINGLE, st.integers(1, 500))
def test_a_recognized_form_is_the_same_size(pair: Pair, n: int) -> None:
    size, meaning = pair
    found = recognized(size)
    if found is not None:
        assert substitute(found, {"T": n}) == meaning({"T": n})


def linear(a: int, b: int, d: int, k: int, c: int) -> Size:
    return k * ((a * Dim("T") + b) // d) + c


@given(
    st.builds(
        linear,
        st.integers(1, 5),
        st.integers(-5, 5),
        st.integers(1, 5),
        st.integers(1, 4),
        st.integers(-5, 5),
    ),
    st.integers(-10, 40),
)
def test_an_inverse_has_just_the_values_that_give_the_target(size: Size, target: int) -> None:
    assert isinstance(size, Dim)
    said = invert(size, "T", Dim("N"))
    if said is None:
        return
    for n in range(1, 60):
        holds = all(eval(each, {"T": n, "N": target}) for each in said)  # noqa: S307
        assert holds == (substitute(size, {"T": n}) == target), (said, n)


PARTS = st.tuples(st.integers(-2, 2), st.integers(0, 2), st.integers(0, 2), st.integers(-4, 4))


@given(st.lists(PARTS, min_size=2, max_size=3), st.integers(2, 3), VALUES)
@example([(2, 1, 2, 0), (-1, 2, 1, 0), (0, 0, 0, 0)], 3, {"S": 1, "T": 2})
def test_a_sum_of_floors_over_two_letters_has_a_form(
    parts: list[tuple[int, int, int, int]], den: int, values: dict[str, int]
) -> None:
    """Forms that lead to one another are one, which is read as it is written."""
    s, t = Dim("S"), Dim("T")
    for slope in (0, -1):
        total: Size = slope * t
        meaning = slope * values["T"]
        for k, a, b, c in parts:
            total = total + k * ((a * s + b * t + c) // den)
            meaning += k * ((a * values["S"] + b * values["T"] + c) // den)
        assert substitute(total, values) == meaning
        assert parse_size(str(total)) == total


@pytest.mark.parametrize("last", [-3, -2])
def test_factors_of_a_sum_that_was_not_folded(last: int) -> None:
    counts = {"K//3": 3, "K//9": 3, "(4*(K//3))//3": last}
    floors = {parse_size(text): count for text, count in counts.items()}
    terms = {size.terms[0][0]: n for size, n in floors.items() if isinstance(size, Dim)}
    size = collect(terms, 0)
    assert isinstance(size, Dim)
    known = {"K": 41}
    found = prod(int(substitute(each, known)) for each in factors(size))
    assert found == substitute(size, known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(T//2 + 1)//S", "(T + 2)//(2*S)"),
        ("(T//2 + S + 1)//S", "(T + 2)//(2*S) + 1"),
        ("(T//2) % S//S", "0"),
        ("(T % 3)//(3*S)", "0"),
        ("((S + T) % 3 + S)//S", "((S + T) % 3)//S + 1"),
        ("(min(H, S) % 3) % 3", "min(H, S) % 3"),
    ],
)
def test_quotients_of_quotients_are_one(one: str, other: str) -> None:
    assert parse_size(one) == parse_size(other)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("(X + S*T)//(2*S*T) - 1", "(X - S*T)//(2*S*T)"),
        ("(T + 1)//S + 1", "(T + 1)//S + 1"),
        ("(X + S)//(2*S) + 2", "(5*S + X)//(2*S)"),
        ("(X + S*T)//(2*S*T) + X", "X + (S*T + X)//(2*S*T)"),
    ],
)
def test_of_equal_texts_of_a_quotient_by_letters_the_shorter_is_written(
    written: str, shown: str
) -> None:
    assert str(parse_size(written)) == shown
    assert parse_size(shown) == parse_size(written)
