"""What torch refuses for the numbers in tensors and their types, not for their shapes alone."""

from __future__ import annotations

from textwrap import indent

import pytest

from shapecalc.answers.programs import models
from shapecalc.answers.question import Question
from shapecalc.answers.trace import traced
from shapecalc.errors import ShapeError
from shapecalc.importers.python.program import Program
from shapecalc.language.shapes import read_shape
from tests.failing import failing
from tests.importers.python.reading import names, shapes

PROGRAM = """
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 8)
        self.places = nn.Embedding(16, 8)
        self.line = nn.Linear(8, 6)
        self.register_buffer("steps", torch.arange(16))

    def forward(self, x):
{forward}


net = Net()
net({given})
"""
WORDS = "torch.randint(0, 50, (2, 20))"


def written(forward: str, given: str) -> str:
    return PROGRAM.format(forward=indent(forward, " " * 8), given=given)


#: What torch 2.14 refuses, and what is said of it.
REFUSED = [
    ("return self.places(torch.arange(x.size(1)))", WORDS, "num_embeddings 16, but gets the index 19"),
    ("return self.places(torch.arange(x.size(1))[None].expand(2, -1))", WORDS, "gets the index 19"),
    ("return self.places(self.steps + 1)", WORDS, "gets the index 16"),
    ("return self.words(x)", "torch.randint(0, 1000, (2, 20))", "gets the index 999"),
    ("return self.words(x)", "torch.tensor([[3, 50], [1, 2]])", "gets the index 50"),
]  # fmt: skip
#: What it runs, with the shapes of the outputs.
RUN = [
    ("return self.places(torch.arange(x.size(1)))", "torch.randint(0, 50, (2, 16))", "16,8"),
    ("return self.places(self.steps[:x.size(1)])", "torch.randint(0, 50, (2, 9))", "9,8"),
    ("return self.places(x % 16)", WORDS, "2,20,8"),
    ("return self.places(x.clamp(max=15))", WORDS, "2,20,8"),
    ("n = int(x.max()) + 1\nreturn torch.zeros(n, 3)", "torch.tensor([2, 0, 1])", "3,3"),
    ("return self.line(torch.zeros(x.shape[0], 8) * (1e-3 if x.dtype == self else 0.1))", WORDS, "2,6"),
]  # fmt: skip


def test_what_the_numbers_of_a_tensor_do_not_fit_is_refused_as_torch_refuses_it() -> None:
    def check(forward: str, given: str, said: str) -> None:
        with pytest.raises(ShapeError) as caught:
            shapes(written(forward, given))
        assert said in caught.value.message

    assert failing(check, REFUSED) == ""


def test_what_torch_runs_is_not_refused_for_its_numbers() -> None:
    def check(forward: str, given: str, shape: str) -> None:
        assert shapes(written(forward, given)) == shape

    assert failing(check, RUN) == ""


def test_a_table_of_places_is_a_condition_on_the_length() -> None:
    text = written("return self.words(x) + self.places(torch.arange(x.size(1)))", WORDS)
    question = Question(inputs={0: read_shape("N,T")})
    ((_, network),) = models(Program(text.replace(f"net({WORDS})", ""), "model.py"), question)
    trace = traced(question._replace(source=network))
    assert [str(each) for each in trace.conditions] == ["T <= 16"]


def test_a_table_that_is_too_short_is_made_longer() -> None:
    text = written("return self.words(x)", "torch.tensor([[3, 50], [1, 2]])")
    with pytest.raises(ShapeError) as caught:
        models(Program(text, "model.py"), Question())
    assert caught.value.help is not None
    assert caught.value.help.endswith("self.words = nn.Embedding(51, 8)")


def test_what_a_program_counts_is_noted_by_its_own_words() -> None:
    text = written("return self.line(torch.zeros(int(x.max()), 8))", WORDS)
    ((_, network),) = Program(text, "model.py").networks({}, {})
    assert network.source is not None
    said = [note.message for note in network.source.notes]
    assert said == ["what int(x.max()) gives is not known here"]


def test_the_letters_of_an_alphabet_are_known() -> None:
    assert names("import string\nn = len(string.ascii_letters + string.digits)")["n"] == 62
