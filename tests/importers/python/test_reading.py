"""What a program may do beside its models, which is not a misfit of shapes."""

from __future__ import annotations

import pytest
from importers.python.reading import names, traced

from shapecalc.dims import field_text
from shapecalc.errors import ShapeError, SpecError
from shapecalc.importers.python.program import Program
from shapecalc.language.shapes import read_shape
from shapecalc.tracing.walk import trace_network

NET = """
import argparse
from torch import nn

class Net(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        {check}
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)

net = Net()
{end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "assert argparse.ArgumentParser().parse_args().rank is not None",
        "assert net is None, 'must provide rank'",
        "raise ValueError('no data')",
    ],
)
def test_a_script_that_refuses_to_go_on_has_its_models(end: str) -> None:
    (found,) = Program(NET.format(check="pass", end=end), "model.py").networks({}, {})
    assert found[0] == "net"


def test_a_model_that_refuses_its_arguments_is_a_finding() -> None:
    text = NET.format(check="assert width > 3, 'too narrow'", end="")
    with pytest.raises(ShapeError) as caught:
        Program(text, "model.py").networks({}, {})
    assert str(caught.value.place) == "model.py:8:9"


def test_parts_that_letters_leave_open_are_unknown() -> None:
    text = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(4, 2)

        def forward(self, x):
            for part in x.split(1, dim=0):
                y = self.fc(part)
            return self.fc(x)
    """
    assert str(traced(text, "N,4").output[1]) == "2"
    assert traced(text, "3,4").output == (3, 2)


def test_a_long_loop_that_fills_an_object_is_followed_to_its_end() -> None:
    text = """
    from torch import nn

    class Kept:
        def __init__(self):
            self.parts = []

    kept, held = Kept(), nn.ModuleDict()
    layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(20)])
    for name, each in layers.named_children():
        held[name] = each
    for each in layers:
        kept.parts.append(each)
    found = len(held), len(kept.parts)
    """
    assert names(text)["found"] == (20, 20)


@pytest.mark.parametrize(
    ("layer", "inputs", "output"),
    [
        ("nn.Linear(3, 4)", ["N,3"], "N,4"),
        ("nn.Linear(3, 4)", [], "N,4"),
        ("nn.Conv2d(3, 8, 3)", [], "N,8,H-2,W-2"),
        ("nn.ReLU()", ["N,3"], "N,3"),
        ("nn.Bilinear(3, 4, 5)", ["N,3", "N,4"], "N,5"),
        ("keras.layers.Dense(4)", ["B,3"], "B,4"),
        ("keras.layers.LSTM(4)", ["B,5,3"], "B,4"),
        ("keras.layers.Add()", ["B,3", "B,3"], "B,3"),
    ],
)
def test_a_layer_by_itself_is_a_model(layer: str, inputs: list[str], output: str) -> None:
    text = f"import keras\nfrom torch import nn\nnet = {layer}\n"
    given = {place: read_shape(each) for place, each in enumerate(inputs)}
    for expression in ("net", layer):
        ((_, network),) = Program(text, "model.py", expression).networks(given, {})
        assert field_text(trace_network(network).output) == output


def test_a_layer_of_any_shape_needs_its_input() -> None:
    with pytest.raises(SpecError) as caught:
        Program("from torch import nn\n", "model.py", "nn.ReLU()").networks({}, {})
    assert caught.value.message == "no input was found that fits torch.nn.ReLU"
