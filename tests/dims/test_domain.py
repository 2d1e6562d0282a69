"""Domains are sets of numbers: what is said of both at once is said of the sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims.domain import Domain

NUMBERS = range(-5, 130)


def domain_of(low: int, length: int | None, modulus: int, residues: frozenset[int]) -> Domain:
    found = frozenset(n % modulus for n in residues)
    return Domain(low, None if length is None else low + length, modulus, found)


DOMAINS = st.builds(
    domain_of,
    st.integers(1, 40),
    st.none() | st.integers(0, 60),
    st.integers(1, 8),
    st.frozensets(st.integers(0, 7), min_size=1),
)


def members(domain: Domain) -> set[int]:
    return {n for n in NUMBERS if n in domain}


@given(DOMAINS, DOMAINS)
def test_a_union_has_what_one_of_them_has(a: Domain, b: Domain) -> None:
    union = a.union(b)
    if union is not None:
        assert members(union) == members(a) | members(b)


@given(DOMAINS, st.integers(-5, 90), st.integers(1, 9), st.frozensets(st.integers(0, 8)))
def test_a_domain_is_narrowed(
    domain: Domain, n: int, modulus: int, residues: frozenset[int]
) -> None:
    assert members(domain.at_least(n)) == {each for each in members(domain) if each >= n}
    assert members(domain.at_most(n)) == {each for each in members(domain) if each <= n}
    wanted = frozenset(each % modulus for each in residues)
    found = domain.congruent(modulus, wanted)
    if found is not None:
        assert members(found) == {n for n in members(domain) if n % modulus in wanted}


@given(DOMAINS)
def test_conditions_say_just_the_members(domain: Domain) -> None:
    if not domain.empty:
        said = domain.conditions("T")
        holds = {n for n in NUMBERS if n > 0 and all(eval(s, {"T": n}) for s in said)}  # noqa: S307
        assert holds == members(domain)


@given(st.sets(st.integers(1, 120)))
def test_numbers_are_a_domain(numbers: set[int]) -> None:
    found = Domain.of(sorted(numbers))
    assert members(found) == numbers
    assert found.members(200) == sorted(numbers)
    assert found.empty is not bool(numbers)


@given(DOMAINS)
def test_members_are_listed_where_they_are_few(domain: Domain) -> None:
    listed = domain.members(1000)
    assert (listed is None) == (domain.high is None)
    if listed is not None:
        assert set(listed) == members(domain)
