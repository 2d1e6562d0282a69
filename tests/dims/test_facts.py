"""Conditions join, and say exactly what was asked."""

from __future__ import annotations

import re

import pytest
from dims.strategies import Pair, pairs
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    Truth,
    any_of,
    at_least,
    equal,
    multiple_of,
    parse_size,
    substitute,
)
from shapecalc.dims.domain import Domain

Asked = tuple[Truth, "st.SearchStrategy[object]"]

SINGLE = pairs(leaves=4, letters=("T",))
KINDS = st.sampled_from(["at least", "equal", "multiple"])


def truth_of(kind: str, pair: Pair, n: int) -> tuple[Truth, object]:
    size, meaning = pair
    if kind == "at least":
        return at_least(size, n), lambda v: meaning(v) >= n
    if kind == "equal":
        return equal(size, n), lambda v: meaning(v) == n
    return multiple_of(size, abs(n) + 1), lambda v: meaning(v) % (abs(n) + 1) == 0


STATEMENTS = st.lists(
    st.builds(truth_of, KINDS, SINGLE, st.integers(-6, 20)), min_size=1, max_size=4
)


@given(STATEMENTS)
def test_conditions_of_one_letter_are_exact(statements: list[tuple[Truth, object]]) -> None:
    facts = Facts()
    wanted = [
        n
        for n in range(1, 200)
        if all(check({"T": n}) for _, check in statements)  # type: ignore[operator]
    ]
    try:
        for truth, _ in statements:
            facts.require(truth)
    except Contradiction:
        assert wanted == []
        return
    text = " and ".join(f"({each})" for each in facts.conditions()) or "True"
    found = [
        n
        for n in range(1, 200)
        if eval(text, {"T": n, "max": max, "min": min})  # noqa: S307
    ]
    assert found == wanted, text


@given(STATEMENTS, pairs(leaves=5, letters=("T",)))
def test_sizes_keep_their_value_where_the_facts_hold(
    statements: list[tuple[Truth, object]], pair: Pair
) -> None:
    facts = Facts()
    try:
        for truth, _ in statements:
            facts.require(truth)
    except Contradiction:
        return
    size, meaning = pair
    shown = facts.simplify(size)
    for n in range(1, 60):
        if all(check({"T": n}) for _, check in statements):  # type: ignore[operator]
            assert substitute(shown, {"T": n}) == meaning({"T": n})


@given(STATEMENTS, st.builds(truth_of, KINDS, SINGLE, st.integers(-6, 20)))
def test_decisions_are_right(
    statements: list[tuple[Truth, object]], asked: tuple[Truth, object]
) -> None:
    facts = Facts()
    try:
        for truth, _ in statements:
            facts.require(truth)
    except Contradiction:
        return
    truth, check = asked
    decided = facts.decide(truth)
    for n in range(1, 120):
        if decided is not None and all(c({"T": n}) for _, c in statements):  # type: ignore[operator]
            assert check({"T": n}) == decided  # type: ignore[operator]


@given(
    st.lists(
        st.builds(truth_of, KINDS, pairs(leaves=3, letters=("S", "T")), st.integers(-3, 9)),
        min_size=1,
        max_size=3,
    )
)
def test_conditions_of_two_letters_are_exact(statements: list[tuple[Truth, object]]) -> None:
    facts = Facts()
    values = [{"S": s, "T": t} for s in range(1, 14) for t in range(1, 14)]
    wanted = [v for v in values if all(check(v) for _, check in statements)]  # type: ignore[operator]
    try:
        for truth, _ in statements:
            facts.require(truth)
    except Contradiction:
        assert wanted == []
        return
    text = " and ".join(f"({each})" for each in facts.conditions()) or "True"
    scope = {"max": max, "min": min}
    assert [v for v in values if eval(text, scope, v)] == wanted, text  # noqa: S307


def test_a_product_with_a_min_below_0_falls() -> None:
    facts = Facts()
    facts.require(equal(parse_size("(3*T*min(T//8 - 2, 0) + 5*T + 2)//3"), 0))
    assert facts.conditions() == ["T <= 2"]


@pytest.mark.parametrize(
    ("asked", "holding"),
    [
        ("(T - 5)*(T**2//(T + 1) - 3) == 2", [3, 6]),
        ("(T - 5)*(T**2//(T + 1) - 3) == 12", [1, 8]),
        ("(T - 9)*(T**2//(T + 1) - 3)*(T**2//(T + 2) - 4) == -96", [1]),
        ("(2*T - 9)*((T*(T//2 + 3) + 3*(T//5))//7 - 4) == 28", [1, 8]),
    ],
)
def test_a_factor_of_a_number_can_be_negative(asked: str, holding: list[int]) -> None:
    from shapecalc.language.facts import parse_facts

    known = parse_facts(asked).domain("T")
    assert [n for n in range(1, 60) if n in known] == holding


