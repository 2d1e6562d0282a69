"""Work is counted in sums, and stops where it comes to more than was allowed."""

from __future__ import annotations

from threading import Thread

import pytest

from shapecalc.dims import Dim, ExhaustedError, limited, spent


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
