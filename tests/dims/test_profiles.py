"""Profiles say what sizes are, and the shortest form of a size is that size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dims.strategies import Pair, pairs
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import Dim, parse_size, substitute
from shapecalc.dims.profiles import base_of, profile, shortest

if TYPE_CHECKING:
    from shapecalc.dims import Size

SINGLE = pairs(leaves=7, letters=("T",))


@given(SINGLE, st.integers(1, 90))
def test_a_profile_has_the_values_of_its_size(pair: Pair, number: int) -> None:
    size, meaning = pair
    found = profile(size, Dim("T"))
    if found is not None:
        assert found.first(number)[-1] == meaning({"T": number})


@given(SINGLE, st.integers(1, 90))
def test_the_shortest_form_has_the_value_of_its_size(pair: Pair, number: int) -> None:
    size, meaning = pair
    assert substitute(shortest(size), {"T": number}) == meaning({"T": number})


@given(SINGLE)
def test_the_shortest_form_is_not_made_shorter(pair: Pair) -> None:
    found = shortest(pair[0])
    assert shortest(found) == found


@pytest.mark.parametrize(
    ("size", "base"),
    [
        ("max(min(S*T - 27, 4), 0)//2 + S*T", "S*T"),
        ("(2*S + 2*T - 3)//4 + max(S + T, 9)", "S + T"),
        ("max(S, T)", None),
        ("max(T//2, 3) + S", None),
    ],
)
def test_a_base_is_what_stands_in_all_parts(size: str, base: str | None) -> None:
    assert base_of(parse_size(size)) == (base and parse_size(base))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("max(2*max(min(T//2 - 2, 2), 0) - max(min(2*(T//2) - 6, 2), 0), 0)", "2*max(min(T - 5, 1), 0)"),
        ("max(T, 9) - max(T - 4, 5)", "4"),
        ("max(2*T - 6, 0) - 2*max(T - 3, 0)", "0"),
        ("max(K, 3)//4 - K//4", "0"),
    ],
)  # fmt: skip
def test_what_is_cut_off_several_times_is_short(written: str, shown: str) -> None:
    assert str(parse_size(written)) == shown


def test_slices_and_repeats_do_not_grow() -> None:
    size: Size = Dim("S") * Dim("T")
    for _ in range(20):
        cut = size - parse_size(f"max({size} - 4, 0)")
        size = 4 * ((cut + 1) // 2)
    assert len(str(size)) < 40
