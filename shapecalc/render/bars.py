"""A picture of what a network costs: bars along its rows, and where most is alive."""

from __future__ import annotations

import html as standard
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Contradiction, Dim, equal, letters, substitute
from shapecalc.render.cells import costs_of, count_text
from shapecalc.render.diagnostic import visible
from shapecalc.render.markup import html as table
from shapecalc.tracing.costs import live

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.dims import Size
    from shapecalc.render.formats import Page
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.trace import Trace

#: How high a row is, how wide the names and each kind of bars, and the room around.
ROW: Final = 20
NAMES: Final = 190
BARS: Final = 300
ROOM: Final = 16
#: How many letters fit on a line.
LETTERS: Final = 120
LONGEST: Final = BARS - 120
#: Stands for a letter in a picture, where nothing says otherwise.
USUAL: Final = 32

MACS: Final = "#4c78a8"
ALIVE: Final = "#72b7b2"
TOP: Final = "#e45756"


class Bar(NamedTuple):
    """A row: its name, its multiply-accumulates, what it gives, and how much is alive at it."""

    name: str
    macs: int
    memory: int
    alive: int


def svg(trace: Trace, page: Page) -> Iterator[str]:
    """Yield the bars as a picture, with the totals below."""
    costs = page.view.costs
    if costs is not None:
        said = [f"{name}: {text}" for name, text in costs_of(page.view)]
        notes = [line for each in said for line in wrap(each, LETTERS, break_on_hyphens=False)]
        yield from _picture(trace, costs, notes)


def html(trace: Trace, page: Page) -> Iterator[str]:
    """Yield the table, and the bars behind it."""
    yield from table(trace, page)
    if page.view.costs is not None:
        yield from _picture(trace, page.view.costs, [])


def _picture(trace: Trace, costs: Costs, notes: list[str]) -> Iterator[str]:
    values = numbers_for(trace)
    bars = _bars(trace, costs, values)
    if values:
        notes = [f"drawn at {', '.join(f'{n} = {v}' for n, v in values.items())}", *notes]
    width = 2 * ROOM + NAMES + 2 * BARS
    height = 2 * ROOM + ROW * (len(bars) + len(notes) + 2)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">\n'
    )
    unit = "numbers" if costs.dtype is None else f"bytes of {costs.dtype}"
    yield _text(ROOM + NAMES, 0, "multiply-accumulates")
    yield _text(ROOM + NAMES + BARS, 0, f"{unit} alive, dark for the output of the row")
    most = max((bar.macs for bar in bars), default=0)
    top = max((bar.alive for bar in bars), default=0)
    for line, bar in enumerate(bars, 1):
        is_top = bar.alive == top
        yield _text(ROOM, line, bar.name, bold=is_top)
        yield _bar(ROOM + NAMES, line, bar.macs, most, MACS)
        color = TOP if is_top else ALIVE
        yield _bar(ROOM + NAMES + BARS, line, bar.alive, top, color, inner=bar.memory)
    for line, note in enumerate(notes, len(bars) + 2):
        yield _text(ROOM, line, note)
    yield "</svg>\n"


def _bars(trace: Trace, costs: Costs, values: Mapping[str, int]) -> list[Bar]:
    """Return the rows at numbers; what is unknown has no bar."""
    alive = [] if costs.peak is None else live(trace)[1:]
    found = []
    for place, row in enumerate(trace.layers):
        held = alive[place] * costs.width if alive else 0
        sizes = (costs.macs(row) or 0, costs.memory(row) or 0, held)
        found.append(Bar(visible(row.name), *(_at(size, values) for size in sizes)))
    return found


def _at(size: Size, values: Mapping[str, int]) -> int:
    number = substitute(size, values)
    return number if isinstance(number, int) else 0


def numbers_for(trace: Trace) -> dict[str, int]:
    """Return numbers for all letters of the shapes: 1 for a batch, else about 32."""
    names = {
        name: place == 0
        for _, shape in trace.inputs
        for place, size in enumerate(shape)
        for name in sorted(letters(size))
    }
    names |= {n: False for row in trace.layers for n in _letters(row.memory) if n not in names}
    known: dict[str, int] = {}
    facts = trace.facts.copy()
    for name, is_batch in names.items():
        domain = facts.possible(name)
        wanted = domain if is_batch else domain.at_least(USUAL)
        for number in (wanted.low, domain.low):
            try:
                narrowed = facts.copy()
                narrowed.require(equal(Dim(name), number))
            except Contradiction:
                continue
            facts, known[name] = narrowed, number
            break
    return known


def _letters(size: Size | None) -> list[str]:
    return [] if size is None else sorted(letters(size))


def _text(x: int, line: int, said: str, *, bold: bool = False) -> str:
    y = ROOM + ROW * line + 14
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}"{weight}>{standard.escape(said)}</text>\n'


def _bar(x: int, line: int, number: int, most: int, color: str, *, inner: int = 0) -> str:
    """Return a bar, of which a part may be darker, and behind it how much it is."""
    y = ROOM + ROW * line + 3
    drawn = ""
    for part, fill, opacity in ((number, color, 1), (inner, "#000", 0.35)):
        length = part * LONGEST / most if most else 0
        drawn += (
            f'<rect x="{x}" y="{y}" width="{length:.1f}" height="{ROW - 6}" '
            f'fill="{fill}" opacity="{opacity}"/>\n'
        )
    end = x + (number * LONGEST // most if most else 0) + 6
    return drawn + _text(end, line, count_text(number))
