"""Small programs that build models: whole ones, and ones in which tokens were changed."""

from __future__ import annotations

import io
import random
import tokenize

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.program import Program
from shapecalc.render.diagnostic import diagnostic
from shapecalc.tracing.walk import trace_network

HEAD = """import torch
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self, width={width}, depth={depth}):
        super().__init__()
        self.stem = nn.{layer}
        self.body = nn.ModuleList([nn.{layer} for i in range(depth)])
        self.w = nn.Parameter(torch.zeros({a}, {b}))
    def forward(self, x, y=None):
        x = self.stem(x)
"""
LAYERS = (
    "Linear(width, {a})", "Conv2d({a}, width, {b})", "Conv1d({a}, {b}, 3, padding=1)",
    "LSTM({a}, width, batch_first=True)", "Embedding(width, {a})", "BatchNorm2d(width)",
    "MultiheadAttention(width, {b})", "Flatten({b})", "Sequential(nn.ReLU(), nn.Linear({a}, {b}))",
)  # fmt: skip
LINES = (
    "x = x.view(x.size(0), -1)", "x = x.transpose({b}, {a}).view(-1, {a})", "x = x @ self.w",
    "n, c, h, w = x.shape", "x = torch.cat([x, x], dim={b})", "x, (h, c) = self.stem(x)",
    "for layer in self.body:\n            x = layer(x)", "x = x[:, -{a}:]", "x = x[x > 0]",
    "x = F.pad(x, ({a}, {b}))", "if x.size({b}) > {a}:\n            x = x.mean({b})",
    "x = [f(x) for f in self.body][{b}]", "x = torch.stack((x, x), {b}).sum({a})",
    "assert x.shape[{b}] % {a} == 0", "y = {{k: v for k, v in zip('abc', x.chunk({a}))}}",
    "x = x.reshape(*x.shape[:-1], {a}, -1).permute(0, 2, 1, 3)", "x = x.unfold({b}, {a}, 1)",
    "self.body.append(self.stem)", "while x.dim() > {a}:\n            x = x.squeeze({b})",
)  # fmt: skip
CALLS = ("Net()", "Net({a})(torch.randn(2, {a}, 8, 8))", "Net()(torch.zeros({a}, {b}).long())", "")
WORDS = (
    "x",
    "self",
    "None",
    "-1",
    "0",
    "lambda q: q",
    "...",
    "*",
    "(",
    ")",
    "10 ** 9",
    "{}",
    "yield",
)


class Source(str):
    """The text of a program."""

    __slots__ = ()


def program(draw: random.Random) -> Source:
    """Draw a program; in every other one tokens were changed."""

    def filled(text: str) -> str:
        numbers = {"a": draw.randint(0, 9), "b": draw.randint(0, 3)}
        return text.format(**numbers)

    layer = filled(draw.choice(LAYERS))
    text = HEAD.format(
        width=draw.randint(1, 64), depth=draw.randint(0, 4), layer=layer, a=draw.randint(1, 9),
        b=draw.randint(1, 9),
    )  # fmt: skip
    for _ in range(draw.randint(0, 6)):
        text += f"        {filled(draw.choice(LINES))}\n"
    text += f"        return {draw.choice(('x', 'x, y', '[x, self.w]', 'None'))}\n"
    text += filled(draw.choice(CALLS)) + "\n"
    return Source(draw.choice((text, _mutated(draw, text))))


def _mutated(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    for _ in range(draw.randint(1, 3)):
        place = draw.randrange(len(lines))
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(lines[place].strip()).readline))
        except (tokenize.TokenError, SyntaxError):
            continue
        tokens = [each for each in tokens if each.string.strip()]
        if tokens:
            each = draw.choice(tokens)
            indent = len(lines[place]) - len(lines[place].lstrip())
            start, end = each.start[1] + indent, each.end[1] + indent
            word = draw.choice((*WORDS, draw.choice(tokens).string, ""))
            lines[place] = lines[place][:start] + word + lines[place][end:]
    return "\n".join(lines)


def understood(text: str) -> bool:
    """Read a program; raises where a law is broken, and says whether its models fit.

    Only `ShapecalcError` leaves the library, which can be shown, with places within the text.
    """
    try:
        for _, network in Program(text, "net.py").networks({}, {}):
            trace_network(network).to_dict()
    except ShapecalcError as error:
        assert diagnostic(error)
        place = error.place
        assert place is None or 1 <= place.line <= text.count("\n") + 1, text
        return False
    return True
