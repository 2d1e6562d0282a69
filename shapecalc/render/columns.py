"""What a row can show: a record for each column, which every format of rows asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError, did_you_mean
from shapecalc.render.view import Column, View, count_field, plain, shapes_field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.render.grid import Grid
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.receptive import Field
    from shapecalc.tracing.rows import Row


#: The columns of costs.
COSTS: Final = "name,output,params,macs,memory"


def _none(row: Row) -> str:
    """Say that there is no shape: a constant reads none, and of what does not fit none is known."""
    return "-" if row.outputs else "?"


def _shapes(name: str, about: str, shapes: Callable[[Row], Sequence[Shape]], *, key: str) -> Column:
    """Make a column of shapes."""
    return Column(
        name,
        about,
        lambda row, view: shapes_field(shapes(row), view) or _none(row),
        lambda row, grid: grid.shapes(shapes(row)) or _none(row),
        key=key,
        usual=True,
        has_shapes=True,
        is_spare=name == "input",
    )


def _weights(row: Row) -> str:
    from shapecalc.dims import field_text  # help lists the columns, and needs no sizes

    return ";".join(f"{weight.name}:{field_text(weight.shape)}" for weight in row.weights)


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
        lambda row, _: _weights(row),
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
        data=lambda row: plain(row.buffers) if row.outputs else None,
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
        lambda row: plain(row.macs),
    ),
    _cost(
        "flops",
        "twice the macs: additions and multiplications separately",
        lambda costs, row: costs.macs_text(row, 2),
        lambda row: plain(row.flops),
    ),
    _cost(
        "memory",
        "the number of values in its outputs",
        lambda costs, row: None if (size := costs.memory(row)) is None else str(size),
        lambda row: plain(row.memory),
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
