"""What a row can show, and how each field is written: the same for every format of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Shape, field_text
from shapecalc.errors import SpecError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.rows import Row


#: What stands in the column of a number for which a layer does not work.
UNFIT: Final = "unfit"


class AtColumn(NamedTuple):
    """The output shapes at a number: those of each row, None from where it does not fit."""

    title: str
    outputs: tuple[tuple[Shape, ...] | None, ...]


class View(NamedTuple):
    """Which columns, in which order, and whether shapes show the batch."""

    columns: tuple[str, ...]
    unbatched: bool = False
    at: tuple[AtColumn, ...] = ()
    #: What stands before how often a block of rows repeats; empty where all rows are shown.
    times: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of all columns."""
        return (*self.columns, *(column.title for column in self.at))

    def shape(self, shape: Shape) -> Shape:
        """A shape as it is shown."""
        return shape[1:] if self.unbatched else shape

    def fields(self, row: Row) -> list[str]:
        """The fields of a row, without blanks in shapes and sizes."""
        shown = [FIELDS[column](row, self) for column in self.columns]
        for column in self.at:
            outputs = column.outputs[row.index - 1]
            shown.append(UNFIT if outputs is None else _shapes(outputs, self))
        return shown


def _shapes(shapes: Sequence[Shape], view: View) -> str:
    return ";".join(field_text(view.shape(shape)) for shape in shapes) or "?"


#: How each column is written.
FIELDS: Final[dict[str, Callable[[Row, View], str]]] = {
    "index": lambda row, _: str(row.index),
    "name": lambda row, _: _one_line(row.name),
    "layer": lambda row, _: row.layer,
    "input": lambda row, view: _shapes(row.inputs, view),
    "output": lambda row, view: _shapes(row.outputs, view),
    "params": lambda row, _: str(row.params).replace(" ", "") if row.outputs else "?",
    "from": lambda row, _: ";".join(map(_one_line, row.sources)),
    "spec": lambda row, _: _spec(row),
    "weights": lambda row, _: ";".join(f"{w.name}:{field_text(w.shape)}" for w in row.weights),
    "trainable": lambda row, _: str(row.trainable_params).replace(" ", ""),
    "kind": lambda row, _: kind(row),
    "conditions": lambda row, _: ";".join(row.conditions).replace(" ", ""),
}

#: The columns that are shown unless others are asked for.
COLUMNS: Final = ("index", "name", "layer", "input", "output", "params")

#: The names of the columns in JSON, where they differ.
JSON_KEYS: Final = {"input": "inputs", "output": "outputs", "trainable": "trainable_params"}


def _spec(row: Row) -> str:
    """The layer as text of a spec; ? where none can say it."""
    from shapecalc.spec.printer import layer_text

    layer = row.model.in_spec()
    try:
        return "?" if layer is None else layer_text(layer)
    except SpecError:
        return "?"


def kind(row: Row) -> str:
    """The family of the layer."""
    from shapecalc.layers.catalog import find

    entry = find(type(row.model).__name__)
    return "model" if entry is None else entry.family


#: The columns that JSON does not have anyway.
MORE_JSON: Final[dict[str, Callable[[Row], Any]]] = {
    "spec": _spec,
    "kind": kind,
    "conditions": lambda row: list(row.conditions),
}


def _one_line(text: str) -> str:
    """A text without what separates fields and lines."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def view(columns: str | None, *, unbatched: bool = False) -> View:
    """Read a list of columns, separated by commas; raises `SpecError` for an unknown one."""
    if columns is None:
        return View(COLUMNS, unbatched)
    names = tuple(name.strip() for name in columns.split(",") if name.strip())
    for name in names:
        if name not in FIELDS:
            hint = did_you_mean(name, FIELDS)
            raise SpecError(
                f"there is no column {name!r}", help=hint or f"the columns are {', '.join(FIELDS)}"
            )
    if not names:
        raise SpecError("no column is named", help=f"the columns are {', '.join(FIELDS)}")
    return View(names, unbatched)


def without_batch(row: dict[str, Any], *, unbatched: bool) -> dict[str, Any]:
    """A row of JSON whose shapes show the batch or not."""
    if not unbatched:
        return row
    cut = {key: [shape[1:] for shape in row[key]] for key in ("inputs", "outputs") if key in row}
    return row | cut
