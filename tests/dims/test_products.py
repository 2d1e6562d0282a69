"""Equalities of products are said as such, and say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import shapecalc
from shapecalc.dims import Condition, Dim, Size, equal, multiple_of, parse_size, product
from shapecalc.errors import ShapeError
from shapecalc.language.facts import given_facts

if TYPE_CHECKING:
    import random

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


#: Each letter stands in one of them.
FACTORS = st.sampled_from(["H + 2", "3*W - 1", "5 - M", "N + 2*R + 1", "C", "K//3 + 2"])
POWERS = st.lists(st.tuples(FACTORS, st.integers(1, 6)), min_size=1, max_size=4)
DIVISORS = st.sampled_from(
    ["H*W", "C", "H**3*W**2", "H*(K//3)", "C**2*(K//3)**4", "2*H", "W + 3", "N"]
)
VALUES = st.fixed_dictionaries({name: st.integers(1, 40) for name in "HWCKMNR"})


def value(text: str, values: dict[str, int]) -> int:
    found: int = eval(text, {}, values)  # noqa: S307
    return found


@given(POWERS, st.randoms(use_true_random=False), VALUES)
def test_equal_products_are_equal_whatever_they_were_made_of(
    powers: list[tuple[str, int]], order: random.Random, values: dict[str, int]
) -> None:
    parts = [Dim(each) for each, power in powers for _ in range(power)]
    size = product(parts)
    order.shuffle(parts)
    middle = len(parts) // 2
    assert product(parts) == size == product(parts[:middle]) * product(parts[middle:])
    assert parse_size(str(size)) == size
    asked = "*".join(f"({each})**{power}" for each, power in powers)
    assert value(str(size), values) == value(asked, values)


#: Letters stand in several of them, and sums of floors fold.
SHARED = st.sampled_from(
    [
        *["H + 2", "2*H - 1", "(H + 1)//2 + 1", "W + 2*H", "(W + 2)//3 + 2", "W + 1", "W*H + 1"],
        *["H**2 + 1", "H**2 + W", "H - W", "H*W + 3 - W", "H*W + H + 1", "H + W", "H // W + 1"],
        *["H//3 + W", "max(H, 3)", "3*H + 3", "C"],
    ]
)


@given(st.lists(st.tuples(SHARED, st.integers(1, 5)), min_size=1, max_size=4), VALUES)
@example([("W + 1", 1), ("2*H - 1", 1), ("W + 2*H", 4), ("2*H - 1", 1)], dict.fromkeys("HWC", 3))
@example([("H + 3", 2), ("W + 2*H", 1), ("(W + 2)//3 + 2", 1)], dict.fromkeys("HWC", 3))
def test_a_product_of_sums_of_the_same_letters_is_read_as_it_is_printed(
    powers: list[tuple[str, int]], values: dict[str, int]
) -> None:
    asked = "*".join(f"({each})**{power}" for each, power in powers)
    size = parse_size(asked)
    assert parse_size(str(size)) == size
    assert value(str(size), values) == value(asked, values)


@pytest.mark.parametrize(
    ("text", "factored"),
    [
        ("(H + 2*L)*(2*L + T)**32", "(H + 2*L)*(2*L + T)**32"),
        ("(H//2 + 2)**3*(H//2 + 3)*(W//2 + 2)**3", "(H//2 + 2)**3*(H//2 + 3)*(W//2 + 2)**3"),
        (
            "(2*((H + 1)//2) + 2)*(2*((W + 1)//2) + 2)*(H + 2)*(W + 2)",
            "4*(H + 2)*(W + 2)*((H + 3)//2)*((W + 3)//2)",
        ),
        ("(T + 1)**20", "(T + 1)**20"),
        ("(T % 7 + 2)*(T + 2)", "(T % 7 + 2)*(T + 2)"),
    ],
)
def test_a_long_product_is_written_as_its_factors(text: str, factored: str) -> None:
    assert str(parse_size(text)) == factored


@given(POWERS, DIVISORS, VALUES)
def test_a_quotient_of_products_is_read_as_it_is_printed(
    powers: list[tuple[str, int]], divisor: str, values: dict[str, int]
) -> None:
    top = "*".join(f"({each})**{power}" for each, power in powers)
    size = parse_size(f"{top}//({divisor})")
    assert parse_size(str(size)) == size
    if value(divisor, values) > 0:
        assert value(str(size), values) == value(f"({top})//({divisor})", values)


@given(POWERS, DIVISORS, VALUES)
def test_that_letters_divide_a_product_is_said_as_a_remainder(
    powers: list[tuple[str, int]], divisor: str, values: dict[str, int]
) -> None:
    top = "*".join(f"({each})**{power}" for each, power in powers)
    truth = multiple_of(parse_size(top), parse_size(divisor))
    if not isinstance(truth, Condition):
        return
    first, *_ = given_facts(str(truth)).comparisons
    assert first.truth() in (truth, False)
    if value(divisor, values) > 0:
        assert eval(str(truth), {}, values) == (  # noqa: S307
            value(f"({top}) % ({divisor})", values) == 0
        )


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        ("in:B:H:W:3,2x(pad2d:1,flatten,reshape:H:W:-1)", "(3*(H + 2)**2*(W + 2)**2)//(H**2*W**2)"),
        ("in:B:H:W:C,9x(pad2d:1,reshape:H:W:-1)", "(C*(H + 2)**9*(W + 2)**9)//(H**9*W**9)"),
        ("in:B:T:C,5x(pad1d:2,reshape:T:-1)", "(C*(T + 4)**5)//(T**5)"),
    ],
)
def test_exact_quotients_of_quotients_are_one(spec: str, size: str) -> None:
    trace = shapecalc.trace(spec)
    assert str(trace.output[-1]) == size
    assert shapecalc.trace(spec, where=", ".join(trace.conditions)).conditions == []


def test_an_exact_quotient_of_few_numbers_is_one() -> None:
    trace = shapecalc.trace("in:B:T:7,5x(pad1d:2,reshape:T:-1)")
    assert str(trace.output[-1]) == "(7*(T + 4)**5)//(T**5)"
    assert trace.conditions == ["T == 2 or T == 4 or T == 1"]


@pytest.mark.parametrize(
    ("letter", "size"),
    [
        ("max(K,3)", "(C*(W + 2)**12*max(K + 2, 5)**12)//(W**12*max(K, 3)**12)"),
        ("60", "(C*31**12*(W + 2)**12)//(30**12*W**12)"),
    ],
)
def test_quotients_of_extrema_and_numbers_are_one(letter: str, size: str) -> None:
    spec = "in:B:H:W:C,12x(pad2d:1,reshape:H:W:-1)"
    trace = shapecalc.trace(spec, set={"H": letter}, repair=False)
    assert len(str(trace.output[-1])) < 80
    assert trace.output[-1] == parse_size(size)


@pytest.mark.parametrize("spec", ["in:B:H:W:3,3x(pad2d:1,reshape:H:W:-1)"])
@pytest.mark.parametrize("h", range(1, 8))
@pytest.mark.parametrize("w", range(1, 8))
def test_a_chain_of_reshapes_holds_just_when_its_numbers_do(spec: str, h: int, w: int) -> None:
    trace, values = shapecalc.trace(spec), {"H": h, "W": w}
    holds = all(eval(each, {}, values) for each in trace.conditions)  # noqa: S307
    try:
        found: Size | None = shapecalc.trace(spec, set=values, repair=False).output[-1]
    except ShapeError:
        found = None
    assert (found is not None) is holds
    if found is not None:
        assert found == value(str(trace.output[-1]), values)
