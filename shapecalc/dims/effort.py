"""How much work the algebra does: sums are counted as they are made, and can be limited.

What takes long makes many of them, so that their number stands for time on any machine. Each
thread counts its own, and only while it is limited. What is remembered counts as often as it is
asked for, so that the same question ends in the same way whatever was asked before; what is written
does not count.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache, wraps
from math import floor, inf
from threading import Lock, local
from typing import TYPE_CHECKING, Final, Self, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Given = TypeVarTuple("_Given")
_Found = TypeVar("_Found")


class ExhaustedError(Exception):
    """More work than was allowed; no rule and no decision takes it for an answer."""


class _Count(local):
    """The number of sums that a thread has made, and the one at which it stops."""

    done: float = 0
    stop = inf

    def __init__(self) -> None:
        #: What was counted within the limit at hand.
        self.paid: set[object] = set()


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

    def charge(self, asked: object, sums: float) -> None:
        """Count what took so many sums, as if they were made now: once within a limit."""
        count = self._count
        if asked in count.paid:
            return
        count.paid.add(asked)
        count.done += sums
        if count.done > count.stop:
            # So many there are when the first that is too many is made.
            count.done = floor(count.stop) + 1
            raise ExhaustedError

    def rewind(self, before: float) -> float:
        """Go back to a count; return how many sums were made since."""
        count = self._count
        made, count.done = count.done - before, before
        return made

    def enter(self, sums: float, *, within: bool = True) -> tuple[float, set[object]]:
        """Let this thread stop after so many sums, and where it would; return what was before."""
        count = self._count
        outer = (count.stop, count.paid)
        count.stop = min(outer[0], count.done + sums) if within else inf
        count.paid = set()
        with self._lock:
            self.limits += 1
        return outer

    def leave(self, outer: tuple[float, set[object]]) -> None:
        """Let this thread stop where it did before a limit."""
        self._count.stop, self._count.paid = outer
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


class Measured:
    """Counts what is made in a block by itself: ``sums`` then has how much that was.

    It ends where too much is made, unless it is ``free``.
    """

    __slots__ = ("_before", "_outer", "free", "sums")

    def __init__(self, *, free: bool = False) -> None:
        """Measure what whoever asks counts, or leaves out of what is counted."""
        self.free = free

    def __enter__(self) -> Self:
        """Begin to count."""
        self._before = METER.done
        self._outer = METER.enter(inf, within=not self.free)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Go back to what was counted before, unless an error ends more than this."""
        METER.leave(self._outer)
        if kind is None or self.free:
            self.sums = METER.rewind(self._before)


def remembered(most: int) -> Callable[[Callable[[*_Given], _Found]], Callable[[*_Given], _Found]]:
    """Remember what a function returned for its last arguments, and count it each time.

    For functions that make sums; ``lru_cache`` is for those that make none.
    """

    def decorate(function: Callable[[*_Given], _Found]) -> Callable[[*_Given], _Found]:
        @lru_cache(maxsize=most)
        def known(*args: *_Given) -> tuple[_Found, float]:
            with Measured() as made:
                found = function(*args)
            return found, made.sums

        @wraps(function)
        def asked(*args: *_Given) -> _Found:
            found, sums = known(*args)
            if sums and METER.limits:
                METER.charge((known, args), sums)
            return found

        return asked

    return decorate


def spent() -> float:
    """Return how many sums this thread has made within limits, of which differences count."""
    return METER.done
