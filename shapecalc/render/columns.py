"""What a row can show: a record for each column, which every format of rows asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Shape, Size, field_text
from shapecalc.errors import SpecError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.render.grid import Grid
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.receptive import Field
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


#: The columns of costs.
COSTS: Final = "name,output,params,macs,memory"
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
            return UNFIT if shapes is None else _field(shapes, view)

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
        return _plain(self.sizes[index])

    @property
    def column(self) -> Column:
        """These numbers as a column."""

        def field(row: Row, _view: View) -> str:
            return count_field(self.sizes[row.index - 1])

        def cell(row: Row, grid: Grid) -> str:
            size = self.sizes[row.index - 1]
            return grid.number(None if size is None else str(size))

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

    def counting(self, trace: Trace) -> View:
        """Return the view with the costs of a trace, if they are requested and missing."""
        asked = self.counts or any(column.is_cost for column in self.columns)
        if self.costs is not None or not asked:
            return self
        from shapecalc.tracing.costs import Costs

        return self._replace(costs=Costs(trace, self.dtype, training=self.training))

    def shape(self, shape: Shape) -> Shape:
        """Return a shape as it is shown."""
        return shape[1:] if self.unbatched else shape


def _field(shapes: Sequence[Shape], view: View) -> str:
    return ";".join(field_text(view.shape(shape)) for shape in shapes) or "?"


def _shapes(name: str, about: str, shapes: Callable[[Row], Sequence[Shape]], *, key: str) -> Column:
    """Make a column of shapes."""
    return Column(
        name,
        about,
        lambda row, view: _field(shapes(row), view),
        lambda row, grid: grid.shapes(shapes(row)) or "?",
        key=key,
        usual=True,
        has_shapes=True,
        is_spare=name == "input",
    )


def count_field(size: Size | None) -> str:
    """Return a number or a size in letters, without blanks; ? where it is unknown."""
    return "?" if size is None else str(size).replace(" ", "")


def _count(
    name: str,
    about: str,
    size: Callable[[Row], Size | None],
    *,
    key: str = "",
    usual: bool = False,
    data: Callable[[Row], Any] | None = None,
) -> Column:
    """Make a column of numbers, which are unknown where a layer does not fit."""
    return Column(
        name,
        about,
        lambda row, _: count_field(size(row)) if row.outputs else "?",
        lambda row, grid: grid.count(row, size),
        key=key,
        usual=usual,
        is_number=True,
        data=data,
    )


def _cost(
    name: str,
    about: str,
    text: Callable[[Costs, Row], str | None],
    data: Callable[[Row], Any],
) -> Column:
    """Make a column of what a row costs; shared weights cost again."""

    def field(row: Row, view: View) -> str:
        said = None if view.costs is None else text(view.costs, row)
        return "?" if said is None else said.replace(" ", "")

    def cell(row: Row, grid: Grid) -> str:
        said = None if grid.view.costs is None else text(grid.view.costs, row)
        return grid.number(said)

    return Column(name, about, field, cell, data, is_number=True, is_cost=True)


def _seen_field(row: Row) -> str:
    """Return what an output sees, with axis, size, stride and offset of each."""
    named = len(row.walk.network.inputs) > 1
    texts = []
    for field in row.fields:
        said = field.to_dict(named=False)
        of = f"@{_one_line(field.input)}" if named else ""
        texts.append(":".join(str(each).replace(" ", "") for each in said.values()) + of)
    return ";".join(texts)


def _seen_cell(row: Row) -> str:
    """Return what an output sees of each input, and how far apart two outputs look."""
    by_input: dict[str, list[Field]] = {}
    for field in row.fields:
        by_input.setdefault(field.input, []).append(field)
    lines = []
    for name, fields in by_input.items():
        said = [each.to_dict(named=False) for each in fields]
        sizes, strides = (" x ".join(str(one[key]) for one in said) for key in ("size", "stride"))
        of = f" of {name}" if len(row.walk.network.inputs) > 1 else ""
        every = all(each.size is None for each in fields)
        lines.append(f"{sizes}{of}" if every else f"{sizes}{of}, stride {strides}")
    return "\n".join(lines)


def _plain(size: Size | None) -> int | str | None:
    """Say a size as JSON does."""
    return size if isinstance(size, int) or size is None else str(size)


def _one_line(text: str) -> str:
    """Return a text without tabs and line feeds."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def _spec(row: Row) -> str:
    """Return the layer as text of a spec; ? where none can say it."""
    from shapecalc.language.printer import layer_text

    layer = row.model.in_spec()
    try:
        return "?" if layer is None else layer_text(layer, row.dialect)
    except SpecError:
        return "?"


