"""What follows from linear conditions on several letters, as far as adding two of them shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Symbol, nesting
from shapecalc.dims.bounds import Interval, Ranges, interval
from shapecalc.dims.expression import collect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shapecalc.dims.conditions import Condition
    from shapecalc.dims.expression import Size

#: How often bounds are passed on from letter to letter.
ROUNDS: Final = 4
#: More conditions than this are not looked at together.
MOST_KNOWN: Final = 50
#: Bounds beyond this are not passed on.
FAR: Final = 1 << 40
#: Nor are sizes that nest deeper than this.
DEEP: Final = 2


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
    for place, each in enumerate(known):
        if place == MOST_KNOWN:
            break
        if nesting(each.expr) > DEEP:
            continue
        for least in (each.expr, -each.expr) if each.exact else (each.expr,):
            low, _ = interval(_less(size, least), ranges)
            if low is not None and low >= 0:
                return True
    return False


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
