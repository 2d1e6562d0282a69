"""The table for people, drawn by rich a part at a time, so that it may have any length."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console, Group
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from shapecalc.render.cells import letters_of
from shapecalc.render.columns import UNFIT
from shapecalc.render.grid import Grid, Line
from shapecalc.render.wrapping import PADDING, Fit, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from rich.console import ConsoleOptions, RenderableType

    from shapecalc.render.formats import Page
    from shapecalc.render.wrapping import Cells
    from shapecalc.tracing.rows import Row, Trace

#: The width of a picture, in letters.
PICTURE: Final = 100
#: How many rows are drawn at a time.
PART: Final = 500

BORDER: Final = Style(dim=True)
TITLE: Final = Style(bold=True)
CALL: Final = Style(color="cyan")
UNFITTED: Final = Style(color="red", bold=True)


def table(trace: Trace, page: Page) -> Iterator[str]:
    """The rows, and below them what comes out and when it holds."""
    view = page.view
    if view.times and not _can_write(view.times, page.encoding):
        view = view._replace(times="x")
    grid = Grid(trace, view)
    screen = _screen(page)
    yield from _parts(grid, screen)
    yield screen.draw(_said([*grid.summary, *letters_of(trace)]))


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def svg(trace: Trace, page: Page) -> Iterator[str]:
    """The table as a picture; its fonts are those that are there."""
    grid = Grid(trace, page.view)
    width = page.width or PICTURE
    fit = _fit(grid, width)
    rows = list(grid.lines())
    drawn = _stacked(grid, rows) if fit is None else Rows(grid, fit, rows)
    console = _console(io.StringIO(), width, color=True, record=True)
    console.print(Group(drawn, *([] if fit else [Text()]), _said(grid.summary)))
    yield console.export_svg(
        title="shapecalc", unique_id="shapecalc", code_format=_without_fonts(CONSOLE_SVG_FORMAT)
    )


def _without_fonts(form: str) -> str:
    """Leave out the fonts that a picture would fetch from elsewhere, and the maker's name."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", "", form, flags=re.DOTALL)


def failed_table(trace: Trace, failed: Row | None, page: Page) -> str:
    """The rows up to the one that does not fit, which is marked."""
    return "".join(_parts(Grid(trace, page.view, failed), _screen(page)))


def _screen(page: Page) -> Screen:
    return Screen(page.width, page.encoding, color=page.color)


class Screen(NamedTuple):
    """Where to draw: how wide it is, None for as wide as it takes, and what it can show."""

    width: int | None
    encoding: str
    color: bool

    def draw(self, what: RenderableType, *, breaks: bool = True) -> str:
        """Draw as text, whose lines break at the width of the screen unless they fit anyway."""
        encoding = self.encoding
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="\n")
        console = _console(stream, self.width, color=self.color)
        console.print(what, soft_wrap=self.width is None or not breaks)
        stream.flush()
        drawn = stream.buffer.getvalue().decode(encoding)
        return "".join(line.rstrip() + "\n" for line in drawn.splitlines())


def _console(stream: TextIO, width: int | None, *, color: bool, record: bool = False) -> Console:
    """Where rich writes just what it is given."""
    return Console(
        file=stream,
        record=record,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _fit(grid: Grid, width: int | None) -> Fit | None:
    def rows() -> Iterator[Cells]:
        yield [[title] for title in grid.titles]
        for cells, _ in grid.lines():
            yield cells

    return fitted(rows, width, cell_len)


def _parts(grid: Grid, screen: Screen) -> Iterator[str]:
    """The rows, their cells broken so that the table fits; else one below the other."""
    fit = _fit(grid, screen.width)
    lines = grid.lines()
    part = list(islice(lines, PART))
    first = True
    while part or first:
        following = list(islice(lines, PART))
        if fit is None:
            yield screen.draw(_stacked(grid, part))
        else:
            rows = Rows(grid, fit, part, first=first, last=not following)
            yield screen.draw(rows, breaks=False)
        part, first = following, False
    if fit is None:
        yield "\n"


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, drawn as `rich.table` does, which takes 25 times as long.

    The first ones have the titles above them, and below the last ones the box ends.
    """

    grid: Grid
    fit: Fit
    lines: Sequence[Line]
    first: bool = True
    last: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Draw the rows; boxes are ASCII where the encoding has no others."""
        box = ROUNDED.substitute(options, safe=console.safe_box)
        wide = [width + PADDING - 1 for width in self.fit.widths]
        if self.first:
            yield from _line(box.get_top(wide))
            edges = (box.head_left, box.head_vertical, box.head_right)
            titles = self.fit.broken([[title] for title in self.grid.titles])
            yield from self._row(edges, titles, [TITLE] * len(titles))
            yield from _line(box.get_row(wide, "head"))
        edges = (box.mid_left, box.mid_vertical, box.mid_right)
        for cells, fits in self.lines:
            styles = [
                UNFITTED if not fits or cell == [UNFIT] else CALL if column.is_call else None
                for column, cell in zip(self.grid.columns, cells, strict=True)
            ]
            yield from self._row(edges, self.fit.broken(cells), styles)
        if self.last:
            yield from _line(box.get_bottom(wide))

    def _row(
        self, edges: tuple[str, str, str], cells: Cells, styles: Sequence[Style | None]
    ) -> Iterator[Segment]:
        """The lines of a row, each cell as long as the longest."""
        left, between, right = (Segment(edge, BORDER) for edge in edges)
        for texts in zip_longest(*cells, fillvalue=""):
            for place, text in enumerate(texts):
                yield between if place else left
                yield Segment(self._filled(text, place), styles[place])
            yield right
            yield Segment.line()

    def _filled(self, text: str, place: int) -> str:
        blank = " " * (self.fit.widths[place] - self.fit.measure(text))
        return f" {blank}{text} " if self.grid.right[place] else f" {text}{blank} "


def _line(text: str) -> Iterator[Segment]:
    yield Segment(text, BORDER)
    yield Segment.line()


def _stacked(grid: Grid, lines: Iterable[Line]) -> Text:
    """Each row as lines, for screens on which a table would have to break words."""
    found: list[tuple[str, str]] = []
    for line in lines:
        marked = "" if line.fits else "bold red"
        said = list(zip(grid.columns, line.cells, strict=True))
        head = " ".join("".join(texts) for column, texts in said if column.heads)
        found += [(head, marked or "bold")] if head else []
        for column, texts in said:
            if column.heads or texts == [""]:
                continue
            title = "" if column.is_call else f"{column.name} "
            found.append((f"  {title}{'; '.join(texts)}", marked))
    return Text("\n").join(Text(text, style) for text, style in found)


def _said(summary: Iterable[tuple[str, str]]) -> Text:
    lines = [Text.assemble((f"  {name:<10}  ", "bold"), said) for name, said in summary]
    return Text("\n").join(lines)
