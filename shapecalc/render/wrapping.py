"""Widths for the columns of a table, and cells broken where a reader would break them.

Rows are looked at one by one and never kept, so that a table may be of any length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: The cells of a row, each of which is lines, and so it stays.
Cells = list[list[str]]

#: Where lines may break: at blanks; where that is too wide, within names and calls too.
BREAKS: Final = (
    re.compile(r"(?<=\s)(?=\S)"),
    re.compile(r"(?<=\s)(?=\S)|(?<=[_=])(?=\S)|(?<=\w\()(?=\S)"),
)

#: Cells up to this long are broken only where everything else does not help.
WHOLE: Final = 14

#: What a box takes of each column, and once more at its end.
PADDING: Final = 3


class Fit(NamedTuple):
    """How wide each column is, and where its lines break; None where they need not."""

    widths: list[int]
    breaks: re.Pattern[str] | None
    measure: Callable[[str], int]

    def broken(self, cells: Cells) -> Cells:
        """Return the cells of a row with their lines broken."""
        if self.breaks is None:
            return cells
        return [
            [part for line in cell for part in self._parts(line, width, self.breaks)]
            for cell, width in zip(cells, self.widths, strict=True)
        ]

    def _parts(self, line: str, width: int, breaks: re.Pattern[str]) -> list[str]:
        measure = self.measure
        if measure(line) <= width:
            return [line]
        lines = [""]
        for word in BREAKS[0].split(line):
            for piece in [word] if measure(word.rstrip()) <= width else breaks.split(word):
                if lines[-1] and measure((lines[-1] + piece).rstrip()) > width:
                    lines.append("")
                lines[-1] += piece
        return [each.rstrip() for each in lines]


def fitted(
    rows: Callable[[], Iterable[Cells]], width: int | None, measure: Callable[[str], int] = len
) -> Fit | None:
    """Widths for which a table fits into a width; None where words would have to be cut.

    ``rows`` gives the rows from the first one on, each time that it is called; ``measure`` says
    how much room a text takes.
    """
    natural = _widest(rows(), measure)
    room = sum(natural) if width is None else width - PADDING * len(natural) - 1
    if sum(natural) <= room:
        return Fit(natural, None, measure)
    for breaks, whole in ((BREAKS[0], WHOLE), (BREAKS[0], 0), (BREAKS[1], 0)):
        least = _widest(rows(), measure, breaks)
        least = [n if n <= whole else m for n, m in zip(natural, least, strict=True)]
        if sum(least) <= room:
            fit = Fit(_widths(least, natural, room), breaks, measure)
            # Lines do not break just where there is no more room.
            return fit._replace(widths=_widest(map(fit.broken, rows()), measure))
    return None


def _widest(
    rows: Iterable[Cells], measure: Callable[[str], int], breaks: re.Pattern[str] | None = None
) -> list[int]:
    """Return what each column must have for its longest line, or for the longest part of one."""
    widest: list[int] = []
    for cells in rows:
        widest = widest or [0] * len(cells)
        for place, lines in enumerate(cells):
            for line in lines:
                if measure(line) > widest[place]:
                    parts = [line] if breaks is None else breaks.split(line)
                    most = max(measure(part.rstrip()) for part in parts)
                    widest[place] = max(widest[place], most)
    return widest


def _widths(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Begin with what each column must have, and give to whose lines would break most often."""
    widths = list(least)
    for _ in range(min(room, sum(natural)) - sum(least)):
        neediest = max(range(len(widths)), key=lambda i: natural[i] / max(widths[i], 1))
        widths[neediest] += 1
    return widths
