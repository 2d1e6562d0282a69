"""Comments and annotations that say the shapes of inputs."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes

from shapecalc.errors import SpecError
from shapecalc.importers.python.program import Program

NET = """
import torch
from torch import nn, Tensor
from jaxtyping import Float, Int
class Net(nn.Module):{head}
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(32, 4)
        self.emb = nn.Embedding(50, 4)
    {above}
    def forward(self, x{x}, y{y}):{line}
        return self.fc(x), self.emb(y)
{call}
"""
PLAIN = dict.fromkeys(("head", "above", "x", "y", "line", "call"), "")
COMMENT = "# shapecalc: x=N,7,32; y=N,9"


@pytest.mark.parametrize(
    "said",
    [
        {"head": f"  {COMMENT}"},
        {"head": f"\n    {COMMENT}\n"},
        {"line": f"  {COMMENT}"},
        {"above": COMMENT},
        {"x": ": Float[Tensor, 'N 7 32']", "y": ': Int[torch.Tensor, "N steps=9"]'},
        {"x": ": Float[Tensor, 'N 7 32']", "line": "  # shapecalc: y=(N, 9)"},
        {"x": ": Float[Tensor, '2 2 32']", "y": ": Int[Tensor, '2 2']", "head": f"  {COMMENT}"},
        {"head": f"  {COMMENT}", "call": "Net()(torch.zeros(2, 32), torch.zeros(3).long())"},
    ],
)
def test_source_says_the_shapes_of_inputs(said: dict[str, str]) -> None:
    assert shapes(NET.format(**PLAIN | said)) == "N,7,4; N,9,4"


def test_what_is_given_comes_before_what_source_says() -> None:
    text = NET.format(**PLAIN | {"head": f"  {COMMENT}"})
    assert shapes(text, "5,32", "6") == "5,4; 6,4"


def test_a_comment_that_cannot_be_read_is_pointed_at() -> None:
    with pytest.raises(SpecError, match="does not belong here") as caught:
        shapes(NET.format(**PLAIN | {"head": "  # shapecalc: x=N,3 4"}))
    assert caught.value.place is not None
    assert caught.value.place.line == 5


def test_the_call_that_a_class_needs_is_named() -> None:
    text = """
from torch import nn
class UNet(nn.Module):
    def __init__(self, channels, classes, wide=False, *, kind):
        super().__init__()
        self.fc = nn.Linear(channels, classes)
    def forward(self, x):
        return self.fc(x)
"""
    with pytest.raises(SpecError) as caught:
        Program(text, "unet.py").networks({}, {})
    assert caught.value.help is not None
    assert caught.value.help.endswith("unet.py:UNet(channels, classes, kind=…)")
