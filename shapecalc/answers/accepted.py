"""The sizes for which equalities of several letters hold, where they can be listed."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from shapecalc.answers.combinations import Endless, boxes, groups
from shapecalc.dims import Condition, TooLargeError
from shapecalc.language.inputs import letters_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.combinations import Box, Group
    from shapecalc.dims import Facts
    from shapecalc.tracing.trace import Trace

#: The number of ranges of sizes that are listed, or of more only the first few.
LISTED: Final = 8
FIRST: Final = 4
#: The number of ranges that are looked for, beside so many statements, and of numbers to try.
MOST: Final = 100
STATEMENTS: Final = 8
STEPS: Final = 200
#: The axes of an image.
SIDES: Final = frozenset({"depth", "height", "width"})
#: The number of sizes without a range that are named one by one.
FEW: Final = 4


def accepted(trace: Trace) -> Iterator[str]:
    """Say which sizes satisfy the equalities of several letters, square ones first.

    ``H and W 32 to 35; or H 16 to 19 and W 112 to 115``. Nothing where they are many or long.
    """
    facts = trace.facts
    if len(facts.general) > STATEMENTS:
        return
    equalities = [
        each
        for each in facts.general
        if isinstance(each, Condition) and each.exact and trace.given.decide(each) is not True
    ]
    if not equalities:
        return
    names = letters_in_order(shape for _, shape in trace.inputs)
    axes = trace.network.dialect.letters.names
    for group in groups(facts, dict.fromkeys([*names, *sorted(trace.letters)])):
        if len(group.names) > 1 and any(group.free & each.letters for each in equalities):
            sides = [axes.get(name.partition("_")[0]) in SIDES for name in group.names]
            found = _few(facts, group, sides)
            if found:
                count = len(found) if len(found) <= LISTED else FIRST
                more = [f"{len(found) - count} more"] if count < len(found) else []
                yield "; or ".join([*(_said(group.names, box) for box in found[:count]), *more])


def _few(facts: Facts, group: Group, sides: Sequence[bool]) -> list[Box]:
    """Return all values of some letters, square ones first; nothing where they are many.

    ``sides`` says which of the letters are those of an image.
    """
    try:
        found = boxes(facts, group, STEPS)
    except (Endless, TooLargeError):
        return []
    short = len(found) <= MOST and all(_range(numbers) for box in found for numbers in box)
    return sorted(found, key=partial(_order, sides)) if short else []


def _order(sides: Sequence[bool], box: Box) -> tuple[bool, list[int], int, Box]:
    """Square images first, of which those with few channels; then the more alike."""
    of_image = [numbers for numbers, is_side in zip(box, sides, strict=True) if is_side] or box
    others = [numbers[0] for numbers, is_side in zip(box, sides, strict=True) if not is_side]
    is_square = len({*of_image}) == 1
    least = [numbers[0] for numbers in box]
    return not is_square, others if is_square else [], max(least) - min(least), box


def _said(names: Sequence[str], box: Box) -> str:
    """Say the values of letters, those with the same ones together."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for name, numbers in zip(names, box, strict=True):
        alike.setdefault(numbers, []).append(name)
    return " and ".join(f"{' and '.join(each)} {_range(n)}" for n, each in alike.items())


def _range(numbers: Sequence[int]) -> str | None:
    """Say numbers: ``5``, ``32 to 35``, ``2, 4 or 8``; None where they are many without a range."""
    if len(numbers) > 1 and all(after == n + 1 for n, after in pairwise(numbers)):
        return f"{numbers[0]} to {numbers[-1]}"
    *first, last = map(str, numbers)
    if len(first) >= FEW:
        return None
    return f"{', '.join(first)} or {last}" if first else last
