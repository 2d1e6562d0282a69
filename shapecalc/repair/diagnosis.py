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
    error: ShapeError, source: Source, given: Given, attempt: Attempt | None, shown: Shown
) -> ShapeError:
    """Return an error that names the layer that is to blame, and what works instead.

    Without an ``attempt`` nothing is tried.
    """
    failure = failure_of(error)
    if failure is None:
        return error
    notes = reasons(error, failure, given=bool(given))
    if error.help or attempt is None:
        return error.noted(notes)
    found = next(repairs(failure, source, given, attempt), None)
    if found is None:
        return error.noted(notes)
    if found.next is not None:
        notes = [*notes, fails_next(found.next)]
    return error.noted(notes).replaced(help=shown(found.source))


def fails_next(error: ShapeError) -> str:
    """Say which error is left behind a repair of the first one."""
    where = "" if error.place is None else f" in line {error.place.line}"
    return f"with this repair it fails later{where}: {error.message}"


def repairs_of(
    error: ShapeError, source: Source, given: Given, attempt: Attempt, shown: Shown
) -> Iterator[str]:
    """Find the repairs for an error of a trace; none where it is not about a layer."""
    failure = failure_of(error)
    if failure is not None:
        found = repairs(failure, source, given, attempt)
        yield from dict.fromkeys(shown(each.source) for each in found)
