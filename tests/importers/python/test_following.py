"""Constructs of models in the wild: what each gives, as torch and Keras run them."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from shapecalc.answers.programs import models
from shapecalc.answers.question import Question
from shapecalc.answers.trace import traced
from shapecalc.importers.python.program import Program
from tests.importers.python.reading import names, shapes


def conditions(text: str) -> list[str]:
    """Return what the sizes must meet that the last model of a program takes."""
    question = Question()
    _, network = models(Program(dedent(text), "model.py"), question)[-1]
    return [*map(str, traced(question._replace(source=network)).conditions)]


def module(forward: str, made: str = "pass") -> str:
    parts = ["import torch", "from torch import nn", "class Net(nn.Module):"]
    parts += ["    def __init__(self):", "        super().__init__()"]
    parts += [f"        {line}" for line in made.split("; ")]
    parts += ["    def forward(self, x):", *(f"        {line}" for line in forward.split("; "))]
    return "\n".join(parts) + "\n"


def test_a_layer_of_the_program_calls_what_it_is_made_of() -> None:
    text = """
        import torch
        from torch import nn
        class Causal(nn.Conv1d):
            def forward(self, x):
                return super().forward(x)[..., :-self.padding[0]]
        class Twice(nn.Sequential):
            def forward(self, x):
                return torch.cat([super().forward(x)] * 2, 1)
        Twice(Causal(3, 8, 3, padding=2), nn.ReLU())(torch.zeros(2, 3, 9))
        """
    assert shapes(text) == "2,16,9"


def test_a_row_names_the_class_of_the_program_and_what_it_is_made_of() -> None:
    text = """
        import torch
        from torch import nn
        class Mine(nn.Linear):
            pass
        nn.Sequential(Mine(3, 4), nn.Linear(4, 2))(torch.zeros(1, 3))
        """
    _, network = models(Program(dedent(text), "model.py"), Question())[-1]
    rows = traced(Question(source=network)).layers
    assert [row.layer for row in rows] == ["Mine(Linear)", "Linear"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("isinstance(x, torch.Tensor)", True),
        ("isinstance([x], torch.Tensor)", False),
        ("isinstance(x, (list, torch.Tensor))", True),
        ("isinstance(x, nn.Parameter)", False),
        ("isinstance(nn.Parameter(x), nn.Parameter)", True),
        ("isinstance(torch.zeros(2).long(), torch.LongTensor)", True),
        ("[each.item() for each in torch.linspace(0, 0.5, 3)]", [0.0, 0.25, 0.5]),
        ("[float(each) > 0.2 for each in torch.linspace(0, 0.5, 3)]", [False, True, True]),
        ("[int(each) for each in torch.arange(3)]", [0, 1, 2]),
        ("torch.zeros_like(torch.arange(3)).whole", None),
        ("chr(97 + 2) + hex(255)", "c0xff"),
    ],
)
def test_what_programs_ask_of_tensors(expression: str, value: Any) -> None:
    if expression.endswith(".whole"):
        made = names(f"import torch\ngiven = {expression.removesuffix('.whole')}\n")["given"]
        assert made.whole is True
        return
    text = f"import torch\nfrom torch import nn\nx = torch.zeros(2)\ngiven = {expression}\n"
    assert names(text)["given"] == value


def test_masks_stand_in_any_place_of_a_call() -> None:
    text = """
        import torch
        from torch import nn
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.look = nn.MultiheadAttention(8, 2, batch_first=True)
                self.both = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
            def forward(self, x, y):
                hidden = torch.zeros(2, 7).bool()
                causal = nn.Transformer.generate_square_subsequent_mask(5)
                seen, weights = self.look(value=y, query=x, key=y, key_padding_mask=hidden)
                return self.both(y, x, None, causal, None, hidden), seen, weights
        Net()(torch.zeros(2, 5, 8), torch.zeros(2, 7, 8))
        """
    assert shapes(text) == "2,5,8; 2,5,8; 2,5,7"


@pytest.mark.parametrize(
    ("forward", "wanted"),
    [
        ("assert x.shape[2] == 8 and x.shape[3] == 9; return self.c(x)", []),
        ("if x.shape[2] < 5 or x.shape[3] < 6: raise ValueError(); return self.c(x)",
         ["H >= 5", "W >= 6"]),
        ("y = self.c(x); assert y.size(2) == 1; return y.squeeze(2).permute(2, 0, 1)",
         ["W >= 3"]),
    ],
)  # fmt: skip
def test_what_a_program_requires_of_sizes_is_a_condition(forward: str, wanted: list[str]) -> None:
    text = module(forward, "self.c = nn.Conv2d(3, 4, 3)")
    assert conditions(text) == wanted


def test_training_asks_for_more_than_one_number_of_each_channel() -> None:
    made = "self.c = nn.Conv2d(3, 4, 3, 2); self.b = nn.BatchNorm2d(4); self.d = nn.BatchNorm2d(4)"
    text = module("return self.d(self.b(self.c(x))[:, :, ::2, ::2])", made)
    assert conditions(text)[-1] == "N >= 2 or H >= 7 or W >= 7"
    text += "net = Net().eval()\n"
    assert conditions(text) == ["H >= 3", "W >= 3"]


def test_a_slice_from_the_end_by_a_size_in_letters() -> None:
    made = "self.c = nn.Conv1d(3, 4, 3)"
    text = module("y = self.c(x); return x[:, :, -y.size(2):], x[:, :, 2 - x.size(2):]", made)
    assert shapes(text) == "N,3,L-2; N,3,L-2"


def test_bases_are_told_of_their_subclasses() -> None:
    text = """
        class Base:
            known = {}
            def __init_subclass__(cls, key=None, **kwargs):
                super().__init_subclass__(**kwargs)
                Base.known[key or cls.__name__.lower()] = cls
        class One(Base): pass
        class Two(Base, key="second"): pass
        found = sorted(Base.known)
        """
    assert names(text)["found"] == ["one", "second"]


def test_attributes_are_set_by_their_dict() -> None:
    text = """
        class Config:
            def __init__(self, size=3, heads=2):
                self.__dict__.update({k: v for k, v in locals().items() if k != "self"})
        config = Config(heads=4)
        found = (config.size, config.heads)
        """
    assert names(text)["found"] == (3, 4)


def test_a_loop_over_the_steps_of_an_input_is_followed_whatever_their_number() -> None:
    text = module(
        "h = torch.zeros(x.shape[0], 20)\n        for t in range(x.shape[1]):\n"
        "            h = self.cell(x[:, t], h)\n        return h",
        "self.cell = nn.GRUCell(3, 20)",
    )
    ((_, network),) = models(Program(text, "model.py"), Question())
    assert network.source is not None
    assert not network.source.notes
    assert shapes(text) == "N,20"
    assert shapes(text, "N,5,3") == "N,20"
