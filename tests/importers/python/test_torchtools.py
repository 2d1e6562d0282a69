"""Packages around torch: summaries, Lightning."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes

_NET = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
    def forward(self, x, y=None):
        return self.a(x)
net = Net()
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from torchsummary import summary; summary(net, (3, 9, 8))", "2,4,7,6"),
        ("import torchsummary; torchsummary.summary(net, input_size=(3, 9, 8))", "2,4,7,6"),
        ("from torchsummary import summary; summary(net, [(3, 9, 8), (5,)])", "2,4,7,6"),
        ("from torchinfo import summary; summary(net, input_size=(5, 3, 9, 8))", "5,4,7,6"),
        ("import torchinfo; torchinfo.summary(net, (3, 9, 8), batch_dim=0)", "1,4,7,6"),
        ("import torchinfo; torchinfo.summary(net, input_data=torch.zeros(6, 3, 9, 8))", "6,4,7,6"),
        ("import torchinfo; torchinfo.summary(net, input_data={'x': torch.zeros(6, 3, 9, 8)})",
         "6,4,7,6"),
    ],
)  # fmt: skip
def test_summary(line: str, expected: str) -> None:
    """A summary calls the model."""
    assert shapes(_NET + line + "\n") == expected


@pytest.mark.parametrize("package", ["pytorch_lightning", "lightning", "lightning.pytorch"])
def test_lightning(package: str) -> None:
    """Modules of Lightning are torch's, and training is passed over."""
    text = f"""
    import torch
    from torch import nn
    import torch.nn.functional as F
    import {package} as pl
    class Net(pl.LightningModule):
        def __init__(self, width=8):
            super().__init__()
            self.save_hyperparameters()
            self.a = nn.Linear(4, width)
        def forward(self, x):
            return self.a(x)
        def training_step(self, batch, batch_idx):
            x, y = batch
            loss = F.cross_entropy(self(x), y)
            self.log("loss", loss)
            return loss
        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)
    pl.seed_everything(3)
    model = Net()
    trainer = pl.Trainer(max_epochs=3)
    trainer.fit(model, loader)
    """
    text = text.replace("trainer.fit(model, loader)", "trainer.fit(model, None)")
    assert shapes(text, "N,4") == "N,8"
