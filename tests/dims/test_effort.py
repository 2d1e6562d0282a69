"""Work is counted in sums, and stops where it comes to more than was allowed."""

from __future__ import annotations

from threading import Thread

import pytest
from dims.strategies import sizes
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.dims import (
    Contradiction,
    Dim,
    ExhaustedError,
    Facts,
    at_least,
    equal,
    limited,
    multiple_of,
    parse_size,
    spent,
)


def work(sums: int) -> None:
    """Make so many sums."""
    for number in range(1, sums + 1):
        _ = Dim("T") + number * Dim("S")


def test_work_is_limited_within_a_block() -> None:
    with limited(100):
        work(100)
        with pytest.raises(ExhaustedError):
            work(1)
    work(1000)


def test_a_limit_holds_within_a_larger_one() -> None:
    with limited(10), limited(1000), pytest.raises(ExhaustedError):
        work(20)
    with limited(1000):
        with limited(10), pytest.raises(ExhaustedError):
            work(20)
        work(100)


def test_the_work_of_another_thread_does_not_count() -> None:
    with limited(10):
        begin = spent()
        thread = Thread(target=work, args=(100,))
        thread.start()
        thread.join()
        assert spent() == begin
        work(10)
        assert spent() == begin + 10
        with pytest.raises(ExhaustedError):
            work(1)


def test_each_thread_has_its_own_limit() -> None:
    stopped: list[int] = []

    def limited_work(sums: int) -> None:
        try:
            with limited(sums):
                work(50)
        except ExhaustedError:
            stopped.append(sums)

    threads = [Thread(target=limited_work, args=(sums,)) for sums in (10, 49, 50, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stopped) == [10, 49]


def asked(texts: list[str]) -> list[str]:
    """Read sizes, state something of them, and say what follows."""
    first, second, third = (parse_size(text) for text in texts)
    facts = Facts()
    try:
        facts.require(at_least(first, 3))
        facts.require(multiple_of(second, 2))
        facts.require(equal(third, first))
    except Contradiction as contradiction:
        return [str(contradiction)]
    return [*facts.conditions(), *(str(facts.simplify(each)) for each in (first, second, third))]


def work_of(texts: list[str]) -> float:
    with limited(1_000_000):
        before = spent()
        asked(texts)
        return spent() - before


@given(st.lists(sizes(1), min_size=3, max_size=3), st.lists(sizes(2), max_size=1))
def test_what_is_remembered_counts_as_if_it_were_not(texts: list[str], more: list[str]) -> None:
    work = work_of(texts)
    for text in more:
        work_of([text, *texts[1:]])
    assert work_of(texts) == work
    with limited(work):
        answer = asked(texts)
    assert answer == asked(texts)
    if work:
        with limited(work - 1), pytest.raises(ExhaustedError):
            asked(texts)


def test_what_is_written_does_not_count() -> None:
    size = parse_size("(T - 2)*(S + 3)*(T + 1)//4 + max(S, 3)")
    condition = at_least(size, 70)
    with limited(0):
        assert str(size)
        assert str(condition)
