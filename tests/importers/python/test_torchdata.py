"""Batches of data sets whose shapes are known, as torch 2.14 gives them."""

from __future__ import annotations

import pytest

from shapecalc.dims import field_text
from shapecalc.errors import ShapeError
from tests.importers.python.reading import names, shapes

DATA = """
import torch
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split


class Waves(Dataset):
    def __init__(self, count):
        self.x = torch.randn(count, 2, 16)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return {"x": self.x[index], "y": 1, "name": "a"}


pairs = TensorDataset(torch.randn(50, 8), torch.randint(0, 3, (50,)))
"""


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("next(iter(DataLoader(pairs, batch_size=16)))", ["16,8", "16"]),
        ("[*DataLoader(pairs, batch_size=16)][-1]", ["2,8", "2"]),
        ("[*DataLoader(pairs, 16, drop_last=True)][-1]", ["16,8", "16"]),
        ("next(iter(DataLoader(random_split(pairs, [40, 10])[1], 64)))", ["10,8", "10"]),
        ("next(iter(DataLoader(random_split(pairs, [0.8, 0.2])[0], 64)))", ["40,8", "40"]),
        ("next(iter(DataLoader(Subset(pairs, range(7)), 64)))", ["7,8", "7"]),
        ("[*next(iter(DataLoader(Waves(9), 4))).values()][:2]", ["4,2,16", "4"]),
        ("[next(iter(DataLoader(Waves(9), 4, collate_fn=lambda b: b[0]['x'])))]", ["2,16"]),
        ("[torch.zeros(len(DataLoader(Waves(9), 4)), len(pairs))]", ["3,50"]),
        ("list(pairs.tensors)", ["50,8", "50"]),
    ],
)
def test_a_batch_is_as_many_examples(made: str, found: list[str]) -> None:
    batch = names(f"{DATA}\nbatch = {made}")["batch"]
    assert [field_text(each.shape) for each in batch] == found


TRAINING = """
net = torch.nn.Sequential(torch.nn.Linear({width}, 3))
step = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in DataLoader(pairs, batch_size=16):
        loss = torch.nn.functional.cross_entropy(net(x), y)
        step.zero_grad()
        loss.backward()
        step.step()
"""


def test_a_model_is_trained_on_the_batches_of_its_data() -> None:
    assert shapes(DATA + TRAINING.format(width=8)) == "16,3"
    with pytest.raises(ShapeError, match="takes 9 features, but gets 8"):
        shapes(DATA + TRAINING.format(width=9))
