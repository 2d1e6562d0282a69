"""Specs over one, two or three letters, with facts on them, drawn so that they shrink.

Steps are chosen by the number of axes of the tensor, so that most of what is drawn fits for some
numbers: that is where conditions matter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from steps import KERAS

if TYPE_CHECKING:
    from collections.abc import Callable

    from steps import Steps

    Draw = Callable[[st.SearchStrategy[Any]], Any]

LETTERS = ("T", "S", "N")

#: Alternations that make sizes grow, where they are not folded.
PAIRS = (
    "maxpool1d:2:same,upsample1d:3",
    "maxpool1d:3,upsample1d:2",
    "conv1d:4:3:s=2,tconv1d:4:2:s=2",
    "avgpool1d:2,upsample1d:2",
    "pad1d:1,maxpool1d:2",
    'slice:":,1:-1:2"',
)


class Case(NamedTuple):
    """A spec, the letters that it may have, and facts on them."""

    spec: str
    letters: tuple[str, ...]
    facts: tuple[str, ...] = ()


def of(*texts: str) -> st.SearchStrategy[str]:
    """One of some texts, the first of which is the plainest."""
    return st.sampled_from(texts)


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(str)


@st.composite
def sizes(draw: Draw, letters: tuple[str, ...]) -> str:
    """A size in letters; some of them may be below 1."""
    name = draw(of(*letters))
    kinds = ("T", "T", "T-n", "n*T", "T+n", "T//n", "(T+n)//n", "max", "min", "T%n", "n")
    kind = draw(of(*kinds, *["TS", "TS"][: 2 * len(letters) - 2]))
    if kind == "TS":
        other = draw(of(*(letter for letter in letters if letter != name)))
        return f"{name}{draw(of('+', '-', '*', '//'))}{other}"
    if kind == "T":
        return name
    n = draw(numbers(2, 6))
    texts = {
        "T-n": f"{name}-{n}",
        "n*T": f"{n}*{name}",
        "T+n": f"{name}+{n}",
        "T//n": f"{name}//{n}",
        "(T+n)//n": f"({name}+1)//{n}",
        "max": f"max({name}-1,{n})",
        "min": f"min({name},{n})",
        "T%n": f"{name}%{n}",
        "n": n,
    }
    return texts[kind]


@st.composite
def facts(draw: Draw, letters: tuple[str, ...]) -> str:
    """An equality or an inequality over one letter or two, which Python reads too."""
    left = draw(of(*letters))
    others = tuple(letter for letter in letters if letter != left)
    kinds = ("bound", "remainder", "slope", "product", "divisor")
    kind = draw(of(*kinds, *["size", "sum"] * bool(others)))
    sign = draw(of(">=", "==", "<=", ">", "<"))
    if kind == "bound":
        return f"{left} {sign} {draw(numbers(2, 20))}"
    if kind == "remainder":
        n = draw(st.integers(2, 6))
        return f"{left} % {n} == {draw(numbers(0, n - 1))}"
    if kind == "slope":
        return f"{left} {sign} {left}//{draw(numbers(2, 4))} + {draw(numbers(1, 9))}"
    if kind == "product":
        return f"{left}*{draw(of(*letters))} {sign} {draw(numbers(4, 36))}"
    if kind == "divisor":
        divisor = draw(of(left, f"({left} + 1)", f"(2*{left})"))
        return f"{draw(numbers(4, 60))} % {divisor} {sign} {draw(numbers(0, 3))}"
    right = draw(of(*others, "")) or draw(sizes(others))
    return (
        f"{left} {sign} {right}"
        if kind == "size"
        else f"{left} + {right} {sign} {draw(numbers(4, 30))}"
    )


class More(NamedTuple):
    """A step, and the number of axes that it gives."""

    step: str
    rank: int


@st.composite
def more(draw: Draw, steps: Steps, rank: int, letters: tuple[str, ...], label: str) -> More:
    """One of the steps that read so many axes, with its numbers, its size and its label."""
    text, after = draw(st.sampled_from(steps[rank]))

    def put(match: re.Match[str]) -> str:
        kind = match[0]
        if kind == "S":
            return str(draw(sizes(letters)))
        if kind == "@x":
            return f"@{label}"
        low, high = {"n": (1, 4), "m": (1, 3), "z": (0, 3)}[kind]
        return str(draw(numbers(low, high)))

    return More(re.sub(r"@x\b|(?<![a-wyzA-Z_@])[nmzS](?![a-wyzA-Z_])", put, text), after)


def letters_in(text: str) -> tuple[str, ...]:
    """The letters that stand in a text, in the order of `LETTERS`."""
    found = set(re.findall(r"[A-Z]\w*", text))
    return tuple(letter for letter in LETTERS if letter in found)


class _Stack:
    """Draws the steps of one spec, and knows the number of axes of the tensor at hand."""

    def __init__(self, draw: Draw, letters: tuple[str, ...], rank: int) -> None:
        self.draw = draw
        self.letters = letters
        self.rank = rank
        self.labels = 0
        self.layers = 0
        self.known: tuple[str, ...] = ()

    def size(self) -> str:
        return self.draw(sizes(self.letters))

    def one_of(self, *texts: str) -> str:
        return self.draw(of(*texts))

    def number(self, low: int, high: int) -> str:
        return self.draw(numbers(low, high))

    def steps(self, most: int) -> str:
        """Some steps, after which the number of axes may be another one."""
        count = int(self.number(1, most))
        steps = [self.step() for _ in range(count)]
        self.layers += sum(not step.startswith("is:") for step in steps)
        return ",".join(steps)

    def step(self) -> str:
        if self.rank == 2:
            flat = [self._plain, self._dense, self._shaped, self._repeated, self._checked]
            return self.draw(st.sampled_from([*flat, self._more]))()
        kinds = [self.same_rank, self._flat, self._shaped, self._checked, self._more, self._more]
        if self.rank == 3:
            kinds += [self._dense, self._turned, self._pair]
        kinds += [self._skip, self._branches]
        return self.draw(st.sampled_from(kinds))()

    def or_size(self, *texts: str) -> str:
        """One of some texts, or a size in letters."""
        return self.one_of(*texts, "") or self.size()

    def maybe(self, steps: Callable[[], str]) -> str:
        """What is drawn only now and then."""
        return steps() if self.draw(st.booleans()) else ""

    def _plain(self) -> str:
        return "relu"

    def _more(self) -> str:
        found = self.draw(more(KERAS, self.rank, self.letters, self._label()))
        self.rank = found.rank
        return str(found.step)

    def _dense(self) -> str:
        return f"dense:{self.size()}"

    def _flat(self) -> str:
        self.rank = 2
        return "flatten"

    def _repeated(self) -> str:
        self.rank = 3
        return f"repeat:{self.size()}"

    def _turned(self) -> str:
        return "permute:2:1"

    def _pair(self) -> str:
        return ",".join([self.one_of(*PAIRS)] * int(self.number(1, 3)))

    def _shaped(self) -> str:
        self.rank = 3
        return f"reshape:{self.or_size('-1')}:{self.or_size('4', '8', '2')}"

    def _checked(self) -> str:
        axes = ["B", *["_"] * (self.rank - 1)]
        axes[int(self.number(1, self.rank - 1))] = (
            self.draw(sizes(self.known)) if self.known else self.number(1, 8)
        )
        return f"is:{':'.join(axes)}"

    def _label(self) -> str:
        self.labels += 1
        return f"x{self.labels}"

    def _skip(self) -> str:
        """Leave the line, come back to it, and bring the channels back to what they were."""
        label, inner = self._label(), self.side()
        merge = self.one_of("add", "mul", "concat")
        mended = f",conv{self.rank - 2}d:4:1" if merge == "concat" else ""
        return f"id@{label},{inner},{merge}:@{label}{mended}"

    def _branches(self) -> str:
        merge = self.one_of("add", "mul", "concat")
        second = self.maybe(self.side)
        mended = f",conv{self.rank - 2}d:4:1" if merge == "concat" else ""
        return f"{merge}({self.side()}|{second}){mended}"

    def side(self) -> str:
        """Steps beside a line that other steps stand on: most of them come back to its sizes."""
        return self.returning() if self.one_of("back", "back", "") else self.inner()

    def returning(self) -> str:
        """Steps that leave the sizes as they are, for some of them at least."""
        d, n = self.rank - 2, self.number(2, 4)
        return self.one_of(
            f"conv{d}d:4:{n}:same",
            f"maxpool{d}d:{n},upsample{d}d:{n}",
            f"avgpool{d}d:{n}:same,upsample{d}d:{n}",
            f"conv{d}d:4:{n}:s={n},tconv{d}d:4:{n}:s={n}",
            f"conv{d}d:4:3,pad{d}d:1",
            f"pad{d}d:{n},crop{d}d:{n}",
            f"maxpool{d}d:{n}:s=1:same",
            f"tconv{d}d:4:{n},conv{d}d:4:{n}",
            f'slice:":,::2",upsample{d}d:2',
        )

    def inner(self) -> str:
        """One step or two that keep the number of axes."""
        count = int(self.number(1, 2))
        return ",".join(self.same_rank() for _ in range(count))

    def same_rank(self) -> str:
        """A window, a padding, a cropping or a scaling."""
        d = self.rank - 2
        kind = self.one_of("conv", "pool", "upsample", "tconv", "pad", "crop", "slice")
        n = self.number(1, 4)
        if kind == "conv":
            more = self.one_of("", ":same", ":s=2", ":s=3:same", ":d=2", ":s=2:same")
            return f"conv{d}d:4:{n}{more}"
        if kind == "pool":
            more = self.one_of("", ":same", ":s=1", ":s=2:same")
            return f"{self.one_of('maxpool', 'avgpool')}{d}d:{self.number(2, 4)}{more}"
        if kind == "tconv":
            return f"tconv{d}d:4:{n}:s={self.number(1, 3)}{self.one_of('', ':same')}"
        if kind in {"pad", "crop"}:
            amount = n if d == 2 else f"({self.number(0, 3)},{n})"
            return f"{kind}{d}d:{amount}"
        if kind == "slice":
            step = self.one_of("", ":2", ":3")
            return f'slice:":,{self.one_of("", "1", "-3")}:{self.one_of("", "-1", "5")}{step}"'
        return f"{kind}{d}d:{self.number(1, 3)}"


@st.composite
def specs(draw: Draw, letters: tuple[str, ...]) -> str:
    """A network over these letters: a line, skips, branches, one input or two."""
    rank = int(draw(of("3", "3", "4", "2")))
    stack = _Stack(draw, letters, rank)
    shape = _input(stack)
    if rank == 2 or draw(of("one", "one", "two")) == "one":
        steps = stack.steps(4)
        return f"in:{shape},{steps}" if stack.layers else f"in:{shape},{steps},relu"
    first, second = stack.maybe(stack.inner), stack.maybe(stack.inner)
    parts = [f"in:{shape}@a", f"in:{_input(stack)}@b"]
    parts += [f"@b,{second}@c"] if second else ["@b,id@c"]
    parts += ["@a", first] if first else ["@a"]
    merge = draw(of("add", "mul", "concat"))
    mended = [f"conv{rank - 2}d:4:1"] if merge == "concat" else []
    after = stack.maybe(lambda: stack.steps(2))
    return ",".join([*parts, f"{merge}:@c", *mended, *([after] if after else [])])


def _input(stack: _Stack) -> str:
    """The shape of an input; its channels are 4 or, now and then, a size in letters."""
    letters = stack.letters
    axes = [stack.or_size(*letters, *letters) for _ in range(stack.rank - 2)]
    shape = ":".join(["B", *axes, stack.or_size("4", "4", "4") if axes else stack.size()])
    stack.known = letters_in(" ".join([*stack.known, shape.replace(":", " ")]))
    return shape


@st.composite
def cases(draw: Draw, letters: int) -> Case:
    """A spec over some letters, with up to three facts."""
    spec = draw(specs(LETTERS[:letters]))
    names = letters_in(spec)
    count = draw(st.sampled_from([0, 0, 1, 2, 3])) if names else 0
    return Case(spec, names, tuple(draw(facts(names)) for _ in range(count)))


@st.composite
def turns(draw: Draw, letters: tuple[str, ...]) -> str:
    """A window or a scaling, or one after the other."""
    stack = _Stack(draw, letters, 3)
    return stack.one_of(*PAIRS) if draw(st.booleans()) else stack.same_rank()


def lines(letters: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A long line of windows and scalings: where sizes nest."""
    steps = st.lists(turns(letters), min_size=1, max_size=10).map(",".join)
    return st.builds("in:B:{}:4,{}".format, sizes(letters), steps)


