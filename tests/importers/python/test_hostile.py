"""Source that means harm: nothing of it is run, and all of it comes to an end in words."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from programs import program, understood

from shapecalc.answers.check import check_file
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.importers.python.machine import MAX_STEPS
from shapecalc.importers.python.program import Program
from shapecalc.render.diagnostic import diagnostic

HEAD = "import torch\nfrom torch import nn\n"
#: A model behind which everything stands that would write a file if it were run.
WRITES = f"""{HEAD}
import os, subprocess, pickle, importlib
open("pwned", "w").write("x")
os.system("touch pwned")
__import__("os").system("touch pwned")
importlib.import_module("os").system("touch pwned")
exec("open('pwned', 'w')")
eval("open('pwned', 'w')")
compile("open('pwned', 'w')", "x", "exec")
subprocess.run(["touch", "pwned"])
pickle.loads(b"cos\\nsystem\\n(S'touch pwned'\\ntR.")
[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "Popen"]
getattr(os, "sys" + "tem")("touch pwned")

@open("pwned", "w").write
def decorated():
    pass

class Meta(type):
    def __new__(cls, *args):
        open("pwned", "w")
        return type.__new__(cls, *args)

class Made(metaclass=Meta):
    def __init_subclass__(cls):
        open("pwned", "w")

    def __del__(self):
        open("pwned", "w")

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x):
        open("pwned", "w").write("x")
        os.system("touch pwned")
        return self.fc(x)

