"""Edits of notebooks: the lines of a cell that a change of its program has changed."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.python.notebooks import (
    cells_of,
    code_cells,
    program_text,
    source_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How notebooks are written: the step in, whether other letters are escaped, the end.
_STYLES: Final = tuple(product((1, 2, 4, None, 0), (False, True), ("\n", "")))


class CellChange(NamedTuple):
    """A code cell that an edit has changed: its number, and its text before and after."""

    number: int
    before: str
    after: str


def changed_cells(raw: str, after: str) -> list[CellChange]:
    """Return what a change of the program of a notebook makes of its cells."""
    return [change for _, _, change in _changes(json.loads(raw), raw, after)]


def with_program(raw: str, after: str) -> str:
    """Return the text of a notebook with another program; all else stays, magics too."""
    notebook = json.loads(raw)
    style = next((each for each in _STYLES if _written(notebook, each) == raw), _STYLES[0])
    for cell, key, change in _changes(notebook, raw, after):
        lines = change.after.splitlines(keepends=True)
        cell[key] = lines if isinstance(cell[key], list) else change.after
    return _written(notebook, style)


def _written(notebook: Any, style: tuple[int | None, bool, str]) -> str:  # noqa: ANN401
    indent, escaped, end = style
    return json.dumps(notebook, indent=indent, ensure_ascii=escaped) + end


def _changes(
    notebook: Any,  # noqa: ANN401
    raw: str,
    after: str,
) -> Iterator[tuple[dict[str, Any], str, CellChange]]:
    """Yield the cells that are changed, each with the key of its text."""
    before, then = _cell_lines(program_text(raw)), _cell_lines(after)
    for (number, old), (_, new), (cell, key) in zip(
        before, then, code_cells(notebook), strict=True
    ):
        if old != new:
            text = source_of(cell[key])
            yield cell, key, CellChange(number, text, _merged(text, old, new, number))


def _cell_lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the lines of each cell of a program."""
    lines = text.split("\n")
    cells = cells_of(lines)
    ends = [*(cell.before - 1 for cell in cells[1:]), len(lines)]
    return [(c.number, lines[c.before : end]) for c, end in zip(cells, ends, strict=True)]


def _merged(text: str, old: list[str], new: list[str], number: int) -> str:
    """Return the text of a cell with what differs in its program; its magics are not in there."""
    lines = text.split("\n")
    if len(lines) != len(old):
        raise SpecError(f"cell {number} cannot be written: its lines end differently")
    made: list[str] = []
    for kind, start, end, first, last in SequenceMatcher(None, old, new, False).get_opcodes():
        made += lines[start:end] if kind == "equal" else new[first:last]
    return "\n".join(made)
