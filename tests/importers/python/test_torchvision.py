"""torchvision's networks: shapes, parameters, other heads, places."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes, traced

from shapecalc.errors import ShapeError

#: The parameters that torchvision's documentation gives for each network.
_PARAMETERS = {
    "resnet18": 11689512,
    "resnet50": 25557032,
    "resnext50_32x4d": 25028904,
    "wide_resnet50_2": 68883240,
    "vgg11": 132863336,
    "vgg16_bn": 138365992,
    "alexnet": 61100840,
    "densenet121": 7978856,
    "squeezenet1_0": 1248424,
    "squeezenet1_1": 1235496,
    "mobilenet_v2": 3504872,
    "mobilenet_v3_large": 5483032,
    "mobilenet_v3_small": 2542856,
    "efficientnet_b0": 5288548,
    "efficientnet_b3": 12233232,
    "googlenet": 13004888,
    "inception_v3": 27161264,
}


@pytest.mark.parametrize(("name", "parameters"), _PARAMETERS.items())
def test_network(name: str, parameters: int) -> None:
    """Each gives 1000 classes, and has as many parameters as documented."""
    size = 299 if name == "inception_v3" else 224
    trace = traced(f"""
    import torch
    from torchvision import models
    net = models.{name}(weights=None)
    net.eval()
    net(torch.zeros(2, 3, {size}, {size}))
    """)
    assert trace.outputs[0] == (2, 1000)
    assert trace.params == parameters


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("resnet18", "net.fc = nn.Linear(net.fc.in_features, 7)"),
        ("vgg16", "net.classifier[6] = nn.Linear(4096, 7)"),
        ("vgg16", "net.classifier[-1] = nn.Linear(net.classifier[-1].in_features, 7)"),
        ("densenet121", "net.classifier = nn.Linear(net.classifier.in_features, 7)"),
        ("mobilenet_v2", "net.classifier[1] = nn.Linear(net.last_channel, 7)"),
        ("squeezenet1_1", "net.classifier[1] = nn.Conv2d(512, 7, 1)"),
        ("efficientnet_b0", "net.classifier[1] = nn.Linear(1280, 7)"),
    ],
)
def test_other_head(name: str, head: str) -> None:
    """A head that is replaced gives another number of classes."""
    text = f"from torch import nn\nfrom torchvision import models\nnet = models.{name}(pretrained=True)\n{head}\n"
    assert shapes(text, "N,3,224,224") == "N,7"


def test_body() -> None:
    """What comes before the head is a stack of its own."""
    text = """
    import torch
    from torch import nn
    import torchvision
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            whole = torchvision.models.resnet34(weights="DEFAULT")
            self.body = nn.Sequential(*list(whole.children())[:-2])
        def forward(self, x):
            return self.body(x)
    net = Net()
    net(torch.zeros(2, 3, 64, 96))
    """
    assert shapes(text) == "2,512,2,3"


def test_place() -> None:
    """What does not fit in a network is shown where the program calls it."""
    text = "import torch\nfrom torchvision import models\nnet = models.vgg11()\nnet(torch.zeros(1, 4, 64, 64))\n"
    with pytest.raises(ShapeError) as caught:
        shapes(text)
    place = caught.value.place
    assert place is not None
    assert (place.path, place.line) == ("model.py", 4)
    assert "torchvision>" not in str(caught.value.notes)
