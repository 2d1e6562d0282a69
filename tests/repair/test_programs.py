"""Source with several faults: the first one is mended although others are left."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shapecalc.answers.programs import fixed, models
from shapecalc.answers.question import Question
from shapecalc.errors import ShapeError
from shapecalc.importers.python.program import Program

HEAD = """\
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
"""


def net(made: str, called: str, shape: str) -> Program:
    """Return a program of a module, whose parts and calls are given in a line each."""
    parts = "".join(f"        {line}\n" for line in made.split("; "))
    body = "".join(f"        {line}\n" for line in called.split("; "))
    end = f"    def forward(self, x):\n{body}Net()(torch.zeros({shape}))\n"
    return Program(HEAD + parts + end, "model.py")


def refusal(program: Program) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        models(program, Question())
    return caught.value


def test_two_faults_are_mended_together() -> None:
    program = net(
        "self.a = nn.Linear(9, 4); self.b = nn.Linear(5, 2)", "return self.b(self.a(x))", "3, 8"
    )
    error = refusal(program)
    assert error.message == "Linear takes 9 features, but gets 8"
    lines = ("model.py:6: self.a = nn.Linear(8, 4)", "model.py:7: self.b = nn.Linear(4, 2)")
    assert error.help == "; ".join(lines)
    (mended,) = list(fixed(program, Question()))[:1]
    assert mended.left is None
    assert models(mended, Question())


def test_a_repair_that_only_moves_the_error_says_what_is_next() -> None:
    program = net(
        "self.a = nn.Conv2d(3, 8, 3); self.b = nn.Conv2d(4, 8, 3)",
        "x = self.b(self.a(x)); return x + torch.zeros(7)",
        "1, 3, 9, 9",
    )
    error = refusal(program)
    assert error.help == "model.py:7: self.b = nn.Conv2d(8, 8, 3)"
    assert error.notes[-1] == (
        "with this repair it fails later in line 10: "
        "add cannot join (1, 8, 5, 5) and (7,): their axis -1 has 5 and 7"
    )
    (mended,) = list(fixed(program, Question()))[:1]
    assert mended.left is not None


def test_a_repair_comes_before_one_that_puts_in_a_layer_and_gets_as_far() -> None:
    text = """\
        from keras import Sequential, layers
        m = Sequential()
        m.add(layers.Input((60, 8)))
        m.add(layers.LSTM(32))
        m.add(layers.LSTM(16))
        m.add(layers.Dense(4))
        m.add(layers.Reshape((2, 3)))
        """
    error = refusal(Program(dedent(text), "model.py"))
    lines = (
        "model.py:4: m.add(layers.LSTM(32, return_sequences=True))",
        "model.py:6: m.add(layers.Dense(6))",
    )
    assert error.help == "; ".join(lines)


@pytest.mark.parametrize(
    ("features", "found"),
    [
        (20, "model.py:9: out, _ = self.rnn(x)"),
        (30, "model.py:7: self.fc = nn.Linear(20, 5); model.py:9: out, _ = self.rnn(x)"),
    ],
)
def test_a_tuple_that_is_used_as_its_first_part_is_unpacked(features: int, found: str) -> None:
    made = f"self.rnn = nn.GRU(10, 20, batch_first=True); self.fc = nn.Linear({features}, 5)"
    program = net(made, "out = self.rnn(x); return self.fc(out[:, -1])", "4, 7, 10")
    assert refusal(program).help == found
