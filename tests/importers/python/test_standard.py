"""Python's own library: what its functions give, and how it is bounded."""

from __future__ import annotations

import pytest
from importers.python.reading import names, shapes

from shapecalc.dims import Dim
from shapecalc.importers.python.signals import OverBudget
from shapecalc.importers.python.values import Number, Unknown

T = Dim("T")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import math; x = math.floor(7 / 2), math.ceil(7 / 2)", (3, 4)),
        ("import math; x = math.floor(T / 2), math.ceil(T / 2)", (T // 2, (T + 1) // 2)),
        ("import math; x = math.ceil((T - 2) / 3) + 1", T // 3 + 1),
        (
            "import math; x = int(math.sqrt(49)), int(math.log2(64)), math.prod((2, 3, 4))",
            (7, 6, 24),
        ),
        ("import math; x = math.prod([T, 3]), math.gcd(12, 18), math.isqrt(17)", (3 * T, 6, 4)),
        ("from functools import reduce; x = reduce(lambda a, b: a * b, (2, 3), 4)", 24),
        ("from functools import partial; x = partial(int, '11')(2)", 3),
        ("from operator import mul, itemgetter; x = mul(3, T), itemgetter(1)([4, 5])", (3 * T, 5)),
        ("import itertools as i; x = list(i.chain([1], (2, 3)))", [1, 2, 3]),
        ("import itertools as i; x = i.chain.from_iterable([[1], [2]])", [1, 2]),
        (
            "import itertools as i; x = [a * b for a, b in i.product((1, 2), repeat=2)]",
            [1, 2, 2, 4],
        ),
        ("import itertools as i; x = [*zip(i.count(3), 'ab')]", [(3, "a"), (4, "b")]),
        ("import itertools as i; x = i.accumulate([1, 2, 3])", [1, 3, 6]),
        ("import itertools as i; x = i.islice(range(10), 2, 8, 3)", [2, 5]),
        ("import itertools as i; x = i.pairwise([1, 2, 3])", [(1, 2), (2, 3)]),
        ("import itertools as i; x = len(i.combinations(range(5), 2))", 10),
        ("from collections import OrderedDict; x = OrderedDict([('a', 1)], b=2)", {"a": 1, "b": 2}),
        ("from collections import defaultdict\nx = defaultdict(list)\nx[3].append(4)", {3: [4]}),
        ("from collections import Counter; x = Counter('aab')['a']", 2),
        (
            "from collections import namedtuple; P = namedtuple('P', 'a b'); p, q = P(1, b=2); x = q",
            2,
        ),
        ("from copy import deepcopy; a = [[1]]; b = deepcopy(a); b[0].append(2); x = a", [[1]]),
        ("from types import SimpleNamespace; x = SimpleNamespace(a=3).a", 3),
        ("from typing import cast, List; y: List[int] = [3]; x = cast(int, y)", [3]),
        ("from six.moves import xrange; x = list(xrange(2))", [0, 1]),
        ("from tqdm import tqdm; x = [i for i in tqdm(range(2))]", [0, 1]),
        ("import random; x = len(random.sample(range(9), 4))", 4),
    ],
)
def test_function(text: str, expected: object) -> None:
    """Functions give what Python's do, on sizes in letters too."""
    assert names(text, T=T)["x"] == expected


@pytest.mark.parametrize(
    "text",
    ["import math; x = 1 / math.sqrt(T) + 1", "import random; x = 2 * random.random()"],
)
def test_number(text: str) -> None:
    """A number that nobody knows stays a number."""
    assert isinstance(names(text, T=T)["x"], Number)


def test_number_beside_tensor() -> None:
    """It changes no shape."""
    text = """
    import math, random, torch
    from torch import nn
    class Net(nn.Module):
        def forward(self, x):
            x = x / math.sqrt(x.size(-1)) * random.random()
            return torch.mul(x, math.sqrt(x.size(-1)))
    net = Net()
    """
    assert shapes(text, "N,T") == "N,T"


def test_property() -> None:
    """A property is set by its setter."""
    text = """
    class Plan:
        def __init__(self, width):
            self.width = width
        @property
        def width(self):
            return self._width
        @width.setter
        def width(self, value):
            self._width = 2 * value
    plan = Plan(3)
    x = plan.width
    plan.width = 5
    y = plan.width
    """
    found = names(text)
    assert (found["x"], found["y"]) == (6, 10)


def test_command_line() -> None:
    """The defaults hold; what must be given is not known."""
    text = """
    import argparse
    parser = argparse.ArgumentParser()
    group = parser.add_argument_group("net")
    group.add_argument("-n", "--num-layers", type=int, default="4")
    parser.add_argument("--sizes", nargs="+", type=int, default=[3, 4])
    parser.add_argument("--bias", action="store_true")
    parser.add_argument("--no-norm", dest="norm", action="store_false")
    parser.add_argument("--out")
    parser.add_argument("data")
    parser.set_defaults(mode="a")
    args = parser.parse_args()
    x = args.num_layers, args.sizes, args.bias, args.norm, args.out, args.mode
    y = vars(args)["sizes"]
    data = args.data
    other, rest = parser.parse_known_args(["-n", "7", "--sizes", "1", "2", "--bias", "d"])
    z = other.num_layers, other.sizes, other.bias, other.data
    """
    found = names(text)
    assert found["x"] == (4, [3, 4], False, True, None, "a")
    assert found["y"] == [3, 4]
    assert isinstance(found["data"], Unknown)
    assert found["z"] == (7, [1, 2], True, "d")


def test_copied_module() -> None:
    """A copy of a module has weights of its own."""
    text = """
    import copy, torch
    from torch import nn
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            one = nn.Linear(3, 3)
            self.a = nn.ModuleList([copy.deepcopy(one) for _ in range(4)])
            self.b = nn.ModuleList([one] * 4)
        def forward(self, x):
            for layer in [*self.a, *self.b]:
                x = layer(x)
            return x
    net = Net()
    net(torch.zeros(2, 3))
    """
    from importers.python.reading import traced

    assert traced(text).params == 5 * 12


def test_generator() -> None:
    """A generator gives its values in order, and nothing of it runs before."""
    text = """
    seen = []
    def blocks(widths):
        seen.append(1)
        for a, b in zip(widths, widths[1:]):
            yield a, b
        yield from [(0, 0)]
    made = blocks([1, 2, 3])
    before = list(seen)
    x = [a + b for a, b in made]
    first = blocks([4, 5])
    y = next(first), next(first), next(first, None)
    """
    found = names(text)
    assert found["before"] == []
    assert found["x"] == [3, 5, 0]
    assert found["y"] == ((4, 5), (0, 0), None)


def test_endless_generator() -> None:
    """One that has no end gives what is asked for, and no list."""
    text = """
    def numbers():
        n = 0
        while True:
            yield n
            n += 1
    it = numbers()
    x = next(it), next(it)
    y = [n for n in numbers()]
    """
    found = names(text)
    assert found["x"] == (0, 1)
    assert isinstance(found["y"], Unknown)


def test_context_manager() -> None:
    """A function that yields once gives what ``with`` enters."""
    text = """
    from contextlib import contextmanager
    @contextmanager
    def scope(n):
        yield n + 1
    with scope(2) as x:
        pass
    """
    assert names(text)["x"] == 3


@pytest.mark.parametrize(
    "text",
    [
        "import itertools; itertools.product(range(1000), repeat=1000)",
        "import itertools; itertools.permutations(range(50))",
        "import itertools; itertools.combinations(range(60), 30)",
        "import itertools; itertools.repeat(1, 10**9)",
        "import copy\nx = [1]\nfor _ in range(60):\n    x = [x, copy.deepcopy(x)]",
        "import random; random.sample(range(9), 10**9)",
    ],
)
def test_hostile(text: str) -> None:
    """What would be very large is not made."""
    with pytest.raises(OverBudget):
        names(text)


@pytest.mark.parametrize(
    "text",
    [
        "import math; x = math.factorial(10**9)",
        "import math; x = math.comb(10**9, 10**8)",
        "import os, shutil; x = os.remove('/tmp/x'); shutil.rmtree('/')",
        "import subprocess; x = subprocess.run(['touch', '/tmp/x'])",
    ],
)
def test_not_run(text: str) -> None:
    """What nobody needs is not known, and does nothing."""
    assert isinstance(names(text)["x"], Unknown)


def test_dict_of_the_program() -> None:
    text = """
        class Config(dict):
            __getattr__ = dict.get
            __setattr__ = dict.__setitem__
        class Other(dict):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.__dict__ = self
            def __missing__(self, key):
                return key + "!"
        def named(**options):
            return sorted(options)
        a, b = Config({"units": 4}), Other(units=5, more=[1, 2])
        a.depth = 3
        b.update(width=6)
        found = [
            a.units, a["depth"], a.missing, b.more, b["none"], named(**b), {**a, "x": 1}, len(b),
            isinstance(b, dict), "units" in b, [*b], b.get("deep", 9), dict(a), b.width,
            dict.fromkeys("ab", 0),
        ]
    """
    assert names(text)["found"] == [
        4, 3, None, [1, 2], "none!", ["more", "units", "width"],
        {"units": 4, "depth": 3, "x": 1}, 3, True, True, ["units", "more", "width"], 9,
        {"units": 4, "depth": 3}, 6, {"a": 0, "b": 0},
    ]  # fmt: skip


CONFIG = """
class Config(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


class Settings(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self["made"] = True

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)


a = Config({"width": 4, "deep": [2, 3]})
a.more = 9
b = Settings(width=5, **a.get("none", {}))
"""


def test_a_class_that_is_a_dict_has_its_items() -> None:
    asked = (
        "a.width, a['more'], a.deep[1], len(a), 'deep' in a, b.width, b.made, {**b}, "
        "dict(a)['more'], isinstance(b, dict), [k for k in b], getattr(b, 'gone', 7)"
    )
    found = names(f"{CONFIG}\nfound = {asked}")["found"]
    made = {"width": 5, "made": True}
    assert found == (4, 9, 3, 3, True, 5, True, made, 9, True, ["width", "made"], 7)


def test_a_text_of_json_in_the_program_is_read() -> None:
    assert names("import json\nfound = json.loads('{\"a\": [1, 2]}')['a'][1]")["found"] == 2


def test_wraps_gives_the_name() -> None:
    """A registry by names has an entry for each function, not one for all wrappers."""
    found = names(
        """
    from functools import wraps

    BUILDERS = {}

    def register(function):
        if function.__name__ in BUILDERS:
            raise ValueError(function.__name__)
        BUILDERS[function.__name__] = function
        return function

    def checked(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper

    @register
    @checked
    def small(): return 3

    @register
    @checked
    def large(): return 8

    names = sorted(BUILDERS)
    modules = [small.__module__, small.__qualname__]
    made = BUILDERS["large"]()
    """
    )
    assert found["names"] == ["large", "small"]
    assert found["modules"] == ["__main__", "small"]
    assert found["made"] == 8
