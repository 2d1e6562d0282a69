"""Repairs of source that change a line: what Python would raise, and layers of stacks."""

from __future__ import annotations

from textwrap import dedent

import pytest

from shapecalc.answers.programs import fixed, models
from shapecalc.answers.question import Question
from shapecalc.errors import ShapeError
from shapecalc.importers.python.program import Program

TORCH = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, width=50, heads=8):
        super().__init__()
        self.lstm = nn.LSTM(8, width, batch_first=True)
        self.fc = nn.Linear(width, 3)
        {made}
    def forward(self, x):
        {line}
        return {result}
Net()(torch.zeros(4, 10, 8))
"""
ATTEND = "self.attend = nn.MultiheadAttention(width, {})"


def torch(made: str = "pass", line: str = "x, _ = self.lstm(x)", result: str = "self.fc(x)") -> str:
    return TORCH.format(made=made, line=line, result=result)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (torch(line="x = self.lstm(x)"), "x, _ = self.lstm(x)"),
        (torch(line="pass", result="self.fc(self.lstm(x))"), "return self.fc(self.lstm(x)[0])"),
        (torch(made=ATTEND.format(8)), "self.attend = nn.MultiheadAttention(width, 5)"),
        (torch(made=ATTEND.format("heads")), "def __init__(self, width=50, heads=5):"),
        (torch(made=ATTEND.format("num_heads=4")), "nn.MultiheadAttention(width, num_heads=2)"),
        (torch(made="nn.Conv2d(16, 32, 3, groups=3)"), "nn.Conv2d(16, 32, 3, groups=2)"),
        (torch(made="nn.Conv2d(16, 32, 3, 1, 1, 1, 3)"), "nn.Conv2d(16, 32, 3, 1, 1, 1, 2)"),
        (
            torch(line="x = x.transpose(1, 2).view(4, -1)", result="x"),
            "x = x.transpose(1, 2).reshape(4, -1)",
        ),
    ],
)
def test_what_python_would_raise_is_mended_in_its_line(text: str, change: str) -> None:
    program = Program(text, "net.py")
    with pytest.raises(ShapeError) as caught:
        models(program, Question())
    assert caught.value.help is not None
    assert caught.value.help.endswith(change)
    assert change in next(fixed(program, Question())).text


STACK = """
    from keras.models import Sequential
    from keras.layers import *
    def build():
        model = Sequential()
        model.add(Input((32, 32, 3)))
        {lines}
        return model
    model = build()
    """


@pytest.mark.parametrize(
    ("lines", "before", "after"),
    [
        (
            ["model.add(Conv2D(8, 3))", "model.add(Flatten())", "model.add(Conv2D(8, 3))"],
            "    model.add(Flatten())\n",
            "",
        ),
        (
            ["model.add(Flatten())", "model.add(LSTM(5))"],
            "    model.add(LSTM(5))\n",
            "    model.add(Reshape((3072, 1)))\n    model.add(LSTM(5))\n",
        ),
    ],
)
def test_a_layer_of_a_stack_is_a_line_of_its_own(lines: list[str], before: str, after: str) -> None:
    text = dedent(STACK).format(lines="\n    ".join(lines))
    assert text.replace(before, after) in [
        each.text for each in fixed(Program(text, "m.py"), Question())
    ]


APART = """
import torch
import torch.nn.functional as F
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 5)
    def forward(self, x, w):
        return {}
Net()(torch.randn(2, 3, 4), {})
"""


@pytest.mark.parametrize(
    ("line", "given", "change"),
    [
        ("(self.fc(x) * w).sum(1)", "torch.randn(2, 3)", "(self.fc(x) * w.unsqueeze(2)).sum(1)"),
        ("self.fc(x) + w", "torch.randn(2, 5)", "self.fc(x) + w.unsqueeze(1)"),
        (
            "torch.cat([self.fc(x), w], dim=1)",
            "torch.randn(2, 5)",
            "torch.cat([self.fc(x), w.unsqueeze(1)], dim=1)",
        ),
        ("torch.bmm(w, self.fc(x))", "torch.randn(2, 3)", "torch.bmm(w.unsqueeze(1), self.fc(x))"),
        (
            "torch.ones(2, 9, 3, 3).masked_fill(w == 0, 0.5) @ self.fc(x)[:, None]",
            "torch.randn(2, 3)",
            "masked_fill((w == 0).unsqueeze(1).unsqueeze(2), 0.5) @ self.fc(x)[:, None]",
        ),
    ],
)
def test_axes_that_lack_are_put_where_a_tensor_then_fits(
    line: str, given: str, change: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        models(Program(APART.format(line, given), "net.py"), Question())
    assert caught.value.help is not None
    assert caught.value.help.endswith(change)


BLOCKS = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, width, parts):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.parts = parts
    def forward(self, x):
        return self.fc(x).reshape(2, 7, self.parts, -1).flatten(2)
net = nn.Sequential(Block(8, 4), Block(8, 2), Block(8, 3))
net(torch.zeros(2, 7, 8))
"""


@pytest.mark.parametrize(
    ("imports", "layer"),
    [
        ("from keras import layers", "layers.TimeDistributed(cnn)(frames)"),
        ("from keras.layers import TimeDistributed", "TimeDistributed(cnn)(frames)"),
        ("", "keras.layers.TimeDistributed(cnn)(frames)"),
    ],
)
def test_a_model_of_one_step_is_called_on_each(imports: str, layer: str) -> None:
    text = f"""import keras
{imports}
frames = keras.Input((8, 32, 32, 3))
cnn = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D()])
x = cnn(frames)
model = keras.Model(frames, keras.layers.LSTM(16)(x))
"""
    with pytest.raises(ShapeError) as caught:
        models(Program(text, "model.py"), Question(""))
    assert caught.value.help == f"model.py:5: x = {layer}"


def test_a_change_that_fails_in_the_same_line_is_no_repair() -> None:
    with pytest.raises(ShapeError) as caught:
        models(Program(BLOCKS, "net.py"), Question())
    assert "reshape" in caught.value.message
    assert caught.value.help is None


@pytest.mark.parametrize(
    ("calls", "norm"),
    [
        ("block(3, 16), block(16, 32)", "nn.BatchNorm2d(wide)"),
        ("block(3, wide=16)", "nn.BatchNorm2d(wide)"),
        # Two parameters have the number: it is not known which is meant.
        ("block(16, 16)", "nn.BatchNorm2d(16)"),
        ("block(*(3, 16))", "nn.BatchNorm2d(16)"),
    ],
)
def test_a_number_that_a_parameter_has_is_written_by_its_name(calls: str, norm: str) -> None:
    text = dedent(f"""
        import torch
        from torch import nn

        def block(narrow, wide):
            return nn.Sequential(nn.Conv2d(narrow, wide, 3, padding=1), nn.BatchNorm2d(5))

        net = nn.Sequential({calls})
        net(torch.zeros(1, {"16" if "16, 16" in calls else "3"}, 8, 8))
        """)
    mended = next(iter(fixed(Program(text, "model.py"), Question())))
    assert norm in mended.text
