"""Findings on source that say more than the line: the caller, the input, the loss of a training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import called

from shapecalc.answers.check import check_file
from shapecalc.importers.python import machine

LABELS = """\
import keras
from keras import layers
import numpy as np
x, y = np.zeros((100, 28, 28, 1)), np.zeros((100,))
model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, "softmax")])
model.compile("adam", loss="categorical_crossentropy")
model.fit(x, y)
"""
HELPER = """\
from torch import nn

def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3), nn.BatchNorm2d(i))

net = nn.Sequential(block(3, 3), block(3, 16))
"""
CALLED = """\
import keras
from keras import layers

def block(x, n):
    return layers.MaxPooling2D(2)(layers.Conv2D(n, 3)(x))

inputs = keras.Input((32, 32, 3))
x = block(inputs, 8)
x = block(x, 8)
x = block(x, 9)
x = block(x, 7)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_labels_that_do_not_fit_are_a_warning_of_the_command(folder: Path) -> None:
    (folder / "model.py").write_text(LABELS, encoding="utf-8")
    found = called("model.py", "-q")
    assert (found.code, found.out) == (0, "B,10\n")
    assert found.err.startswith("model.py:6:1: warning: CategoricalCrossentropy needs y of")


def test_fix_writes_the_loss_that_the_labels_are_for(folder: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [{**cell, "source": LABELS}], "metadata": {}, "nbformat": 4}
    (folder / "model.py").write_text(LABELS, encoding="utf-8")
    (folder / "model.ipynb").write_text(json.dumps({**notebook, "nbformat_minor": 5}))
    for name in ("model.py", "model.ipynb"):
        shown = called("fix", name)
        assert '+model.compile("adam", loss="sparse_categorical_crossentropy")\n' in shown.out
        assert called("fix", name, "--write").code == 0
        assert called("check", name).out == "1 model in 1 file: it fits\n"


@pytest.mark.parametrize(
    ("text", "line", "caller"),
    [
        (HELPER, 4, "model.py:6: called here: net = nn.Sequential(block(3, 3), block(3, 16))"),
        (CALLED, 5, "model.py:11: called here: x = block(x, 7)"),
    ],
)
def test_the_call_of_a_helper_is_named(folder: Path, text: str, line: int, caller: str) -> None:
    (folder / "model.py").write_text(text, encoding="utf-8")
    (finding,) = check_file("model.py").findings
    assert finding.line == line
    assert caller in finding.notes


def test_what_a_file_needs_is_said(folder: Path) -> None:
    text = "import keras\nmodel = keras.Sequential([keras.layers.Rescaling(2.0)])\n"
    (folder / "model.py").write_text(text, encoding="utf-8")
    assert called("check", "model.py").out.splitlines()[0] == (
        "model.py: note: needs an input: no input was found that fits keras.Sequential; "
        "give it with -i, such as -i B,32,32,3"
    )


def test_a_file_whose_model_has_arguments_needs_them(folder: Path) -> None:
    text = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = torch.nn.Linear(width, 3)

    def forward(self, x):
        return self.fc(x)
"""
    (folder / "model.py").write_text(text, encoding="utf-8")
    note, summary = called("check", "model.py").out.splitlines()
    assert note.startswith("model.py: note: needs arguments: ")
    assert note.endswith("nothing calls Net(width)")
    assert summary == "1 model in 1 file: 1 needs an input or arguments"


def test_the_line_where_a_program_ends_is_said(folder: Path) -> None:
    text = "import keras\n\nmodel.add(keras.layers.Dense(3))\n"
    (folder / "model.py").write_text(text, encoding="utf-8")
    said = "line 3: what comes after is not followed: name 'model' is not defined"
    assert said in called("model.py").err


def test_modules_of_the_package_of_a_file_are_read(folder: Path) -> None:
    """By their places, or by the name of the package, whoever else imports them."""
    files = {
        "net/__init__.py": "from .models import small\n",
        "net/sizes.py": "WIDTH = 7\n",
        "net/models/__init__.py": "",
        "net/models/parts.py": "from net.sizes import WIDTH\nfrom ..sizes import WIDTH as SAME\n",
        "net/models/small.py": "from torch import nn\nfrom .parts import SAME\nfrom ..sizes import "
        "WIDTH\nfrom net.models import parts\n"
        "net = nn.Sequential(nn.Linear(SAME, WIDTH), nn.Linear(parts.WIDTH, 3))\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert called("net/models/small.py", "-q").out == "N,3\n"


def test_a_long_loop_leaves_steps_for_the_model_after_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MAX_STEPS", 5_000)
    text = (
        "from torch import nn\n"
        "drawn = [2 + 3 * (i - 4) ** 2 for i in range(1_000)]\n"
        "total = 0\n"
        "for i in range(1_000):\n"
        "    total += 2 + 3 * (i - 4) ** 2\n"
        "net = nn.Linear(4, 3)\n"
    )
    (folder / "model.py").write_text(text, encoding="utf-8")
    found = called("model.py", "-q")
    assert (found.code, found.out) == (0, "N,3\n")
    assert found.err.count("turns is not followed") == 2


def test_a_package_that_imports_the_file_leaves_its_model(folder: Path) -> None:
    """What the package does with it before it is read to its end is not known, and no error."""
    files = {
        "nets/__init__.py": "from .base import Base\nfrom .small import *\nALL = {'net': Net}\n",
        "nets/base.py": "from torch import nn\nclass Base(nn.Module):\n    width = 5\n",
        "nets/small.py": "from nets import Base\nfrom torch import nn\n"
        "class Net(Base):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(self.width, 2)\n"
        "    def forward(self, x):\n        return self.fc(x)\n",
    }
    (folder / "nets").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert called("nets/small.py", "-q").out == "N,2\n"
