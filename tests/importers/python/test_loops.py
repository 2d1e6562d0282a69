"""Loops of as many turns as a letter says; what PyTorch gave for 3, 7 and 8 is beside each."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from importers.python.reading import shapes, traced

from shapecalc.answers.question import Question
from shapecalc.dims import field_text
from shapecalc.errors import ShapeError
from shapecalc.importers.python.program import Program
from shapecalc.language.shapes import read_shape

CASES = [
    (
        "h = torch.zeros(x.size(0), 16)\nouts = []\nfor t in range(x.size(1)):\n"
        "    h = self.cell(x[:, t], h)\n    outs.append(h)\n"
        "return torch.stack(outs, 1), torch.cat(outs, 1), outs[-1], h",
        "N,T,16; N,16*T; N,16",
    ),
    (
        "h = None\nouts = ()\nfor x_t in torch.unbind(x, dim=1):\n"
        "    h = self.cell(x_t, h)\n    outs = outs + (h,)\nreturn torch.stack(outs), h",
        "T,N,16; N,16",
    ),
    (
        "N, T, F = x.shape\nouts = [None] * T\nfor t in range(T - 1, -1, -1):\n"
        "    outs[t] = self.fc(x[:, t])\nreturn torch.stack(outs[::-1], 1)",
        "N,T,3",
    ),
    (
        "outs = [x[:, 0]]\nfor t in range(1, x.size(1)):\n    outs.append(x[:, t] - x[:, t - 1])\n"
        "return torch.stack(outs, 1), x.new_zeros(len(outs), 2)",
        "N,T,8; T,2",
    ),
    (
        "out = x[:, :1]\nfor t in range(x.size(1)):\n"
        "    out = torch.cat([out, x[:, t:t + 1], out[:, :1]], 1)\nreturn out",
        "N,2*T+1,8",
    ),
    (
        "total, count = 0, 0\nfor t in range(len(x[0])):\n    total = total + self.fc(x[:, t])\n"
        "    count += 1\nreturn total / count, sum([self.fc(x[:, t]) for t in range(x.size(1))])",
        "N,3; N,3",
    ),
    (
        "rows = []\nfor i in range(x.size(1)):\n    row = []\n    for j in range(x.size(1)):\n"
        "        row.append(self.fc(x[:, i] * x[:, j]))\n    rows.append(torch.cat(row, 1))\n"
        "return torch.stack(rows, 1)",
        "N,T,3*T",
    ),
    (
        "outs = torch.empty(x.size(0), x.size(1), 16)\nfor t in range(x.size(1)):\n"
        "    if t == 0:\n        h = self.cell(x[:, t])\n    else:\n"
        "        h = self.cell(x[:, t], h)\n    outs[:, t] = h\nreturn outs, outs[:, -1]",
        "N,T,16; N,16",
    ),
    (
        "past, outs = [], []\nfor t in range(x.size(1)):\n    past.append(x[:, t])\n"
        "    keys = torch.stack(past, 1)\n    w = torch.softmax(keys @ x[:, t, :, None], 1)\n"
        "    outs.append((w * keys).sum(1))\nreturn torch.stack(outs, 1)",
        "N,T,8",
    ),
    (
        "feats = [self.fc(step).unsqueeze(1) for step in x.transpose(0, 1)]\n"
        "pairs = [a + b for a, b in zip(feats, x.split(1, dim=1))] if False else feats\n"
        "parts = [p.squeeze(1) for i, p in enumerate(x.chunk(x.size(1), dim=1))]\n"
        "return torch.cat(pairs, dim=1), torch.stack(parts), torch.cat([*x.split(1, 1)], 2)",
        "N,T,3; T,N,8; N,1,8*T",
    ),
    (
        "outs = {}\nfor t in range(x.size(1)):\n"
        "    outs[t] = self.fc(x.select(1, t) + x.narrow(1, t, 1).squeeze(1))\n"
        "return torch.stack(list(outs.values()), 1)",
        "N,T,3",
    ),
    (
        "ys = []\nfor t in range(x.size(1)):\n    at = torch.full((x.size(0),), t).long()\n"
        "    ys.append(self.embed(at) + self.embed(torch.tensor([t])))\nreturn torch.cat(ys)",
        "N*T,8",
    ),
]


def module(body: str) -> str:
    head = """
        import torch
        from torch import nn


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.cell = nn.GRUCell(8, 16)
                self.fc = nn.Linear(8, 3)
                self.embed = nn.Embedding(100, 8)
                self.held, self.calls, self.state = [], 0, None

            def hold(self, x):
                self.held.append(x)

            def step(self, x):
                self.calls += 1
                self.state = x if self.state is None else self.state + x
                return self.fc(self.state)

            def forward(self, x):
        """
    return dedent(head).rstrip() + "\n" + indent(body, " " * 8) + "\n"


def notes(text: str) -> list[str]:
    ((_, network),) = Program(text, "model.py").networks({}, {})
    return [each.message for each in network.source.notes] if network.source else []


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_what_all_turns_give(body: str, expected: str) -> None:
    text = module(body)
    assert shapes(text, "N,T,8") == expected
    sizes = expected.replace("N*T", "21").replace("2*T+1", "15").replace("16*T", "112")
    sizes = sizes.replace("8*T", "56").replace("3*T", "21").replace("N", "3").replace("T", "7")
    assert shapes(text, "3,7,8") == sizes


def test_what_a_method_keeps_is_what_the_last_turn_left() -> None:
    body = "outs = [self.step(x[:, t]) for t in range(3)]\nouts = []\n"
    body += "for t in range(x.size(1)):\n    outs.append(self.step(x[:, t]))\n"
    body += "return torch.stack(outs, 1), self.state"
    assert shapes(module(body), "N,T,8") == "N,T,3; N,8"


def test_a_turn_is_shown_once() -> None:
    trace = traced(module(CASES[0][0]), "N,T,8")
    called = [row.name for row in trace.layers if row.outputs]
    assert called == ["constant", "__getitem__", "cell", "stack", "cat"]
    assert not notes(module(CASES[0][0]))


def test_lists_of_what_turns_collect_are_not_empty() -> None:
    body = (
        "outs = []\nfor t in range(x.size(1) - 2):\n"
        "    outs.append(self.fc(x[:, t:t + 3].sum(1)))\nreturn torch.stack(outs, 1)"
    )
    given = {0: read_shape("N,T,8")}
    ((_, network),) = Program(module(body), "model.py").networks(given, {})
    trace = Question().walk(network, given)
    assert [str(each) for each in trace.conditions] == ["T >= 3"]
    assert next(field_text(row.outputs[0]) for row in trace.layers if row.outputs) == "N,3,8"
    assert field_text(trace.output) == "N,T-2,3"


@pytest.mark.parametrize(
    "body",
    [
        # How often it turns is not known.
        "outs = []\nfor t in range(x.size(1)):\n    outs.append(x[:, t])\n"
        "    if x.sum() > 0:\n        break\nreturn torch.stack(outs, 1)",
        # Each turn gives more than the one before it.
        "out = x[:, :1]\nfor t in range(x.size(1)):\n    out = torch.cat([out, out], 1)\nreturn out",
        # The turns give different shapes.
        "outs = []\nfor t in range(x.size(1)):\n    outs.append(x[:, :t + 1])\n"
        "return torch.cat(outs, 1)",
        "outs = []\nfor t in range(x.size(1)):\n    outs.append(torch.zeros(len(outs) + 1, 2))\n"
        "return torch.cat(outs)",
        # Later turns do something else with what was collected.
        "outs = []\nfor t in range(x.size(1)):\n    outs.append(x[:, t])\n"
        "    if len(outs) > 3:\n        outs.pop(0)\nreturn torch.stack(outs, 1)",
        "outs = []\nfor t in range(x.size(1)):\n    outs.append(x[:, t])\n"
        "    last = torch.stack(outs[-3:], 1)\nreturn last",
        # A method changes how much is held.
        "self.held = []\nfor t in range(x.size(1)):\n    self.hold(x[:, t])\n"
        "return torch.cat(self.held, 1)",
        # Some turns are left out.
        "return torch.stack([x[:, t] for t in range(x.size(1)) if t > 0], 1)",
        "for t in range(x.size(1)):\n    for i in range(t):\n        x = self.fc(x)\nreturn x",
    ],
)
def test_what_turns_make_of_each_other_is_not_guessed(body: str) -> None:
    text = module(body)
    assert not traced(text, "N,T,8").outputs
    assert any("not known here" in note for note in notes(text))


def test_a_place_behind_the_last_one_is_an_error() -> None:
    body = "return [self.fc(x[:, t + 1]) for t in range(x.size(1))]"
    with pytest.raises(ShapeError) as caught:
        traced(module(body), "N,T,8")
    assert caught.value.message == "IndexError: index T is out of bounds for an axis of size T"


@pytest.mark.parametrize("batch", ["B", "2"])
def test_cells_of_keras_are_called_step_by_step(batch: str) -> None:
    text = """
        import keras
        from keras import layers, ops
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                cells = [layers.LSTMCell(4), layers.GRUCell(3)]
                self.cell = layers.StackedRNNCells(cells)
                self.fc = layers.Dense(2)
            def call(self, x):
                states = self.cell.get_initial_state(batch_size=ops.shape(x)[0])
                outs = []
                for t in range(x.shape[1]):
                    out, states = self.cell(x[:, t], states)
                    outs.append(self.fc(out))
                (h, c), (g,) = states
                return ops.stack(outs, axis=1), ops.concatenate([h, c, g])
        net = Net()
    """
    assert shapes(text, f"{batch},T,5") == f"{batch},T,2; {batch},11"
    assert shapes(text, f"{batch},4,5") == f"{batch},4,2; {batch},11"


def test_what_a_turn_computes_is_computed_at_each() -> None:
    text = module(CASES[6][0])
    fc = next(row for row in traced(text, "N,T,8").layers if row.name == "fc")
    assert (fc.params, str(fc.macs)) == (27, "24*N*T**2")
    alone = [row.macs for row in traced(text, "2,3,8").layers if row.name.startswith("fc")]
    assert sum(alone) == 24 * 2 * 3**2


def test_a_loop_that_ends_at_a_letter_is_noted() -> None:
    body = "t = 0\nwhile t < x.size(1):\n    x, t = x * 2, t + 1\nreturn x"
    assert any("while t < x.size(1) is not known" in note for note in notes(module(body)))
