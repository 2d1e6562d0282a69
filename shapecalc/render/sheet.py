"""Tables of any rows, drawn by rich a part at a time, so that they may have any length."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from shapecalc.render.breaking import LEAST
from shapecalc.render.view import UNFIT
from shapecalc.render.wrapping import NUMBER, PADDING, SHAPE, TEXT, WHOLE_TEXT, Fit, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from rich.console import ConsoleOptions, RenderableType

    from shapecalc.render.formats import Page
    from shapecalc.render.grid import Line, Sheet
    from shapecalc.render.wrapping import Cells

#: How many rows are drawn at a time.
PART: Final = 500

BORDER: Final = Style(dim=True)
TITLE: Final = Style(bold=True)
CALL: Final = Style(color="cyan")
UNFITTED: Final = Style(color="red", bold=True)


def screen_of(page: Page) -> Screen:
    """Return where a page is drawn."""
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
        console = console_of(stream, self.width, color=self.color)
        console.print(what, soft_wrap=self.width is None or not breaks)
        stream.flush()
        drawn = stream.buffer.getvalue().decode(encoding)
        return "".join(line.rstrip() + "\n" for line in drawn.splitlines())


def console_of(stream: TextIO, width: int | None, *, color: bool, record: bool = False) -> Console:
    """Return where rich writes just what it is given."""
    return Console(
        file=stream,
        record=record,
        width=width,
        # Unless both are given, rich asks the environment, in which any text may stand.
        height=25,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def fit_of(sheet: Sheet, width: int | None, *, chosen: bool) -> Fit | None:
    """Return the widths of the columns; None where they do not fit side by side.

    Spare columns are left out before shapes break, unless columns were ``chosen``.
    """
    kinds = [
        WHOLE_TEXT
        if column.is_whole
        else NUMBER
        if column.is_number
        else SHAPE
        if column.has_shapes
        else TEXT
        for column in sheet.columns
    ]
    spare = {i for i, column in enumerate(sheet.columns) if column.is_spare and not chosen}

    def rows() -> Iterator[Cells]:
        yield [[title] for title in sheet.titles]
        for cells, *_ in sheet.lines():
            yield cells

    return fitted(rows, width, cell_len, kinds, spare)


def drawn(sheet: Sheet, page: Page) -> Iterator[str]:
    """Yield the rows, their cells broken so that the table fits; else one below the other."""
    screen = screen_of(page)
    fit = fit_of(sheet, screen.width, chosen=page.chosen)
    lines = sheet.lines()
    part = list(islice(lines, PART))
    first = True
    while part or first:
        following = list(islice(lines, PART))
        if fit is None:
            yield screen.draw(stacked(sheet, part, screen.width), breaks=False)
        else:
            titled = page.header is not False
            rows = Rows(sheet, fit, part, first=first, last=not following, titled=titled)
            yield screen.draw(rows, breaks=False)
        part, first = following, False
    if fit is None:
        yield "\n"


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, drawn as `rich.table` does, which takes 25 times as long.

    The first ones have the titles above them, if any, and below the last ones the box ends.
    """

    sheet: Sheet
    fit: Fit
    lines: Sequence[Line]
    first: bool = True
    last: bool = True
    titled: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Draw the rows; boxes are ASCII where the encoding has no others."""
        box = ROUNDED.substitute(options, safe=console.safe_box)
        wide = [width + PADDING - 1 for width in self.fit.widths]
        if self.first:
            yield from _line(box.get_top(wide))
        if self.first and self.titled:
            edges = (box.head_left, box.head_vertical, box.head_right)
            titles = self.fit.broken([[title] for title in self.sheet.titles])
            yield from self._row(edges, titles, [TITLE] * len(titles))
        edges = (box.mid_left, box.mid_vertical, box.mid_right)
        columns = self.fit.of(self.sheet.columns)
        several = self.first and self.titled
        topmost = self.first and not self.titled
        for cells, fits, style in self.lines:
            broken = self.fit.broken(cells)
            before, several = several, any(len(cell) > 1 for cell in broken)
            if (before or several) and not topmost:
                yield from _line(box.get_row(wide, "head"))
            styles = [
                UNFITTED
                if not fits or cell == [UNFIT]
                else Style.parse(style)
                if style
                else CALL
                if column.is_call
                else None
                for column, cell in zip(columns, broken, strict=True)
            ]
            yield from self._row(edges, broken, styles)
            topmost = False
        if self.last:
            yield from _line(box.get_bottom(wide))

    def _row(
        self, edges: tuple[str, str, str], cells: Cells, styles: Sequence[Style | None]
    ) -> Iterator[Segment]:
        """Yield the lines of a row, each cell as long as the longest."""
        left, between, right = (Segment(edge, BORDER) for edge in edges)
        for texts in zip_longest(*cells, fillvalue=""):
            for place, text in enumerate(texts):
                yield between if place else left
                yield Segment(self._filled(text, place), styles[place])
            yield right
            yield Segment.line()

    def _filled(self, text: str, place: int) -> str:
        blank = " " * (self.fit.widths[place] - self.fit.measure(text))
        return f" {blank}{text} " if self.right[place] else f" {text}{blank} "

    @cached_property
    def right(self) -> Sequence[bool]:
        """Whether the cells of each column stand at its right."""
        return self.fit.of(self.sheet.right)


def _line(text: str) -> Iterator[Segment]:
    yield Segment(text, BORDER)
    yield Segment.line()


def stacked(sheet: Sheet, lines: Iterable[Line], width: int | None) -> Text:
    """Yield each row as lines, for screens too narrow for a table."""
    found: list[tuple[str, str]] = []
    for line in lines:
        marked = line.style if line.fits else "bold red"
        shown = list(zip(sheet.columns, line.cells, strict=True))
        head = " ".join("".join(texts) for column, texts in shown if column.heads)
        copied = any(column.heads and column.is_whole for column in sheet.columns)
        head = head if copied else _hanging(head, width)
        found += [(head, marked or "bold")] if head else []
        for column, texts in shown:
            if column.heads or texts == [""]:
                continue
            title = "" if column.is_call else f"{column.name} "
            text = f"  {title}{'; '.join(texts)}".replace("; ->", " ->")
            found.append((text if column.is_whole else _hanging(text, width), marked))
    return Text("\n").join(Text(text, style) for text, style in found)


def _hanging(text: str, width: int | None) -> str:
    """Return a line that goes on further right where it breaks."""
    if width is None or cell_len(text) <= width:
        return text
    room = max(width, LEAST)
    parts = wrap(
        text, room, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(parts)


def said(summary: Iterable[tuple[str, str]], width: int | None) -> Text:
    """Return lines behind their names; where one breaks, it goes on below its text."""
    lines = []
    summary = list(summary)
    longest = max((cell_len(name) for name, _ in summary), default=0)
    for name, said in summary:
        title = f"  {name:<{max(min(longest, LEAST), 10)}}  "
        room = len(said) if width is None else max(width - len(title), LEAST)
        parts = wrap(said, max(room, 1), break_long_words=False, break_on_hyphens=False)
        text = ("\n" + " " * len(title)).join(parts)
        lines.append(Text.assemble((title, "bold"), text))
    return Text("\n").join(lines)
