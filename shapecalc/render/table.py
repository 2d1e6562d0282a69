"""The table for people; the only file that imports rich."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from rich.box import ROUNDED
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from shapecalc.dims import Dim, shape_text
from shapecalc.layers.base import Layer, parameters, telling
from shapecalc.render.columns import COLUMNS, FIELDS, UNFIT, AtColumn, View
from shapecalc.render.diagnostic import visible
from shapecalc.spec.arguments import own_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from shapecalc.dims import Shape, Size
    from shapecalc.rows import Row, Trace

#: Room for a table where nobody says how wide the screen is: as much as it takes.
UNBOUNDED: Final = 10_000

_RIGHT: Final = frozenset({"index", "params"})
_TITLES: Final = {"index": "#"}


def table(trace: Trace, view: View, *, width: int | None, color: bool, encoding: str) -> str:
    """The rows, and below them what comes out and when it holds."""
    summary = Text("\n").join(_summary(trace, view))
    shown = with_sources(trace.layers, view)
    return _draw(Group(_rows(trace.layers, shown), summary), width, color=color, encoding=encoding)


def failed_table(
    trace: Trace, failed: Row | None, view: View, *, width: int | None, color: bool, encoding: str
) -> str:
    """The rows up to the one that does not fit, which is marked."""
    shown = with_sources([*trace.layers, *([failed] if failed else [])], view)
    rows = _rows(trace.layers, shown, failed)
    return _draw(rows, width, color=color, encoding=encoding)


def with_sources(rows: Sequence[Row], view: View) -> View:
    """Show too which rows feed a layer, where one reads another than the row above it."""
    above = [None, *(row.name for row in rows)]
    straight = all(
        len(row.sources) == 1 and (before is None or row.sources[0] == before)
        for row, before in zip(rows, above, strict=False)
    )
    if straight or view.columns != COLUMNS:
        return view
    place = COLUMNS.index("input")
    return view._replace(columns=(*COLUMNS[:place], "from", *COLUMNS[place:]))


def _draw(what: RenderableType, width: int | None, *, color: bool, encoding: str) -> str:
    """Draw for a screen of this width; boxes are ASCII where the encoding has no others."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="\n")
    console = Console(
        file=stream,
        width=width or UNBOUNDED,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(what)
    stream.flush()
    drawn = stream.buffer.getvalue().decode(encoding)
    return "".join(line.rstrip() + "\n" for line in drawn.splitlines())


def _rows(rows: Sequence[Row], view: View, failed: Row | None = None) -> Table:
    drawn = Table(box=ROUNDED, header_style="bold", border_style="dim")
    for column in view.columns:
        drawn.add_column(
            _TITLES.get(column, column),
            justify="right" if column in _RIGHT else "left",
            overflow="fold",
        )
    for at in view.at:
        drawn.add_column(at.title, overflow="fold")
    places = {row.name: str(row.index) for row in rows}
    for row in rows:
        cells = [_cell(column, row, view, places) for column in view.columns]
        drawn.add_row(*cells, *(_at(at, row, view) for at in view.at))
    if failed is not None:
        cells = [_cell(column, failed, view, places) for column in view.columns]
        drawn.add_row(*cells, style="bold red")
    return drawn


def _at(column: AtColumn, row: Row, view: View) -> Text:
    outputs = column.outputs[row.index - 1]
    if outputs is None:
        return Text(UNFIT, style="bold red")
    return Text("\n".join(shape_text(view.shape(shape)) for shape in outputs))


def _cell(column: str, row: Row, view: View, places: Mapping[str, str]) -> Text:
    if column == "layer":
        return Text(visible(call_text(row.model)), style="cyan")
    if column in {"input", "output"}:
        shapes = row.inputs if column == "input" else row.outputs
        return Text("\n".join(shape_text(view.shape(shape)) for shape in shapes) or "?")
    if column == "from":
        return Text("\n".join(places.get(name, name) for name in row.sources))
    if column == "params" and row.shares is not None:
        return Text(f"as {row.shares}")
    if column == "params":
        return Text(count_text(row.params) if row.outputs else "?")
    return Text(FIELDS[column](row, view))


def call_text(layer: Layer) -> str:
    """A layer as Keras writes it, with the arguments that tell something."""
    cls = type(layer)
    own = own_parameters(cls)
    bare = {p.name for i, p in enumerate(own) if p.required or i == 0}
    window = own[0].name if own and _is_window(own[0].default) else None
    parts: list[str] = []
    for name, parameter in parameters(cls).items():
        value = getattr(layer, name)
        if isinstance(value, Layer):
            said = call_text(value)
            parts.append(said if name == cls.holds else f"{name}={said}")
        elif name == window or (value != parameter.default and telling(name)):
            said = _argument(value)
            parts.append(said if name in bare else f"{name}={said}")
    return f"{cls.__name__}({', '.join(parts)})"


def _is_window(default: Any) -> bool:  # noqa: ANN401
    """Whether a default tells something, as that of a pool does and that of an axis does not."""
    numbers = default if isinstance(default, tuple) else (default,)
    return all(type(number) is int and number > 0 for number in numbers)


def _argument(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_argument, value))}{',' * (len(value) == 1)})"
    return repr(value) if isinstance(value, str) and not isinstance(value, Dim) else str(value)


def count_text(size: Size) -> str:
    """A number with its thousands apart, or a size in letters."""
    return f"{size:,}" if isinstance(size, int) else str(size)


def _summary(trace: Trace, view: View) -> list[Text]:
    lines = [
        _line("output" if len(trace.named_outputs) == 1 else name, _shape(shape, view))
        for name, shape in trace.named_outputs
    ]
    lines.append(_line("params", _totals(trace)))
    if trace.conditions:
        lines.append(_line("holds when", " and ".join(map(_grouped, trace.conditions))))
    if trace.assumptions:
        lines.append(_line("assumes", " and ".join(map(_grouped, trace.assumptions))))
    return lines


def _shape(shape: Shape, view: View) -> str:
    return shape_text(view.shape(shape))


def _grouped(condition: str) -> str:
    return f"({condition})" if " or " in condition else condition


def _totals(trace: Trace) -> str:
    total, trainable = trace.params, trace.trainable_params
    fixed = total - trainable
    if fixed == 0:
        return count_text(total)
    return f"{count_text(total)}, of which {count_text(fixed)} are not trainable"


def _line(name: str, said: str) -> Text:
    return Text.assemble((f"  {name:<10}  ", "bold"), said)
