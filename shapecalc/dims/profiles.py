"""Sizes of one base that are linear but for what repeats, from some number on: by their values.

A base is a letter, or a sum or product of letters that stands in all of a size in the same way.
Sizes that are equal have equal profiles, of which a short form is made.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims.atoms import Extremum, Floor, Symbol, nested, nesting
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import Dim, Size, collect, unfolded
from shapecalc.dims.monomials import Monomial
from shapecalc.dims.periodic import DEPTH_LIMIT, FORM_LIMIT, quotient_form

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A size that is not linear up to so many values is not looked at.
VALUES_LIMIT: Final = 1024
#: What a base is multiplied with, and divided by, in a size that is cut off on both sides.
SLOPES: Final = 12
#: The number of jumps that are said one by one.
JUMPS: Final = 3


class Profile(NamedTuple):
    """The first values of a size, those of the least number of the base first.

    The last ``period`` of them repeat, ``step`` more each time.
    """

    values: tuple[int, ...]
    period: int
    step: int

    def first(self, count: int) -> list[int]:
        """Return so many values."""
        found = list(self.values[:count])
        while len(found) < count:
            found.append(found[-self.period] + self.step)
        return found


def base_of(size: Size) -> Dim | None:
    """Return what a size is a function of: its letters stand everywhere in the same sum."""
    bases = _bases(size)
    return next(iter(bases)) if len(bases) == 1 else None


@remembered(8192)
def _bases(size: Size) -> frozenset[Dim]:
    """Return the sums of letters that a size is made of, without what they are multiplied with.

    Of more than two only some, since these are too many already.
    """
    linear, others = _parts(size)
    found: frozenset[Dim] = frozenset()
    if isinstance(linear, Dim):
        shared = gcd(*(c for _, c in linear.terms)) * (1 if linear.terms[0][1] > 0 else -1)
        base = collect({monomial: c // shared for monomial, c in linear.terms}, 0)
        found = frozenset({base} if isinstance(base, Dim) else ())
    for atom, _ in others:
        for part in nested(atom):
            if len(found) < 2:  # noqa: PLR2004  (two are too many already)
                found |= _bases(part)
    return found


def _parts(size: Size) -> tuple[Size, list[tuple[Floor | Extremum, int]]]:
    """Split a size into what is made of letters alone, and its floors and extrema."""
    if isinstance(size, int):
        return size, []
    plain: dict[Monomial, int] = {}
    others: list[tuple[Floor | Extremum, int]] = []
    for monomial, coefficient in size.terms:
        atom, power = monomial[0]
        if isinstance(atom, (Floor, Extremum)) and len(monomial) == 1 and power == 1:
            others.append((atom, coefficient))
        else:
            plain[monomial] = coefficient
    return collect(plain, size.const), others


def profile(size: Size, base: Dim) -> Profile | None:
    """Return the values of a size over its base, from the least that the base can be on."""
    low, _ = interval(base, FREE)
    if low is None or nesting(size) >= DEPTH_LIMIT:
        return None
    if any(type(atom) is not Symbol for monomial, _ in base.terms for atom, _ in monomial):
        return None
    return _profile(size, base, low)


@remembered(8192)
def _profile(size: Size, base: Dim, low: int) -> Profile | None:
    linear, others = _parts(size)
    slope = 0
    const = linear
    if isinstance(linear, Dim):
        slope = linear.terms[0][1] // base.terms[0][1]
        const = linear - slope * base
    if not isinstance(const, int):
        return None
    terms = [(Profile((const + slope * low,), 1, slope), 1)]
    for atom, coefficient in others:
        found = _floor(atom, base, low) if isinstance(atom, Floor) else _extreme(atom, base, low)
        if found is None:
            return None
        terms.append((found, coefficient))
    return _sum(terms)


def _sum(terms: Sequence[tuple[Profile, int]]) -> Profile | None:
    period = lcm(*(part.period for part, _ in terms))
    count = max(len(part.values) - part.period for part, _ in terms) + period
    if period > FORM_LIMIT or count > VALUES_LIMIT:
        return None
    rows = [[c * each for each in part.first(count)] for part, c in terms]
    step = sum(c * part.step * (period // part.period) for part, c in terms)
    return _least([sum(column) for column in zip(*rows, strict=True)], period, step)


def _floor(atom: Floor, base: Dim, low: int) -> Profile | None:
    inner = _profile(atom.num, base, low)
    if inner is None or not isinstance(atom.den, int):
        return None
    # After so many periods the numerator has grown by a multiple of the divisor.
    times = atom.den // gcd(inner.step, atom.den)
    period = inner.period * times
    count = len(inner.values) - inner.period + period
    if period > FORM_LIMIT or count > VALUES_LIMIT:
        return None
    found = [each // atom.den for each in inner.first(count)]
    return _least(found, period, inner.step * times // atom.den)


def _extreme(atom: Extremum, base: Dim, low: int) -> Profile | None:
    parts: list[Profile] = []
    for arg in atom.args:
        part = _profile(arg, base, low)
        if part is None:
            return None
        parts.append(part)
    period = lcm(*(part.period for part in parts))
    count = max(len(part.values) - part.period for part in parts) + period
    steps = [part.step * (period // part.period) for part in parts]
    choose = max if atom.op == "max" else min
    step = choose(steps)
    if period > FORM_LIMIT or count > VALUES_LIMIT:
        return None
    rows = [part.first(count) for part in parts]
    winner = next(row for row, each in zip(rows, steps, strict=True) if each == step)
    # How many periods it takes until what grows most has left everything else behind.
    behind = 0
    for row, each in zip(rows, steps, strict=True):
        if each != step:
            pairs = zip(row[-period:], winner[-period:], strict=True)
            ahead = max((a - b) * (1 if step > each else -1) for a, b in pairs)
            behind = max(behind, -(-ahead // abs(step - each)))
    count += behind * period
    if count > VALUES_LIMIT:
        return None
    rows = [part.first(count) for part in parts]
    return _least([choose(column) for column in zip(*rows, strict=True)], period, step)


def _least(values: list[int], period: int, step: int) -> Profile:
    """Make the profile with the shortest period, and then with the fewest values."""
    around = [*values[-period:], *(each + step for each in values[-period:])]
    for shorter in range(1, period):
        if period % shorter == 0 and step * shorter % period == 0:
            rise = step * shorter // period
            if all(around[n + shorter] - around[n] == rise for n in range(period)):
                period, step = shorter, rise
                break
    count = len(values)
    while count > period and values[count - 1] - values[count - 1 - period] == step:
        count -= 1
    return Profile(tuple(values[:count]), period, step)


def shortest(size: Size) -> Size:
    """Write a size with several extrema in fewer parts, where its profile shows how."""
    if isinstance(size, int) or all(type(atom) is Symbol for m, _ in size.terms for atom, _ in m):
        return size
    return _shortest(size)


@remembered(8192)
def _shortest(size: Dim) -> Size:
    if nesting(size) >= DEPTH_LIMIT or count_extrema(size) < 2:  # noqa: PLR2004  (one is short)
        return size
    base = base_of(size)
    found = None if base is None else profile(size, base)
    if base is None or found is None:
        return size
    written = _form(found, base)
    return size if written is None or _parts_of(written) >= _parts_of(size) else written


@lru_cache(maxsize=8192)
def count_extrema(size: Size) -> int:
    """Count the extrema in a size."""
    atoms = [] if isinstance(size, int) else [atom for term in size.terms for atom, _ in term[0]]
    return sum(
        isinstance(atom, Extremum) + sum(map(count_extrema, nested(atom)))
        for atom in atoms
        if type(atom) is not Symbol
    )


@lru_cache(maxsize=8192)
def _parts_of(size: Size) -> int:
    """Count the terms of a size, and those inside of it."""
    if isinstance(size, int):
        return bool(size)
    inside = sum(_parts_of(part) for m, _ in size.terms for atom, _ in m for part in nested(atom))
    return len(size.terms) + bool(size.const) + inside


def _form(found: Profile, base: Dim) -> Size | None:
    """Write a profile as a number, a floor, one that is cut off, or with few jumps."""
    low, _ = interval(base, FREE)
    assert low is not None  # noqa: S101  (it has a profile)
    values, period, step = found
    start = len(values) - period
    if step == 0 and period == 1:
        return (
            values[0]
            if start == 0
            else _between(values, base, low)
            or _jumps(values, values[-1], [values[-1]] * len(values), base, low)
        )
    tail = quotient_form(found.first(len(values) + 1)[start:], base, low + start, period)
    if tail is None or start == 0:
        return tail
    before = list(values[start:])
    for _ in range(start):
        before.insert(0, before[period - 1] - step)
    op, choose = ("max", max) if step > 0 else ("min", min)
    if all(each == choose(line, values[0]) for each, line in zip(values, before, strict=True)):
        return _cut(op, tail, values[0])
    return _jumps(values, tail, before, base, low)


def _cut(op: str, size: Size, number: int) -> Size:
    from shapecalc.dims.extrema import cut_off  # which stands on this module

    return cut_off(op, size, number)


def _between(values: tuple[int, ...], base: Dim, low: int) -> Size | None:
    """``k*max(min((a*n + b)//d, m), 0) + c``, for what grows from one number to another.

    Of all a and d those with the least sum, and of those the least d.
    """
    shared = gcd(*(each - values[0] for each in values))
    factor = shared if values[-1] > values[0] else -shared
    steps = [(each - values[0]) // factor for each in values]
    if any(after < before for before, after in pairwise(steps)):
        return None
    most = steps[-1]
    last = max(n for n, step in enumerate(steps) if step == 0)
    inner = [(low + n, step) for n, step in enumerate(steps) if last < n < len(steps) - 1]
    for total in range(2, 2 * SLOPES):
        for den in range(1, total):
            slope = total - den
            # At the last number before it grows it is less than 1, at the end it is large enough.
            least = den * most - slope * (low + len(steps) - 1)
            top = den - 1 - slope * (low + last)
            least = max([least, *(den * step - slope * n for n, step in inner)])
            top = min([top, *(den * step - slope * n + den - 1 for n, step in inner)])
            if least <= top:
                grows = (base * slope + least) // den
                return _cut("max", _cut("min", grows, most), 0) * factor + values[0]
    return None


def _jumps(
    values: Sequence[int], line: Size, others: Sequence[int], base: Dim, low: int
) -> Size | None:
    """``x + k*max(min(n - t, 1), 0) + ... + c``, where a size differs from x up to some number."""
    apart = [a - b for a, b in zip(values, others, strict=True)]
    places = [n for n in range(1, len(apart)) if apart[n] != apart[n - 1]]
    if len(places) > JUMPS:
        return None
    total: Size = line + apart[0]
    for place in places:
        reached = _cut("max", _cut("min", base - (low + place - 1), 1), 0)
        total = unfolded(total, reached, apart[place] - apart[place - 1])
    return total
