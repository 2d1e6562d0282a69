"""Bounds hold for every value of the letters, and are met where each letter has one sign."""

from __future__ import annotations

from dims.strategies import LETTERS, Pair, pairs
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import Dim, parse_size
from shapecalc.dims.bounds import Ranges, interval

Limits = dict[str, tuple[int, int]]
LIMITS: st.SearchStrategy[Limits] = st.fixed_dictionaries(
    {
        name: st.tuples(st.integers(1, 30), st.integers(0, 30)).map(lambda p: (p[0], sum(p)))
        for name in LETTERS
    }
)


@given(pairs(), LIMITS, st.data())
def test_no_value_is_outside(pair: Pair, limits: Limits, data: st.DataObject) -> None:
    size, meaning = pair
    low, high = interval(size, Ranges(limits))
    values = {name: data.draw(st.integers(*limit)) for name, limit in limits.items()}
    found = meaning(values)
    assert low is None or low <= found
    assert high is None or found <= high


@given(pairs(), st.fixed_dictionaries({name: st.integers(1, 200) for name in LETTERS}))
def test_letters_of_which_nothing_is_known_are_positive(pair: Pair, values: dict[str, int]) -> None:
    size, meaning = pair
    low, high = interval(size, Ranges())
    assert low is None or low <= meaning(values)
    assert high is None or meaning(values) <= high


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=3), st.integers(-9, 9), LIMITS)
def test_sums_meet_their_bounds(slopes: list[int], const: int, limits: Limits) -> None:
    size = sum((Dim(name) * slope for name, slope in zip(LETTERS, slopes, strict=True)), const)
    ends = [
        sorted(slope * end for end in limits[n]) for n, slope in zip(LETTERS, slopes, strict=True)
    ]
    least, most = const + sum(low for low, _ in ends), const + sum(high for _, high in ends)
    assert interval(size, Ranges(limits)) == (least, most)


def test_what_cancels_is_seen() -> None:
    assert interval(parse_size("T - 2*(T//2)"), Ranges()) == (0, 1)
    assert interval(parse_size("max(T, S) - T"), Ranges())[0] == 0
    assert interval(parse_size("T**2 - T"), Ranges())[0] == 0
