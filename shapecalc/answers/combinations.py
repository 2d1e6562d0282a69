"""The values that letters take together: all of them as boxes, or the first few.

Letters hang together where a statement holds several of them. For each such group the search
tries numbers for one letter after the other, and lets the facts draw the conclusions.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice, pairwise, product
from math import isqrt, prod
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import (
    AnyOf,
    Condition,
    Contradiction,
    Dim,
    ExhaustedError,
    any_of,
    at_least,
    equal,
    letters,
    limited,
    substitute,
)
from shapecalc.dims.atoms import nesting
from shapecalc.dims.domain import Domain
from shapecalc.dims.expression import product as multiplied
from shapecalc.dims.products import as_products

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapecalc.dims import Facts, Size, Truth

#: How many numbers are tried for the letters of a group, and how many values a box may list.
MAX_STEPS: Final = 1_500
MAX_LISTED: Final = 100_000
#: How many sums are made for the values of a group, and for its examples.
MAX_SUMS: Final = 8_000
EXAMPLE_SUMS: Final = 4_000
#: The number of boxes that are joined; where that does not leave half of them there are too many.
MAX_BOXES: Final = 2000
#: Bounds are looked for up to here, and products are split into divisors.
MAX_BOUND: Final = 1 << 48
MAX_DIVIDED: Final = 10**10
#: How many numbers are tried for each letter to find examples, and for all together.
EXAMPLE_NUMBERS: Final = 60
EXAMPLE_STEPS: Final = 600
#: Statements whose depths squared add up to less count as one step each.
SHALLOW: Final = 50
#: So many statements more make each step the same work once more.
FEW: Final = 4
#: To look for the bounds of a letter in a statement is as much work as so many steps.
BOUNDING: Final = 60
#: To look for so many bounds is the same work as for those of one letter more.
MANY: Final = 16

#: For each letter of a group its values; all their combinations are meant.
Box = tuple[tuple[int, ...], ...]


class Endless(Exception):  # noqa: N818  (an answer, no mistake)
    """There are more combinations than can be listed."""


class Group(NamedTuple):
    """Letters that depend on each other.

    ``names`` are those that are asked for, ``free`` those in terms of which the facts say them.
    """

    names: tuple[str, ...]
    free: frozenset[str]


def groups(facts: Facts, names: Iterable[str]) -> list[Group]:
    """Return the letters that hang together, in the order of their names."""
    said = {name: letters(facts.simplify(Dim(name))) for name in names}
    joint: list[frozenset[str]] = []
    for held in [*said.values(), *(truth.letters for truth in facts.general)]:
        if held:
            touching = [each for each in joint if each & held]
            joint = [each for each in joint if not each & held]
            joint.append(held.union(*touching))
    found: dict[frozenset[str], list[str]] = {}
    for name, held in said.items():
        free = next((each for each in joint if each & held), frozenset({name}))
        found.setdefault(free, []).append(name)
    return [Group(tuple(members), free) for free, members in found.items()]


def narrows(facts: Facts, group: Group) -> bool:
    """Return whether anything is known about these letters but that they are positive."""
    if len(group.names) > 1 or group.free != frozenset(group.names):
        return True
    (name,) = group.names
    if facts.simplify(Dim(name)) != Dim(name) or facts.domain(name).conditions(name):
        return True
    return any(name in truth.letters for truth in facts.general)


def boxes(facts: Facts, group: Group, steps: int = MAX_STEPS) -> list[Box]:
    """Return all values of a group; raises `Endless` where they cannot be listed."""
    try:
        with limited(MAX_SUMS):
            return _listed(facts, group, steps)
    except ExhaustedError:
        raise Endless from None


def _listed(facts: Facts, group: Group, steps: int) -> list[Box]:
    found: list[Box] = []
    listed = 0
    for known in _Search(facts, group.free, steps).covering():
        for box in _boxes_of(known, group.names):
            found.append(box)
            listed += sum(map(len, box))
            if listed > MAX_LISTED:
                raise Endless
        if len(found) > MAX_BOXES:
            found = _merged(found)
            if len(found) > MAX_BOXES // 2:
                raise Endless
    return _merged(found)


def examples(facts: Facts, group: Group, count: int) -> list[tuple[int, ...]]:
    """Return the first few values of a group, each with those of its other letters."""
    found: dict[tuple[int, ...], None] = {}
    search = _Search(facts, group.free, EXAMPLE_STEPS, sample=EXAMPLE_NUMBERS)
    with suppress(Endless, ExhaustedError), limited(EXAMPLE_SUMS):
        for known in search.covering():
            for row in islice(_rows(known, group.names), count):
                found[row] = None
            if len(found) >= count:
                break
    return list(islice(found, count))


class _Search:
    """Tries numbers until nothing but an interval and remainders is left of each letter."""

    def __init__(
        self, facts: Facts, free: frozenset[str], steps: int, sample: int | None = None
    ) -> None:
        # What was found out about them before would not count.
        self._facts = facts.copy()
        self._free = free
        self._steps = steps
        self._sample = sample
        #: Each step takes up all statements again, which takes longer the deeper they are.
        exprs = [each.expr for truth in facts.general for each in _conditions(truth)]
        deep = sum(nesting(expr) ** 2 for expr in exprs) // SHALLOW
        self._weight = 1 + deep + len(exprs) // FEW

    def covering(self) -> Iterator[Facts]:
        """Yield facts that together cover all values of the letters; no two share one."""
        stack = [iter([(self._facts, frozenset[Condition]())])]
        while stack:
            state = next(stack[-1], None)
            if state is None:
                stack.pop()
                continue
            facts, split = state
            options = self._options(facts, split)
            if options is None:
                yield facts
            else:
                stack.append(self._tried(facts, *options))

    def _tried(
        self, facts: Facts, options: Iterable[tuple[Truth, ...]], split: frozenset[Condition]
    ) -> Iterator[tuple[Facts, frozenset[Condition]]]:
        for truths in options:
            self._steps -= self._weight
            if self._steps < 0:
                raise Endless
            narrowed = facts.copy()
            try:
                for truth in truths:
                    narrowed.require(truth)
            except Contradiction:
                continue
            yield narrowed, split

    def _options(
        self, facts: Facts, split: frozenset[Condition]
    ) -> tuple[Iterable[tuple[Truth, ...]], frozenset[Condition]] | None:
        """Return what to try next; None where no statement is left to try anything for."""
        truths = [
            truth for truth in facts.general if truth not in split and truth.letters & self._free
        ]
        if not truths:
            return None
        names = sorted({name for truth in truths for name in truth.letters})
        ranges = {name: facts.domain(name) for name in names}
        if self._sample is not None:
            name = min(names, key=lambda name: (_count(ranges[name]), name))
            return _numbers(name, islice(members(ranges[name]), self._sample)), split
        counts = {name: _count(domain) for name, domain in ranges.items()}
        least = min(counts.values())
        for truth in truths:
            parts = _as_product(facts, truth)
            if parts is not None and isinstance(truth, Condition):
                divided = list(_divided(*parts))
                if len(divided) < least:
                    return divided, split | {truth}
        if least == float("inf"):
            bounded = sum(len(truth.letters) for truth in truths)
            self._steps -= self._weight * BOUNDING * (len(names) + bounded // MANY)
            if self._steps < 0:
                raise Endless
            ranges = {name: _bounded(facts, truths, name) for name in names}
            counts = {name: _count(domain) for name, domain in ranges.items()}
        name = min(names, key=lambda name: (counts[name], name))
        if counts[name] > self._steps:
            raise Endless
        return _numbers(name, members(ranges[name])), split


def _conditions(truth: Condition | AnyOf) -> Sequence[Condition]:
    return truth.options if isinstance(truth, AnyOf) else (truth,)


def _numbers(name: str, numbers: Iterable[int]) -> Iterator[tuple[Truth, ...]]:
    return ((equal(Dim(name), number),) for number in numbers)


def put_in(truth: Condition | AnyOf, values: Mapping[str, Size]) -> Truth:
    """Say a statement with sizes instead of letters."""
    if isinstance(truth, AnyOf):
        return any_of(*(put_in(option, values) for option in truth.options))
    expr = substitute(truth.expr, values)
    return equal(expr, 0) if truth.exact else at_least(expr, 0)


def members(domain: Domain) -> Iterator[int]:
    """Yield the values of a domain in order, without end where it has none."""
    residues = sorted(domain.residues)
    start = domain.low - domain.low % domain.modulus
    while residues and (domain.high is None or start <= domain.high):
        for residue in residues:
            n = start + residue
            if domain.high is not None and n > domain.high:
                return
            if n >= domain.low:
                yield n
        start += domain.modulus


def _count(domain: Domain) -> float:
    """Say how many values a domain has, give or take a few."""
    if domain.high is None:
        return float("inf")
    return (domain.high - domain.low) * len(domain.residues) // domain.modulus + 1


def _bounded(facts: Facts, truths: Sequence[Condition | AnyOf], name: str) -> Domain:
    """Narrow the values of a letter to those up to which statements can hold.

    From n on one cannot hold if it cannot with ``n - 1 + x`` instead of the letter, for a
    letter x of which nothing is known.
    """
    domain = facts.domain(name)
    above = Dim(f"_{name}_above_")

    def fails(truth: Condition | AnyOf, n: int) -> bool:
        return facts.decide(put_in(truth, {name: above + (n - 1)})) is False

    for truth in truths:
        if name not in truth.letters:
            continue
        if not fails(truth, MAX_BOUND):
            continue
        high = max(domain.low, 1)
        while high < MAX_BOUND and not fails(truth, high):
            high *= 2
        low = high // 2
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (low, middle) if fails(truth, middle) else (middle, high)
        domain = domain.at_most(high - 1)
    return domain


def _as_product(facts: Facts, truth: Condition | AnyOf) -> tuple[list[Size], int] | None:
    """Say an equality as a product of sizes that are never negative, and the number it is."""
    if not isinstance(truth, Condition) or not truth.exact:
        return None
    for parts, value in as_products(truth.expr):
        small = len(parts) > 1 and 0 < value <= MAX_DIVIDED
        if small and all(facts.decide(at_least(part, 0)) is True for part in parts):
            return parts, value
    return None


def _divided(parts: Sequence[Size], value: int) -> Iterator[tuple[Truth, ...]]:
    """Yield what the first part and the others can be: divisors."""
    first, rest = parts[0], multiplied(parts[1:])
    small = [n for n in range(1, isqrt(value) + 1) if value % n == 0]
    for n in sorted({*small, *(value // n for n in small)}):
        yield equal(first, n), equal(rest, value // n)


def _boxes_of(facts: Facts, names: Sequence[str]) -> Iterator[Box]:
    """Yield the values of letters, of which nothing but their domains is known any more."""
    sizes = [facts.simplify(Dim(name)) for name in names]
    held = [letters(size) for size in sizes]
    free = sorted(frozenset[str]().union(*held))
    domains = [facts.domain(name) for name in free]
    if sum(map(_count, domains)) > MAX_LISTED:
        raise Endless
    numbers = {name: tuple(members(domain)) for name, domain in zip(free, domains, strict=True)}
    if sum(map(len, held)) == len(free) and all(
        isinstance(size, int) or size == Dim(name) for size, name in zip(sizes, names, strict=True)
    ):
        yield tuple(
            (size,) if isinstance(size, int) else numbers[name]
            for size, name in zip(sizes, names, strict=True)
        )
        return
    if prod(map(len, numbers.values())) > MAX_LISTED:
        raise Endless
    yield from {tuple((n,) for n in row): None for row in _rows(facts, names)}


def _rows(facts: Facts, names: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Yield the values of letters one by one."""
    sizes = [facts.simplify(Dim(name)) for name in names]
    free = sorted(frozenset[str]().union(*map(letters, sizes)))
    domains = [facts.domain(name) for name in free]
    if len(free) > 1 or any(domain.high is not None for domain in domains):
        limit = MAX_LISTED if all(d.high is not None for d in domains) else EXAMPLE_NUMBERS
        rows: Iterable[tuple[int, ...]] = product(
            *(tuple(islice(members(domain), limit)) for domain in domains)
        )
    else:
        rows = zip(*map(members, domains), strict=True) if domains else [()]
    for row in rows:
        values = dict(zip(free, row, strict=True))
        found = [substitute(size, values) for size in sizes]
        yield tuple(size for size in found if isinstance(size, int))


def _merged(found: Iterable[Box]) -> list[Box]:
    """Join boxes that differ in one letter only."""
    merged = list(dict.fromkeys(found))
    for place in range(len(merged[0]) if merged else 0):
        by_rest: dict[Box, set[int]] = {}
        for box in merged:
            rest = (*box[:place], *box[place + 1 :])
            by_rest.setdefault(rest, set()).update(box[place])
        merged = [
            (*rest[:place], tuple(sorted(values)), *rest[place:])
            for rest, values in by_rest.items()
        ]
    return sorted(merged)


def described(name: str, values: Sequence[int]) -> str:
    """Say in Python that a letter has one of these values, which are in order."""
    low, high = values[0], values[-1]
    step = values[1] - low if len(values) > 1 else 1
    even = all(b - a == step for a, b in pairwise(values))
    if even and (step == 1 or len(values) > 2):  # noqa: PLR2004  (of two it is no shorter)
        remainders = frozenset({low % step})
        return " and ".join(Domain(low, high, step, remainders).conditions(name))
    return f"{name} in ({', '.join(map(str, values))})"