#: Steps between three axes, and two: windows, scalings, and sizes to be found.
STEPS = {
    4: (
        "pad2d:1",
        "pad2d:2",
        "crop2d:1",
        "crop2d:2",
        "maxpool2d:2",
        "maxpool2d:3:same",
        "maxpool2d:2:s=1",
        "conv2d:8:3",
        "conv2d:N:3:s=2",
        "conv2d:T:2:s=3",
        "dwconv2d:3:s=2:same",
        "upsample2d:2",
        "upsample2d:3",
        "tconv2d:8:3:s=2",
        "permute:3:1:2",
        "reshape:T:S:-1",
        "reshape:T:-1:S",
        "reshape:-1:S:N",
        "reshape:-1:T:2",
        "reshape:2:-1:S",
        "flatten,reshape:-1:4:N",
    ),
    3: (
        "pad1d:2",
        "crop1d:1",
        "maxpool1d:2",
        "maxpool1d:3:same",
        "conv1d:T:3:s=2",
        "dense:S",
        "upsample1d:3",
        "permute:2:1",
        "flatten,repeat:T",
        "reshape:T:-1",
        "reshape:-1:S",
        "reshape:-1:3",
        "reshape:4:-1",
    ),
}
KNOWN = ("T == S", "T == 12", "T % 2 == 0", "S % 4 == 0", "T % 2 == 1", "28 % T == 0", "T <= 4")


@st.composite
def chains(draw: Draw, most: int) -> Case:
    """A few steps again and again, over two letters or three, with up to two facts."""
    shape = draw(of("T:S", "T:8", "T%7:T", "T//2:S", "T:S:N", "T:S:3", "T:T:N"))
    rank = shape.count(":") + 2
    steps = draw(st.lists(of(*STEPS[rank]), min_size=1, max_size=4))
    spec = f"in:B:{shape},{draw(numbers(1, most))}x({','.join(steps)})"
    names = letters_in(spec)
    said = draw(st.lists(of("", *KNOWN), max_size=2, unique=True))
    return Case(
        spec, names, tuple(each for each in said if each and {*letters_in(each)} <= {*names})
    )