def test_sizes_whose_form_begins_with_a_minus_either_way_are_divided() -> None:
    facts = Facts()
    facts.require(multiple_of(parse_size("(T//3)*(T**2 % 4)"), 3))
    (said,) = facts.conditions()
    for n in range(1, 40):
        assert eval(said, {"T": n}) is (n // 3 * (n**2 % 4) % 3 == 0)  # noqa: S307


def test_what_is_late_seen_never_to_hold_is_said_all_the_same() -> None:
    facts = Facts()
    facts.require(multiple_of(Dim("T"), 2))
    never = equal(parse_size("S*T"), parse_size("8*((S*(T//2) + 2)//4) - 5"))
    facts.general[never] = None
    assert facts.conditions() == ["T % 2 == 0", str(never)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["(T - 9)//4 >= 1"], ["T >= 13"]),
        (["T >= 3", "T >= 7"], ["T >= 7"]),
        (["T % 2 == 0", "(T//2) % 2 == 0", "(T//4) % 2 == 0"], ["T % 8 == 0"]),
        (["T//2 == 3"], ["6 <= T <= 7"]),
        (["8*T % 16 == 0"], ["T % 2 == 0"]),
        (["T % 4 == 2", "T % 6 == 2"], ["T % 12 == 2"]),
        (["T == 3"], ["T == 3"]),
        (["T == S"], ["T == S"]),
        (["T*S == 12", "T == 3"], ["T == 3", "S == 4"]),
        (["max(T - 5, S) >= 2"], ["S >= 2 or T >= 7"]),
        (["min(T - 5, S) >= 2"], ["S >= 2", "T >= 7"]),
        (["H*W >= 9"], ["H*W >= 9"]),
        (["T**2 == 49"], ["T == 7"]),
        (["T >= 1"], []),
    ],
)
def test_conditions_are_simplified_together(asked: list[str], said: list[str]) -> None:
    from shapecalc.language.facts import parse_facts

    assert parse_facts(", ".join(asked)).conditions() == said


@pytest.mark.parametrize(
    "asked",
    [
        "T >= 5, T < 5",
        "T % 2 == 0, T % 4 == 1",
        "S == T + 1, S == T",
        "2*T == 7",
        "S*T == 4, T == 3",
    ],
)
def test_contradictions(asked: str) -> None:
    from shapecalc.errors import ShapeError
    from shapecalc.language.facts import parse_facts

    with pytest.raises(ShapeError):
        parse_facts(asked)


def test_one_of_several() -> None:
    T = Dim("T")
    assert str(any_of(equal(T, 3), equal(T, 1))) == "T == 3 or T == 1"
    assert any_of(False, equal(T, 3)) == equal(T, 3)
    assert any_of(equal(T, 3), at_least(T, 1)) is True
    assert any_of(False, False) is False


def test_facts_simplify_sizes() -> None:
    facts = Facts()
    facts.require(multiple_of(Dim("H"), 16))
    for before, after in (
        ("16*(H//16)", "H"), ("2*(H//4)", "H//2"), ("(H + 1)//2", "H//2"), ("4*(H//2)*(W//2)", "2*H*(W//2)"),
    ):  # fmt: skip
        assert str(facts.simplify(parse_size(before))) == after


@given(
    st.integers(1, 30),
    st.integers(0, 40),
    st.integers(1, 12),
    st.integers(0, 11),
    st.integers(1, 8),
)
def test_domains_hold_what_they_say(low: int, width: int, m: int, r: int, k: int) -> None:
    domain = Domain().at_least(low).at_most(low + width).congruent(m, frozenset({r % m}))
    assert domain is not None
    domain = domain.congruent(k, frozenset({0, 1 % k}))
    assert domain is not None
    members = [
        n
        for n in range(1, 90)
        if low <= n <= low + width and n % m == r % m and n % k in {0, 1 % k}
    ]
    assert domain.empty == (members == [])
    assert [n for n in range(1, 90) if n in domain] == members
    if members:
        assert (domain.low, domain.high) == (members[0], members[-1])
        text = " and ".join(domain.conditions("n")) or "True"
        assert [n for n in range(1, 90) if eval(text, {"n": n})] == members  # noqa: S307


def test_a_statement_is_not_read_by_what_it_says_itself() -> None:
    facts = Facts()
    for size in ("T//5 - 1", "S - 5"):
        facts.require(at_least(parse_size(size), 0))
    facts.require(equal(parse_size("T//5"), parse_size("(S - 4)*(N + 4)")))
    facts.require(equal(parse_size("N"), parse_size("(T + 1)//5")))
    text = " and ".join(f"({each})" for each in facts.conditions())
    for t, s, n in ((5, 8, 1), (25, 5, 5), (45, 5, 9), (44, 5, 4), (40, 5, 8), (5, 5, 1)):
        fits = t // 5 == (s - 4) * (n + 4) and n == (t + 1) // 5
        assert bool(eval(text, {"T": t, "S": s, "N": n})) == fits  # noqa: S307  (our own text)


@pytest.mark.parametrize(
    ("said", "conditions"),
    [
        (["T >= S + 8", "T >= 6"], ["T >= S + 8"]),
        (["S + T <= 4", "T <= 11"], ["S + T <= 4"]),
        (["T >= S + 12", "S + T >= 7"], ["T >= S + 12"]),
        (["T >= S + 10", "S*(T//2) >= 4"], ["T >= S + 10"]),
        (["T >= S + 8", "T >= 10"], ["T >= 10", "T >= S + 8"]),
        (["T >= S", "S >= T", "T >= 3"], ["S >= 3", "S == T"]),
        (["T >= S + N", "S >= N + 3", "T >= 5", "S >= 2"], ["S >= N + 3", "T >= N + S"]),
    ],
)
def test_what_other_conditions_imply_is_not_said(said: list[str], conditions: list[str]) -> None:
    facts = Facts()
    for each in said:
        sides = [parse_size(side) for side in re.split("[<>]=", each)]
        facts.require(at_least(*(sides if ">=" in each else sides[::-1])))
    assert facts.conditions() == conditions
