"""The rows of a trace in letters, and those that they are once the letters are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


def rows_at(trace: Trace, found: Trace) -> list[Sequence[Row]]:
    """Return for each row of a trace those of one at numbers: all turns of a loop in letters.

    They are rows of the same names, in the same order, unless such loops are followed turn by
    turn; nothing is behind a row that does not fit.
    """
    names = [row.name for row in trace.layers]
    if [row.name for row in found.layers] == names[: len(found.layers)]:
        return [[row] for row in found.layers]
    named = {row.name: row for row in found.layers}
    return [
        _turns(row, found)
        if row.node.turns != 1
        else [named[row.name]]
        if row.name in named
        else []
        for row in trace.layers
    ]


def _turns(row: Row, found: Trace) -> list[Row]:
    """Return the turns of a row, which are made and called at the same places."""
    place = _place(row)
    return [each for each in found.layers if _place(each) == place]


def _place(row: Row) -> tuple[object, ...]:
    origin = row.node.origin
    return (row.layer, None if origin is None else (origin.code, origin.made_at))
