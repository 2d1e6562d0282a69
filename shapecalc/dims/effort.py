"""How much work the algebra does: sums are counted as they are made, and can be limited.

What takes long makes many of them, so that their number stands for time on any machine.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExhaustedError(Exception):
    """More work than was allowed; no rule and no decision takes it for an answer."""


class _Meter:
    """The number of sums that were made, in whichever thread, and at which some thread stops."""

    __slots__ = ("done", "stop", "stops")

    def __init__(self) -> None:
        self.done: float = 0
        self.stop = float("inf")
        #: The numbers at which threads stop, each by its own.
        self.stops: dict[int, float] = {}

    def passed(self) -> None:
        """Raise `ExhaustedError` where it is this thread that stops here."""
        if self.done > self.stops.get(get_ident(), float("inf")):
            raise ExhaustedError

    def set(self, stop: float) -> None:
        """Let this thread stop at a number."""
        self.stops[get_ident()] = stop
        if stop == float("inf"):
            del self.stops[get_ident()]
        self.stop = min(self.stops.values(), default=float("inf"))


METER: Final = _Meter()


@contextmanager
def limited(sums: float) -> Iterator[None]:
    """Raise `ExhaustedError` in what follows where it makes more sums, or more than around it."""
    outer = METER.stops.get(get_ident(), float("inf"))
    METER.set(min(outer, METER.done + sums))
    try:
        yield
    finally:
        METER.set(outer)


def spent() -> float:
    """Return how many sums were made so far; of two such numbers the difference counts."""
    return METER.done
