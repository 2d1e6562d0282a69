"""Inputs of undeclared shape: what a layer reads of them, or what they are read together with."""

from __future__ import annotations

import pytest

from shapecalc.importers.python.program import Program
from shapecalc.tracing.walk import trace_network


def _inputs(head: str, forward: str, parameters: str, library: str = "torch") -> str:
    """Return the inputs that are found for a module with the layers of ``head``."""
    base = "nn.Module" if library == "torch" else "keras.Model"
    call = "forward" if library == "torch" else "call"
    imports = "import torch\nfrom torch import nn\nimport keras\nfrom keras import layers\n"
    lines = "".join(f"        self.{each}\n" for each in head.split("; ") if each)
    text = (
        f"{imports}class Net({base}):\n    def __init__(self):\n        super().__init__()\n{lines}"
        f"    def {call}(self, {parameters}):\n        {forward}\n"
    )
    ((_, network),) = Program(text, "model.py", "Net").networks({}, {})
    said = trace_network(network).to_dict()
    shapes = {each["name"]: ",".join(map(str, each["shape"])) for each in said["inputs"]}
    return "; ".join(f"{name}={shape}" for name, shape in sorted(shapes.items()))


@pytest.mark.parametrize(
    ("layer", "call", "found"),
    [
        ("nn.RNN(8, 16, batch_first=True)", "x, s", "s=1,N,16; x=N,L,8"),
        ("nn.GRU(8, 16, 2, bidirectional=True)", "x, s", "s=4,N,16; x=L,N,8"),
        ("nn.LSTM(8, 16, proj_size=4)", "x, (s, y)", "s=1,N,4; x=L,N,8; y=1,N,16"),
        ("nn.GRUCell(8, 16)", "x, s", "s=N,16; x=N,8"),
        ("nn.LSTMCell(8, 16)", "x, (s, y)", "s=N,16; x=N,8; y=N,16"),
        ("nn.Bilinear(4, 6, 2)", "x, s", "s=N,6; x=N,4"),
        ("nn.MultiheadAttention(8, 2, batch_first=True)", "x, s, s", "s=N,S,8; x=N,L,8"),
        ("nn.MultiheadAttention(8, 2, kdim=3, vdim=5)", "x, s, y", "s=S,N,3; x=L,N,8; y=S,N,5"),
        ("nn.TransformerDecoderLayer(8, 2)", "x, s", "s=S,N,8; x=L,N,8"),
        ("nn.MSELoss()", "self.first(x), s", "s=N,5; x=N,4"),
    ],
)
def test_what_a_module_reads_besides_is_found(layer: str, call: str, found: str) -> None:
    names = ", ".join(name for name in "xsy" if f"{name}=" in found)
    head = f"first = nn.Linear(4, 5); layer = {layer}"
    assert _inputs(head, f"return self.layer({call})", names) == found


@pytest.mark.parametrize("layer", ["nn.LSTM(8, 16)", "nn.LSTMCell(8, 16)"])
def test_several_states_are_one_argument(layer: str) -> None:
    shapes = _inputs(f"layer = {layer}", "return self.layer(x, states)", "x, states").split("; ")
    assert len(shapes) == 3
    assert all(shape.endswith("N,16") for shape in shapes if not shape.startswith("x="))


def test_masks_are_over_the_steps_that_are_looked_at() -> None:
    found = _inputs(
        "layer = nn.TransformerEncoderLayer(8, 2)",
        "return self.layer(x, mask, src_key_padding_mask=pad)",
        "x, mask, pad",
    )
    assert found == "mask=L,L; pad=N,L; x=L,N,8"


@pytest.mark.parametrize(
    ("layer", "call", "found"),
    [
        ("layers.GRU(16)", "self.layer(x, initial_state=s)", "s=B,16; x=B,T,F"),
        ("layers.MultiHeadAttention(2, 8)", "self.layer(x, s)", "s=B,S,F; x=B,T,F"),
        ("layers.Add()", "self.layer([self.first(x), s])", "s=B,5; x=B,F"),
    ],
)
def test_what_a_layer_of_keras_reads_besides_is_found(layer: str, call: str, found: str) -> None:
    head = f"first = layers.Dense(5); layer = {layer}"
    assert _inputs(head, f"return {call}", "x, s", "keras") == found


@pytest.mark.parametrize(
    ("layers", "forward", "found"),
    [
        # With no layer that asks for more axes, what is joined before a Linear is rows.
        ("q = nn.Linear(20, 1)", "return self.q(torch.cat([a, b], 1))", "a=N,F; b=N,F_1"),
        ("c = nn.Conv2d(8, 4, 3)", "return self.c(torch.cat([a, b], 1))", "a=N,C,H,W; b=N,C_1,H,W"),
        ("c = nn.Conv2d(3, 8, 3, padding=1)", "return self.c(a) + b", "a=N,3,H,W; b=N,8,H,W"),
        ("q = nn.Linear(8, 1)", "return self.q(a.permute(0, 2, 1) * b)", "a=N,8,F; b=N,F,8"),
        ("q = nn.Linear(8, 1)", "return self.q(a[:, -1, :]) + b", "a=N,L,8; b=N,1"),
        # Each input has its own number of axes.
        (
            "q = nn.Linear(8, 1)",
            "return self.q(a.unsqueeze(1) + b.permute(0, 2, 1))",
            "a=N,8; b=N,8,F_1",
        ),
    ],
)
def test_inputs_have_the_axes_of_what_they_are_read_with(
    layers: str, forward: str, found: str
) -> None:
    assert _inputs(layers, forward, "a, b") == found
