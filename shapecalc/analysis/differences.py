"""What differs between two traces: their rows side by side, those that belong together aligned."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.rows import Row, plain_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.rows import Trace


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
    matcher = SequenceMatcher(None, _keys(left), _keys(right), autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from map(Pair, left[i:j], right[k:m])
        else:
            yield from _unequal(left[i:j], right[k:m])


def _unequal(left: Sequence[Row], right: Sequence[Row]) -> Iterator[Pair]:
    """Rows of the same class stand side by side, though their arguments differ."""
    matcher = SequenceMatcher(
        None, [row.layer for row in left], [row.layer for row in right], autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from map(Pair, left[i:j], right[k:m])
        else:
            yield from (Pair(row, None) for row in left[i:j])
            yield from (Pair(None, row) for row in right[k:m])


def _keys(rows: Sequence[Row]) -> list[str]:
    return [row.layer + json.dumps(row.config, default=str) for row in rows]


def _said(row: Row) -> tuple[Any, ...]:
    """What counts of a row: what it is, what it gives, what it costs."""
    outputs = [plain_shape(shape) for shape in row.outputs]
    weights = [(weight.name, plain_shape(weight.shape)) for weight in row.weights]
    return (row.layer, row.config, outputs, weights, row.trainable_params)


def totals(trace: Trace) -> dict[str, Any]:
    """What comes out of all, for a comparison."""
    return {
        "outputs": [plain_shape(shape) for shape in trace.outputs],
        "params": str(trace.params),
        "trainable_params": str(trace.trainable_params),
        "conditions": trace.conditions,
        "assumptions": trace.assumptions,
    }
