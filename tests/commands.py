"""Commands that a user may type, drawn: every command on specs of both dialects, with options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from questions import FACTS, OUTPUTS, PUT, SIZES, long_spec
from steps import KERAS, TORCH
from terminal import called

if TYPE_CHECKING:
    import random

    from terminal import Done

#: What may begin a command, and how often.
WORDS = (
    "", "", "", "explain", "solve", "fix", "sweep", "convert", "cost", "diff", "fit", "fix",
)  # fmt: skip
FORMATS = (
    "tsv", "table", "csv", "json", "jsonl", "markdown", "latex", "html", "svg", "mermaid", "dot",
    "spec",
)  # fmt: skip
#: Formats of which the commands with their own take each.
OWN = {"explain": ("text", "json"), "fit": ("json", "table"), "solve": ("json", "tsv", "table")}
#: Exit codes: it fits, it does not, it cannot be read.
CODES = {0, 1, 2}
#: Commands that report piece by piece, whose output stands where a piece fails.
PIECEWISE = {"diff", "sweep", "solve", "fit", "fix"}


class Command(NamedTuple):
    """The arguments of a command."""

    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(map(repr, self.arguments))

    @property
    def word(self) -> str:
        """Its name; none is the main command."""
        return self.arguments[0] if self.arguments[0] in WORDS else ""

    @property
    def text(self) -> str:
        """The spec that it is about."""
        return self.arguments[bool(self.word)]

    def with_text(self, text: str) -> Command:
        """The same about another spec."""
        before = self.arguments[: bool(self.word)]
        return Command((*before, text, *self.arguments[len(before) + 1 :]))


def command(draw: random.Random) -> Command:
    """A command, with what it must be given and some options."""
    text = draw.choice((long_spec, branching))(draw)
    word = draw.choice(WORDS)
    other: list[str] = []
    if word == "diff":
        other = [draw.choice((text, _without(draw, text), branching(draw)))]
    elif word == "sweep":
        text = _swept(draw, text)
    elif word == "solve":
        text = _asking(draw, text) if draw.random() < 0.5 else text
    needed = {
        "solve": ["-o", _output(draw)],
        "convert": ["--to", draw.choice(("spec", "json", "keras", "torch"))],
        "fit": ["--x", draw.choice(("60,97,4", "100,33", "8,28,28,4"))],
    }
    found = [word, text, *other, *needed.get(word, ())]
    return Command((*filter(None, found), *_options(draw, word, text)))


def branching(draw: random.Random) -> str:
    """A spec of either dialect, with labels that later steps read again."""
    dialect, steps = draw.choice((("", KERAS), ("dialect:torch,", TORCH)))
    rank = draw.choice((2, 3, 3, 4))
    sizes = [draw.choice(SIZES) for _ in range(rank - 2)]
    shape = ["B", *([*sizes, "4"] if not dialect else ["4", *sizes])]
    text, labels = f"{dialect}in:{':'.join(shape)}@a0", 1
    for _ in range(draw.randint(1, 12)):
        kind = draw.random()
        if kind < 0.2:
            join = draw.choice(("add", "concat", "mul") if not dialect else ("add", "cat", "mul"))
            text += f",{join}:@a{draw.randrange(labels)}"
        elif kind < 0.3:
            text += f",@a{draw.randrange(labels)}"
        else:
            step, rank = draw.choice(steps.get(rank, steps[3]))
            text += f",{_numbered(draw, step, f'x{labels}')}@a{labels}"
            labels += 1
    return text


def _numbered(draw: random.Random, step: str, label: str) -> str:
    """A step with small numbers, a size and a label."""

    def put(match: re.Match[str]) -> str:
        if match[0] == "@x":
            return f"@{label}"
        return draw.choice(SIZES) if match[0] == "S" else str(draw.randint(1, 4))

    return re.sub(r"@x\b|(?<![a-wyzA-Z_@])[nmzS](?![a-wyzA-Z_])", put, step)


def _letters(text: str) -> list[str]:
    return sorted(set(re.findall(r"\b[A-Z]\b", text)) - {"B"}) or ["T"]


def _options(draw: random.Random, word: str, text: str) -> list[str]:
    names = _letters(text)
    found: list[str] = []

    def maybe(chance: float, *arguments: str) -> None:
        if draw.random() < chance:
            found.extend(arguments)

    facts = [fact for fact in FACTS if set(_letters(fact)) <= {*names, "J"}] or ["B >= n"]
    said = ", ".join(draw.choices(facts, k=draw.randint(1, 3)))
    maybe(0.4, "-w", re.sub(r"\bn\b", str(draw.choice((2, 3, 8, 60))), said))
    maybe(0.25, "-s", f"{draw.choice(names)}={draw.choice(PUT)}")
    formats = OWN.get(word, FORMATS)
    if word not in {"convert", "fix", "diff"}:
        maybe(0.5, "-f", draw.choice(formats))
    if not word:
        maybe(0.15, "--at", f"{draw.choice(names)}=7,96,1000003")
        maybe(0.15, "-e", _output(draw))
        maybe(0.1, draw.choice(("--strict", "--partial", "-q", "--unbatched", "--train")))
    if word == "cost":
        maybe(0.2, "--at", f"{draw.choice(names)}=7,96")
        maybe(0.2, "--max-params", "1e6")
        maybe(0.2, "--max-macs", "1e9")
        maybe(0.2, "--training")
    if word == "sweep":
        maybe(0.3, "--repairs")
    if word == "convert":
        maybe(0.3, "--weights")
    if word == "fix":
        maybe(0.3, "--all")
        maybe(0.3, "-e", _output(draw))
    if word == "fit":
        maybe(0.5, "--y", draw.choice(("60,97,4", "100", "8,10")))
    return found


def _output(draw: random.Random) -> str:
    sizes = [draw.choice(OUTPUTS) for _ in range(draw.choice((1, 2, 2, 3)))]
    return ",".join(["B", *sizes])


def _place(draw: random.Random, text: str) -> re.Match[str] | None:
    """Where a number of an argument stands."""
    numbers = list(re.finditer(r"(?<=[:=])\d+(?=[,:)|@]|$)", text))
    return draw.choice(numbers) if numbers else None


def _asking(draw: random.Random, text: str) -> str:
    place = _place(draw, text)
    return f"{text[: place.start()]}?{text[place.end() :]}" if place else text


def _swept(draw: random.Random, text: str) -> str:
    place = _place(draw, text)
    choices = draw.choice(("{1,2,3}", "{2,8}", "{1..6}"))
    return f"{text[: place.start()]}{choices}{text[place.end() :]}" if place else text


def _without(draw: random.Random, text: str) -> str:
    steps = text.split(",")
    if len(steps) > 2:
        del steps[draw.randrange(1, len(steps))]
    return ",".join(steps)


def typed(case: Command) -> str:
    """Type a command; says whether it ``fits`` or was ``refused``.

    It ends with an exit code that is promised and without a traceback; on an error nothing
    stands on standard output, and there is an error on the other one.
    """
    done = called(*case.arguments)
    _require(done.code in CODES, f"exit code {done.code}", done)
    _require("Traceback" not in done.err and "internal error" not in done.err, "traceback", done)
    if done.code:
        _require(bool(done.err) or case.word in PIECEWISE, "no error is said", done)
        piecewise = case.word in PIECEWISE or {"--partial", "--at"} & set(case.arguments)
        _require(not done.out or bool(piecewise), "a half result", done)
    longest = max(map(len, done.err.splitlines()), default=0)
    _require(longest < 4000 + 4 * len(case.text), f"a line of {longest} characters", done)
    return "refused" if done.code else "fits"


def _require(holds: bool, what: str, done: Done) -> None:  # noqa: FBT001
    if not holds:
        raise AssertionError(f"{what}: {done.err[-150:]!r} {done.out[:60]!r}")
