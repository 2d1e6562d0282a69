"""Solutions are just the numbers that work: against all numbers, one by one."""

from __future__ import annotations

import contextlib
import random
import re
from itertools import product

from answers.test_solve import holds
from hypothesis import given, settings
from hypothesis import strategies as st

import shapecalc
from shapecalc.errors import ShapecalcError, ShapeError
from shapecalc.network import Network
from shapecalc.tracing.walk import trace_network


def small_image(draw: random.Random) -> str:
    """A stack over two letters, which may hang together at its end."""
    first = draw.choice(
        [
            f"conv2d:2:{draw.randint(1, 3)}:s={draw.randint(1, 3)}{draw.choice(['', ':same'])}",
            f"maxpool2d:{draw.randint(1, 3)}{draw.choice(['', ':same'])}",
            *("pad2d:1", "crop2d:1", "upsample2d:2", "relu"),
        ]
    )
    second = draw.choice(["conv2d:3:2", "maxpool2d:2", "relu", "permute:2:1:3", "conv2d:4:1"])
    end = draw.choice(
        ["", ",flatten", ",flatten", ",reshape:-1:2", ",reshape:-1:4", ",flatten,reshape:-1:6"]
    )
    return f"in:B:H:W:2,{first},{second}{end}"


def small_line(draw: random.Random) -> str:
    """A stack over one letter."""
    steps = [
        f"conv1d:4:{draw.randint(1, 4)}:s={draw.randint(1, 3)}{draw.choice(['', ':same'])}",
        f"maxpool1d:{draw.randint(2, 4)}{draw.choice(['', ':same', ':s=1'])}",
        f"tconv1d:4:{draw.randint(1, 4)}:s={draw.randint(1, 3)}",
        f"pad1d:({draw.randint(0, 3)},{draw.randint(0, 3)})",
        f"upsample1d:{draw.randint(1, 3)}",
        "add(maxpool1d:2,tconv1d:4:2:s=2|)",
        "add(maxpool1d:2:same|)",
    ]
    chosen = ",".join(draw.choices(steps, k=draw.randint(1, 3)))
    return f"in:B:T:4,{chosen}{draw.choice(['', ',flatten', ',reshape:-1:8'])}"


def target(draw: random.Random, base: tuple[int, ...], letters: str) -> str:
    """An output near one that there is: numbers, sizes in the letters of the input, a new one."""
    sizes = ["B"]
    for size in base:
        letter = draw.choice(letters)
        in_letters = draw.choice(
            [
                f"{letter}-{draw.randint(0, 4)}",
                f"{letter}//{draw.randint(1, 3)}+{draw.randint(0, 2)}",
                f"{draw.randint(1, 3)}*{letter}-{draw.randint(0, 5)}",
            ]
        )
        sizes.append(draw.choice([str(size), str(size), str(size), "_", in_letters, "N"]))
    return ",".join(sizes)


def met(shape: tuple[int, ...] | None, output: str, values: dict[str, int]) -> dict[str, int]:
    """What the new letter is where a shape is as wanted; raises `ValueError` where it is not."""
    if shape is None:
        raise ValueError
    new: dict[str, int] = {}
    for size, wanted in zip(shape, output.split(",")[1:], strict=True):
        if wanted == "N":
            wrong = new.setdefault("N", size) != size
        else:
            wrong = wanted != "_" and size != eval(wanted, {}, values)  # noqa: S307  (our own)
        if wrong:
            raise ValueError
    return new


def shape_at(network: Network, values: dict[str, int]) -> tuple[int, ...] | None:
    """The output at some numbers, without its batch; None where it does not fit."""
    try:
        trace = trace_network(network, values=values)
    except ShapeError:
        return None
    return tuple(size for size in trace.output[1:] if isinstance(size, int))


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_solutions_are_just_the_numbers_that_work(draw: random.Random) -> None:
    letters, most = draw.choice([("HW", 14), ("T", 60)])
    spec = small_line(draw) if letters == "T" else small_image(draw)
    network = shapecalc.parse(spec)
    grid = [
        dict(zip(letters, numbers, strict=True))
        for numbers in product(range(1, most + 1), repeat=len(letters))
    ]
    shapes = [shape_at(network, values) for values in grid]
    good = [shape for shape in shapes if shape is not None]
    if not good:
        return
    output = target(draw, draw.choice(good), letters)
    try:
        solutions = shapecalc.solve(spec, output)
    except ShapeError:
        solutions = []
    assert not any(solution.assumptions for solution in solutions)
    for values, shape in zip(grid, shapes, strict=True):
        try:
            known = values | met(shape, output, values)
            fits = True
        except ValueError:
            known, fits = values | {"N": 1}, False
        told = any(holds(solution.where, {"B": 1, **known}) for solution in solutions)
        # With another N than the one that it meets none may hold; with N left open none is asked.
        if fits or "N" not in output:
            assert told == fits, (spec, output, values)
        listed = [solution.values for solution in solutions if solution.values is not None]
        if len(listed) == len(solutions):
            inside = any(all(values[n] in numbers for n, numbers in v.items()) for v in listed)
            assert inside == fits, (spec, output, values)
    for solution in solutions:
        columns = solution.examples or {}
        for numbers in zip(*columns.values(), strict=True):
            values = dict.fromkeys(letters, 5) | dict(zip(columns, numbers, strict=True))
            met(shape_at(network, values), output, values)


ASKED = re.compile(r"(?<=[:=(,])[0-9]+(?=[:,)]|$)")


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_arguments_are_just_the_numbers_that_work(draw: random.Random) -> None:
    spec = small_line(draw).replace("in:B:T:4", f"in:B:{draw.randint(8, 40)}:4")
    place = draw.choice([m for m in ASKED.finditer(spec) if m.start() > len("in:B:40:4")])
    output = f"B,{draw.randint(1, 60)},{draw.choice(['4', '8', 'N'])}"
    if draw.random() < 0.8:
        with contextlib.suppress(ShapeError):
            output = ",".join(map(str, shapecalc.trace(spec).output))
    asked = f"{spec[: place.start()]}?{spec[place.end() :]}"
    fitting = []
    for number in range(61):
        candidate = asked.replace("?", str(number))
        with contextlib.suppress(ShapecalcError, ValueError):
            shape = shape_at(shapecalc.parse(candidate), {})
            if shape is not None and len(shape) == output.count(","):
                met(shape, output, {})
                fitting.append(number)
    try:
        found = [solution.values["?"][0] for solution in shapecalc.solve(asked, output)]  # type: ignore[index]
    except ShapecalcError:
        found = []
    small = [number for number in found if isinstance(number, int) and number <= 60]
    assert small == fitting[:5], (asked, output)
