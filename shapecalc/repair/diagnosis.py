"""Why a network does not work, and what works instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.repair.failure import failure_of, reasons
from shapecalc.repair.search import repairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapecalc.errors import ShapeError
    from shapecalc.network import Source
    from shapecalc.repair.search import Attempt, Given

    #: How a repair is written, for readers.
    Shown = Callable[[Source], str]


def explained(
    error: ShapeError, source: Source, given: Given, attempt: Attempt, shown: Shown
) -> ShapeError:
    """Return an error that names the layer that is to blame, and what works instead."""
    failure = failure_of(error)
    if failure is None:
        return error
    notes = reasons(error, failure, given=bool(given))
    hint = error.help or next(map(shown, repairs(failure, source, given, attempt)), None)
    return error.noted(notes).replaced(help=hint)


def repairs_of(
    error: ShapeError, source: Source, given: Given, attempt: Attempt, shown: Shown
) -> Iterator[str]:
    """Find the repairs for an error of a trace; none where it is not about a layer."""
    failure = failure_of(error)
    if failure is not None:
        yield from dict.fromkeys(map(shown, repairs(failure, source, given, attempt)))
