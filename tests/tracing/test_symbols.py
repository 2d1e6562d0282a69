"""One set of letters: each that is printed can be set, said of, expected and required."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.dims import substitute

LOOKUP = 'in:B:T,stringlookup:output_mode="one_hot"'
NAMED = "in:B:T:80,conv1d:8:3,is:B:N:8,maxpool1d:2"


def text(trace: Any) -> str:
    return ",".join(str(size) for size in trace.output)


def trace(spec: str, **options: Any) -> Any:
    return shapecalc.trace(spec, **options)


@pytest.mark.parametrize(
    ("spec", "options", "said"),
    [
        # Letters that rules make.
        (LOOKUP, {"set": {"V": 10}}, "B,T,10"),
        (LOOKUP, {"set": {"V": "2*K"}}, "B,T,2*K"),
        (LOOKUP, {"set": {"T": "V + 1"}}, "B,V + 1,V"),
        (LOOKUP, {"where": "V >= 3"}, "B,T,V"),
        (LOOKUP, {"where": "V == 2*J, J >= 5"}, "B,T,2*J"),
        (LOOKUP, {"where": "V == 2*J", "set": {"J": 4}}, "B,T,8"),
        (f"{LOOKUP},is:B:T:V", {}, "B,T,V"),
        (f"in:B:T,is:B:V,{LOOKUP.partition(',')[2]}", {}, "B,T,V_1"),
        (f"{LOOKUP},{LOOKUP.partition(',')[2]}", {"set": {"V": 3, "V_1": 4}}, "B,T,3,4"),
        # Letters that facts bring in.
        ("conv1d:8:3", {"where": "T == 2*J"}, "B,2*J - 2,8"),
        ("conv1d:8:3,is:B:2*J-2:8", {"where": "T == 2*J"}, "B,2*J - 2,8"),
        ("conv1d:8:3", {"where": "T == 2*J", "set": {"J": 5}}, "B,8,8"),
        ("conv1d:8:3", {"where": "T == 2*J", "set": {"T": 6}}, "B,4,8"),
        ("conv1d:8:3", {"where": "J == 3*K, T == 2*J", "set": {"K": 1}}, "B,4,8"),
        # Letters that values bring in.
        ("conv1d:8:3", {"set": {"T": "8*K"}, "where": "K >= 2"}, "B,8*K - 2,8"),
        ("conv1d:8:3", {"set": {"T": "8*K", "K": 3}}, "B,22,8"),
        ("in:B:T:S,relu", {"set": {"T": "S", "S": "T"}}, "B,S,T"),
        # Letters that checks give a size.
        (NAMED, {"where": "N >= 32"}, "B,T//2 - 1,8"),
        (NAMED, {"where": "N == 32"}, "B,16,8"),
        (NAMED, {"set": {"N": 9}}, "B,4,8"),
        (NAMED, {"where": "N == 2*M"}, None),
        ("in:B:T:80,is:B:N:80,relu", {"where": "N == 2*M, M >= 3"}, "B,2*M,80"),
        ("in:B:T:80,maxpool1d:2,is:B:N:80", {"where": "T == 2*N"}, "B,N,80"),
    ],
)
def test_letters_in_values_and_facts(spec: str, options: Any, said: str | None) -> None:
    found = trace(spec, **options)
    assert said is None or text(found) == said


def test_a_fact_on_a_named_size_is_a_fact_and_no_condition() -> None:
    found = trace(NAMED, where="N >= 32")
    assert found.conditions == []
    assert found.facts.domain("T").low == 34
    assert trace(NAMED, where="N % 2 == 0, N >= 3").to_dict()["conditions"] == []


@pytest.mark.parametrize("options", [{"where": "V >= 30"}, {"where": "V == 2*J, J >= 20"}])
def test_values_that_contradict_facts_are_refused(options: Any) -> None:
    with pytest.raises(shapecalc.ShapeError, match="cannot hold where V is 10"):
        trace(LOOKUP, set={"V": 10}, **options)


@pytest.mark.parametrize(
    ("spec", "options", "said"),
    [
        (
            "in:B:T:4,relu",
            {"set": {"T": 5}, "where": "T >= 10"},
            "T >= 10 cannot hold where T is 5",
        ),
        ("in:B:20:4,is:B:N:4,relu", {"where": "N >= 32"}, "N >= 32 cannot hold where N is 20"),
        ("in:B:T:4,is:B:N:4,relu", {"where": "T < 9, N > 9"}, "N > 9 cannot hold where N is T"),
        ("in:B:T:4@x,concat(maxpool1d:2|tconv1d:4:1:s=2|),is:B:N:12", {"where": "N > T"}, None),
    ],
)
def test_facts_that_cannot_hold_are_refused(spec: str, options: Any, said: str | None) -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        trace(spec, **options)
    assert said is None or caught.value.message == said


@pytest.mark.parametrize(
    "options",
    [
        {"set": {"W": 3}},
        {"where": "W >= 3"},
        {"where": "W == 3"},
        {"where": "T >= W"},
        {"where": "T >= 3, W == 2*U"},
    ],
)
def test_a_letter_that_is_nowhere_printed_is_refused_with_those_that_are(options: Any) -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        trace(LOOKUP, **options)
    name = "U" if "U" in str(options) and "letter U" in caught.value.message else "W"
    assert caught.value.message == f"there is no letter {name}"
    assert caught.value.help == "the letters are B, T, V"


@pytest.mark.parametrize(
    ("spec", "options", "span"),
    [
        ("in:B:T:4,is:B:2*Q:4,relu", {}, (9, 19)),
        ("in:B:T:4,relu", {"expect": "B,Q+1,4"}, None),
        ("in:B:T:4,relu", {"expect": "B,N,Q+N"}, None),
    ],
)
def test_a_letter_in_an_expression_that_means_nothing_is_refused(
    spec: str, options: Any, span: Any
) -> None:
    with pytest.raises(shapecalc.SpecError, match="there is no letter Q") as caught:
        trace(spec, **options)
    assert (caught.value.help, caught.value.span) == ("the letters are B, T", span)


@pytest.mark.parametrize(
    ("spec", "expect"),
    [
        ("in:B:8:4,is:B:2*N:N,relu", "B,2*N,N"),
        ("in:B:T:4,is:B:N:4,relu", "B,N,4"),
        ("in:B:T:4,conv1d:4:3,is:B:N:4,relu", "B,N,4"),
        ("in:B:T:4,conv1d:4:3,is:B:N:4,relu", "B,T-2,4"),
        ("in:B:T:T,relu", "B,N,N"),
        (LOOKUP, "B,T,V"),
        (LOOKUP, "B,T,W"),
    ],
)
def test_letters_in_expectations(spec: str, expect: str) -> None:
    assert trace(spec, expect=expect)


@pytest.mark.parametrize(
    ("spec", "expect"),
    [
        ("in:B:T:4,conv1d:4:3,is:B:N:4,relu", "B,N+1,4"),
        ("in:B:T:S,relu", "B,N,N"),
        (LOOKUP, "B,T,T"),
        (LOOKUP, "B,V,T"),
    ],
)
def test_letters_in_expectations_mean_what_they_mean_in_the_trace(spec: str, expect: str) -> None:
    with pytest.raises(shapecalc.ShapeError, match="not what is expected"):
        trace(spec, expect=expect)


def test_shapes_that_do_not_fit_come_before_letters_that_may_be_made_later() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        trace("lstm:3,lstm:3", set={"W": 3})
    assert "there is no letter W up to here" in caught.value.notes


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_value_is_put_in_where_the_letter_is_made(terms: int, steps: int) -> None:
    spec = f"{LOOKUP},conv1d:8:3,flatten"
    free = trace(spec)
    if steps < 3:
        return
    put_in = trace(spec, set={"V": terms, "T": steps})
    values = {"V": terms, "T": steps}
    assert put_in.output == tuple(substitute(size, values) for size in free.output)
    assert put_in.params == substitute(free.params, values)


@given(
    st.sampled_from(["N >= {}", "N == {}", "N % {} == 0", "{} <= N"]),
    st.integers(1, 20),
)
def test_a_fact_on_a_named_size_says_the_same_as_one_on_the_size(fact: str, n: int) -> None:
    spec = "in:B:T:4,pad1d:3{},maxpool1d:2,conv1d:4:2"
    said = fact.format(n)
    outcomes = []
    for check, where in ((",is:B:N:4", said), ("", said.replace("N", "(T + 6)"))):
        try:
            found = trace(spec.format(check), where=where)
            outcomes.append((text(found), found.conditions))
        except shapecalc.ShapeError:
            outcomes.append(("", []))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("fact", "numbers"),
    [("T != 5", {5}), ("T % 7 != 0", {7, 14, 21, 28}), ("T//2 != 3", {6, 7}), ("3 != T", {3})],
)
def test_a_fact_may_say_what_is_not(fact: str, numbers: set[int]) -> None:
    for number in range(1, 30):
        if number in numbers:
            with pytest.raises(shapecalc.ShapecalcError):
                shapecalc.trace("in:B:T:4,relu", where=fact, set={"T": number})
        else:
            assert (
                shapecalc.trace("in:B:T:4,relu", where=fact, set={"T": number}).output[1] == number
            )
