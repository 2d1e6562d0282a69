"""The table for people; the only file that imports rich."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.box import ROUNDED
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from shapecalc.dims import shape_text
from shapecalc.render.columns import UNFIT, AtColumn, View
from shapecalc.render.people import RIGHT, TITLES, cell, places_of, summary_of, with_sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from shapecalc.rows import Row, Trace

#: Room for a table where nobody says how wide the screen is: as much as it takes.
UNBOUNDED: Final = 10_000
#: The width of a picture, in letters.
PICTURE: Final = 100


def table(trace: Trace, view: View, *, width: int | None, color: bool, encoding: str) -> str:
    """The rows, and below them what comes out and when it holds."""
    summary = Text("\n").join(_line(name, said) for name, said in summary_of(trace, view))
    shown = with_sources(trace.layers, view)
    return _draw(Group(_rows(trace.layers, shown), summary), width, color=color, encoding=encoding)


def svg(trace: Trace, view: View, *, width: int | None) -> str:
    """The table as a picture; its fonts are those that are there."""
    summary = Text("\n").join(_line(name, said) for name, said in summary_of(trace, view))
    shown = with_sources(trace.layers, view)
    drawn = Group(_rows(trace.layers, shown), summary)
    console = Console(
        file=io.StringIO(),
        record=True,
        width=width or PICTURE,
        force_terminal=True,
        color_system="standard",
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(drawn)
    return console.export_svg(
        title="shapecalc", unique_id="shapecalc", code_format=_without_fonts(CONSOLE_SVG_FORMAT)
    )


def _without_fonts(form: str) -> str:
    """Leave out the fonts that a picture would fetch from elsewhere, and the maker's name."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", "", form, flags=re.DOTALL)


def failed_table(
    trace: Trace, failed: Row | None, view: View, *, width: int | None, color: bool, encoding: str
) -> str:
    """The rows up to the one that does not fit, which is marked."""
    shown = with_sources([*trace.layers, *([failed] if failed else [])], view)
    rows = _rows(trace.layers, shown, failed)
    return _draw(rows, width, color=color, encoding=encoding)


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
            TITLES.get(column, column),
            justify="right" if column in RIGHT else "left",
            overflow="fold",
        )
    for at in view.at:
        drawn.add_column(at.title, overflow="fold")
    places = places_of(rows)
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
    return Text(cell(column, row, view, places), style="cyan" if column == "layer" else "")


def _line(name: str, said: str) -> Text:
    return Text.assemble((f"  {name:<10}  ", "bold"), said)