net = Net()
"""


def read(text: str) -> str:
    """Read a program, and return what is said of it."""
    try:
        found = Program(text, "model.py").networks({}, {})
    except ShapecalcError as error:
        return diagnostic(error)
    return " ".join(name for name, _ in found)


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "beside.py").write_text("open('pwned', 'w')\nwidth = 3\n", encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text("open('pwned', 'w')\n", encoding="utf-8")
    path = tmp_path / "model.py"
    path.write_text(f"from beside import *\nimport beside\n{WRITES}", encoding="utf-8")
    assert check_file(str(path)).models == 1
    assert read(path.read_text(encoding="utf-8")) == "net"
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "beside.py",
        "model.py",
        "sitecustomize.py",
    ]


PARTS = "more than 200,000 parts"
STEPS = f"more than {MAX_STEPS:,} steps"
DEEP = "recursion depth exceeded|nests too deeply"
NONE = "no model that is understood"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: pass", NONE),
        ("x = 1\nwhile True: x = x * 2", NONE),
        ("while True:\n    try:\n        raise ValueError\n    except: pass", NONE),
        ("for i in range(10**30): x = i", NONE),
        ("x = list(range(10**30))", PARTS),
        ("x = sorted(range(10**12))", PARTS),
        ("x = [0]\nfor i in range(99): x = x + x", PARTS),
        ("x = [[0] * 10**5] * 10**9", PARTS),
        (
            "x = [(a, b, c) for a in range(999) for b in range(999) for c in range(999)]",
            "more than",
        ),
        ("x = 'a' * 10**12", PARTS),
        ("x = 'a'\nfor i in range(99): x = x + x", PARTS),
        ("x = 'a' * 9999\nfor i in range(20): x = x.replace('a', 'aaaaaaaaaa')", PARTS),
        ("x = '%1000000000000d' % 3", NONE),
        ("x = '{:1000000000000}'.format(3)", ""),
        ("x = 'a'.ljust(10**12)", PARTS),
        ("x = 9**9**9**9", NONE),
        ("x = 2\nfor i in range(200): x = x**2", NONE),
        ("x = 1 << 10**12", NONE),
        ("x = bytes(10**12)", NONE),
        ("def f(n): return f(n + 1)\nf(0)", DEEP),
        ("def f():\n    try: f()\n    finally: f()\nf()", DEEP),
        ("class A:\n    @property\n    def x(self): return self.x\nA().x", DEEP),
        ("class A:\n    def __eq__(self, o): return self == o\nA() == A()", DEEP),
        ("def g():\n    while True: yield 1\nfor i in g(): pass", ""),
        ("import itertools\nfor i in itertools.count(): pass", ""),
        ("x = []\nx.append(x)\nstr(x)", ""),
        ("x = []\nfor i in range(60): x = [x, x]\nprint(str(x))", NONE),
        (
            "m = nn.Linear(8, 8)\nfor i in range(60): m = nn.Sequential(m, m)\nm(torch.zeros(8))",
            STEPS,
        ),
        ("nn.Sequential(*[nn.Linear(3, 3) for i in range(10**7)])", "more than 200,000 turns"),
        ("while True: nn.Linear(3, 3)", ""),
        ("torch.split(torch.zeros(10**9, 3), 1)", "more than 20,000 parts"),
        ("x = " + "(" * 5000 + "1" + ")" * 5000, "too many nested parentheses"),
        ("x = " + "-" * 20000 + "1", "cannot be read as Python"),
        ("x = torch" + ".a" * 20000, "cannot be read as Python"),
        ("x = '\x00'", "null bytes"),
        ("class D(D): pass", "name 'D' is not defined"),
    ],
)
def test_what_has_no_end_is_bounded(body: str, said: str) -> None:
    assert re.search(said, read(HEAD + body))


#: What has more parts than can be gone through, made twice; each is small in memory.
HUGE = {
    "lists": "x = y = [1]\nfor i in range(60): x, y = [x, x], [y, y]\n",
    "tuples": "x, y = (1,), (1,)\nfor i in range(60): x, y = (x, x), (y, y)\n",
    "dicts": "x = y = {1: 1}\nfor i in range(60): x, y = {1: x, 2: x}, {1: y, 2: y}\n",
    "tensors": "x = y = torch.zeros(2)\nfor i in range(60): x, y = [x, x], [y, y]\n",
    "wide": "x, y = (1,) * 1000, (1,) * 1000\nfor i in range(9): x, y = (x,) * 1000, (y,) * 1000\n",
    "later": "x, y = [], []\na, b = x, y\nfor i in range(60):\n    c, d = [], []\n"
    "    a += [c, c]\n    b += [d, d]\n    a, b = c, d\n",
    "partial": "x, y = int, int\nfor i in range(60): x, y = partial(x, x, x), partial(y, y, y)\n",
    "fields": "x, y = 1, 1\nfor i in range(60): x, y = Pair(x, x), Pair(y, y)\n",
    "deep": "x, y = (), ()\nfor i in range(9999): x, y = (x,), (y,)\n",
}
USES = """
    torch.stack(x); torch.cat(x); torch.tensor(x); np.array(x); keras.ops.stack(x)
    keras.layers.Concatenate()(x); keras.layers.Dense(2)(x); nn.Linear(1, 2)(x); Same()(x)
    nn.Linear(x, 3); nn.Conv2d(3, 3, x); keras.layers.Dense(x); torch.zeros(2, 3).view(x)
    x == y; x != y; x < y; x in [y]; [y].index(x); [y].count(x); [y].remove(x); (y,).index(x)
    {x: 1}; {x}; set([x]); {x for i in [1]}; {x: i for i in [1]}; {}[x]; {}.get(x); dict([(x, 1)])
    {1: x} == {1: y}; {1: x} | {1: y}; set([x]) & set([y]); Counter([x]); lru_cache(len)(x)
    print(x); str(x); repr(x); f"{x}"; "{}".format(x); "%s" % (x,); sorted([x, y]); max(x, y)
    copy.deepcopy(x); json.dumps(x); sum([[x], [y]], []); hash(x); fail(x)
"""
MAKES = f"""{HEAD}import copy, json, keras, numpy as np
from collections import Counter, namedtuple
from functools import lru_cache, partial
Pair = namedtuple("Pair", "a b")

