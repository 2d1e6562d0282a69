"""Equalities of products are said as such, and say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import Condition, Dim, equal, parse_size
from shapecalc.errors import ShapeError
from shapecalc.language.facts import given_facts

SUMS = st.sampled_from(["S", "S//2", "2*S//3", "S - 1"])
OTHERS = st.sampled_from(["T", "T//4", "(T + 1)//2", "T*U"])
SMALL = st.integers(-6, 6)
NUMBERS = st.integers(1, 30)
FEW = range(1, 25)


@given(SUMS, OTHERS, st.integers(1, 4), SMALL, SMALL, st.integers(-30, 30), NUMBERS, NUMBERS)
def test_an_equality_of_products_says_what_was_asked(
    a: str, b: str, k: int, p: int, q: int, r: int, s: int, t: int
) -> None:
    """``k*a*b + p*a + q*b + r == 0``, however it is said."""
    asked = f"{k}*({a})*({b}) + {p}*({a}) + {q}*({b}) + {r}"
    values = {"S": s, "T": t, "U": 2}
    truth = equal(parse_size(asked), 0)
    said = truth if isinstance(truth, bool) else eval(str(truth), {}, values)  # noqa: S307
    assert said == (eval(asked, {}, values) == 0)  # noqa: S307


@given(SUMS, OTHERS, st.integers(1, 4), SMALL, SMALL, st.integers(-30, 30))
def test_an_equality_of_products_is_read_as_it_is_said(
    a: str, b: str, k: int, p: int, q: int, r: int
) -> None:
    truth = equal(k * Dim(a) * Dim(b) + p * Dim(a) + q * Dim(b) + r, 0)
    if not isinstance(truth, Condition):
        return
    try:
        (comparison,) = given_facts(str(truth)).comparisons
    except ShapeError:
        # Refused where no sizes satisfy it.
        sizes = ({"S": s, "T": t, "U": u} for s in FEW for t in FEW for u in FEW)
        assert not any(eval(str(truth), {}, each) for each in sizes)  # noqa: S307
    else:
        assert comparison.truth() in (truth, False)


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ("(H//4)*(W//4)", "3*(H//4) + 3*(W//4) + 16", "(H//4 - 3)*(W//4 - 3) == 25"),
        ("T*S", "T + S + 3", "(S - 1)*(T - 1) == 4"),
        ("2*T*S + T", "S + 5", "(2*S + 1)*(2*T - 1) == 9"),
        ("6*T*S + 3*T + 2*S", "40", "(2*S + 1)*(3*T + 1) == 41"),
        ("(T - 3)*(5 - S)", "4", "(S - 5)*(3 - T) == 4"),
        ("(T - 1)*(S - 2)*(U - 3)", "30", "(S - 2)*(T - 1)*(U - 3) == 30"),
        ("T*S + T", "12", "S*T + T == 12"),
        ("T*S", "12", "S*T == 12"),
        ("T*S", "U", "S*T == U"),
    ],
)
def test_what_is_said(left: str, right: str, text: str) -> None:
    assert str(equal(parse_size(left), parse_size(right))) == text
