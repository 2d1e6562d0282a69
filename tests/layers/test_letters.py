"""Letters and numbers agree: each rule with letters for all sizes says what it says of numbers."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache
from itertools import product
from math import isqrt, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from failing import failing, parts
from layers.keras.test_ground_truth import CASES
from layers.test_catalogue import UNRECORDED

from shapecalc import layer
from shapecalc.dims import Dim, Shape, Size, substitute
from shapecalc.errors import ShapeError
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.names import FAMILIES
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from types import CodeType

#: How many other numbers are drawn for each case.
DRAWS = 3

#: Classes without a case of known sizes, each with the reason.
UNSAMPLED = {"InputLayer": "it has no input"} | UNRECORDED

#: A letter for each place; all cases share them, which are written as text once.
LETTERS = [Dim(f"L{place}") for place in range(40)]

#: The batch where the record leaves it open.
BATCH = 2


class Case(NamedTuple):
    """A layer, the sizes of its inputs in one row, and which of them each input has."""

    layer: Layer
    sizes: tuple[int, ...]
    lengths: tuple[int, ...]

    def shapes(self, sizes: tuple[Size, ...]) -> list[Shape]:
        """The inputs, with these sizes."""
        found: list[Shape] = []
        for length in self.lengths:
            place = sum(map(len, found))
            found.append(tuple(sizes[place : place + length]))
        return found


def known_sizes(case: dict[str, Any]) -> Case | None:
    """A recorded case in numbers; None where more than the batch is unknown."""
    shapes = case["input_shapes"]
    if not shapes or any(None in shape[1:] for shape in shapes):
        return None
    batch = next((shape[0] for shape in shapes if shape and shape[0] is not None), BATCH)
    sizes = [batch if size is None else size for shape in shapes for size in shape]
    if 0 in sizes:
        return None
    made = layer(case["layer"], **case["config"])
    return Case(made, tuple(sizes), tuple(map(len, shapes)))


def sample(name: str) -> list[Case]:
    """The cases of a class that can be said in numbers."""
    recorded = [case for case in CASES.get(name, ()) if "error" not in case]
    return [known for case in recorded if (known := known_sizes(case))]


def run(case: Case, sizes: tuple[Size, ...], used: set[str]) -> tuple[Result | None, Scope, str]:
    """What the rule gives, or why it refuses; made letters differ from ``used``."""
    scope = Scope(used=used)
    try:
        return apply(case.layer, case.shapes(sizes), scope), scope, ""
    except ShapeError as error:
        return None, scope, error.message


@cache
def compiled(text: str) -> CodeType:
    """A condition, which is a Python expression, ready to be asked many times."""
    return compile(text, "condition", "eval")


def holds(text: str, values: dict[str, int]) -> bool:
    """Whether a condition is true for these numbers."""
    known = {"max": max, "min": min, **values}
    return bool(eval(compiled(text), {"__builtins__": {}}, known))  # noqa: S307  (our own text)


def divisors_of(total: int) -> list[int]:
    """The divisors of a number, in order."""
    low = [n for n in range(1, isqrt(total) + 1) if total % n == 0]
    return sorted({*low, *(total // n for n in low)})


def fits(conditions: list[str], values: dict[str, int], made: set[str]) -> bool:
    """Whether all are true, for some number in the place of each letter that the rule made."""
    open_letters = [name for name in sorted(made) if re.search(rf"\b{name}\b", str(conditions))]
    divisors = divisors_of(prod(values.values())) if open_letters else []
    return any(
        all(
            holds(text, values | dict(zip(open_letters, numbers, strict=True)))
            for text in conditions
        )
        for numbers in product(divisors, repeat=len(open_letters))
    )


def lettered(case: Case) -> tuple[Size, ...]:
    """A letter for every size; what is stateful keeps its batch, which it must know."""
    inner = getattr(case.layer, "layer", case.layer)
    stateful = getattr(case.layer, "stateful", False) or getattr(inner, "stateful", False)
    starts = {sum(case.lengths[:place]) for place in range(len(case.lengths))} if stateful else {}
    return tuple(
        size if place in starts else LETTERS[place] for place, size in enumerate(case.sizes)
    )


def at(result: Result, values: dict[str, int]) -> tuple[list[Shape], list[tuple[Any, ...]]]:
    """Outputs and weights with numbers in the place of the letters."""

    def put(shape: Shape) -> Shape:
        return tuple(substitute(size, values) for size in shape)

    weights = [(weight.name, put(weight.shape), weight.trainable) for weight in result.weights]
    return [put(shape) for shape in result.outputs], weights


def draws(case: Case, draw: random.Random) -> list[tuple[int, ...]]:
    """The numbers of the case, and others; equal numbers stay equal half of the time."""
    found = [case.sizes]
    for turn in range(DRAWS):
        most = draw.choice([3, 12, 40])
        if turn % 2:
            moved = {size: draw.randint(1, most) for size in sorted(set(case.sizes))}
            found.append(tuple(moved[size] for size in case.sizes))
        else:
            found.append(
                tuple(draw.randint(1, most) if draw.random() < 0.4 else size for size in case.sizes)
            )
    return found


def disagreement(case: Case, draw: random.Random) -> str | None:
    """Where letters say otherwise than numbers, or None."""
    letters = lettered(case)
    used = {str(letter) for letter in letters}
    general, scope, refusal = run(case, letters, used)
    conditions = scope.facts.conditions()
    for drawn in draws(case, draw):
        pairs = list(zip(letters, drawn, strict=True))
        values = {str(letter): size for letter, size in pairs if isinstance(letter, Dim)}
        sizes = tuple(size if isinstance(letter, Dim) else letter for letter, size in pairs)
        concrete, _, why = run(case, sizes, used)
        if general is None:
            if concrete is not None:
                return f"letters refuse ({refusal}), {sizes} give {at(concrete, {})}"
            continue
        if not all(holds(text, values) for text in scope.assumptions):
            continue
        if fits(conditions, values, scope.used - used) != (concrete is not None):
            said = f"refuses: {why}" if concrete is None else "works"
            return f"{conditions} at {sizes}, where the rule {said}"
        if concrete is not None and at(general, values) != at(concrete, {}):
            return f"{at(general, values)} at {sizes}, where the rule gives {at(concrete, {})}"
    return None


def test_every_class_has_cases_in_numbers() -> None:
    counts: Counter[str] = Counter()
    for name in CASES:
        entry = CATALOGUE.find(name)
        assert entry is not None
        counts[entry.cls] += len(sample(name))
    classes = {cls for layers in FAMILIES.values() for cls in layers}
    assert {cls for cls in classes if not counts[cls]} == set(UNSAMPLED)


def letters_agree(name: str) -> None:
    draw = random.Random(name)  # noqa: S311  (no secret)
    cases = sample(name)
    wrong = [(case, said) for case in cases if (said := disagreement(case, draw))]
    shown = "\n".join(
        f"{case.layer.config()} on {case.shapes(case.sizes)}: {said}" for case, said in wrong[:10]
    )
    assert not wrong, f"{len(wrong)} of {len(cases)}\n{shown}"


@pytest.mark.parametrize("names", parts(sorted(CASES), 6))
def test_letters_say_what_numbers_say(names: list[str]) -> None:
    assert not failing(letters_agree, names)
