"""Speed as ratios within one run: start-up, cost per layer, growth, jobs. Prints a table."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

import shapecalc

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 15

MODEL = """
import click
from pydantic import BaseModel
class Point(BaseModel):
    x: int
    y: int = 0
Point(x=1)
"""
TABLE = """
from rich.console import Console
from rich.table import Table
table = Table("a", "b")
table.add_row("1", "2")
Console(force_terminal=True, width=80).print(table)
"""
RUN = "from shapecalc.cli import main; main({!r})"
SPEC = "lstm:64:seq,td-dense:3"


class Line(NamedTuple):
    """A measured ratio, and the one aimed at."""

    what: str
    measured: str
    ratio: float
    goal: float


def python(code: str) -> Callable[[], None]:
    def run() -> None:
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)

    return run


def fastest(*actions: Callable[[], object]) -> list[float]:
    """The least time of each, taken in turns so that all meet the same noise."""
    best = [float("inf")] * len(actions)
    for _ in range(ROUNDS):
        for place, action in enumerate(actions):
            begin = time.perf_counter()
            action()
            best[place] = min(best[place], time.perf_counter() - begin)
    return best


def start_up() -> list[Line]:
    click, model, rich, pipe, table, helped = fastest(
        python("import click"),
        python(MODEL),
        python(MODEL + TABLE),
        python(RUN.format([SPEC])),
        python(RUN.format([SPEC, "-f", "table", "--color", "always"])),
        python(RUN.format(["--help"])),
    )

    def line(what: str, ours: float, base: float, goal: float) -> Line:
        return Line(what, f"{ours * 1000:.0f} ms / {base * 1000:.0f} ms", ours / base, goal)

    return [
        line("on a pipe / click and one pydantic model", pipe, model, 1.3),
        line("as a table / that and one rich table", table, rich, 1.3),
        line("--help / click", helped, click, 1.4),
    ]


def seconds_for(layer: str, count: int, shape: str) -> float:
    spec = ",".join([layer] * count)
    return fastest_of(lambda: shapecalc.trace(spec, input=shape))


def fastest_of(action: Callable[[], object], rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - begin)
    return best


def per_layer() -> list[Line]:
    """Microseconds for a layer, as a ratio to the goal."""
    lines = []
    for what, shape, goal in (
        ("a concrete layer of 30,000, in µs", "32,100000,8", 10.0),
        ("a symbolic layer of 30,000, in µs", "B,T,8", 25.0),
    ):
        cost = seconds_for("conv1d:8:3", 30_000, shape) / 30_000 * 1e6
        lines.append(Line(what, f"{cost:.1f} µs", cost, goal))
    return lines


def growth() -> list[Line]:
    lines = []
    for what, shape in (("concrete", "32,100000,8"), ("symbolic", "B,T,8")):
        small = seconds_for("conv1d:8:3", 3_000, shape)
        large = seconds_for("conv1d:8:3", 30_000, shape)
        said = f"{large * 1000:.0f} ms / {small * 1000:.0f} ms"
        lines.append(Line(f"30,000 / 3,000 {what} layers", said, large / small, 13.0))
    return lines


def many_specs() -> list[Line]:
    """What a second core is worth: the time of two, as a part of that of one."""
    text = "".join(f"conv1d:{n}:3,lstm:{n}:seq,td-dense:3\n" for n in range(1, 20_001)).encode()

    def run(jobs: int) -> None:
        command = [sys.executable, "-c", RUN.format(["batch", "--jobs", str(jobs)])]
        subprocess.run(command, input=text, stdout=subprocess.DEVNULL, check=True)

    one, two = (fastest_of(lambda jobs=jobs: run(jobs), rounds=2) for jobs in (1, 2))
    said = f"{two:.1f} s / {one:.1f} s"
    return [Line("20,000 specs with 2 jobs / with 1", said, two / one, 1 / 1.7)]


def source() -> list[Line]:
    """What source of 300 lines costs the command, as a ratio to a spec of the same layers."""
    lines = []
    for framework, (text, spec) in {"torch": _of_torch(90), "keras": _of_keras(98)}.items():
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(text)
            file.flush()
            read, written = fastest(
                python(RUN.format([file.name, "-q"])),
                python(RUN.format(["-d", framework, "-q", spec])),
            )
        said = f"{read * 1000:.0f} ms / {written * 1000:.0f} ms"
        what = f"300 lines of {framework} / a spec of its layers"
        lines.append(Line(what, said, read / written, 1.3))
    return lines


def _of_torch(count: int) -> tuple[str, str]:
    """Return a module whose inputs are to be found, and a spec of its layers."""
    made, calls, steps = [], [], ["in:N:3:64:64"]
    for place in range(count):
        width, out = 3 if place == 0 else 16, 16
        made.append(f"        self.conv{place} = nn.Conv2d({width}, {out}, 3, padding=1)\n")
        made.append(f"        self.bn{place} = nn.BatchNorm2d({out})\n")
        calls.append(f"        x = torch.relu(self.bn{place}(self.conv{place}(x)))\n")
        steps.append(f"conv2d:{width}:{out}:3:padding=1,bn2d:{out},relu")
    head = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
    forward = "    def forward(self, x):\n"
    text = f"{head}        super().__init__()\n{''.join(made)}{forward}{''.join(calls)}        return x\n"
    return text, ",".join(steps)


def _of_keras(count: int) -> tuple[str, str]:
    """Return a functional model, and a spec of its layers."""
    calls, steps = [], ["in:B:64:64:3"]
    for place in range(count):
        width = 8 + 8 * (place % 5)
        calls.append(f'x = layers.Conv2D({width}, 3, padding="same", activation="relu")(x)\n')
        calls.append("x = layers.BatchNormalization()(x)\nx = layers.Dropout(0.2)(x)\n")
        steps.append(f"conv2d:{width}:3:same:relu,bn,dropout:0.2")
    head = "from keras import Input, Model, layers\nx = inputs = Input((64, 64, 3))\n"
    return f"{head}{''.join(calls)}model = Model(inputs, x)\n", ",".join(steps)


#: The model of `SPEC` as files have it.
SEQUENTIAL = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 10, 4], "name": "x"}},
            {
                "class_name": "LSTM",
                "config": {"name": "lstm", "units": 64, "return_sequences": True},
            },
            {
                "class_name": "TimeDistributed",
                "config": {
                    "name": "td",
                    "layer": {"class_name": "Dense", "config": {"name": "dense", "units": 3}},
                },
            },
        ],
    },
}
CODE = """from keras import Input, Sequential, layers
model = Sequential([Input((10, 4)), layers.LSTM(64, return_sequences=True)])
model.add(layers.TimeDistributed(layers.Dense(3)))
"""


def files() -> list[Line]:
    """What a small model costs the command in a file, as a ratio to its spec."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("model.py", "model.json", "model.keras")]
        paths[0].write_text(CODE, encoding="utf-8")
        paths[1].write_text(json.dumps(SEQUENTIAL), encoding="utf-8")
        with zipfile.ZipFile(paths[2], "w") as archive:
            archive.writestr("config.json", json.dumps(SEQUENTIAL))
            archive.writestr("metadata.json", '{"keras_version": "3.8.0"}')
        runs = [python(RUN.format([str(path), "-q"])) for path in paths]
        spec, *read = fastest(python(RUN.format([SPEC, "-q"])), *runs)
    return [
        Line(
            f"a small {path.suffix} / its spec",
            f"{each * 1000:.0f} ms / {spec * 1000:.0f} ms",
            each / spec,
            1.5,
        )
        for path, each in zip(paths, read, strict=True)
    ]


def main() -> None:
    shapecalc.trace("conv1d:8:3")
    table = Table("what", "measured", "ratio", "goal")
    for line in (*start_up(), *per_layer(), *growth(), *files(), *source(), *many_specs()):
        table.add_row(line.what, line.measured, f"{line.ratio:.2f}", f"{line.goal:.2g}")
    Console().print(table)


if __name__ == "__main__":
    main()
