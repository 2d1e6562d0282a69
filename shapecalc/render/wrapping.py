"""Widths for the columns of a table, and cells broken where a reader would break them.

Rows are looked at one by one and never kept, so that a table may be of any length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

Item = TypeVar("Item")

#: The cells of a row, each of which is lines, and so it stays.
Cells = list[list[str]]

#: Where lines may break: at blanks; then within long names and behind the names of calls; then
#: behind the names of arguments and within those of classes too.
AT_BLANKS: Final = re.compile(r"(?<=\s)(?=\S)")
WITHIN: Final = re.compile(r"(?<=\s)(?=\S)|(?<=[a-z0-9]_)(?=[a-z0-9]+(?:_|$))|(?<=\w\()(?=\S)")
ANYWHERE: Final = re.compile(
    r"(?<=\s)(?=\S)|(?<=[_=])(?=\S)|(?<=\w\()(?=\S)|(?<=[a-z0-9])(?=[A-Z][a-z])"
)
BREAKS: Final = (AT_BLANKS, WITHIN, ANYWHERE)

#: Cells up to this long are broken only where everything else does not help.
WHOLE: Final = 14

#: What a box takes of each column, and once more at its end.
PADDING: Final = 3

#: The order in which columns break: texts, then numbers, then shapes; the last never do.
TEXT, NUMBER, SHAPE, WHOLE_TEXT = range(4)


class Way(NamedTuple):
    """A way to make a table fit: which columns break, where, and whether some are left out."""

    #: Columns up to this kind break.
    breaking: int
    breaks: re.Pattern[str]
    whole: int = 0
    leaves_out: bool = True


#: From the least to the most annoying for readers.
WAYS: Final = (
    Way(TEXT, AT_BLANKS, WHOLE, leaves_out=False),
    Way(TEXT, WITHIN, WHOLE, leaves_out=False),
    Way(TEXT, AT_BLANKS, WHOLE),
    Way(TEXT, WITHIN, WHOLE),
    Way(TEXT, WITHIN),
    Way(NUMBER, AT_BLANKS, WHOLE),
    Way(NUMBER, ANYWHERE),
    Way(SHAPE, AT_BLANKS, WHOLE),
    Way(SHAPE, AT_BLANKS),
    Way(SHAPE, ANYWHERE),
)


class Fit(NamedTuple):
    """Which columns there are, how wide each is, and where its lines break; None for nowhere."""

    widths: list[int]
    breaks: re.Pattern[str] | None
    measure: Callable[[str], int]
    #: The places of the columns, where some are left out.
    kept: Sequence[int] | None = None

    @property
    def room(self) -> int:
        """How wide the table is."""
        return sum(self.widths) + PADDING * len(self.widths) + 1

    def of(self, columns: Sequence[Item]) -> Sequence[Item]:
        """Return those of the columns that are kept."""
        return columns if self.kept is None else [columns[place] for place in self.kept]

    def broken(self, cells: Cells) -> Cells:
        """Return the cells of a row that are kept, with their lines broken."""
        cells = list(self.of(cells))
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
        for word in AT_BLANKS.split(line):
            for piece in [word] if measure(word.rstrip()) <= width else breaks.split(word):
                if lines[-1] and measure((lines[-1] + piece).rstrip()) > width:
                    lines.append("")
                lines[-1] += piece
        return [each.rstrip() for each in lines]


class Column(NamedTuple):
    """How wide a column is with its lines whole, and at least with each kind of breaks."""

    natural: int
    least: dict[re.Pattern[str], int]
    kind: int
    spare: bool

    def at(self, way: Way) -> int:
        """Return what it must have in a way."""
        if self.kind > way.breaking or self.natural <= way.whole:
            return self.natural
        return self.least[way.breaks]


def fitted(
    rows: Callable[[], Iterable[Cells]],
    width: int | None,
    measure: Callable[[str], int] = len,
    kinds: Sequence[int] = (),
    spare: AbstractSet[int] = frozenset(),
) -> Fit | None:
    """Return widths for which a table fits into a width; None where words would have to be cut.

    ``rows`` gives the rows from the first one on, each time that it is called; ``measure`` says
    how much room a text takes. ``kinds`` says of each column what it is, and ``spare`` are the
    places of columns that may be left out.
    """
    columns = _measured(rows(), width is not None, measure, kinds, spare)
    natural = [column.natural for column in columns]
    if width is None or _room(columns, width) >= sum(natural):
        return Fit(natural, None, measure)
    for way in WAYS:
        kept = [i for i, each in enumerate(columns) if not (way.leaves_out and each.spare)]
        chosen = [columns[place] for place in kept]
        least, room = [each.at(way) for each in chosen], _room(chosen, width)
        if sum(least) <= room:
            natural = [each.natural for each in chosen]
            places = None if len(kept) == len(columns) else kept
            fit = Fit(_widths(least, natural, room), way.breaks, measure, places)
            # Lines do not break just where there is no more room.
            return fit._replace(widths=_widest(map(fit.broken, rows()), measure))
    return None


def _room(columns: Sequence[Column], width: int) -> int:
    return width - PADDING * len(columns) - 1


def _measured(
    rows: Iterable[Cells],
    breaks: bool,  # noqa: FBT001  (what is not needed takes most of the time)
    measure: Callable[[str], int],
    kinds: Sequence[int],
    spare: AbstractSet[int],
) -> list[Column]:
    """Look at all rows once."""
    natural: list[int] = []
    least: list[dict[re.Pattern[str], int]] = []
    for cells in rows:
        if not natural:
            natural = [0] * len(cells)
            least = [dict.fromkeys(BREAKS, 0) for _ in cells]
        for place, lines in enumerate(cells):
            for line in lines:
                size = measure(line)
                natural[place] = max(natural[place], size)
                for pattern, most in least[place].items() if breaks else ():
                    if size > most:
                        parts = pattern.split(line)
                        widest = max(measure(part.rstrip()) for part in parts)
                        least[place][pattern] = max(most, widest)
    return [
        Column(size, each, kinds[place] if kinds else TEXT, place in spare)
        for place, (size, each) in enumerate(zip(natural, least, strict=True))
    ]


def _widest(rows: Iterable[Cells], measure: Callable[[str], int]) -> list[int]:
    """Return what each column must have for its longest line."""
    widest: list[int] = []
    for cells in rows:
        widest = widest or [0] * len(cells)
        for place, lines in enumerate(cells):
            for line in lines:
                widest[place] = max(widest[place], measure(line))
    return widest


def _widths(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Begin with what each column must have, and give to whose lines would break most often."""
    widths = list(least)
    for _ in range(min(room, sum(natural)) - sum(least)):
        neediest = max(range(len(widths)), key=lambda i: natural[i] / max(widths[i], 1))
        widths[neediest] += 1
    return widths
