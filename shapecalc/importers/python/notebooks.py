"""Notebooks as programs: the code cells one after the other, each behind a line that names it.

``%`` and ``!`` begin what is not Python: such lines do nothing, and what they give is not known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.python.trees import tree_of

#: The line before each cell, which no cell has: it holds an invisible mark.
_HEAD: Final = "#\N{INVISIBLE SEPARATOR}cell {}"
_READ_HEAD: Final = "^#\N{INVISIBLE SEPARATOR}cell ([0-9]+)$"

#: Cells that are Python although they begin with ``%%``.
_PYTHON_CELLS: Final = ("%%time", "%%timeit", "%%capture", "%%prun")
_COMMAND: Final = r"^(\s*)(?:[%!]|\?+\w|[\w.]+\?+\s*$)"
_ASSIGNED: Final = r"^(\s*[\w.,\s\[\]]+=\s*)(?:!|%\w).*$"


class Cell(NamedTuple):
    """A code cell: its number, and the line of the program before its first one."""

    number: int
    before: int


def program_text(text: str) -> str:
    """Return the program that a notebook is; raises `SpecError` where it is none."""
    import json

    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise SpecError(f"the notebook cannot be read: {error}") from None
    except RecursionError:
        raise SpecError("the notebook cannot be read: it is nested too deeply") from None
    except ValueError:
        raise SpecError("the notebook cannot be read: a number has too many digits") from None
    parts = []
    for number, source in enumerate(_cells(notebook), 1):
        parts += [_HEAD.format(number), _python(source)]
    return "\n".join(parts)


def _cells(notebook: Any) -> list[str]:  # noqa: ANN401
    """Return the texts of the code cells."""
    return [source_of(cell.get(key, "")) for cell, key in code_cells(notebook)]


def code_cells(notebook: Any) -> list[tuple[dict[str, Any], str]]:  # noqa: ANN401
    """Return the code cells, each with the key of its text; raises `SpecError`."""
    if not isinstance(notebook, dict):
        raise SpecError("the notebook cannot be read: it is not an object of JSON")
    sheets = notebook.get("worksheets") or [notebook]
    if not isinstance(sheets, list):
        raise SpecError("the notebook cannot be read: its worksheets are not a list")
    found = []
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            raise SpecError("the notebook cannot be read: it has no cells")
        found += [
            (cell, "source" if "source" in cell else "input")
            for cell in cells
            if isinstance(cell, dict) and cell.get("cell_type") == "code"
        ]
    return found


def source_of(value: Any) -> str:  # noqa: ANN401
    """Return the text of a cell, which is one text or a list of them."""
    lines = value if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str)).replace("\r\n", "\n")


def _python(source: str) -> str:
    """Return a cell as Python, line for line."""
    lines = source.split("\n")
    if source.startswith("%%"):
        if not source.startswith(_PYTHON_CELLS):
            return "\n" * (len(lines) - 1)
        lines[0] = ""
    elif _parses(source):
        return source
    passed = False
    for place, line in enumerate(lines):
        goes_on = line.rstrip().endswith("\\")
        command = re.match(_COMMAND, line)
        if passed:
            lines[place] = ""
        elif command and not line.lstrip().startswith(("% ", "%(")):
            lines[place] = f"{command[1]}pass" if command[1] else ""
            passed = goes_on
            continue
        elif re.match(_ASSIGNED, line):
            lines[place] = re.sub(_ASSIGNED, r"\1input()", line)
            passed = goes_on
            continue
        passed = passed and goes_on
    return "\n".join(lines)


def _parses(source: str) -> bool:
    try:
        tree_of(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def cells_of(lines: list[str]) -> list[Cell]:
    """Return the cells of a program that was a notebook."""
    found = []
    for place, line in enumerate(lines):
        head = re.match(_READ_HEAD, line) if line.startswith("#") else None
        if head:
            found.append(Cell(int(head[1]), place + 1))
    return found


def located(path: str, cells: list[Cell], line: int) -> tuple[str, int]:
    """Return the path and the line by which messages call a line of the program."""
    place = bisect_right([cell.before for cell in cells], line - 1) - 1
    if place < 0:
        return path, line
    cell = cells[place]
    return f"{path}:cell {cell.number}", line - cell.before