class Same(nn.Module):
    def forward(self, x):
        return x

def fail(x):
    raise ValueError(x)

def use(x, y):
    USE

"""


@pytest.mark.parametrize("made", HUGE)
def test_what_is_too_much_to_go_through_is_not_gone_through(made: str) -> None:
    head = MAKES + HUGE[made]
    for use in USES.replace("\n", ";").split(";"):
        if use.strip():
            said = read(head.replace("USE", use.strip()) + "use(x, y)\n")
            assert said.startswith("Same") or "error: " in said, use


@pytest.mark.parametrize(
    "body",
    [
        "keep = [x * 1 for i in range(9999)]",
        "keep = [x[:] for i in range(9999)]",
        "keep = []\nfor i in range(9999):\n    a, *b = x\n    keep.append(b)",
        "keep = [sum(x) for i in range(9999)]",
        "keep = [('a,' * 75_000) % () for i in range(9999)]",
        "text = 'a' * 150_000\nkeep = [f'{text}{i}' for i in range(9999)]",
    ],
)
def test_what_is_made_again_and_again_is_counted(body: str) -> None:
    said = read(f"{HEAD}x = list(range(150_000))\n{body}\n")
    assert re.search(r"more than (500,000 steps|8,000,000 parts|\d+ turns)", said)


def test_many_layers_in_a_loop_are_followed() -> None:
    lines = f"{HEAD}made = []\nfor i in range(20_000): made.append(nn.Linear(8, 8, bias=i > 3))\n"
    assert read(f"{lines}net = nn.Sequential(*made)\n") == "net"


def test_a_program_that_is_not_followed_is_no_misfit() -> None:
    with pytest.raises(SpecError) as caught:
        Program(f"{HEAD}x = list(range(10**9))\n", "model.py").networks({}, {})
    assert caught.value.rule == "budget"
    assert str(caught.value.place) == "model.py:3:5"


MARKS = "()[]{}:,.=*+-/%@#'\" \n\t0129xNB\u0663\x00\u202e"


def mutated(draw: random.Random, seeds: list[str]) -> str:
    """A program with some lines and marks put in, left out, or taken from another one."""
    text = draw.choice(seeds)
    for _ in range(draw.randint(1, 5)):
        lines = text.split("\n")
        place = draw.randrange(len(lines))
        change = draw.randrange(4)
        if change == 0:
            del lines[place]
        elif change == 1:
            lines.insert(place, draw.choice(draw.choice(seeds).split("\n")))
        else:
            line = lines[place]
            start = draw.randrange(len(line) + 1)
            end = min(len(line), start + draw.randint(0, 4))
            put = draw.choice(["", draw.choice(MARKS), str(draw.choice([0, -1, 7, 10**9]))])
            lines[place] = line[:start] + put + line[end:]
        text = "\n".join(lines) or "\n"
    return text


NETS = [
    WRITES,
    f"""{HEAD}
class Block(nn.Module):
    def __init__(self, i, o=8):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, padding=1)

    def forward(self, x):
        b, c, h, w = x.shape
        y = self.conv(x) + x[:, :1]
        return torch.cat([y, x], dim=1).view(b, -1, h * w)

print(Block(3)(torch.randn(2, 3, 8, 8)).shape)
""",
    """from keras import layers, Sequential, Model, Input
model = Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3, activation="relu")])
model.add(layers.Flatten())
model.add(layers.Dense(10))
a = Input(shape=(4,))
b = layers.Dense(4)(a)
both = Model(a, layers.add([a, b]))
""",
]


@pytest.mark.parametrize("seed", range(4))
def test_no_program_makes_it_crash(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    said = [read(mutated(draw, NETS)) for _ in range(60)]
    assert len(set(said)) > 1


@pytest.mark.parametrize("seed", range(4))
def test_no_small_program_makes_it_crash(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    fits = [understood(program(draw)) for _ in range(40)]
    assert True in fits
    assert False in fits
