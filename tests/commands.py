"""Commands that a user may type, drawn: every command on specs of both dialects, with options."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from grammar import spec as short_spec
from questions import FACTS, OUTPUTS, PUT, SIZES, long_spec
from steps import KERAS, TORCH
from terminal import called

import shapecalc

if TYPE_CHECKING:
    import random

    from terminal import Done

#: What may begin a command, and how often.
WORDS = (
    "", "", "", "", "explain", "solve", "fix", "fix", "sweep", "convert", "cost", "diff", "fit", "batch",
)  # fmt: skip
FORMATS = (
    "tsv", "table", "csv", "json", "jsonl", "markdown", "latex", "html", "svg", "mermaid", "dot",
    "spec",
)  # fmt: skip
#: Formats of which the commands with their own take each.
OWN = {
    "explain": ("text", "json"),
    "fit": ("json", "table"),
    "solve": ("json", "tsv", "table"),
    "diff": ("json", "tsv", "table"),
    "sweep": ("tsv", "table", "csv", "jsonl", "markdown", "html"),
    "batch": ("tsv", "table", "csv", "jsonl", "markdown", "html"),
}
#: Options of a command, each of which is given now and then: L is one of the letters of the spec,
#: O an output, X an input.
MAIN = ("--strict", "--partial", "-q", "--unbatched", "--header", "--fold", "--width 30")
BUDGETS = ("--max-params 1e6", "--max-macs 1e9", "--max-memory 1MiB", "--dtype int8", "--training")
OPTIONS = {
    "": (*MAIN, *BUDGETS, "--at L=7,96,1000003", "-e O", "--columns C", "--train", "-i X"),
    "explain": ("--row 2", "--width 30", "--train", "-i X"),
    "solve": ("--train", "--width 30", "-i X"),
    "fix": ("--all", "-e O", "--to keras", "--to torch", "-i X"),
    "sweep": (*BUDGETS, "--repairs", "--sort macs", "--top 2", "-e O", "--strict", "--header"),
    "convert": ("--weights", "--layout torch", "-i X"),
    "cost": (*BUDGETS, "--at L=7,96", "--fold", "--columns C", "--unbatched", "--header"),
    "diff": ("--full", "--width 30", "--train"),
    "fit": ("--y 60,97,4", "--y 100", "--y 8,10", "--loss mse", "--y-dtype int64", "--strict"),
    "batch": (*BUDGETS, "--repairs", "-e O", "--strict", "--header"),
}  # fmt: skip
COLUMNS = (
    "index", "name", "layer", "input", "output", "params", "from", "spec", "weights", "trainable",
    "buffers", "kind", "conditions", "macs", "flops", "memory", "receptive",
)  # fmt: skip
INPUTS = ("B,T,4", "B,H,W,4", "B,97,4", "B,T-5,8", "2,max(T,9),4", "B,4", "B,?,4", "B,T,T")
#: Exit codes: it fits, it does not, it cannot be read.
CODES = {0, 1, 2}
#: Commands that report piece by piece, whose output stands where a piece fails.
PIECEWISE = {"batch", "check", "diff", "sweep", "solve", "fit", "fix"}


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
    text = draw.choice((long_spec, branching, branching, short_spec))(draw)
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
    # What begins with a dash is an option, unless a blank is before it.
    texts = [f" {each}" if each.startswith("-") else each for each in (text, *other)]
    found = [*filter(None, [word]), *texts, *needed.get(word, ())]
    return Command((*found, *_options(draw, word, text)))


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
    """Facts, numbers for letters, a format, and some of the options that the command has."""
    names = _letters(text)
    facts = [fact for fact in FACTS if set(_letters(fact)) <= {*names, "J"}] or ["B >= n"]
    said = ", ".join(draw.choices(facts, k=draw.randint(1, 3)))
    facts_said = re.sub(r"\bn\b", str(draw.choice((2, 3, 8, 60))), said)
    taken = {
        "L": lambda: draw.choice(names),
        "O": lambda: _output(draw),
        "X": lambda: draw.choice(INPUTS),
        "C": lambda: ",".join(draw.sample(COLUMNS, k=draw.randint(1, 6))),
    }
    found = ["-w", facts_said] if draw.random() < 0.4 else []
    found += ["-s", f"{draw.choice(names)}={draw.choice(PUT)}"] if draw.random() < 0.25 else []
    if word not in {"convert", "fix"} and draw.random() < 0.5:
        found += ["-f", draw.choice(OWN.get(word, FORMATS))]
    for option in OPTIONS[word]:
        if draw.random() < 1.5 / len(OPTIONS[word]):
            found += re.sub(r"\b[LOXC]\b", lambda match: taken[match[0]](), option).split(" ")
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
    stands on standard output, and there is an error on the other one. What is to be read by
    programs can be read.
    """
    if case.word == "batch":
        text = case.text.replace("\n", ",")
        lines = [text, json.dumps({"spec": case.text, "input": "B,T,4"})]
        done = called(case.word, *case.arguments[2:], stdin="\n".join(lines).encode())
    else:
        done = called(*case.arguments)
    promised(done, case.word, pieces=bool({"--partial", "--at"} & set(case.arguments)))
    longest = max(map(len, done.err.splitlines()), default=0)
    _require(longest < 4000 + 4 * len(case.text), f"a line of {longest} characters", done)
    if done.out:
        _read_again(case, done)
    return "refused" if done.code else "fits"


#: Options that a written network does not know: its letters are as they were.
CHANGING = {"-w", "--where", "-s", "--set"}


def promised(done: Done, word: str, *, pieces: bool = False) -> None:
    """Require of how a command ended what holds for all of them; in ``pieces`` it may half work."""
    _require(done.code in CODES, f"exit code {done.code}", done)
    _require("Traceback" not in done.err and "internal error" not in done.err, "traceback", done)
    if done.code:
        _require(bool(done.err) or word in PIECEWISE, "no error is said", done)
        _require(not done.out or pieces or word in PIECEWISE, "a half result", done)


def _read_again(case: Command, done: Done) -> None:
    """What is written in JSON and as a spec can be read; a spec is written the same again."""
    options = set(case.arguments)
    form = dict(zip(case.arguments, case.arguments[1:], strict=False)).get("-f")
    if "json" in options:
        json.loads(done.out, parse_constant=_no_number)
    elif "jsonl" in options:
        for line in done.out.splitlines():
            json.loads(line, parse_constant=_no_number)
    elif not case.word and form == "spec":
        _require(str(shapecalc.parse(done.out)) == done.out.rstrip("\n"), "another spec", done)
    if case.word == "convert" and "json" in options and not CHANGING & options:
        written = json.loads(done.out)
        read = shapecalc.trace(shapecalc.load(written)).to_dict()
        _require(read["outputs"] == written["outputs"], "other outputs", done)


def _no_number(name: str) -> float:
    raise AssertionError(f"{name} in JSON")


def _require(holds: bool, what: str, done: Done) -> None:  # noqa: FBT001
    if not holds:
        raise AssertionError(f"{what}: {done.err[-150:]!r} {done.out[:60]!r}")
