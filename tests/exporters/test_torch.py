"""Source code of PyTorch written as code again: containers, functions, what is not called."""

from __future__ import annotations

import pytest
from round_trips import comes_back

import shapecalc
from shapecalc.errors import ShapeError, SpecError
from shapecalc.exporters.code import code
from shapecalc.importers.python.program import program
from shapecalc.language.build import parse
from shapecalc.network import Network

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
NET = """class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3)
        )
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(288, 10))
        self.fc = nn.Linear(10, 4)

    def forward(self, x):
        x = self.features(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        x = F.dropout(x, training=self.training)
        x = x / 2
        x = self.fc(x)
        return F.log_softmax(x, dim=1)


model = Model()
"""


def network(text: str, shape: tuple[int, ...]) -> Network:
    """The network of source code for an input."""
    (*_, (_, found)) = program(text.encode(), "model.py").networks({None: shape}, {})
    return found


def test_code_is_written_as_it_was() -> None:
    found = network(HEAD + NET, (2, 3, 18, 18))
    assert code(found, "torch") == HEAD + NET
    assert comes_back(found)


def test_flatten_as_a_function_keeps_its_own_default() -> None:
    text = HEAD.replace("import torch.nn.functional as F\n", "") + (
        "class Model(nn.Module):\n    def forward(self, x):\n        return torch.flatten(x)\n\n\n"
        "model = Model()\n"
    )
    assert "torch.flatten(x, 0)" in code(network(text, (2, 3, 4)), "torch")


def test_a_module_that_is_never_called_is_kept() -> None:
    text = NET.replace("        x = self.fc(x)\n", "")
    assert "self.fc = nn.Linear(10, 4)" in code(network(HEAD + text, (2, 3, 18, 18)), "torch")


def test_a_number_that_is_not_known_is_refused_by_name() -> None:
    text = NET.replace("x / 2", "2 / x")
    with pytest.raises(SpecError, match="truediv cannot be written in PyTorch"):
        code(network(HEAD + text, (2, 3, 18, 18)), "torch")


@pytest.mark.parametrize(
    ("steps", "viewed"),
    [
        ("lstm:_:3:batch_first,view:2:-1", ".contiguous().view("),
        ("transpose:1:2,relu,dropout,view:2:-1", ".contiguous().view("),
        ("relu,view:2:-1", " x.view("),
        ("transpose:1:2,conv1d:_:3:1,view:2:-1", " x.view("),
    ],
)
def test_numbers_that_do_not_lie_in_a_row_are_laid_so_for_a_view(steps: str, viewed: str) -> None:
    text = code(parse(f"dialect:torch,in:2:4:6,{steps}"), "torch")
    assert viewed in text


@pytest.mark.parametrize("cls", ["LSTM", "GRU", "SimpleRNN"])
def test_an_activation_of_its_own_in_a_cell_is_refused_by_name(cls: str) -> None:
    config = {"units": 3, "name": "cell", "activation": {"class_name": "Mine", "config": {}}}
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 4, 8], "name": "x"}},
        {"class_name": cls, "config": config},
    ]
    model = {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}
    with pytest.raises(ShapeError, match="has the activation Mine, which PyTorch lacks"):
        shapecalc.code(shapecalc.load(model), "torch")
