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


def test_a_limit_stops_no_other_thread() -> None:
    with limited(10):
        begin = spent()
        thread = Thread(target=work, args=(100,))
        thread.start()
        thread.join()
        assert spent() == begin + 100
        with pytest.raises(ExhaustedError):
            work(1)
