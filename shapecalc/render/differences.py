"""Two traces side by side, as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import shape_text
from shapecalc.render.cells import call_text, count_text
from shapecalc.render.diagnostic import visible
from shapecalc.render.grid import Line, Listed, titled
from shapecalc.render.sheet import drawn, said, screen_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.analysis.differences import Pair
    from shapecalc.analysis.ports import Match
    from shapecalc.render.formats import Page
    from shapecalc.tracing.rows import Row

_STYLES: Final = {"-": "red", "+": "green", "~": "yellow"}
_COLUMNS: Final = (
    titled("", heads=True),
    titled("a", is_number=True, heads=True),
    titled("b", is_number=True, heads=True),
    titled("name", heads=True),
    titled("layer", is_call=True),
    titled("output", has_shapes=True),
    titled("params", is_number=True),
)


def table(
    pairs: Sequence[Pair | Match], ends: Sequence[dict[str, Any]], page: Page
) -> Iterator[str]:
    """Yield a row for each pair, with its index on each side; what becomes of all stands below.

    Where both sides are source code, a layer is shown as it is written there.
    """
    if pairs:
        rows = [row for pair in pairs for row in (pair.left, pair.right) if row is not None]
        code = all(row.line is not None for row in rows)
        lines = [
            Line(
                [[pair.mark.strip() or "="], *_indices(pair), *_cells(pair, code=code)],
                style=_STYLES.get(pair.mark, ""),
            )
            for pair in pairs
        ]
        yield from drawn(Listed(_COLUMNS, lines), page)
    both = [(key.replace("_", " "), _value(ends[0][key]), _value(ends[1][key])) for key in ends[0]]
    different = [(name, f"{before} -> {after}") for name, before, after in both if before != after]
    if different:
        yield screen_of(page).draw(said(different, page.width))


def _indices(pair: Pair | Match) -> list[list[str]]:
    return [[str(row.index) if row else ""] for row in (pair.left, pair.right)]


def _cells(pair: Pair | Match, *, code: bool) -> list[list[str]]:
    """Return what both sides say; where it is not the same, that of each on a line."""
    sides = [_texts(row, code=code) for row in (pair.left, pair.right) if row is not None]
    if len(sides) == 1:
        return [[text] for text in sides[0]]
    pairs = zip(*sides, strict=True)
    return [[before] if before == after else [before, f"-> {after}"] for before, after in pairs]


def _texts(row: Row, *, code: bool) -> tuple[str, ...]:
    outputs = ", ".join(map(shape_text, row.outputs)) or "?"
    origin = row.node.origin
    written = origin.written if code and origin is not None else None
    layer = written or call_text(row.model)
    return visible(row.name), visible(layer), outputs, count_text(row.params)


def _value(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list):
        parts = [
            f"({', '.join(map(str, each))})" if isinstance(each, list) else each for each in value
        ]
        return " and ".join(parts) or "none"
    return count_text(str(value))
