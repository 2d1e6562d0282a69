"""What is not known after loops that are not followed, and after ways that may not be gone."""

from __future__ import annotations

import pytest
from importers.python.reading import names, shapes

from shapecalc.importers.python.program import Program
from shapecalc.importers.python.values import Unknown


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("x = []\nfor i in load():\n    x.append(i)", False),
        ("x = {}\nfor i in load():\n    x[i] = 3", False),
        ("x = [1]\nfor i in load():\n    y = x[0]", True),
        ("x = [1]\nif load():\n    x.append(2)", False),
        ("x = [1]\nif load():\n    x.append(2)\nelse:\n    x.append(3)", False),
        ("x = [1]\nif load():\n    y = 2", True),
        ("x = [1]\nif load():\n    x.append(2)\n    raise ValueError", True),
        ("x = {}\nif load():\n    x['a'] = 1\nelse:\n    x['a'] = 1", True),
    ],
)
def test_names(text: str, is_known: bool) -> None:  # noqa: FBT001
    """What may have grown is not known."""
    found = names(f"from data import load\n{text}\n")["x"]
    assert isinstance(found, Unknown) is not is_known


def test_ways_begin_alike() -> None:
    """What one way adds is not there in the other."""
    text = """
    from data import load
    x, seen = [1], []
    if load():
        x.append(2)
    else:
        n = len(x)
    """
    assert names(text)["n"] == 1 or isinstance(names(text)["n"], Unknown)


@pytest.mark.parametrize(
    ("body", "is_known"),
    [
        ("self.pool = nn.MaxPool2d(2) if flag else nn.MaxPool2d(2)", False),
        ("if flag:\n            self.n = 3\n        else:\n            self.n = 3", True),
        ("if flag:\n            self.n = 3\n        else:\n            self.n = 4", False),
        ("if flag:\n            self.n = 4", False),
        ("for i in flag:\n            self.n = 4", False),
        ("for i in flag:\n            self.parts.append(4)", False),
    ],
)
def test_attributes(body: str, is_known: bool) -> None:  # noqa: FBT001
    """Attributes are known where all ways agree."""
    text = f"""
from data import flag
from torch import nn
class Net:
    def __init__(self):
        self.n, self.parts, self.pool = 3, [3], 3
        {body}
net = Net()
x = net.n, net.parts, net.pool
"""
    found = names(text)["x"]
    assert any(isinstance(each, Unknown) for each in found) is not is_known


def test_loop_around_model() -> None:
    """A loop that only calls a model ends; what it counts is not known then."""
    text = """
    import torch
    from torch import nn
    net = nn.Sequential(nn.Linear(3, 4))
    count = 0
    for epoch in range(1000):
        for step in range(1000):
            net(torch.zeros(2, 3))
            count += 1
    """
    assert shapes(text) == "2,4"
    assert isinstance(names(text)["count"], Unknown)


def test_a_loop_that_ends_early_leaves_no_shape_of_its_first_turn() -> None:
    """Whose blocks are models of their own, as ``forward`` is called by its name."""
    text = """
    import torch
    from torch import nn
    blocks = [nn.Sequential(nn.Linear(4, 8)), nn.Sequential(nn.Linear(8, 16))]
    for step in range(200):
        blocks[0](torch.randn(2 + step, 4))
    x = torch.zeros(2, 4)
    for block in blocks:
        x = block(x)
    """
    assert getattr(names(text)["x"], "shape", (2, 16)) == (2, 16)


def test_data_that_is_not_known() -> None:
    """Lists that a loop over unknown data fills have no shape."""
    text = """
    import numpy as np
    import pandas as pd
    from keras.models import Sequential
    from keras.layers import LSTM, Dense
    data = pd.read_csv("a.csv").values
    X = []
    for i in range(60, len(data)):
        X.append(data[i - 60 : i, 0])
    X = np.array(X)
    X = np.reshape(X, (X.shape[0], X.shape[1], 1))
    model = Sequential([LSTM(50, input_shape=(60, 1)), Dense(1)])
    model.fit(X, X)
    """
    assert shapes(text) == "B,1"


@pytest.mark.parametrize(
    "statement",
    [
        "layers.extend(settings.layers())",
        "layers.extend(settings.layer(n) for n in range(settings.count))",
        "layers.insert(settings.place, nn.Linear(4, 4))\nlayers.append(settings.last)",
    ],
)
def test_a_list_that_gets_what_is_unknown_is_no_whole_model(statement: str) -> None:
    text = "import settings\nimport torch\nfrom torch import nn\nlayers = [nn.Linear(3, 4)]\n"
    text += f"{statement}\nnet = nn.Sequential(*layers)\n"
    text += "other = nn.Linear(4, 5)\nboth = nn.Sequential(nn.Linear(3, 4), other)\n"
    text += "net(torch.zeros(2, 3))\nboth(torch.zeros(2, 3))\n"
    program = Program(text, "model.py")
    assert [len(network.outputs) for _, network in program.networks({}, {})] == [0, 1]
