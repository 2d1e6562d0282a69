"""Repairs of notebooks: one line of a cell is changed, and nothing else of the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [
    "%matplotlib inline\n!pip install torch\nimport torch\nfrom torch import nn",
    "%%bash\nls -l",
    "!date\n"
    "class Net(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.lstm = nn.LSTM(6, 8, batch_first=True)\n"
    "        self.fc = nn.Linear(9, 2)\n"
    "    def forward(self, x):\n"
    "        x, _ = self.lstm(x)\n"
    "        return self.fc(x)\n"
    "Net?",
    "%%time\nnet = Net()\nfiles = !ls\nnet(torch.zeros(2, 5, 6))",
]


def write(path: Path, cells: list[str], *, one_text: bool = False, **style: Any) -> str:
    """Write a notebook, with a text before each code cell; return what is in the file."""
    made: list[dict[str, Any]] = []
    for source in cells:
        made.append({"cell_type": "markdown", "metadata": {}, "source": ["Größe\n"]})
        text = source if one_text else source.splitlines(keepends=True)
        made.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": text})
    book = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(book, **style) + "\n"
    path.write_text(text, encoding="utf-8")
    return text


@pytest.mark.parametrize("one_text", [False, True])
@pytest.mark.parametrize(
    "style", [{"indent": 1, "ensure_ascii": False}, {"indent": 2}, {"ensure_ascii": False}]
)
def test_one_line_of_one_cell_is_written(
    tmp_path: Path,
    one_text: bool,  # noqa: FBT001
    style: dict[str, Any],
) -> None:
    path = tmp_path / "model.ipynb"
    before = write(path, CELLS, one_text=one_text, **style)
    done = called("fix", "--write", str(path))
    assert (done.code, done.out) == (0, "")
    assert done.err == f"note: wrote {path}:cell 3:6: self.fc = nn.Linear(8, 2)\n"
    assert path.read_text(encoding="utf-8") == before.replace("Linear(9, 2)", "Linear(8, 2)")
    assert called(str(path), "-q").out == "2,5,2\n"
    assert called("fix", "--write", str(path)).err == f"note: {path} works as it is\n"


def test_a_diff_is_of_the_cell_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "model.ipynb"
    before = write(path, CELLS)
    lines = called("fix", str(path)).out.splitlines()
    name = str(path).lstrip("/")
    assert lines[:3] == [f"--- a/{name}:cell 3", f"+++ b/{name}:cell 3", "@@ -3,7 +3,7 @@"]
    assert [line for line in lines[3:] if line[0] in "+-"] == [
        "-        self.fc = nn.Linear(9, 2)",
        "+        self.fc = nn.Linear(8, 2)",
    ]
    assert lines[-1] == "         return self.fc(x)"
    assert path.read_text(encoding="utf-8") == before


def test_magics_beside_the_line_stay(tmp_path: Path) -> None:
    path = tmp_path / "model.ipynb"
    cell = "%time\nimport keras\n!ls\nx = keras.Input((4,))\n%time y = 3\n"
    cell += "y = keras.layers.Reshape((3,))(x)\nmodel = keras.Model(x, y)\n!ls\n"
    before = write(path, [cell])
    called("fix", "--write", str(path))
    after = path.read_text(encoding="utf-8")
    assert after != before
    for line in ("%time", "!ls", "%time y = 3"):
        assert after.count(f'"{line}\\n"') == before.count(f'"{line}\\n"')
    assert called(str(path)).code == 0
