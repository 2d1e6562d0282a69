"""Facts are read as Python reads them: `and`, `or`, `not`, `in`, chains, parentheses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law import grid, hold, joined

from shapecalc.dims import Facts
from shapecalc.errors import ShapeError, SpecError
from shapecalc.language.facts import parse_facts

SIZES = st.sampled_from(
    ["T", "S", "T + S", "2*T - 3", "T//2", "max(T, S)", "7 % (T - 3)", "4", "9"]
)
SIGNS = st.sampled_from([">=", "<=", "==", "!=", ">", "<"])
COMPARISONS = st.one_of(
    st.builds("{} {} {}".format, SIZES, SIGNS, SIZES),
    st.builds("{} <= {} < {}".format, SIZES, SIZES, SIZES),
    st.builds("{} {} ({}, {})".format, SIZES, st.sampled_from(["in", "not in"]), SIZES, SIZES),
)
STATEMENTS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["or", "and"]), inner),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=4,
)
FEW = [point for point in grid(["T", "S"]) if max(point.values()) <= 8]


def defined(text: str, point: dict[str, int]) -> bool:
    """Whether all that divides is positive, wherever it stands."""
    return "(T - 3)" not in text or point["T"] > 3


def conditions(text: str) -> list[str] | None:
    try:
        facts: Facts = parse_facts(text)
    except ShapeError:
        return None
    return facts.conditions()


@given(STATEMENTS)
def test_statements_say_what_python_says(text: str) -> None:
    said = conditions(text)
    for point in FEW:
        if defined(text, point):
            assert hold(text, point) == (said is not None and hold(joined(said), point)), said


@given(STATEMENTS)
def test_what_is_printed_says_the_same_when_it_is_read(text: str) -> None:
    said = conditions(text)
    if said is None:
        return
    again = conditions(", ".join(said))
    assert again is not None
    for point in FEW:
        assert hold(joined(said), point) == hold(joined(again), point), again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("T == 3 or T == 1", ["T == 3 or T == 1"]),
        ("T in (3, 5)", ["T == 3 or T == 5"]),
        ("T in [3, 5, 6, 9,]", ["T in (3, 5, 6, 9)"]),
        ("T in (1, 2, 3, 13, 14, 15)", ["T <= 3 or 13 <= T <= 15"]),
        ("T not in (3, 5), T <= 6", ["T in (1, 2, 4, 6)"]),
        ("T in (S, 1)", ["T == S or T == 1"]),
        ("3 <= T <= 8 and (S == 1 or S == T)", ["3 <= T <= 8", "S == 1 or S == T"]),
        ("T >= 3 and S >= 2 or T == 1", ["T >= 3 or T == 1", "S >= 2 or T == 1"]),
        ("not (T >= 3 or S != 4)", ["S == 4", "T <= 2"]),
        ("not T % 4 == 0", ["T % 4 != 0"]),
        ("((T + 1)//2 == 3 or T == 9) and T % 2 == 1", ["T == 5 or T == 9"]),
        ("7 % (T - 3) == 1 or T == 3", ["T in (3, 5, 6, 9)"]),
        ("max(4 - T, 0) == 0 or S == 1", ["T >= 4 or S == 1"]),
        ("T//14 == 4 or S//14 == 1", ["56 <= T <= 69 or 14 <= S <= 27"]),
        ("S != T", ["S != T"]),
        ("S + T >= 5 or S + T == 9 or S + T >= 7", ["S + T >= 5"]),
        ("S + T >= 5 or S + T <= 4", []),
        ("T % 21 in (0, 15, 18), T >= 40", ["T >= 42", "T % 21 in (0, 15, 18)"]),
        ("(T**2 + 1) % 5 == 0", ["T % 5 in (2, 3)"]),
    ],
)
def test_facts(text: str, said: list[str]) -> None:
    assert conditions(text) == said


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("T >= 3 or", "a size is expected here, but the text ends", ""),
        ("T >= 3 and, S >= 2", "a size is expected here, not ','", ","),
        ("T in ()", "a size is expected here, not ')'", ")"),
        ("T in (3, 4", "this list is not closed", "("),
        ("(T == 3 or T == 4", "this parenthesis is not closed", "("),
        ("T == 3 or S", "a comparison is expected here", ""),
        ("T == 3)", "')' does not belong here", ")"),
        ("not T", "a comparison is expected here", ""),
        ("T == 3 or T = 4", "= is not understood", "="),
        ("T == 3 ore T == 4", "'ore T == 4' does not belong here", "ore T == 4"),
        ("(" * 60 + "T == 3" + ")" * 60, "this nests more than 40 deep", "("),
        (f"T in ({'3, ' * 501})", "this has more than 500 comparisons", f"T in ({'3, ' * 501})"),
        (
            " or ".join(["(T == 3 and S == 4)"] * 20),
            "written out, this has more than 256 alternatives",
            " or ".join(["(T == 3 and S == 4)"] * 20),
        ),
    ],
)
def test_what_cannot_be_read(text: str, message: str, at: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_facts(text)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == at


def test_a_contradiction_is_shown_where_it_stands() -> None:
    with pytest.raises(ShapeError) as caught:
        parse_facts("S >= 2, T == 3 or T == 4, T == 5")
    assert caught.value.message == "T == 3 or T == 4 contradicts the other facts"
