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
from shapecalc.render.columns import UNFIT, View
from shapecalc.render.people import (
    RIGHT,
    TITLES,
    cell,
    places_of,
    shown_rows,
    summary_of,
    turns_text,
    with_sources,
)
from shapecalc.render.wrapping import wrapped

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
    if view.times and not _can_write(view.times, encoding):
        shown = shown._replace(times="x")
    drawn = Group(_rows(trace.layers, shown, width), summary)
    return _draw(drawn, width, color=color, encoding=encoding)


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def svg(trace: Trace, view: View, *, width: int | None) -> str:
    """The table as a picture; its fonts are those that are there."""
    summary = Text("\n").join(_line(name, said) for name, said in summary_of(trace, view))
    shown = with_sources(trace.layers, view)
    drawn = Group(_rows(trace.layers, shown, width or PICTURE), summary)
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
    rows = _rows(trace.layers, shown, width, failed)
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


def _rows(
    rows: Sequence[Row], view: View, width: int | None, failed: Row | None = None
) -> RenderableType:
    """The rows, their cells broken so that the table fits; else one below the other."""
    columns = [*view.columns, *(at.title for at in view.at)]
    columns += [view.times] if view.times else []
    titles = [TITLES.get(column, column) for column in columns]
    shown = shown_rows([*rows, *([failed] if failed is not None else [])], view)
    places = places_of([row for row, _ in shown])
    cells = [_cells(row, count, view, places) for row, count in shown]
    marks = ["" if row.outputs else "bold red" for row, _ in shown]
    if width:
        fitted = wrapped([[[title] for title in titles], *cells], width)
        if fitted is None:
            return _stacked(columns, cells, marks)
        cells = fitted[1:]
    drawn = Table(box=ROUNDED, header_style="bold", border_style="dim")
    for column, title in zip(columns, titles, strict=True):
        drawn.add_column(title, justify="right" if column in RIGHT else "left", overflow="fold")
    for lines, marked in zip(cells, marks, strict=True):
        texts = zip(columns, lines, strict=True)
        drawn.add_row(*(_text(column, text, marked) for column, text in texts), style=marked)
    return drawn


#: The columns that need no title where they stand in lines of their own.
_PLAIN: Final = frozenset({"index", "name", "layer"})


def _stacked(
    columns: Sequence[str], cells: Sequence[Sequence[Sequence[str]]], marks: Sequence[str]
) -> Text:
    """Each row as lines, for screens on which a table would have to break words."""
    found = Text()
    for row, marked in zip(cells, marks, strict=True):
        said = dict(zip(columns, row, strict=True))
        head = " ".join("".join(said[name]) for name in ("index", "name") if name in said)
        found.append(f"{head}\n" if head else "", style=marked or "bold")
        for column, lines in said.items():
            if column in {"index", "name"} or lines == [""]:
                continue
            title = "" if column in _PLAIN else f"{column} "
            found.append(f"  {title}{'; '.join(lines)}\n", style=marked)
    return found


def _cells(row: Row, count: int, view: View, places: Mapping[str, str]) -> list[list[str]]:
    """The lines of each cell of a row."""
    found = [cell(column, row, view, places).split("\n") for column in view.columns]
    for at in view.at:
        outputs = at.outputs[row.index - 1] if row.index <= len(at.outputs) else None
        shapes = [UNFIT] if outputs is None else [shape_text(view.shape(s)) for s in outputs]
        found.append(shapes)
    return [*found, [turns_text(row, count, view)]] if view.times else found


def _text(column: str, lines: list[str], marked: str) -> Text:
    style = "cyan" if column == "layer" else "bold red" if lines == [UNFIT] else ""
    return Text("\n".join(lines), style="" if marked else style)


def _line(name: str, said: str) -> Text:
    return Text.assemble((f"  {name:<10}  ", "bold"), said)
