"""The table of a trace for people, and as a picture."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Group
from rich.text import Text

from shapecalc.render.cells import letters_of
from shapecalc.render.formats import can_write
from shapecalc.render.grid import Grid
from shapecalc.render.sheet import Rows, console_of, drawn, fit_of, said, screen_of, stacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.formats import Page
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

#: The least width of a picture, in letters.
PICTURE: Final = 40


def table(trace: Trace, page: Page) -> Iterator[str]:
    """Yield the rows, and below them what comes out and when it holds."""
    view = page.view
    if view.times and not can_write(view.times, page.encoding):
        view = view._replace(times="x")
    grid = Grid(trace, view)
    yield from drawn(grid, page)
    yield screen_of(page).draw(said([*grid.summary, *letters_of(trace)], page.width))


def svg(trace: Trace, page: Page) -> Iterator[str]:
    """Yield the table as a picture; its fonts are those that are there."""
    grid = Grid(trace, page.view)
    fit = fit_of(grid, page.width, chosen=page.chosen)
    width = page.width or max(PICTURE, fit.room if fit else 0)
    lines = list(grid.lines())
    titled = page.header is not False
    rows = stacked(grid, lines, width) if fit is None else Rows(grid, fit, lines, titled=titled)
    console = console_of(io.StringIO(), width, color=True, record=True)
    console.print(Group(rows, *([] if fit else [Text()]), said(grid.summary, width)))
    yield console.export_svg(
        title="shapecalc", unique_id="shapecalc", code_format=_without_fonts(CONSOLE_SVG_FORMAT)
    )


def _without_fonts(form: str) -> str:
    """Leave out the fonts that a picture would fetch from elsewhere, and the maker's name."""
    return re.sub(r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", "", form, flags=re.DOTALL)


def failed_table(trace: Trace, failed: Row | None, page: Page) -> str:
    """Return the rows up to the one that does not fit, which is marked."""
    return "".join(drawn(Grid(trace, page.view, failed), page))
