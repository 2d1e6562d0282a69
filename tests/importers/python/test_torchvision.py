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
    "vit_b_16": 86567656,
    "vit_b_32": 88224232,
    "convnext_tiny": 28589128,
    "convnext_small": 50223688,
}

#: Of networks that label pixels, as torchvision 0.29 has them with another head for training.
_SEGMENTATION = {
    "fcn_resnet50": 35322218,
    "deeplabv3_resnet50": 42004074,
    "deeplabv3_mobilenet_v3_large": 11029328,
    "lraspp_mobilenet_v3_large": 3221538,
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
        ("vit_b_16", "net.heads.head = nn.Linear(net.heads.head.in_features, 7)"),
        ("vit_b_32", "net.heads = nn.Linear(net.hidden_dim, 7)"),
        ("convnext_tiny", "net.classifier[2] = nn.Linear(net.classifier[2].in_features, 7)"),
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


@pytest.mark.parametrize(("name", "parameters"), _SEGMENTATION.items())
def test_a_network_that_labels_pixels(name: str, parameters: int) -> None:
    trace = traced(f"""
    import torch
    from torchvision.models import segmentation
    net = segmentation.{name}(weights="DEFAULT")
    net(torch.zeros(2, 3, 97, 65))
    """)
    assert trace.outputs[0] == (2, 21, 97, 65)
    assert trace.params == parameters


def test_other_heads_of_a_network_that_labels_pixels() -> None:
    text = """
    import torch
    from torchvision.models.segmentation import deeplabv3_resnet50, DeepLabV3_ResNet50_Weights
    from torchvision.models.segmentation.deeplabv3 import DeepLabHead
    net = deeplabv3_resnet50(weights=DeepLabV3_ResNet50_Weights.DEFAULT)
    net.classifier = DeepLabHead(2048, 5)
    net.aux_classifier = None
    net(torch.zeros(2, 3, 97, 65))
    """
    trace = traced(text)
    assert trace.outputs == [(2, 5, 97, 65)]
    assert trace.params == 39638869 - (21 - 5) * (256 + 1)


def test_a_vision_transformer_takes_images_of_one_size() -> None:
    text = """
    import torch
    from torchvision import models
    net = models.vit_b_32()
    net(torch.zeros(2, 3, {size}, 224))
    """
    assert shapes(text.format(size=224)) == "2,1000"
    with pytest.raises(ShapeError, match="Wrong image height"):
        shapes(text.format(size=192))


def test_a_container_runs_what_it_gets_as_an_attribute() -> None:
    text = """
    import torch
    from torch import nn

    class Block(nn.Sequential):
        def __init__(self, i, o):
            super().__init__(nn.Conv2d(i, o, 3))
            self.act = nn.ReLU()
            self.width = o

    net = nn.Sequential(Block(3, 4), nn.Flatten())
    net.last = nn.Linear(4 * 5 * 5, 2)
    net[0].act = nn.MaxPool2d(3)
    net.last = nn.Linear(4 * 2 * 2, 5)
    net(torch.zeros(1, 3, 9, 9))
    """
    assert [row.name for row in traced(text).layers] == ["0.0", "0.act", "1", "last"]
    assert shapes(text) == "1,5"


@pytest.mark.parametrize(
    ("made", "output", "parameters"),
    [
        ("ops.Conv2dNormActivation(3, 8, 3, 2)", ("N", 8, "(H + 1)//2", "(W + 1)//2"), 232),
        ("ops.misc.Conv2dNormActivation(3, 8, norm_layer=None)", ("N", 8, "H", "W"), 224),
        ("ops.Conv2dNormActivation(3, 8, (1, 3), dilation=2)", ("N", 8, "H", "W"), 88),
        ("ops.SqueezeExcitation(16, 4)", ("N", 16, "H", "W"), 148),
        ("ops.FrozenBatchNorm2d(16)", ("N", 16, "H", "W"), 0),
        ("nn.Sequential(nn.Conv2d(3, 8, 1), ops.Permute([0, 2, 3, 1]))", ("N", "H", "W", 8), 32),
        ("ops.MLP(5, [7, 3])", ("N", 3), 66),
    ],
)
def test_module_of_ops(made: str, output: tuple[int | str, ...], parameters: int) -> None:
    """Torchvision 0.29 gives these shapes and parameters."""
    trace = traced(f"from torch import nn\nfrom torchvision import ops\nnet = {made}")
    assert tuple(n if isinstance(n, int) else str(n) for n in trace.output) == output
    assert trace.trainable_params == parameters
