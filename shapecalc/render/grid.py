"""The rows that people read, one by one: titles above, cells, and what stands below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims import shape_text
from shapecalc.render.cells import call_text, count_text, summary_of
from shapecalc.render.columns import COLUMNS, USUAL
from shapecalc.render.diagnostic import visible
from shapecalc.render.view import Column, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Line(NamedTuple):
    """A row: the lines of each of its cells, whether its shapes fit, and how it is set off."""

    cells: list[list[str]]
    fits: bool = True
    style: str = ""


class Sheet:
    """What a table shows: columns, and rows that are made one by one."""

    columns: Sequence[Column]
    titles: Sequence[str]
    right: Sequence[bool]

    def lines(self) -> Iterator[Line]:
        """Return the rows, each time from the first one on; in their cells is nothing unseen."""
        raise NotImplementedError


class Listed(Sheet):
    """A sheet whose rows are there."""

    def __init__(self, columns: Sequence[Column], lines: Sequence[Line]) -> None:
        self.columns = columns
        self.titles = [column.heading for column in columns]
        self.right = [column.is_number for column in columns]
        self._lines = lines

    def lines(self) -> Iterator[Line]:
        """Return the rows."""
        return iter(self._lines)


def titled(name: str, **more: Any) -> Column:  # noqa: ANN401  (what a column has)
    """Make a column of a sheet whose cells are there."""
    return Column(name, name, lambda _row, _view: "", **more)


class Grid(Sheet):
    """What a table shows of a trace; a row that does not fit may stand at its end."""

    def __init__(
        self, trace: Trace, view: View, failed: Row | None = None, *, choose: bool = True
    ) -> None:
        """Take rows; where it may ``choose``, sources are shown too where that tells something."""
        self._trace = trace
        self._rows = trace.layers if failed is None else [*trace.layers, failed]
        self.view = _with_sources(self._rows, view) if choose else view
        self._calls: dict[int, str] = {}
        self._turns: dict[int, int] = {}
        self.columns = self.view.all_columns + ([self._times] if view.times else [])
        self.titles = [column.heading for column in self.columns]
        self.right = [column.is_number for column in self.columns]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """What comes out, what it costs and when it holds, each with its name."""
        return [(visible(name), said) for name, said in summary_of(self._trace, self.view)]

    def lines(self) -> Iterator[Line]:
        """Yield the rows, made one by one; in their cells is nothing that cannot be seen."""
        for row in self._folded if self.view.times else self._rows:
            cells = [column.text(row, self) for column in self.columns]
            yield Line(
                [[visible(s) for s in each.split("\n")] for each in cells], bool(row.outputs)
            )

    @cached_property
    def _folded(self) -> list[Row]:
        """The rows of each block once."""
        from shapecalc.render.folding import repeated

        rows = self._rows
        found: list[Row] = []
        for block in repeated(rows, self.call):
            shown = rows[block.start : block.start + block.length]
            self._turns |= {row.index: block.turns for row in shown}
            found += shown
        return found

    @property
    def _times(self) -> Column:
        """The column that says how often a row stands there, with what all turns of it cost."""

        def text(row: Row) -> str:
            turns = self._turns[row.index]
            if turns == 1:
                return ""
            params = row.params
            cost = f" = {count_text(params * turns)}" if params is not None and params != 0 else ""
            return f"{self.view.times}{turns}{cost}"

        return Column(self.view.times, "how often the block repeats", lambda row, _: text(row))

    @cached_property
    def places(self) -> dict[str, str]:
        """The number of each row by its name."""
        return {row.name: str(row.index) for row in self._rows}

    @staticmethod
    def count(row: Row, size: Callable[[Row], Size | None]) -> str:
        """Return a number of a row; where its weights are another row's, the name of that."""
        if row.shares is not None:
            return f"as {row.shares}"
        return count_text(size(row)) if row.outputs else "?"

    #: For columns, whose module imports no layers.
    number = staticmethod(count_text)

    def call(self, row: Row) -> str:
        """Return the text of a layer, written once for all rows that have it."""
        settled = row.model.settled(row.inputs)
        if settled is not row.model:
            return visible(call_text(settled))
        key = id(row.model)
        if key not in self._calls:
            self._calls[key] = visible(call_text(row.model))
        return self._calls[key]

    def shapes(self, shapes: Sequence[Shape]) -> str:
        """Return shapes as text, each on a line of its own."""
        return "\n".join([shape_text(self.view.shape(shape)) for shape in shapes])


def _with_sources(rows: Sequence[Row], view: View) -> View:
    """Show too which rows feed a layer, where one reads another than the row above it."""
    if view.columns != USUAL:
        return view
    above = None
    for row in rows:
        if len(row.sources) != 1 or above not in {None, row.sources[0]}:
            place = USUAL.index(COLUMNS["input"])
            return view._replace(columns=(*USUAL[:place], COLUMNS["from"], *USUAL[place:]))
        above = row.name
    return view