def _kind(row: Row) -> str:
    """Return the family of the layer."""
    entry = row.dialect.catalogue.find(type(row.model).__name__)
    return "model" if entry is None else entry.family


_ALL: Final = (
    Column(
        "index",
        "the number of the row, from 1",
        lambda row, _: str(row.index),
        title="#",
        usual=True,
        is_number=True,
        heads=True,
    ),
    Column(
        "name",
        "the name of the layer, as Keras gives it",
        lambda row, _: _one_line(row.name),
        usual=True,
        heads=True,
    ),
    Column(
        "layer",
        "the class, with what it wraps in parentheses",
        lambda row, _: row.layer,
        lambda row, grid: grid.call(row),
        usual=True,
        is_call=True,
    ),
    _shapes("input", "the shapes of its inputs", lambda row: row.inputs, key="inputs"),
    _shapes("output", "the shapes of its outputs", lambda row: row.outputs, key="outputs"),
    _count("params", "the number of values in its weights", lambda row: row.params, usual=True),
    Column(
        "from",
        "the rows and inputs that it reads, by name",
        lambda row, _: ";".join(map(_one_line, row.sources)),
        lambda row, grid: "\n".join(grid.places.get(name, name) for name in row.sources),
        is_spare=True,
    ),
    Column(
        "spec",
        "the layer as a spec writes it; ? where none can",
        lambda row, _: _spec(row),
        data=_spec,
    ),
    Column(
        "weights",
        "the name and the shape of each weight",
        lambda row, _: ";".join(f"{w.name}:{field_text(w.shape)}" for w in row.weights),
    ),
    _count(
        "trainable",
        "how many of them are trainable",
        lambda row: row.trainable_params,
        key="trainable_params",
    ),
    _count(
        "buffers",
        "the number of values in its buffers",
        lambda row: row.buffers,
        data=lambda row: _plain(row.buffers) if row.outputs else None,
    ),
    Column(
        "line",
        "the line of source code in which it is called",
        lambda row, _: "" if row.line is None else str(row.line),
        data=lambda row: row.line,
        is_number=True,
    ),
    Column("kind", "the family of the layer", lambda row, _: _kind(row), data=_kind),
    Column(
        "conditions",
        "what the layer requires of letters",
        lambda row, _: ";".join(row.conditions).replace(" ", ""),
        data=lambda row: list(row.conditions),
    ),
    _cost(
        "macs",
        "the multiply-accumulates of a forward pass over the whole batch",
        lambda costs, row: costs.macs_text(row),
        lambda row: _plain(row.macs),
    ),
    _cost(
        "flops",
        "twice the macs: additions and multiplications separately",
        lambda costs, row: costs.macs_text(row, 2),
        lambda row: _plain(row.flops),
    ),
    _cost(
        "memory",
        "the number of values in its outputs",
        lambda costs, row: None if (size := costs.memory(row)) is None else str(size),
        lambda row: _plain(row.memory),
    ),
    Column(
        "receptive",
        "the positions of the input that one output sees: axis, size, stride and offset of each",
        lambda row, _: _seen_field(row),
        lambda row, _: _seen_cell(row),
        data=lambda row: row.receptive if row.outputs else None,
    ),
)

#: The columns by name, in the order in which they are listed.
COLUMNS: Final = {column.name: column for column in _ALL}

#: Those that are shown unless others are asked for.
USUAL: Final = tuple(column for column in _ALL if column.usual)


def view(columns: str | None, *, unbatched: bool = False) -> View:
    """Read a list of columns, separated by commas; raises `SpecError` for an unknown one."""
    if columns is None:
        return View(USUAL, unbatched)
    names = [name.strip() for name in columns.split(",") if name.strip()]
    for name in names:
        if name not in COLUMNS:
            hint = did_you_mean(name, COLUMNS)
            raise SpecError(
                f"there is no column {name!r}", help=hint or f"the columns are {', '.join(COLUMNS)}"
            )
    if not names:
        raise SpecError("no column is named", help=f"the columns are {', '.join(COLUMNS)}")
    return View(tuple(COLUMNS[name] for name in names), unbatched)


def without_batch(row: dict[str, Any], *, unbatched: bool) -> dict[str, Any]:
    """Return a row of JSON whose shapes show the batch or not."""
    if not unbatched:
        return row
    keys = [column.json_key for column in _ALL if column.has_shapes]
    return row | {key: [shape[1:] for shape in row[key]] for key in keys if row.get(key)}
