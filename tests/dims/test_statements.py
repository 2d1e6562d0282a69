"""Several statements on two letters, of any form: what is said of them holds at every number."""

from __future__ import annotations

from itertools import product

from dims.strategies import sizes
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import Condition, Contradiction, Dim, Facts, Size, equal, parse_size
from shapecalc.dims import at_least as least
from shapecalc.dims.conditions import AnyOf, Truth
from shapecalc.dims.rewrite import evaluated

#: All pairs of numbers up to this are tried.
MOST = 16
NUMBERS = [{"T": t, "S": s} for t, s in product(range(1, MOST + 1), repeat=2)]
NAMES = {"max": max, "min": min, "__builtins__": {}}


@st.composite
def statements(draw: st.DrawFn) -> Truth:
    """Draw an equality, a bound or a remainder."""
    a, b = parse_size(draw(sizes())), parse_size(draw(sizes()))
    divisor, number = draw(st.sampled_from([2, 3, 4, 6, 8])), draw(st.integers(1, 30))
    remainder = equal(parse_size(f"({a}) % {divisor}"), number % divisor)
    return draw(st.sampled_from([remainder, least(a, b), equal(a, b), equal(a, number)]))


def holds(truth: Truth, at: dict[str, int]) -> bool:
    """Say whether a statement holds at numbers, by nothing but arithmetic."""
    if isinstance(truth, AnyOf):
        return any(holds(each, at) for each in truth.options)
    if isinstance(truth, Condition):
        value = evaluated(truth.expr, at)
        return value == 0 if truth.exact else value >= 0
    return truth


def read(text: str, at: dict[str, int]) -> int:
    """Evaluate a printed size or condition as Python does."""
    found: int = eval(text, dict(NAMES), dict(at))  # noqa: S307  (what this package prints)
    return found


@given(st.lists(statements(), min_size=1, max_size=4), st.lists(sizes(), max_size=3), statements())
def test_what_is_said_of_statements_holds_at_numbers(
    truths: list[Truth], asked: list[str], question: Truth
) -> None:
    facts = Facts()
    meeting = [at for at in NUMBERS if all(holds(each, at) for each in truths)]
    try:
        for truth in truths:
            facts.require(truth)
    except Contradiction:
        assert not meeting
        return
    said = facts.conditions()
    for at in NUMBERS:
        assert all(read(each, at) for each in said) == (at in meeting), (said, at)
    decided = facts.decide(question)
    for at in meeting:
        assert not isinstance(decided, bool) or holds(question, at) == decided, at
        for text in asked:
            size: Size = parse_size(text)
            written = facts.simplify(size)
            assert read(str(written), at) == read(text, at), (text, str(written), at)
            assert not isinstance(size, Dim) or evaluated(size, at) == read(text, at)
