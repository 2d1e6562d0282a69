"""Parts of timm that other people's networks are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importers.python.reading import shapes, traced

from shapecalc.importers.python.program import program
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from pathlib import Path

PATCHES = """
    import torch
    from torch import nn
    from timm.models.layers import DropPath, to_2tuple, trunc_normal_

    class Patches(nn.Module):
        def __init__(self, image=224, patch=16, width=96):
            super().__init__()
            image, patch = to_2tuple(image), to_2tuple(patch)
            self.proj = nn.Conv2d(3, width, patch, patch)
            self.places = nn.Parameter(
                torch.zeros(1, image[0] // patch[0] * (image[1] // patch[1]), width))
            trunc_normal_(self.places, std=0.02)
            self.drop = DropPath(0.1)

        def forward(self, x):
            return self.drop(self.proj(x).flatten(2).transpose(1, 2) + self.places)

    net = Patches()
"""


def test_a_network_that_is_made_of_parts_of_timm_is_traced() -> None:
    trace = traced(PATCHES, "N,3,224,224")
    assert trace.layers[-1].node.title == "timm.layers.DropPath"
    assert trace.params == 3 * 16 * 16 * 96 + 96 + 196 * 96


def test_its_widths_are_divisible() -> None:
    text = "import torch\nfrom torch import nn\nfrom timm.layers import make_divisible\n"
    text += "net = nn.Sequential(nn.Linear(4, make_divisible(22.4)))\nnet(torch.zeros(2, 4))\n"
    assert shapes(text) == "2,24"


def test_a_folder_of_its_source_comes_first(tmp_path: Path) -> None:
    (tmp_path / "timm").mkdir()
    (tmp_path / "timm" / "__init__.py").write_text("")
    (tmp_path / "timm" / "layers.py").write_text("def to_2tuple(x):\n    return (7, 5)\n")
    text = "import torch\nfrom torch import nn\nfrom timm.layers import to_2tuple\n"
    text += "net = nn.Sequential(nn.Linear(*to_2tuple(3)))\nnet(torch.zeros(2, 7))\n"
    read = program(text.encode(), str(tmp_path / "model.py"))
    ((_, network),) = read.networks({}, {})
    assert trace_network(network).outputs == [(2, 5)]
