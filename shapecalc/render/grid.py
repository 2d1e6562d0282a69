"""The rows that people read, one by one: titles above, cells, and what stands below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import shape_text
from shapecalc.render.columns import COLUMNS, FIELDS, UNFIT, View
from shapecalc.render.diagnostic import visible
from shapecalc.render.people import call_text, count_text, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.rows import Row, Trace

#: The columns of numbers, and what columns are called where it is not their name.
RIGHT: Final = frozenset({"index", "params", "trainable"})
TITLES: Final = {"index": "#"}


class Line(NamedTuple):
    """A row: the lines of each of its cells, and whether its shapes fit."""

    cells: list[list[str]]
    fits: bool


class Grid:
    """What a table shows of a trace; a row that does not fit may stand at its end."""

    def __init__(self, trace: Trace, view: View, failed: Row | None = None) -> None:
        self._trace = trace
        self._rows = trace.layers if failed is None else [*trace.layers, failed]
        self._view = _with_sources(self._rows, view)
        self._calls: dict[int, str] = {}
        self.columns = [*self._view.columns, *(at.title for at in self._view.at)]
        self.columns += [self._view.times] if self._view.times else []
        self.titles = [TITLES.get(column, column) for column in self.columns]
        self.right = [column in RIGHT for column in self.columns]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """What comes out, what it costs and when it holds, each with its name."""
        return [(visible(name), said) for name, said in summary_of(self._trace, self._view)]

    def lines(self) -> Iterator[Line]:
        """The rows, made one by one; in their cells is nothing that cannot be seen."""
        view = self._view
        for row, count in self._shown:
            cells = [self._cell(column, row) for column in view.columns]
            cells += [self._at(row, place) for place in range(len(view.at))]
            cells += [_turns_text(row, count, view)] if view.times else []
            yield Line(
                [[visible(s) for s in each.split("\n")] for each in cells], bool(row.outputs)
            )

    @property
    def _shown(self) -> Iterable[tuple[Row, int]]:
        """The rows that are shown, each with how often it stands there."""
        if not self._view.times:
            return ((row, 1) for row in self._rows)
        return self._folded

    @cached_property
    def _folded(self) -> list[tuple[Row, int]]:
        from shapecalc.render.folding import blocks

        rows = self._rows
        keys = [(self._call(row), row.inputs, row.outputs, row.shares is None) for row in rows]
        return [
            (row, block.turns)
            for block in blocks(keys)
            for row in rows[block.start : block.start + block.length]
        ]

    @cached_property
    def _places(self) -> dict[str, str]:
        """The number of each row by its name."""
        return {row.name: str(row.index) for row in self._rows}

    def _cell(self, column: str, row: Row) -> str:
        """What stands in a column; several shapes or sources are lines of their own."""
        if column == "layer":
            return self._call(row)
        if column in {"input", "output"}:
            return self._shapes(row.inputs if column == "input" else row.outputs) or "?"
        if column == "from":
            return "\n".join(self._places.get(name, name) for name in row.sources)
        if column == "params" and row.shares is not None:
            return f"as {row.shares}"
        if column == "params":
            return count_text(row.params) if row.outputs else "?"
        return FIELDS[column](row, self._view)

    def _call(self, row: Row) -> str:
        """The text of a layer, written once for all rows that have it."""
        key = id(row.model)
        if key not in self._calls:
            self._calls[key] = visible(call_text(row.model))
        return self._calls[key]

    def _at(self, row: Row, place: int) -> str:
        """The shapes of a row at a number that was asked for."""
        known = self._view.at[place].outputs
        outputs = known[row.index - 1] if row.index <= len(known) else None
        return UNFIT if outputs is None else self._shapes(outputs)

    def _shapes(self, shapes: Sequence[Shape]) -> str:
        return "\n".join([shape_text(self._view.shape(shape)) for shape in shapes])


def _with_sources(rows: Sequence[Row], view: View) -> View:
    """Show too which rows feed a layer, where one reads another than the row above it."""
    if view.columns != COLUMNS:
        return view
    above = None
    for row in rows:
        if len(row.sources) != 1 or above not in {None, row.sources[0]}:
            place = COLUMNS.index("input")
            return view._replace(columns=(*COLUMNS[:place], "from", *COLUMNS[place:]))
        above = row.name
    return view


def _turns_text(row: Row, count: int, view: View) -> str:
    """How often a row stands there, with what all turns of it cost."""
    if count == 1:
        return ""
    cost = f" = {count_text(row.params * count)}" if row.params != 0 else ""
    return f"{view.times}{count}{cost}"
