"""Weights that are not trained, and weights that two layers have."""

from __future__ import annotations

import pytest
from importers.python.reading import traced

from shapecalc.errors import SpecError
from shapecalc.exporters.code import code_of

#: Counts of PyTorch 2.14: all parameters, and those with ``requires_grad``.
MODULES = [
    ("net.a.requires_grad_(False)", 42),
    ("net.a.bias.requires_grad = False", 66),
    ("net.a.weight.requires_grad_(False)", 48),
    ("for p in net.parameters():\n    p.requires_grad = False", 0),
    ("for p in net.parameters():\n    p.requires_grad = False\nnet.c = nn.Linear(3, 2)", 8),
    (
        "for name, p in net.named_parameters():\n    if not name.startswith('c'):\n"
        "        p.requires_grad_(False)",
        8,
    ),
    ("for each in net.children():\n    each.requires_grad_(False)\nnet.b.requires_grad_(True)", 18),
    ("net.requires_grad_(False)\nfor p in net.c.parameters():\n    p.requires_grad = True", 8),
]


@pytest.mark.parametrize(("statements", "trained"), MODULES)
def test_parameters_without_gradients_are_not_trained(statements: str, trained: int) -> None:
    text = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4), requires_grad=False)
        self.a = nn.Linear(4, 6)
        self.b = nn.Linear(6, 3, bias=False)
        self.d = nn.Linear(3, 4)
        self.c = nn.Linear(3, 2)

    def forward(self, x):
        return self.c(self.b(self.a(x * self.scale)))

net = Net()
"""
    trace = traced(f"{text}{statements}\nnet(torch.zeros(2, 4))\n")
    assert (trace.params, trace.trainable_params) == (76, trained)


#: Counts of Keras 3.15.
MODELS = [
    ("", 58),
    ("model.layers[-2].trainable = False", 18),
    ("model.trainable = False", 0),
    ("for each in model.layers[:-1]:\n    each.trainable = False", 18),
    ("model.trainable = False\nmodel.layers[-1].trainable = True", 0),
]


@pytest.mark.parametrize(("statements", "trained"), MODELS)
@pytest.mark.parametrize(
    "model",
    [
        "model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(2)])",
        "x = keras.Input((4,))\nmodel = keras.Model(x, layers.Dense(2)(layers.Dense(8)(x)))",
    ],
)
def test_layers_of_keras_that_are_not_trained(model: str, statements: str, trained: int) -> None:
    trace = traced(f"import keras\nfrom keras import layers\n{model}\n{statements}\n")
    assert (trace.params, trace.trainable_params) == (58, trained)


def test_a_model_in_a_model_is_not_trained_with_it() -> None:
    text = """
        import keras
        from keras import layers
        base = keras.Sequential([keras.Input((4,)), layers.Dense(8)])
        base.trainable = False
        model = keras.Sequential([base, layers.Dense(2)])
    """
    trace = traced(text)
    assert (trace.params, trace.trainable_params) == (58, 18)


TIED = """
    import torch
    from torch import nn

    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Embedding(100, 8)
            self.decoder = nn.Linear(8, 100)
            self.decoder.weight = self.encoder.weight

        def forward(self, x):
            return self.decoder(self.encoder(x))

    Words()(torch.zeros(2, 5, dtype=torch.long))
"""


@pytest.mark.parametrize("to", ["keras", "torch"])
def test_code_of_a_layer_with_the_weight_of_another_one_is_refused_by_name(to: str) -> None:
    trace = traced(TIED)
    assert trace.params == 100 * 8 + 100
    with pytest.raises(SpecError, match="decoder cannot be written as code: its weight was"):
        code_of(trace, to)
