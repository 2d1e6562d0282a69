"""Notebooks: the cells as one program, and places in cells."""

from __future__ import annotations

import json

import pytest

from shapecalc.errors import ShapeError, SpecError
from shapecalc.importers.python.notebooks import cells_of, program_text
from shapecalc.importers.python.program import Program
from shapecalc.importers.python.program import program as read_program


def notebook(*cells: str) -> bytes:
    """Write a notebook, with a text between the code cells."""
    written = []
    for cell in cells:
        written.append({"cell_type": "markdown", "source": ["# text"]})
        written.append({"cell_type": "code", "source": cell.splitlines(keepends=True)})
    return json.dumps({"cells": written, "nbformat": 4}).encode()


def program(*cells: str) -> list[str]:
    """Read a notebook, without the lines between cells."""
    text = program_text(notebook(*cells).decode())
    known = cells_of(text.split("\n"))
    lines = text.split("\n")
    heads = {cell.before for cell in known}
    return [line for number, line in enumerate(lines, 1) if number not in heads]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", ["", "x = 1"]),
        ("!pip install a \\\n  b\nx = 1", ["", "", "x = 1"]),
        ("files = !ls\nx = 1", ["files = input()", "x = 1"]),
        ("model?\nx = 1", ["", "x = 1"]),
        ("if x:\n    !ls\ny = 1", ["if x:", "    pass", "y = 1"]),
        ("%%time\nx = 1", ["", "x = 1"]),
        ("%%bash\nls\nrm x", ["", "", ""]),
        ('x = """\n% text\n"""', ['x = """', "% text", '"""']),
    ],
)
def test_cell(cell: str, expected: list[str]) -> None:
    """What is not Python does nothing, and no line moves."""
    assert program(cell) == expected


def test_old_format() -> None:
    """The cells of the old format stand in worksheets."""
    cells = [{"cell_type": "code", "input": "x = 1"}]
    data = json.dumps({"worksheets": [{"cells": cells}]}).encode()
    assert program_text(data.decode()).split("\n")[1:] == ["x = 1"]


def test_place() -> None:
    """An error names the code cell and the line in it."""
    make = "import torch\nfrom torch import nn\nnet = nn.Sequential(\n    nn.Linear(3, 4),\n)"
    text = program_text(notebook("%cd x", make, "\nnet(torch.zeros(2, 5))").decode())
    with pytest.raises(ShapeError) as caught:
        Program(text, "a.ipynb").networks({}, {})
    place = caught.value.place
    assert place is not None
    assert (place.path, place.line) == ("a.ipynb:cell 2", 4)


def test_place_of_syntax() -> None:
    """So does what is not Python."""
    text = program_text(notebook("x = 1", "y = 1\nprint y").decode())
    with pytest.raises(SpecError, match="Python 2") as caught:
        Program(text, "a.ipynb").networks({}, {})
    place = caught.value.place
    assert place is not None
    assert (place.path, place.line) == ("a.ipynb:cell 2", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"cells": 3}',
        b'{"worksheets": [3]}',
        b"[" * 100_000,
        b"\xff\x00",
        b"9" * 9_000,
    ],
)
def test_no_notebook(data: bytes) -> None:
    """What is not a notebook is refused in words."""
    with pytest.raises(SpecError, match="the notebook cannot be read"):
        program_text(data.decode(errors="replace"))
    if data.isascii():
        with pytest.raises(SpecError) as caught:
            read_program(data, "a.ipynb")
        assert caught.value.message.count("the notebook cannot be read: ") == 1
        assert caught.value.message.startswith("a.ipynb: ")
