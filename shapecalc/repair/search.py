"""The search for repairs: edits are made, traced, and where that gets further edited again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import ExhaustedError, limited, spent
from shapecalc.errors import ShapecalcError, ShapeError
from shapecalc.language.shapes import GivenShape
from shapecalc.network import Append, Apply, Insert, Reshape, Source
from shapecalc.repair.bound import only_size, with_numbers
from shapecalc.repair.candidates import candidates
from shapecalc.repair.failure import Failure, Miss, failure_of
from shapecalc.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.network import Edit

#: Input shapes that come from outside, by name.
Given = Mapping[str | None, GivenShape]
#: Reads a source for input shapes, and traces it with everything else that is asked.
Attempt = Callable[[Source, Given], Trace]

#: How many changes a repair may make, how many sources are tried, and how much work they make:
#: what each node costs, and each sum.
MAX_CHANGES: Final = 3
MAX_ATTEMPTS: Final = 80
MAX_WORK: Final = 200_000
NODE: Final = 3
SUM: Final = 12
#: How many programs are read anew, which takes longer, and how many more for each further change.
MAX_RUNS: Final = 24
MORE_RUNS: Final = 12


class Repair(NamedTuple):
    """A source that works, or of a program one that only fails later, with the ``next`` error.

    ``only`` is the one size for which it works of an axis of an input that was open.
    """

    source: Source
    next: ShapeError | None = None
    only: int | None = None


class _State:
    """A source that fails further on than the one that it was made of, and its edits to try."""

    def __init__(
        self, source: Source, failure: Failure | Miss, given: Given, changes: int = 0
    ) -> None:
        self.source = source
        self.failure = failure
        self.given = given
        self.changes = changes
        #: How many layers its edits have put in.
        self.added = 0
        self.edits = candidates(failure, given=bool(given))


class _Budget:
    """How many sources are tried, and how much work all of them together may make."""

    def __init__(self) -> None:
        self._attempts = MAX_ATTEMPTS
        self._work: float = MAX_WORK

    def allows(self, nodes: int) -> bool:
        """Count a source of so many nodes; returns whether it may be tried."""
        self._attempts -= 1
        self._work -= NODE * nodes
        return self._attempts >= 0 and self._work >= 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count what an attempt makes; raises `ExhaustedError` where it is too much."""
        before = spent()
        try:
            with limited(self._work / SUM):
                yield
        finally:
            self._work -= SUM * (spent() - before)


def repairs(
    failure: Failure | Miss, source: Source, given: Given, attempt: Attempt
) -> Iterator[Repair]:
    """Find sources that work, those with the fewest changes first."""
    first = _State(source, failure, given)
    binding = []
    for found in (_of_program if source.is_run else _of_network)(first, attempt):
        if found.only is None:
            yield found
        elif found.only > 1:
            binding.append(found)
    yield from binding


def _of_network(first: _State, attempt: Attempt) -> Iterator[Repair]:
    """Edit what gets further again, breadth first."""
    states = deque([first])
    seen: set[str | None] = set()
    budget = _Budget()
    while states:
        state = states.popleft()
        for edits in state.edits:
            if not edits:
                # What follows is for later: first what comes of those before.
                states.append(state)
                break
            made = _made(state.source, edits, seen)
            if made is None:
                continue
            if not budget.allows(len(state.failure.network.nodes)):
                return
            try:
                found = _tried(state, made, edits, attempt, budget)
            except ExhaustedError:
                return
            if isinstance(found, Repair):
                yield found
            elif found is not None and found.changes < MAX_CHANGES:
                states.append(found)


def _tried(
    state: _State, made: Source, edits: Sequence[Edit], attempt: Attempt, budget: _Budget
) -> Repair | _State | None:
    """Return a repair, or what gets further than the state that it was made of."""
    # An input shape that is edited replaces the one from outside.
    shapes = {} if any(isinstance(edit, Reshape) for edit in edits) else state.given
    try:
        with budget.measured():
            trace = attempt(made, shapes)
            numbered = with_numbers(edits, trace, state.failure.trace)
            if numbered is not None:
                made = state.source.edited(numbered)
                trace = attempt(made, shapes)
    except ShapeError as error:
        later = failure_of(error)
        if later is None or later.left >= state.failure.left:
            return None
        return _State(made, later, shapes, state.changes + 1)
    except ShapecalcError:
        return None
    return Repair(made, only=only_size(trace, state.failure.trace))


def _of_program(first: _State, attempt: Attempt) -> Iterator[Repair]:
    """Change one thing; where nothing helps alone, go on from the change that gets furthest.

    Where the program does not work after as many changes as are tried, the first one is a repair
    of the first fault all the same.
    """
    state, runs = first, MAX_RUNS
    partial: Repair | None = None
    seen: set[str | None] = set()
    while True:
        further: list[_Further] = []
        works = False
        for found in _changed(state, attempt, seen, runs):
            if isinstance(found, _Further):
                further.append(found)
            else:
                works = True
                yield found
        best = max(further, key=lambda each: each.reached, default=None)
        if works or best is None or best.reached <= _reached(state):
            break
        partial = partial or Repair(best.state.source, best.error)
        if best.state.changes == MAX_CHANGES:
            break
        state, runs = best.state, MORE_RUNS
    if partial is not None and not works:
        yield partial


def _changed(
    state: _State, attempt: Attempt, seen: set[str | None], runs: int
) -> Iterator[Repair | _Further]:
    """Try the edits of a program, each by itself."""
    for edits in filter(None, state.edits):
        made = _made(state.source, edits, seen)
        if made is None:
            continue
        runs -= 1
        if runs < 0:
            return
        shapes = {} if any(isinstance(edit, Reshape) for edit in edits) else state.given
        try:
            trace = attempt(made, shapes)
        except ShapeError as error:
            later = failure_of(error)
            if later is not None:
                found = _State(made, later, shapes, state.changes + 1)
                found.added = state.added + _added(edits, state.failure, later)
                yield _Further(_reached(found), found, error)
        except ShapecalcError:
            continue
        else:
            yield Repair(made, only=only_size(trace, state.failure.trace))


#: How many statements at the top are behind the one that fails, less than 0, and how many layers a
#: program has applied by then.
_Reached = tuple[int, int]


class _Further(NamedTuple):
    """A program that fails otherwise than the one that it was made of."""

    reached: _Reached
    state: _State
    error: ShapeError


def _reached(state: _State) -> _Reached:
    nodes = len(state.failure.network.nodes) - state.failure.left[0]
    return -getattr(state.source, "behind", 0), nodes - state.added


def _added(edits: Sequence[Edit], before: Failure | Miss, after: Failure | Miss) -> int:
    """Return how many layers edits put in, each of which a program may apply many times."""
    layers = [each for edit in edits if isinstance(edit, Insert | Append) for each in edit.layers]
    kinds = tuple({type(layer) for layer in layers})
    counts = [
        sum(
            isinstance(node, Apply) and isinstance(node.layer, kinds) for node in each.network.nodes
        )
        for each in (before, after)
    ]
    return max(counts[1] - counts[0], len(layers))


def _made(source: Source, edits: Sequence[Edit], seen: set[str | None]) -> Source | None:
    """Return a source with edits; None where it was seen, cannot be written, or not be read."""
    try:
        text = source.written(edits)
        if text is None:
            return _unseen(source.edited(edits), seen)
        if text in seen:
            return None
        seen.add(text)
        return source.edited(edits)
    except ShapecalcError:
        return None


def _unseen(made: Source, seen: set[str | None]) -> Source | None:
    if made.text in seen:
        return None
    seen.add(made.text)
    return made
