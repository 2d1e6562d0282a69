"""Why a spec does not work, and what to write instead: repairs are traced before they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeGuard

from shapecalc.dims import shape_text
from shapecalc.errors import RankError, ShapecalcError, ShapeError
from shapecalc.language.build import parse
from shapecalc.language.printer import layer_text
from shapecalc.language.syntax import Step
from shapecalc.layers.built import UnbuiltError
from shapecalc.repair.merges import parting
from shapecalc.repair.moves import Failure, ancestors, innermost, moves, shrinks
from shapecalc.tracing.rows import stop_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from shapecalc.language.shapes import GivenShape
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network
    from shapecalc.tracing.rows import Row, Trace

    Given = Mapping[str | None, GivenShape]
    Tracing = Callable[[Network, Given], Trace]

#: How many changes a repair may make, how many specs are tried, and how many layers they have.
MAX_CHANGES: Final = 3
MAX_ATTEMPTS: Final = 80
MAX_WORK: Final = 100_000


class _State(NamedTuple):
    """A spec that fails further on than the one it was made of."""

    failure: Failure
    given: Given
    changes: int


def explained(error: ShapeError, network: Network, given: Given, attempt: Tracing) -> ShapeError:
    """Return an error that names the layer that is to blame, and a spec that works."""
    failure = _failure(error, network)
    if failure is None:
        return error
    notes: Iterable[str] = ()
    if isinstance(error, RankError):
        notes = _blame(failure, given)
    elif failure.row.model.merges:
        notes = parting(failure.trace, failure.row)
    hint = error.help or next(repairs(failure, given, attempt), None)
    return error.noted(notes).replaced(help=hint)


def repairs_of(
    error: ShapeError, network: Network, given: Given, attempt: Tracing
) -> Iterator[str]:
    """The repairs for an error of a trace; none where it is not about a layer."""
    failure = _failure(error, network)
    if failure is not None:
        yield from dict.fromkeys(repairs(failure, given, attempt))


def _failure(error: ShapecalcError, network: Network) -> Failure | None:
    stop = stop_of(error)
    if stop is None or stop.row is None:
        return None
    return Failure(network, stop.trace, stop.row, isinstance(error, UnbuiltError))


def _blame(failure: Failure, given: Given) -> Iterator[str]:
    """Say where the axis was lost that the layer lacks, or which one the input may lack."""
    rank = len(failure.row.inputs[0])
    culprit = next((row for row in ancestors(failure) if shrinks(row)), None)
    if culprit is not None:
        if len(culprit.outputs[0]) == rank:
            yield _blame_line(culprit)
    elif failure.network.inputs[0].origin is not None or given:
        yield "shapes include the batch: the batch or the channels may be missing in the input"


def _blame_line(row: Row) -> str:
    written = layer_text(row.model, row.dialect)
    if getattr(innermost(row.model), "return_sequences", None) is False:
        return f"{written} before it returns only its last step: return_sequences is False"
    before, after = shape_text(row.inputs[0]), shape_text(row.outputs[0])
    return f"{written} before it turns {before} into {after}"


def repairs(failure: Failure, given: Given, attempt: Tracing) -> Iterator[str]:
    """Specs that work, fewest changes first, each traced and in its canonical form."""
    states = [_State(failure, given, 0)]
    seen: set[str] = set()
    budget = MAX_ATTEMPTS
    work = MAX_WORK
    while states:
        state = states.pop(0)
        for move in moves(state.failure, state.given):
            if move.text in seen:
                continue
            seen.add(move.text)
            budget -= 1
            work -= len(state.failure.network.nodes)
            if budget < 0 or work < 0:
                return
            shapes = state.given if move.keeps_inputs else {}
            outcome = _outcome(move.text, state.failure.network.dialect, shapes, attempt)
            if isinstance(outcome, str):
                yield outcome
            elif state.changes + 1 < MAX_CHANGES and _further(outcome, state.failure):
                states.append(_State(outcome, shapes, state.changes + 1))


def _outcome(text: str, dialect: Dialect, given: Given, attempt: Tracing) -> str | Failure | None:
    """The canonical spec where it works, where it stops otherwise; None where it is no spec."""
    try:
        network = parse(text, dialect=dialect)
    except ShapecalcError:
        return None
    try:
        attempt(network, given)
    except ShapeError as error:
        return _failure(error, network)
    except ShapecalcError:
        return None
    return str(network)


def _further(later: Failure | None, earlier: Failure) -> TypeGuard[Failure]:
    """Whether a repaired spec gets past the layer that failed."""
    if (
        later is None
        or not isinstance(later.row.origin, Step)
        or not isinstance(earlier.row.origin, Step)
    ):
        return False
    ahead = len(later.network.source.text) - later.row.origin.start
    before = len(earlier.network.source.text) - earlier.row.origin.start
    return ahead < before
