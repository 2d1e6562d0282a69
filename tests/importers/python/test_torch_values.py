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
        {made}

    def forward(self, x):
{forward}


net = Net()
net({given})
"""
WORDS = "torch.randint(0, 50, (2, 20))"


def written(forward: str, given: str, made: str = "pass") -> str:
    return PROGRAM.format(forward=indent(forward, " " * 8), given=given, made=made)


#: What torch 2.14 refuses, and what is said of it.
REFUSED = [
    ("return self.places(torch.arange(x.size(1)))", WORDS, "num_embeddings 16, but gets the index 19"),
    ("return self.places(torch.arange(x.size(1))[None].expand(2, -1))", WORDS, "gets the index 19"),
    ("return self.places(self.steps + 1)", WORDS, "gets the index 16"),
    ("return self.words(x)", "torch.randint(0, 1000, (2, 20))", "gets the index 999"),
    ("return self.words(x)", "torch.tensor([[3, 50], [1, 2]])", "gets the index 50"),
    ("return torch.randn(4, 3).gather(0, torch.arange(6).view(2, 3))", WORDS, "gets the index 5"),
    ("return F.one_hot(x, 20)", WORDS, "num_classes 20, but gets the index 49"),
    # Losses: classes that there are not, and numbers of another kind.
    ("return F.cross_entropy(torch.randn(40, 9), x.view(-1))", WORDS, "there are 9, but gets the index 49"),
    ("return F.cross_entropy(x, torch.randn(5))", "torch.randn(5, 3)", "classes as whole numbers"),
    ("return F.binary_cross_entropy(x.sigmoid(), torch.ones(5, 1).long())", "torch.randn(5, 1)", "fractions"),
    ("return F.cross_entropy(x, F.one_hot(torch.tensor([0, 1]), 3))", "torch.randn(2, 3)", "fractions"),
    # Whole numbers where there are weights.
    ("return self.line(x)", "torch.randint(0, 5, (2, 8))", "takes fractions, but gets whole numbers"),
    ("return self.line(F.one_hot(x, 8))", "torch.tensor([1, 2])", "takes fractions"),
    ("return (x.argmax(1) == 1).mean()", "torch.randn(2, 3)", "but gets True and False"),
    ("return x.masked_fill(torch.ones(2, 3), 0.0)", "torch.randn(2, 3)", "a mask of True and False"),
    # What is written to keeps its shape.
    ("x += torch.zeros(3, 1, 8)\nreturn x", "torch.randn(2, 8)", "keeps the shape (2, 8)"),
    ("return x[:, :1].add_(x)", "torch.randn(2, 8)", "add_ cannot write over (2, 1)"),
    ("y = torch.zeros(2, 3, 8)\ny[:, 0] = self.line(x)\nreturn y", "torch.randn(2, 8)", "(2, 8) cannot be set to (2, 6)"),
    ("self.line.weight.data.copy_(torch.zeros(8, 6))\nreturn x", "torch.randn(2, 8)", "copy_ cannot write over (6, 8)"),
    # What is joined, scattered and added.
    ("return torch.hstack([x, x[:1]])", "torch.randn(2, 8)", "cannot join (2, 8) and (1, 8)"),
    ("return torch.vstack([x, x[:, 1:]])", "torch.randn(2, 8)", "cannot join (2, 8) and (2, 7)"),
    ("return torch.zeros(2, 8).scatter_(1, torch.tensor([1, 2]), x)", "torch.randn(2, 8)", "indices of 2 axes"),
    ("return torch.zeros(4, 8).index_add(1, torch.tensor([1, 0]), x)", "torch.randn(2, 8)", "needs a part (4, 2)"),
    ("return torch.cdist(x, torch.randn(3, 7, 8))", "torch.randn(2, 5, 8)", "cannot join"),
    ("return torch.cat([x, None], 1)", "torch.randn(2, 8)", "one of them is None"),
    ("return x.unfold(1, 9, 1)", "torch.randn(2, 8)", "windows of 9, but the axis has 8"),
    ("return x.t()", "torch.randn(2, 3, 8)", "needs a matrix, but gets (2, 3, 8)"),
    ("return torch.randn(4, 8).gather(1, torch.zeros(2, 1))", WORDS, "whole numbers as indices"),
    ("return F.embedding(x, self.line.weight)", "torch.tensor([[1, 7]])", "a table of 6, but gets the index 7"),
    # What Python's own values do not go with.
    ("return (x, x) + x", "torch.randn(2, 8)", "a tensor and a tuple have no operator add"),
    ("return x + None", "torch.randn(2, 8)", "a tensor and a NoneType have no operator"),
    ("return x > 'a'", "torch.randn(2, 8)", "a tensor and a str have no operator"),
    ("return x.item()", "torch.randn(2, 8)", "a tensor of 16 numbers is not one number"),
    ("return float(x) * x", "torch.randn(2, 8)", "a tensor of 16 numbers is not one number"),
    ("a, b = x.size\nreturn x", "torch.randn(2, 8)", "'method' object is not iterable"),
    ("for _ in range(x.shape):\n    pass\nreturn x", "torch.randn(2, 8)", "cannot be interpreted as an integer"),
    ("return self.line(2, -1)", "torch.randn(2, 8)", "called without a tensor"),
    ("return self.line(x, 1)", "torch.randn(2, 8)", "takes one tensor, but 2 were given"),
    ("return self.line(x)(x)", "torch.randn(2, 8)", "'Tensor' object is not callable"),
    ("return self.line.forward(x)", "torch.randn(2, 7)", "takes 8 features, but gets 7"),
    ("return self.line[0](x)", "torch.randn(2, 8)", "'Linear' object is not subscriptable"),
    ("return self.line(x.numpy())", "torch.randn(2, 8)", "gets an array: torch.from_numpy"),
    ("return nn.Sequential(self.line, nn.ReLU)(x)", "torch.randn(2, 8)", "ReLU is not a Module subclass"),
    ("return nn.ModuleList(self.line)[0](x)", "torch.randn(2, 8)", "but gets a Linear alone"),
    ("return x * nn.Parameter(3, 4)", "torch.randn(2, 8)", "a parameter is made of a tensor"),
    ("self.register_buffer(x, 'x')\nreturn x", "torch.randn(2, 8)", "the name of a buffer is a text"),
    # Names that torch does not have.
    ("return self.line.weights @ x", "torch.randn(8, 2)", "no attribute 'weights'; did you mean weight"),
    ("return x * self.line.in_feature", "torch.randn(2, 8)", "did you mean in_features"),
    ("return x.unsqueze(1)", "torch.randn(2, 8)", "no attribute 'unsqueze'; did you mean unsqueeze"),
    ("return x.astype(torch.float32)", "torch.randn(2, 8)", "'Tensor' object has no attribute 'astype'"),
    ("return x.gelu()", "torch.randn(2, 8)", "'Tensor' object has no attribute 'gelu'"),
    ("return F.maxpool1d(x, 2)", "torch.randn(2, 8)", "did you mean max_pool1d"),
    ("return F.flatten(x, 1)", "torch.randn(2, 8)", "'torch.nn.functional' has no attribute 'flatten'"),
    ("return torch.unsqeeze(x, 1)", "torch.randn(2, 8)", "did you mean unsqueeze"),
    ("return torch.view(x, (8, 2))", "torch.randn(2, 8)", "module 'torch' has no attribute 'view'"),
    ("return nn.Relu()(x)", "torch.randn(2, 8)", "module 'torch.nn' has no attribute 'Relu'; did you mean ReLU"),
]  # fmt: skip
#: What it runs, with the shapes of the outputs.
RUN = [
    ("return self.places(torch.arange(x.size(1)))", "torch.randint(0, 50, (2, 16))", "16,8"),
    ("return self.places(self.steps[:x.size(1)])", "torch.randint(0, 50, (2, 9))", "9,8"),
    ("return self.places(x % 16)", WORDS, "2,20,8"),
    ("return self.places(x.clamp(max=15))", WORDS, "2,20,8"),
    ("n = int(x.max()) + 1\nreturn torch.zeros(n, 3)", "torch.tensor([2, 0, 1])", "3,3"),
    ("return self.line(torch.zeros(x.shape[0], 8) * (1e-3 if x.dtype == self else 0.1))", WORDS, "2,6"),
    ("return torch.randn(4, 5).gather(1, x.argsort(1)[:, :5])", "torch.randn(4, 7)", "4,5"),
    ("return F.cross_entropy(torch.randn(40, 50), x.view(-1))", WORDS, "()"),
    ("return F.cross_entropy(torch.randn(3, 2), torch.tensor([0, 9, 1]), ignore_index=9)", WORDS, "()"),
    ("return F.cross_entropy(x, x.softmax(1))", "torch.randn(5, 3)", "()"),
    ("return F.mse_loss(x, torch.ones(5, 1).long())", "torch.randn(5, 1)", "()"),
    ("return self.line(x.to(torch.float32))", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return self.line(x.type_as(self.line.weight))", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return self.line(x.to(self.line.weight.dtype) / 2)", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return self.line(x * 0.5)", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return self.line(torch.zeros(2, 8, dtype=self.line.bias.dtype))", WORDS, "2,6"),
    ("return self.line((x > 0).sum(1, dtype=torch.float).expand(8))", "torch.randn(1, 3)", "6"),
    ("return (x.argmax(1) == 1).float().mean()", "torch.randn(2, 3)", "()"),
    ("return x.masked_fill(torch.ones(2, 3) == 0, 0.0)", "torch.randn(2, 3)", "2,3"),
    ("return x[torch.ones(2, dtype=torch.bool)]", "torch.randn(2, 3)", "K,3"),
    ("x += torch.zeros(1, 8)\nreturn x", "torch.randn(2, 8)", "2,8"),
    ("y = torch.zeros(2, 3, 8)\ny[:, 0] = x\ny[..., 1:3] += 1\ny[y > 0] = 0\nreturn y", "torch.randn(2, 8)", "2,3,8"),
    ("y = torch.zeros(2, 8)\ny[0] = x[:1]\nreturn y", "torch.randn(2, 8)", "2,8"),
    ("return torch.zeros(2, 9).scatter(1, torch.tensor([[1], [2]]), 1.0)", WORDS, "2,9"),
    ("return torch.zeros(4, 8).index_add(0, torch.tensor([1, 0]), x)", "torch.randn(2, 8)", "4,8"),
    ("return x == None, x != 'a', x if x is None else x", "torch.randn(2)", "2; 2"),
    ("return x * x.mean().item() + float(x[0])", "torch.randn(2)", "2"),
    ("return x.fmod(3), self.line(x.fmod(x.abs() + 1))", "torch.randn(2, 8)", "2,8; 2,6"),
    ("return nn.BatchNorm1d(8).running_mean + x", "torch.randn(2, 8)", "2,8"),
    ("return x * int(x.abs().sum()) + x.mean().item()", "torch.randn(2, 8)", "2,8"),
    ("return self.line.weight.t() @ x * self.line.out_features", "torch.randn(6, 3)", "8,3"),
    ("x.told = True\nassert x.told\nreturn x", "torch.randn(2, 8)", "2,8"),
    ("return x * torch.pi if hasattr(torch, 'compile') else x", "torch.randn(2, 8)", "2,8"),
    # What it makes of numbers: indices, fractions of whole ones, classes that are counted.
    ("v, i = x.kthvalue(1)\nreturn x.gather(1, i[:, None])", "torch.randn(2, 8)", "2,1"),
    ("u, i = x.unique(return_inverse=True)\nreturn x.gather(0, i)", "torch.randn(8)", "8"),
    ("return self.line(torch.atan2(x, x))", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return self.line(x.fmod(torch.rand(2, 8)))", "torch.randint(0, 5, (2, 8))", "2,6"),
    ("return torch.isin(x, x).float().mean()", "torch.randn(2)", "()"),
    ("return F.one_hot(x)", "torch.tensor([0, 4])", "2,5"),
    # What is written in place.
    ("x.remainder_(16)\nreturn self.places(x)", WORDS, "2,20,8"),
    ("torch.clamp(x, 0, 15, out=x)\nreturn self.places(x)", WORDS, "2,20,8"),
    ("x.unsqueeze_(1)\ny = x.squeeze(1)\ny.t_()\nreturn x, y", "torch.randn(2, 8)", "2,1,8; 8,2"),
    # What the program itself sets on what torch has.
    ("torch.Tensor.twice = lambda self: self * 2\nreturn x.twice()", "torch.randn(2, 8)", "2,8"),
    ("torch.thrice = lambda y: y * 3\nreturn torch.thrice(x)", "torch.randn(2, 8)", "2,8"),
    ("F.swash = F.silu\nfrom torch.nn.functional import swash\nreturn swash(x)", "torch.randn(2, 8)", "2,8"),
    ("nn.Swash = nn.SiLU\nreturn nn.Swash()(x)", "torch.randn(2, 8)", "2,8"),
    ("nn.Linear.first = lambda self, y: self(y)[:1]\nreturn self.line.first(x)", "torch.randn(2, 8)", "1,6"),
    ("object.__setattr__(self.line, 'told', 2)\nreturn x * self.line.told", "torch.randn(2)", "2"),
    ("nn.utils.parametrize.register_parametrization(self.line, 'weight', nn.Tanh())\n"
     "self.line.parametrizations.weight\nreturn self.line(x)", "torch.randn(2, 8)", "2,6"),
    # Who is not known may set attributes of what it gets, and of its parts.
    ("import lib\nlib.adapt(self)\nself.line.lora, self.places.scale\nreturn self.line(x)", "torch.randn(2, 8)", "2,6"),
    ("a = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])\na.head, a.n_clusters, a.log_prob\nreturn x", "torch.randn(2)", "2"),
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


def test_a_weight_that_is_set_says_what_a_layer_takes() -> None:
    made = "self.words.weight = nn.Parameter(torch.randn(70, 8))"
    assert shapes(written("return self.words(x)", "torch.tensor([[69]])", made)) == "1,1,8"
    made = "self.line.weight = self.words.weight"
    assert shapes(written("return self.line(x)", "torch.randn(2, 8)", made)) == "2,50"


def test_a_parameter_is_kept_by_what_is_made_first() -> None:
    text = written("return x", "torch.randn(2, 8)")
    text = text.replace(
        "        super().__init__()\n", "        self.p = nn.Parameter(torch.ones(1))\n"
    )
    with pytest.raises(ShapeError, match="cannot assign parameters before"):
        shapes(text)


def test_a_name_that_torch_does_not_have_is_not_imported() -> None:
    with pytest.raises(ShapeError, match=r"ImportError: .* did you mean Conv2d"):
        shapes("from torch.nn import Linear, Conv2D")


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


def test_a_list_is_as_good_as_a_tuple_in_a_call() -> None:
    text = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = nn.MaxPool2d(2, return_indices=True)
            self.back = nn.MaxUnpool2d(2)
            self.up = nn.ConvTranspose2d(3, 3, 3, stride=2)

        def forward(self, x):
            y, places = self.pool(x)
            return self.up(self.back(y, places, output_size=[9, 9]), output_size=[20, 20])
    """
    assert shapes(text, "N,3,9,9") == "N,3,20,20"
