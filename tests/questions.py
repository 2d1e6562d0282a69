"""Questions that a user may ask, drawn: long specs, options, solve, fix, diff, nested models."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from law import hold, joined, sizes, value

import shapecalc
from shapecalc.analysis.differences import pairs
from shapecalc.answers.question import ask
from shapecalc.answers.trace import repairs
from shapecalc.errors import ShapecalcError
from shapecalc.render.diagnostic import diagnostic

if TYPE_CHECKING:
    import random

    from shapecalc.tracing.trace import Trace

#: How long a drawn spec is, and how many layers its repeats make.
LENGTH = 300
LAYERS = 100
#: What letters are tried with.
NUMBERS = (1, 5, 16, 97, 720720)

#: Steps that are repeated, for sequences and for images; n, m and k are small numbers.
SEQUENCE = (
    "maxpool1d:n:same,upsample1d:m",
    "maxpool1d:n,upsample1d:m",
    "avgpool1d:n:s=m,upsample1d:n",
    "conv1d:4:n:s=m,tconv1d:4:n:s=m",
    "conv1d:4:n:s=m:same,upsample1d:k",
    "tconv1d:4:n:s=m:same,maxpool1d:k",
    'slice:":,1:-1:n"',
    'slice:":,n:"',
    'slice:":,-n::m",upsample1d:k',
    "pad1d:n,maxpool1d:m",
    "pad1d:n,flatten,reshape:-1:4",
    "pad1d:1,flatten,reshape:T:-1",
    "crop1d:(0,1),upsample1d:n,maxpool1d:m:same",
    "permute:2:1,conv1d:4:1",
    "reshape:-1:n,reshape:-1:m",
    "add(maxpool1d:n:same,upsample1d:n|)",
    "concat(maxpool1d:n|conv1d:4:m:s=n),conv1d:4:1",
    "add(conv1d:4:n|conv1d:4:n)",
    "mul(conv1d:4:n:same|),maxpool1d:m",
    "id@x,conv1d:4:n:s=2,tconv1d:4:2:s=2,add:@x",
    "is:B:_:_",
    "dense:T",
)
IMAGES = (
    "maxpool2d:n:same,upsample2d:m",
    "maxpool2d:n,upsample2d:m",
    "conv2d:4:n:s=m,tconv2d:4:n:s=m",
    "pad2d:1,flatten,reshape:H:W:-1",
    "pad2d:n,maxpool2d:m",
    "crop2d:1,upsample2d:n,maxpool2d:m:same",
    'slice:":,1:-1:n,::m"',
    "reshape:W:H:-1",
    "permute:2:1:3,conv2d:4:n:same",
    "add(maxpool2d:n:same,upsample2d:n|)",
    "concat(conv2d:4:1|maxpool2d:3:s=1:same),conv2d:4:1",
    "dwconv2d:3:s=n:same,upsample2d:n",
)
SIZES = ("T", "T", "2*T", "T-5", "T*S", "T//3+S", "max(T,8)", "T%7", "T**2", "97", "T+S", "H", "W")
FACTS = (
    "T % n == 0", "T >= n", "T <= n", "T == S", "T > S", "T*S == n", "T + S <= n", "H == W", "H == n",
    "T == T//2 + n", "T % 10000019 == 0", "T == 2*J", "3*T - 2*S == n", "T//n == S", "H*W <= n",
    "T % S == 0", "max(T,S) == n",
)  # fmt: skip
PUT = ("1", "2", "7", "96", "1000003", "8*K", "K-5", "K//3", "0", "S", "max(K,3)")
OUTPUTS = ("12", "7", "N", "_", "T", "T//3", "T-3", "2*T", "3*(T//2)", "H", "97", "1000")


class Question(NamedTuple):
    """What is asked: ``kind`` of a text, with options."""

    kind: str
    text: str
    options: dict[str, Any]
    #: The other spec of a difference, the output of a solution.
    other: str = ""

    def __str__(self) -> str:
        parts = [self.kind, repr(self.text), *(repr(self.other),) * bool(self.other)]
        names = {"where": "-w", "set": "-s", "input": "-i"}
        return " ".join([*parts, *(f"{names[k]} {v!r}" for k, v in self.options.items())])


def question(draw: random.Random) -> Question:
    kind = draw.choice(("trace", "trace", "trace", "solve", "fix", "diff", "model"))
    if kind == "model":
        return Question("model", json.dumps(nested(draw, draw.randint(0, 5))), {})
    text = long_spec(draw)
    if kind == "solve":
        return Question("solve", *_asked(draw, text), other=_output(draw, text))
    other = draw.choice((_changed(draw, text), long_spec(draw))) if kind == "diff" else ""
    return Question(kind, text, _options(draw, text), other)


def long_spec(draw: random.Random) -> str:
    """A spec of up to `LENGTH` characters and `LAYERS` layers, much of it alternations."""
    images = draw.random() < 0.3
    parts = IMAGES if images else SEQUENCE
    axes = 2 if images else 1
    shape = ":".join(draw.choice(SIZES[-2:] if images else SIZES) for _ in range(axes))
    text = f"in:B:{shape}:{draw.choice(('4', '4', '4', 'C', 'T'))}"
    layers, length = 0, draw.choice((40, 120, LENGTH))
    while True:
        part = _numbered(draw, draw.choice(parts))
        turns = draw.choice((1, 1, 2, 3, 6, 10, 40))
        each = part.count(",") + part.count("|") + 1
        turns = min(turns, (LAYERS - layers) // each)
        written = f"{turns}x({part})" if draw.random() < 0.3 else ",".join([part] * turns)
        while turns and len(text) + len(written) >= length:
            turns -= 1
            written = ",".join([part] * turns)
        if not turns:
            return text if layers else f"{text},relu"
        text, layers = f"{text},{written}", layers + turns * each


def _numbered(draw: random.Random, part: str) -> str:
    """The part with small numbers in the place of n, m and k."""
    small = {name: str(draw.randint(2, 4)) for name in "nmk"}
    return re.sub(r"\b[nmk]\b", lambda match: small[match[0]], part)


def _letters(text: str) -> list[str]:
    return sorted(set(re.findall(r"\b[A-Z]\b", text)) - {"B"})


def _options(draw: random.Random, text: str) -> dict[str, Any]:
    """Facts, numbers for letters, an input shape: each now and then."""
    names = _letters(text) or ["B"]
    options: dict[str, Any] = {}
    if draw.random() < 0.4:
        known = [fact for fact in FACTS if set(_letters(fact)) - {"J"} <= set(names)]
        said = draw.choices(known or ["B >= n"], k=draw.randint(1, 3))
        number = str(draw.choice((2, 3, 4, 8, 30, 60, 1000)))
        options["where"] = ", ".join(re.sub(r"\bn\b", number, fact) for fact in said)
    if draw.random() < 0.3:
        options["set"] = {draw.choice(names): draw.choice(PUT)}
    if draw.random() < 0.1:
        options["input"] = draw.choice(("B,T,4", "B,H,W,4", "B,97,4", "B,T-5,8", "2,max(T,9),4"))
    return options


def _asked(draw: random.Random, text: str) -> tuple[str, dict[str, Any]]:
    """The text with a ? in the place of a number, every other time; and options."""
    numbers = list(re.finditer(r"(?<=[:=])\d+(?=[,:)|]|$)", text))
    if numbers and draw.random() < 0.5:
        place = draw.choice(numbers)
        text = f"{text[: place.start()]}?{text[place.end() :]}"
    return text, _options(draw, text) if draw.random() < 0.3 else {}


def _output(draw: random.Random, text: str) -> str:
    """An output to ask for, which has as many axes as what comes out, or nearly as many."""
    axes = 2 if re.search(r"2d:|:H:W:|:W:H:", text) else 1
    sizes = [draw.choice(OUTPUTS) for _ in range(axes)]
    return ",".join(["B", *sizes, draw.choice(("4", "4", "_", "M"))])


def _changed(draw: random.Random, text: str) -> str:
    """The spec with a number more here and a step less there."""
    steps = text.split(",")
    if len(steps) > 2:
        del steps[draw.randrange(1, len(steps))]
    return ",".join(steps)


def nested(draw: random.Random, depth: int) -> dict[str, Any]:
    """A Keras model that holds models, some of them twice."""
    simple = (
        ("Dense", {"units": 4}), ("Conv1D", {"filters": 4, "kernel_size": [3]}),
        ("MaxPooling1D", {"pool_size": [2], "padding": "same"}), ("UpSampling1D", {"size": 3}),
        ("LSTM", {"units": 4, "return_sequences": True}), ("Flatten", {}), ("Dense", {"units": "x"}),
        ("Nothing", {}), ("Reshape", {"target_shape": [-1, 4]}),
    )  # fmt: skip
    layers: list[Any] = [
        {"class_name": "InputLayer", "config": {"batch_shape": draw.choice(([None, None, 4], [None, 97, 4]))}}
    ]  # fmt: skip
    for _ in range(draw.randint(1, 4)):
        if depth and draw.random() < 0.6:
            inner = nested(draw, depth - 1)
            layers += [inner] * draw.choice((1, 1, 2, 3))
        else:
            name, config = draw.choice(simple)
            held = {"class_name": name, "config": dict(config)}
            wrapped = {"class_name": "TimeDistributed", "config": {"layer": held}}
            layers.append(wrapped if draw.random() < 0.15 else held)
    return {"class_name": "Sequential", "config": {"layers": layers}}


def answered(asked: Question) -> str:
    """Ask; says whether it ``fits`` or was ``refused``. Anything but our errors is raised."""
    try:
        if asked.kind == "model":
            _checked(shapecalc.trace(shapecalc.load(json.loads(asked.text))), asked.text)
        elif asked.kind == "solve":
            _solved(asked)
        elif asked.kind == "fix":
            _repaired(asked)
        else:
            trace = shapecalc.trace(asked.text, **asked.options)
            _checked(trace, asked.text)
            _agrees(trace, asked)
            if asked.kind == "diff":
                list(pairs(trace.layers, shapecalc.trace(asked.other).layers))
    except ShapecalcError as error:
        assert diagnostic(error)
        return "refused"
    return "fits"


def _checked(trace: Trace, text: str) -> None:
    """What a trace says can be written, read again, and is not much longer than the spec."""
    trace.to_dict()
    most = 40 + len(text) + 10 * len(trace.layers)
    for size in (size for row in trace.layers for shape in row.outputs for size in shape):
        assert len(str(size)) <= most, f"a size of {len(str(size))} characters"
    for condition in trace.conditions:
        assert len(condition) <= 2 * most, f"a condition of {len(condition)} characters"


def _agrees(trace: Trace, asked: Question) -> None:
    """What a trace says in letters is so for numbers: when it works, and with which sizes."""
    put = asked.options.get("set", {})
    names = sorted(trace.letters - put.keys())
    where = asked.options.get("where", "")
    # Letters that stand for others, or that only a check brings in, are no free ones.
    renamed = put.keys() & {name for size in put.values() for name in _letters(size)}
    checked = "input" in asked.options and ("is:" in asked.text or put)
    if renamed or checked or not set(_letters(where)) <= {*names, *put}:
        return
    facts = joined(where.split(", ") if where else ())
    exact, assumed = joined(trace.conditions), joined(trace.assumptions)
    for first in range(0, len(NUMBERS), 2):
        values = {name: NUMBERS[(first + n) % len(NUMBERS)] for n, name in enumerate(names)}
        known = {**values, **{name: value(size, values) for name, size in put.items()}}
        written = " ".join([asked.text, asked.options.get("input", ""), where])
        said = {*put, "B", *_letters(written)} if put else known.keys()
        options = {**asked.options, "set": {name: known[name] for name in said & known.keys()}}
        try:
            found = shapecalc.trace(asked.text, repair=False, **options)
        except ShapecalcError:
            found = None
        holds = hold(facts, known) and hold(exact, values)
        if holds and hold(assumed, values):
            assert found, f"it is refused at {values}"
            said = [value(str(size), values) for size in sizes(trace)]
            assert said == [value(str(size), {}) for size in sizes(found)], f"sizes at {values}"
        elif not holds and not trace.assumptions:
            assert not found, f"it works at {values}"


def _solved(asked: Question) -> None:
    """Solutions that are listed work."""
    for found in shapecalc.solve(asked.text, asked.other, **asked.options):
        if found.spec is not None:
            shapecalc.trace(found.spec, **asked.options)


def _repaired(asked: Question) -> None:
    """Repairs work."""
    options = {
        "inputs": asked.options.get("input"),
        "values": asked.options.get("set"),
        "where": asked.options.get("where"),
    }
    for text in islice(repairs(ask(asked.text, **options)), 2):
        shapecalc.parse(text)
