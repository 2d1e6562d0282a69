"""What follows from linear conditions on several letters, as far as adding two of them shows it."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Symbol, nesting
from shapecalc.dims.bounds import MEMORY_LIMIT, POSITIVE, Interval, Ranges, interval
from shapecalc.dims.conditions import AnyOf, Condition
from shapecalc.dims.expression import Dim, collect, letters, normal
from shapecalc.dims.rewrite import evaluated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapecalc.dims.expression import Size

#: How often bounds are passed on from letter to letter.
ROUNDS: Final = 4
#: More conditions than this are not looked at together.
MOST_KNOWN: Final = 50
#: Of more conditions none is left out because of the others.
MOST_SAID: Final = 12
#: Bounds beyond this are not passed on.
FAR: Final = 1 << 40
#: Nor are sizes that nest deeper than this.
DEEP: Final = 2
#: How far apart the numbers are at which sizes are compared first.
SAMPLES: Final = (0, 29, 3**40)


def contradicts(condition: Condition, known: Iterable[Condition], ranges: Ranges) -> bool:
    """Return whether a condition cannot hold beside one that does."""
    negations = [-1 - condition.expr]
    if condition.exact:
        # x == 0 is false where x >= 1 or -x >= 1 follows.
        return any(
            _known_at_least(size, known, ranges) for size in (condition.expr - 1, *negations)
        )
    return any(_known_at_least(size, known, ranges) for size in negations)


def follows(condition: Condition, known: Iterable[Condition], ranges: Ranges) -> bool:
    """Return whether a condition holds because another one does."""
    sizes = [condition.expr, -condition.expr] if condition.exact else [condition.expr]
    return all(_known_at_least(size, known, ranges) for size in sizes)


def _known_at_least(size: Size, known: Iterable[Condition], ranges: Ranges) -> bool:
    """Return whether ``size >= 0`` is what one of the known conditions says, or less."""
    if nesting(size) > DEEP:
        return False
    here = _sampled(size, ranges)
    for place, each in enumerate(known):
        if place == MOST_KNOWN:
            break
        if nesting(each.expr) > DEEP:
            continue
        for least in (each.expr, -each.expr) if each.exact else (each.expr,):
            if _is_less(here, _sampled(least, ranges)):
                continue
            low, _ = interval(_less(size, least), ranges)
            if low is not None and low >= 0:
                return True
    return False


def _is_less(some: Sequence[float], others: Sequence[float]) -> bool:
    """Return whether one size is less than another for some of the numbers that were tried."""
    return any(a < b for a, b in zip(some, others, strict=True))


def _sampled(size: Size, ranges: Ranges) -> Sequence[float]:
    """Return the values of a size for a few numbers that its letters may be.

    What is less for one of them is not bounded from below by 0; that takes a small part of the
    time of a bound.
    """
    if ranges.steps is None:
        least = [normal(terms, -low) for terms, low in ranges.least.items()]
        ranges.steps = [n for n in SAMPLES if all(_at(each, n, ranges) >= 0 for each in least)]
    if isinstance(size, int):
        return (size,) * len(ranges.steps)
    found = ranges.samples.get(size)
    if found is None:
        if len(ranges.samples) > MEMORY_LIMIT:
            ranges.samples.clear()
        found = ranges.samples[size] = [_at(size, step, ranges) for step in ranges.steps]
    return found


def _at(size: Dim, step: int, ranges: Ranges) -> float:
    """Return the value of a size that is so many steps from its least; nan for a division by 0."""
    try:
        return evaluated(size, {name: _sample(name, step, ranges) for name in letters(size)})
    except ZeroDivisionError:
        return nan


def _sample(name: str, step: int, ranges: Ranges) -> int:
    """Return a number that a letter may be; for letters of other names it is another one."""
    low, high = ranges.get(name, (1, None))
    number = (low or 1) + step * sum(name.encode())
    return number if high is None else min(number, high)


def _less(size: Size, other: Size) -> Size:
    """Return the difference unfolded: its bounds let floors cancel as they are."""
    if isinstance(size, int) or isinstance(other, int):
        return size - other
    terms = dict(size.terms)
    for monomial, coefficient in other.terms:
        terms[monomial] = terms.get(monomial, 0) - coefficient
    return collect(terms, size.const - other.const)


def implied_ranges(condition: Condition, ranges: Ranges) -> Ranges | None:
    """Return the bounds on letters that follow from a condition and from bounds on others.

    None where no value is left. From ``c*n + x >= 0`` follows ``n >= -max(x)/c`` for c > 0, and
    ``n <= max(x)/-c`` for c < 0.
    """
    found = ranges
    for _ in range(ROUNDS):
        before = found
        for name, coefficient, low, high in _linear(condition, found):
            bounds = _narrowed(found.get(name, (1, None)), coefficient, high)
            if condition.exact:
                mirrored = None if low is None else -low
                bounds = _narrowed(bounds, -coefficient, mirrored)
            if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
                return None
            if _is_far(bounds):
                continue
            if bounds != found.get(name, (1, None)):
                found = Ranges({**found, name: bounds}, found.least)
        if found is before:
            break
    return found


def _is_far(bounds: Interval) -> bool:
    """Return whether bounds have become larger than sizes are: they can square with each round."""
    return any(bound is not None and abs(bound) > FAR for bound in bounds)


def _linear(
    condition: Condition, ranges: Mapping[str, Interval]
) -> Iterator[tuple[str, int, int | None, int | None]]:
    """Yield each letter that stands alone in a term, with the bounds of all other terms."""
    expr = condition.expr
    for monomial, coefficient in expr.terms:
        atom, power = monomial[0]
        if len(monomial) == 1 and power == 1 and isinstance(atom, Symbol):
            rest = collect({m: c for m, c in expr.terms if m != monomial}, expr.const)
            yield atom.name, coefficient, *interval(rest, ranges)


def _narrowed(bounds: Interval, coefficient: int, most: int | None) -> Interval:
    """Return the bounds of n where ``coefficient*n + x >= 0`` and x is at most ``most``."""
    if most is None:
        return bounds
    low, high = bounds
    if coefficient > 0:
        least = -(most // coefficient)
        return (least if low is None else max(low, least), high)
    largest = most // -coefficient
    return (low, largest if high is None else min(high, largest))


class Needed:
    """What must be said, of bounds on letters and of conditions on several of them.

    What is left out follows from what is not, and is not used for anything else from then on.
    """

    def __init__(
        self,
        conditions: Sequence[Condition | AnyOf],
        given: Mapping[str, Interval],
        bounds: Mapping[str, Interval],
    ) -> None:
        """Take all that would be said, the bounds that are given, and those of the letters."""
        self._conditions = list(conditions)
        self._given = given
        self._bounds = dict(bounds)

    def bounds(self, name: str) -> Interval:
        """Return the bounds of a letter that follow from all else, and leave out its own."""
        low, high = self._following(name, self._conditions)
        own = self._bounds.get(name, POSITIVE)
        least, most = self._given.get(name, POSITIVE)
        kept_low = least if low is not None and own[0] is not None and low >= own[0] else own[0]
        kept_high = most if high is not None and own[1] is not None and high <= own[1] else own[1]
        self._bounds[name] = (kept_low, kept_high)
        return low, high

    def _following(self, name: str, conditions: Iterable[Condition | AnyOf]) -> Interval:
        """Return the bounds of a letter that conditions and the bounds of the others imply."""
        own = self._given.get(name, POSITIVE)
        found = Ranges({**self._bounds, name: own})
        if any(name in each.letters for each in conditions):
            found = self._ranges(conditions, found)
        return found.get(name, POSITIVE)

    @staticmethod
    def _ranges(conditions: Iterable[Condition | AnyOf], ranges: Ranges) -> Ranges:
        for each in conditions:
            narrowed = implied_ranges(each, ranges) if isinstance(each, Condition) else ranges
            ranges = ranges if narrowed is None else narrowed
        return ranges

    def conditions(self) -> list[Condition | AnyOf]:
        """Return the conditions without those that follow from the others and from the bounds."""
        if len(self._conditions) > MOST_SAID:
            return self._conditions
        kept = list(self._conditions)
        for each in self._conditions:
            if isinstance(each, Condition) and not each.exact:
                others = [other for other in kept if other is not each]
                ranges = self._ranges(others, Ranges(self._bounds))
                known = [other for other in others if isinstance(other, Condition)]
                low, _ = interval(each.expr, ranges)
                if (low is not None and low >= 0) or follows(each, known, ranges):
                    kept = others
        return kept
