"""Widths for the columns of a table, and cells broken where a reader would break them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Where lines may break: at blanks; where that is too wide, within names and calls too.
BREAKS: Final = (
    re.compile(r"(?<=\s)(?=\S)"),
    re.compile(r"(?<=\s)(?=\S)|(?<=[_=])(?=\S)|(?<=\w\()(?=\S)"),
)

#: Cells up to this long are broken only where all else does not help.
WHOLE: Final = 14

#: What a box takes of each column, and once more at its end.
PADDING: Final = 3


def wrapped(cells: Sequence[Sequence[Sequence[str]]], width: int) -> list[list[list[str]]] | None:
    """Rows of cells broken so that the table fits; None where words would have to be cut.

    A cell is lines, and so it stays.
    """
    columns = list(zip(*cells, strict=True))
    natural = [max((len(s) for lines in column for s in lines), default=0) for column in columns]
    room = width - PADDING * len(columns) - 1
    for breaks, whole in ((BREAKS[0], WHOLE), (BREAKS[0], 0), (BREAKS[1], 0)):
        least = [
            max((len(p.rstrip()) for c in column for s in c for p in breaks.split(s)), default=0)
            for column in columns
        ]
        least = [n if n <= whole else m for n, m in zip(natural, least, strict=True)]
        if sum(least) <= room:
            widths = _widths(least, natural, room)
            return [
                [
                    [part for line in cell for part in _broken(line, wide, breaks)]
                    for cell, wide in zip(row, widths, strict=True)
                ]
                for row in cells
            ]
    return None


def _widths(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Begin with what each column must have, and give to whose lines would break most often."""
    widths = list(least)
    for _ in range(min(room, sum(natural)) - sum(least)):
        neediest = max(range(len(widths)), key=lambda i: natural[i] / max(widths[i], 1))
        widths[neediest] += 1
    return widths


def _broken(line: str, width: int, breaks: re.Pattern[str]) -> list[str]:
    if len(line) <= width:
        return [line]
    lines = [""]
    words = BREAKS[0].split(line)
    for piece in (
        part for w in words for part in ([w] if len(w.rstrip()) <= width else breaks.split(w))
    ):
        if lines[-1] and len((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [each.rstrip() for each in lines]
