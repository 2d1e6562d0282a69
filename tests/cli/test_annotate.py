"""Shapes as comments in source code: made anew each time, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import called

TEXT = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # sees 3 pixels
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = self.conv(x)  # first
        x = torch.relu(
            x
        )
        for _ in range(2):
            x = nn.functional.max_pool2d(x, 2)
        text = '''# -> (not ours)
        '''
        return self.fc(x.mean((2, 3)))
"""
SHAPED = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # sees 3 pixels
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = self.conv(x)  # first  # -> (N, 8, 30, 30)
        x = torch.relu(
            x
        )  # -> (N, 8, 30, 30)
        for _ in range(2):
            x = nn.functional.max_pool2d(x, 2)  # -> (N, 8, 15, 15) or (N, 8, 7, 7)
        text = '''# -> (not ours)
        '''
        return self.fc(x.mean((2, 3)))  # -> (N, 2)
"""
INPUT = ("-i", "N,3,32,32")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "model.py"
    found.write_text(TEXT, encoding="utf-8")
    return found


def test_shapes_stand_behind_lines(path: Path) -> None:
    done = called("annotate", "model.py", *INPUT)
    assert (done.code, done.err) == (0, "")
    assert done.out == SHAPED
    assert path.read_text(encoding="utf-8") == TEXT


def test_comments_are_written_once_and_renewed(path: Path) -> None:
    assert called("annotate", "model.py", *INPUT, "--check").code == 1
    assert called("annotate", "model.py", *INPUT, "--write").code == 0
    assert path.read_text(encoding="utf-8") == SHAPED
    assert called("annotate", "model.py", *INPUT, "--check").code == 0
    assert called("annotate", "model.py", *INPUT, "--diff").out == ""
    assert called("annotate", "model.py", "-i", "N,3,64,32", "--check").code == 1
    assert called("annotate", "model.py", "-i", "N,3,64,32", "--write").code == 0
    assert called("annotate", "model.py", *INPUT).out == SHAPED


def test_ends_of_lines_and_mark_stay(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert called("annotate", "model.py", *INPUT, "--write").code == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + SHAPED.replace("\n", "\r\n").encode()


@pytest.mark.usefixtures("path")
def test_a_diff_shows_what_changes() -> None:
    done = called("annotate", "model.py", *INPUT, "--diff")
    assert done.out.startswith("--- a/model.py\n+++ b/model.py\n@@ ")
    assert "+        return self.fc(x.mean((2, 3)))  # -> (N, 2)\n" in done.out


def test_lines_get_no_longer_than_the_formatter_makes_them(path: Path) -> None:
    toml = path.with_name("pyproject.toml")
    toml.write_text("[tool.ruff]\nline-length = 55\n", encoding="utf-8")
    lines = called("annotate", "model.py", *INPUT).out.splitlines()
    assert lines[11] == "        x = self.conv(x)  # first  # -> (N, 8, 30, 30)"
    assert lines[16] == "            x = nn.functional.max_pool2d(x, 2)"
    assert max(map(len, lines)) <= 55


@pytest.mark.usefixtures("path")
def test_json_says_each_place() -> None:
    first, *_, last = json.loads(called("annotate", "model.py", *INPUT, "-f", "json").out)
    assert (first["line"], first["column"], first["name"]) == (12, 13, "conv")
    assert last["shapes"] == [["N", 2]]


def test_what_does_not_fit_is_left_as_it_is(path: Path) -> None:
    path.write_text(TEXT.replace("Linear(8", "Linear(9"), encoding="utf-8")
    done = called("annotate", "model.py", *INPUT, "--write")
    assert (done.code, done.out) == (1, "")
    assert "model.py:20:16: error: Linear takes 9 features" in done.err
    assert "# ->" not in path.read_text(encoding="utf-8").replace("# -> (not ours)", "")


def test_a_repair_is_shown_as_a_diff_and_written(path: Path) -> None:
    path.write_text(TEXT.replace("Linear(8", "Linear(9"), encoding="utf-8")
    done = called("fix", "model.py", *INPUT)
    assert done.code == 0
    assert "-        self.fc = nn.Linear(9, 2)\n+        self.fc = nn.Linear(8, 2)\n" in done.out
    assert called("fix", "model.py", *INPUT, "--write").code == 0
    assert path.read_text(encoding="utf-8") == TEXT
    assert "works as it is" in called("fix", "model.py", *INPUT).err
    assert called("fix", "dense:3", "--write").code == 2


def test_the_ends_of_lines_stay_as_they_are(path: Path) -> None:
    ends = ["\r\n", "\n", "\r"]
    lines = TEXT.splitlines()
    mixed = "".join(line + ends[n % 3] for n, line in enumerate(lines))
    path.write_bytes(mixed.encode())
    assert called("annotate", "model.py", *INPUT, "--write").code == 0
    shaped = zip(SHAPED.splitlines(), (ends[n % 3] for n in range(len(lines))), strict=True)
    assert path.read_bytes() == "".join(map("".join, shaped)).encode()


def test_a_diff_breaks_no_line_at_a_form_feed(path: Path) -> None:
    path.write_text(TEXT.replace("\n\n\n", "\n\x0c\n\n"), encoding="utf-8")
    out = called("annotate", "model.py", *INPUT, "--diff").out
    assert "No newline" not in out
    assert [line[:1] for line in out.splitlines(keepends=True)[2:] if line == "\n"] == []


@pytest.mark.parametrize(
    "text", ["tool = 3", "[tool]\nruff = 3", "[tool.black]\nline-length = true", "[tool.ruff]"]
)
def test_a_formatter_that_is_not_configured_says_no_length(path: Path, text: str) -> None:
    path.with_name("pyproject.toml").write_text(text, encoding="utf-8")
    assert called("annotate", "model.py", *INPUT).out == SHAPED


def test_nothing_is_printed_where_nothing_can_be_written(path: Path) -> None:
    cell = {"cell_type": "code", "source": TEXT, "metadata": {}, "outputs": []}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.with_name("nb.ipynb").write_text(json.dumps(book), encoding="utf-8")
    done = called("annotate", "nb.ipynb", *INPUT, "--write", "-f", "json")
    assert (done.code, done.out) == (2, "")
    assert "--write is only for Python source files" in done.err


def test_a_parameter_is_not_what_the_line_that_reads_it_makes(path: Path) -> None:
    path.write_text(
        "import torch\n"
        "from torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(8, 3))\n"
        "    def forward(self, x):\n"
        "        return x @ self.weight\n"
    )
    done = called("annotate", "model.py", "-i", "N,8")
    assert done.out.endswith("        return x @ self.weight  # -> (N, 3)\n")
    listed = json.loads(called("annotate", "model.py", "-i", "N,8", "-f", "json").out)
    assert [each["shapes"] for each in listed] == [[["N", 3]]]
