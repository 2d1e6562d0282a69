"""The search for repairs: edits are made, traced, and where that gets further edited again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from shapecalc.errors import ShapecalcError, ShapeError
from shapecalc.language.shapes import GivenShape
from shapecalc.network import Reshape, Source
from shapecalc.repair.candidates import candidates
from shapecalc.repair.failure import Failure, Miss, failure_of
from shapecalc.tracing.trace import Trace
from shapecalc.tracing.work import burden

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.network import Edit

#: Input shapes that come from outside, by name.
Given = Mapping[str | None, GivenShape]
#: Reads a source for input shapes, and traces it with everything else that is asked.
Attempt = Callable[[Source, Given], Trace]

#: How many changes a repair may make, how many sources are tried, and how many nodes they have.
MAX_CHANGES: Final = 3
MAX_ATTEMPTS: Final = 80
MAX_WORK: Final = 100_000
#: How many programs are read anew, which takes longer; each with one change.
MAX_RUNS: Final = 24
#: A row of long sizes is so much more work for each time that they are longer than others.
LONG: Final = 10


class _State:
    """A source that fails further on than the one that it was made of, and its edits to try."""

    def __init__(
        self, source: Source, failure: Failure | Miss, given: Given, changes: int = 0
    ) -> None:
        self.source = source
        self.failure = failure
        self.given = given
        self.changes = changes
        self.edits = candidates(failure, given=bool(given))


def repairs(
    failure: Failure | Miss, source: Source, given: Given, attempt: Attempt
) -> Iterator[Source]:
    """Find sources that work, those with the fewest changes first."""
    states = deque([_State(source, failure, given)])
    seen: set[str | None] = set()
    attempts, most = (MAX_RUNS, 1) if source.is_run else (MAX_ATTEMPTS, MAX_CHANGES)
    work = MAX_WORK
    while states:
        state = states.popleft()
        for edits in state.edits:
            if not edits:
                # What follows is for later: first what comes of those before.
                states.append(state)
                break
            made = _made(state.source, edits)
            if made is None or made.text in seen:
                continue
            seen.add(made.text)
            attempts -= 1
            work -= len(state.failure.network.nodes)
            if attempts < 0 or work < 0:
                return
            # An input shape that is edited replaces the one from outside.
            shapes = {} if any(isinstance(edit, Reshape) for edit in edits) else state.given
            try:
                found = attempt(made, shapes)
            except ShapeError as error:
                later = failure_of(error)
                work -= _extra(later.trace) if later else 0
                if later and later.left < state.failure.left and state.changes + 1 < most:
                    states.append(_State(made, later, shapes, state.changes + 1))
            except ShapecalcError:
                continue
            else:
                work -= _extra(found)
                yield made


def _extra(trace: Trace) -> int:
    """Return how much work the long sizes of a trace made, as nodes in numbers do."""
    return LONG * sum(burden(row.outputs) for row in trace.layers)


def _made(source: Source, edits: Sequence[Edit]) -> Source | None:
    """Return a source with edits; None where it cannot be written, or not be read."""
    try:
        return source.edited(edits)
    except ShapecalcError:
        return None
