"""What is said of the remainders of one sum or product is said once."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import Contradiction, Facts, equal, parse_size

#: All pairs of numbers up to this are tried: a multiple of what the moduli below divide.
MOST = 24
TOTALS = st.sampled_from(["H*W", "H + W", "H - W", "3*H*W", "2*H + W", "H*W + H", "H**2", "H"])
SAID = st.tuples(TOTALS, st.sampled_from([2, 3, 4, 6, 8]), st.integers(0, 7))


def facts_of(*said: tuple[str, int, int]) -> Facts:
    facts = Facts()
    for size, divisor, remainder in said:
        facts.require(equal(parse_size(f"({size}) % {divisor}"), remainder % divisor))
    return facts


@pytest.mark.parametrize(
    ("said", "conditions"),
    [
        ([("H*W", 2, 0), ("H*W", 4, 0)], ["H*W % 4 == 0"]),
        ([("3*H*W", 4, 0), ("H*W", 2, 0)], ["H*W % 4 == 0"]),
        ([("H*W", 4, 0), ("H*W", 6, 0)], ["H*W % 12 == 0"]),
        ([("H + W", 4, 1), ("3*H + 3*W", 9, 6)], ["(H + W) % 12 == 5"]),
        ([("H - W", 4, 0), ("H - W", 6, 0)], ["(H - W) % 12 == 0"]),
        ([("H*W", 4, 0), ("C*H*W", 2, 0)], ["H*W % 4 == 0"]),
        ([("H + W", 2, 0), ("H", 2, 0)], ["H % 2 == 0", "W % 2 == 0"]),
        ([("H", 2, 1), ("W", 2, 1), ("H*W", 2, 1)], ["H % 2 == 1", "W % 2 == 1"]),
        ([("T**2", 8, 0)], ["T % 4 == 0"]),
        ([("T**2 + T", 6, 0)], ["T % 3 != 1"]),
        ([("max(T - 3, 1)", 8, 1)], ["max(T - 4, 0) % 8 == 0"]),
    ],
)
def test_remainders_are_joined(said: list[tuple[str, int, int]], conditions: list[str]) -> None:
    assert facts_of(*said).conditions() == conditions


@pytest.mark.parametrize(
    "said",
    [
        [("H*W", 4, 1), ("H*W", 6, 0)],
        [("H - W", 4, 0), ("W - H", 6, 1)],
        [("H", 2, 0), ("H*W + H", 4, 1)],
        [("T**2", 4, 2)],
    ],
)
def test_remainders_that_no_number_leaves_are_refused(said: list[tuple[str, int, int]]) -> None:
    with pytest.raises(Contradiction):
        facts_of(*said)


def holding(said: list[str]) -> list[tuple[int, int]]:
    """Return the numbers for which all of what is said is true."""
    whole = compile(" and ".join(said) or "True", "said", "eval")
    pairs = product(range(1, MOST + 1), repeat=2)
    return [(h, w) for h, w in pairs if eval(whole, {"H": h, "W": w})]  # noqa: S307


@given(st.lists(SAID, min_size=1, max_size=3))
def test_remainders_say_what_numbers_leave(said: list[tuple[str, int, int]]) -> None:
    asked = [f"({size}) % {divisor} == {n % divisor}" for size, divisor, n in said]
    try:
        conditions = facts_of(*said).conditions()
    except Contradiction:
        conditions = ["False"]
    assert holding(conditions) == holding(asked)
