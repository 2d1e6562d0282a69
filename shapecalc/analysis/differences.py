"""What differs between two traces: their rows side by side, those that belong together aligned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.tracing.rows import Row, plain_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.tracing.trace import Trace


Rows = Sequence[Row]

#: How many pairs of rows are compared, whatever stands in them.
MAX_COMPARED: Final = 4_000_000


class Pair(NamedTuple):
    """Rows that stand side by side; one is None where the other has no counterpart."""

    left: Row | None
    right: Row | None

    @property
    def mark(self) -> str:
        """``-`` only left, ``+`` only right, ``~`` other shapes or parameters, else blank."""
        if self.left is None or self.right is None:
            return "+" if self.left is None else "-"
        return " " if _said(self.left) == _said(self.right) else "~"


def pairs(left: Sequence[Row], right: Sequence[Row]) -> Iterator[Pair]:
    """Align rows by their layers, then those between them that have the same class."""
    keys = _keys(left), _keys(right)
    for equal, here, there in _aligned(left, right, *keys):
        yield from map(Pair, here, there) if equal else _unequal(here, there)


def _unequal(left: Sequence[Row], right: Sequence[Row]) -> Iterator[Pair]:
    """Pair rows of the same class, whose arguments differ; others have no counterpart."""
    keys = [row.layer for row in left], [row.layer for row in right]
    for equal, here, there in _aligned(left, right, *keys):
        if equal:
            yield from map(Pair, here, there)
        else:
            yield from (Pair(row, None) for row in here)
            yield from (Pair(None, row) for row in there)


def _aligned(
    left: Rows, right: Rows, here: Sequence[str], there: Sequence[str]
) -> Iterator[tuple[bool, Rows, Rows]]:
    """Cut rows where their keys are equal or not: first what they begin and end with."""
    short = min(len(here), len(there))
    start = next((n for n in range(short) if here[n] != there[n]), short)
    most = short - start
    end = next((n for n in range(most) if here[-1 - n] != there[-1 - n]), most)
    yield True, left[:start], right[:start]
    here, there = here[start : len(here) - end], there[start : len(there) - end]
    # Keys that stand in many places are compared with one another: of many rows, too many times.
    matcher = SequenceMatcher(None, here, there, autojunk=len(here) * len(there) > MAX_COMPARED)
    for tag, i, j, k, m in matcher.get_opcodes():
        yield tag == "equal", left[start + i : start + j], right[start + k : start + m]
    yield True, left[len(left) - end :], right[len(right) - end :]


def _keys(rows: Sequence[Row]) -> list[str]:
    return [row.layer + json.dumps(row.config, default=str) for row in rows]


def _said(row: Row) -> tuple[Any, ...]:
    """Return what counts of a row: what it is, what it gives, what it costs."""
    outputs = [plain_shape(shape) for shape in row.outputs]
    weights = [(weight.name, plain_shape(weight.shape)) for weight in row.weights]
    return (row.layer, row.config, outputs, weights, row.trainable_params)


def totals(trace: Trace) -> dict[str, Any]:
    """Return what comes out of all, for a comparison."""
    return {
        "outputs": [plain_shape(shape) for shape in trace.outputs],
        "params": str(trace.params) if trace.is_counted else f"at least {trace.least_params}",
        "trainable_params": str(trace.trainable_params) if trace.is_counted else "?",
        "conditions": trace.conditions,
        "assumptions": trace.assumptions,
    }
