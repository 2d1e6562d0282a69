"""How much work the algebra does: sums are counted as they are made, and can be limited.

What takes long makes many of them, so that their number stands for time on any machine. Each
thread counts its own, and only while it is limited.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock, local
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExhaustedError(Exception):
    """More work than was allowed; no rule and no decision takes it for an answer."""


class _Count(local):
    """The number of sums that a thread has made, and the one at which it stops."""

    done: float = 0
    stop = float("inf")


class _Meter:
    """Counts the sums of the threads that are limited."""

    __slots__ = ("_count", "_lock", "limits")

    def __init__(self) -> None:
        self._count = _Count()
        self._lock = Lock()
        #: How many limits there are, of whichever threads.
        self.limits = 0

    @property
    def done(self) -> float:
        """The number of sums that this thread has made within limits."""
        return self._count.done

    def add(self) -> None:
        """Count a sum; raises `ExhaustedError` where that is one too many."""
        count = self._count
        count.done += 1
        if count.done > count.stop:
            raise ExhaustedError

    def enter(self, sums: float) -> float:
        """Let this thread stop after so many sums; return where it stopped before."""
        count = self._count
        outer = count.stop
        count.stop = min(outer, count.done + sums)
        with self._lock:
            self.limits += 1
        return outer

    def leave(self, outer: float) -> None:
        """Let this thread stop where it did before a limit."""
        self._count.stop = outer
        with self._lock:
            self.limits -= 1


METER: Final = _Meter()


@contextmanager
def limited(sums: float) -> Iterator[None]:
    """Raise `ExhaustedError` in what follows where it makes more sums, or more than around it."""
    outer = METER.enter(sums)
    try:
        yield
    finally:
        METER.leave(outer)


def spent() -> float:
    """Return how many sums this thread has made within limits, of which differences count."""
    return METER.done
