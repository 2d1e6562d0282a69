"""Which columns of rows are shown, and how: what a column is, and the view that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.render.grid import Grid
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

#: What stands in the column of a number for which a layer does not work.
UNFIT: Final = "does not fit"


class Column(NamedTuple):
    """All that is known about a column; where ``cell`` is None, tables show the field."""

    name: str
    about: str
    #: The text of TSV and CSV: one line, without blanks in shapes and sizes.
    field: Callable[[Row, View], str]
    #: The text of tables, whose lines stand one below the other.
    cell: Callable[[Row, Grid], str] | None = None
    #: The value in JSON; None where each row of JSON has it anyway, as ``key``.
    data: Callable[[Row], Any] | None = None
    key: str = ""
    title: str = ""
    #: Shown unless others are asked for.
    usual: bool = False
    #: Numbers stand at the right.
    is_number: bool = False
    #: The value is a list of shapes, whose batch may be left out.
    has_shapes: bool = False
    #: Holds what is to be copied, and never breaks.
    is_whole: bool = False
    #: Goes where a screen is too narrow for it, unless it was asked for.
    is_spare: bool = False
    #: Stands on the first line of a row on screens too narrow for a table.
    heads: bool = False
    #: Says what a row costs, so that totals are wanted too.
    is_cost: bool = False
    #: Is the layer as a call, which tables set off, and which needs no title.
    is_call: bool = False

    @property
    def json_key(self) -> str:
        """What it is called in JSON."""
        return self.key or self.name

    @property
    def heading(self) -> str:
        """What it is called above a table."""
        return self.title or self.name

    @property
    def sentence(self) -> str:
        """What it is, as documents say it."""
        return f"{self.about[:1].upper()}{self.about[1:]}."

    def text(self, row: Row, grid: Grid) -> str:
        """Return what a table shows of a row."""
        return self.field(row, grid.view) if self.cell is None else self.cell(row, grid)


class AtColumn(NamedTuple):
    """The output shapes at a number: those of each row, None from where it does not fit."""

    title: str
    outputs: tuple[tuple[Shape, ...] | None, ...]

    @property
    def fits(self) -> bool:
        """Whether all rows do."""
        return None not in self.outputs

    def data(self, index: int, view: View) -> Any:  # noqa: ANN401
        """Return what JSON has of a row."""
        outputs = self.outputs[index]
        return outputs and [list(view.shape(shape)) for shape in outputs]

    @property
    def column(self) -> Column:
        """These shapes as a column."""

        def field(row: Row, view: View) -> str:
            shapes = self._of(row)
            return UNFIT if shapes is None else shapes_field(shapes, view)

        def cell(row: Row, grid: Grid) -> str:
            shapes = self._of(row)
            return UNFIT if shapes is None else grid.shapes(shapes)

        return Column(self.title, "the output at this number", field, cell, has_shapes=True)

    def _of(self, row: Row) -> tuple[Shape, ...] | None:
        return self.outputs[row.index - 1] if row.index <= len(self.outputs) else None


class CostAt(NamedTuple):
    """What the rows cost at a number, None from where it does not fit or it is unknown."""

    title: str
    sizes: tuple[Size | None, ...]
    fits: bool

    def data(self, index: int, _view: View) -> Any:  # noqa: ANN401
        """Return what JSON has of a row."""
        return plain(self.sizes[index])

    @property
    def column(self) -> Column:
        """These numbers as a column."""

        def field(row: Row, _view: View) -> str:
            return count_field(self.sizes[row.index - 1])

        def cell(row: Row, grid: Grid) -> str:
            return grid.number(self.sizes[row.index - 1])

        return Column(self.title, "what it costs at this number", field, cell, is_number=True)


class View(NamedTuple):
    """Which columns, in which order, and whether shapes show the batch."""

    columns: tuple[Column, ...]
    unbatched: bool = False
    at: tuple[AtColumn | CostAt, ...] = ()
    #: What all rows cost at numbers, each with its title.
    totals_at: tuple[tuple[str, Costs], ...] = ()
    #: The type in whose bytes memory is, None where it is in numbers; and whether macs are those
    #: of training.
    dtype: str | None = None
    training: bool = False
    #: Whether costs are asked for, whatever the columns, and what they are once they are counted.
    counts: bool = False
    costs: Costs | None = None
    #: What stands before how often a block of rows repeats; empty where all rows are shown.
    times: str = ""

    @property
    def all_columns(self) -> list[Column]:
        """The columns, and behind them those at numbers."""
        return [*self.columns, *(each.column for each in self.at)]

    @property
    def asks_costs(self) -> bool:
        """Whether costs are asked for, by themselves or by a column."""
        return self.counts or any(column.is_cost for column in self.columns)

    def counting(self, trace: Trace) -> View:
        """Return the view with the costs of a trace, if they are requested and missing."""
        if self.costs is not None or not self.asks_costs:
            return self
        from shapecalc.tracing.costs import Costs

        costs = Costs(trace, self.dtype, training=self.training)
        # Nothing is written of what cannot be written to the end.
        costs.require_short()
        return self._replace(costs=costs)

    def shape(self, shape: Shape) -> Shape:
        """Return a shape as it is shown."""
        return shape[1:] if self.unbatched else shape


def shapes_field(shapes: Sequence[Shape], view: View) -> str:
    """Return shapes as one field, without blanks."""
    from shapecalc.dims import field_text  # help lists the columns, and needs no sizes

    return ";".join(field_text(view.shape(shape)) for shape in shapes)


def count_field(size: Size | None) -> str:
    """Return a number or a size in letters, without blanks; ? where it is unknown."""
    return "?" if size is None else str(size).replace(" ", "")


def plain(size: Size | None) -> int | str | None:
    """Say a size as JSON does."""
    return size if isinstance(size, int) or size is None else str(size)
