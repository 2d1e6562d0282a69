"""The smallest and the largest value of a size, where its letters range over intervals."""

from __future__ import annotations

from functools import lru_cache
from math import lcm
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol
from shapecalc.dims.effort import METER, Measured
from shapecalc.dims.expression import Dim, Size, collect, unfolded
from shapecalc.dims.monomials import Monomial

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The least and the greatest value; None where there is no limit.
Interval = tuple[int | None, int | None]

#: A sum without its number.
Terms = tuple[tuple[Monomial, int], ...]

#: How many bounds are remembered.
MEMORY_LIMIT: Final = 10_000
#: Polynomials of more terms, or of a higher degree, are not shifted.
SHIFT_LIMIT: Final = 8
#: Floors are relaxed so many levels deep; what is deeper is bounded by itself.
RELAXED_DEPTH: Final = 12
#: Sums with more extrema than this are bounded term by term, and so are those that come of
#: putting the sizes of so many extrema in their place.
SPREAD_LIMIT: Final = 3

#: A letter of which nothing is known: a positive integer.
POSITIVE: Interval = (1, None)


class Ranges(dict[str, Interval]):
    """The intervals of letters, with the bounds that were found from them.

    Whoever changes an interval makes a new one. Beside a bound stands what it took to find it.
    """

    def __init__(
        self,
        intervals: Mapping[str, Interval] = MappingProxyType({}),
        least: Mapping[Terms, int] = MappingProxyType({}),
    ) -> None:
        super().__init__(intervals)
        #: What tells these from others.
        self.mark = object()
        #: The bounds of floors, extrema and sums that are factors, each with the sums it took.
        self.atoms: dict[Atom, tuple[Interval, float]] = {}
        #: The same of sums with extrema, by how many more of these may be replaced.
        self.sums: dict[tuple[Dim, int], tuple[Interval, float]] = {}
        #: The values of sizes for a few numbers that letters may be, and how far apart these are.
        self.samples: dict[Dim, list[float]] = {}
        self.steps: list[int] | None = None
        #: The least values of sums of several letters.
        self.least = dict(least)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave out what was found, which can be found again."""
        return (Ranges, (dict(self), self.least))


#: Nothing is known about any letter.
FREE: Final = Ranges()


def interval(size: Size, ranges: Mapping[str, Interval], spreads: int = SPREAD_LIMIT) -> Interval:
    """Bound a size; exact for sums with one sign for each letter, safe for everything else.

    ``spreads`` is how many extrema may still be replaced by their sizes, one within the other.
    """
    if isinstance(size, int):
        return (size, size)
    low: int | None = size.const
    high: int | None = size.const
    for monomial, coefficient in size.terms:
        part = _scale(_product(monomial, ranges), coefficient)
        low = None if low is None or part[0] is None else low + part[0]
        high = None if high is None or part[1] is None else high + part[1]
    if isinstance(ranges, Ranges) and size.terms in ranges.least:
        least = ranges.least[size.terms] + size.const
        low = least if low is None else max(low, least)
    if len(size.terms) == 1:
        return (low, high)
    found = (low, high)
    if low is None or high is None or _mixes_floors(size):
        found = _tighter(found, _relaxed(size, ranges))
    extrema = [m for m, _ in size.terms if alone(m) is not None]
    if 1 <= len(extrema) <= spreads:
        found = _tighter(found, _spread(size, extrema[0], ranges, spreads))
    if found[0] is None or found[1] is None:
        found = _tighter(found, _shifted(size, ranges))
    return found


def _shifted(size: Dim, ranges: Mapping[str, Interval]) -> Interval:
    """Bound a polynomial through what its letters are beyond their least values.

    Where all its coefficients are then of one sign, the constant is the bound.
    """
    powers = [(atom, power) for monomial, _ in size.terms for atom, power in monomial]
    if len(size.terms) > SHIFT_LIMIT or any(type(atom) is not Symbol for atom, _ in powers):
        return (None, None)
    if all(len(monomial) == 1 and monomial[0][1] == 1 for monomial, _ in size.terms):
        return (None, None)
    moved: Size = size.const
    for monomial, coefficient in size.terms:
        part: Size = coefficient
        for atom, power in monomial:
            assert isinstance(atom, Symbol)  # noqa: S101  (as was seen above)
            least = ranges.get(atom.name, POSITIVE)[0]
            if least is None or power > SHIFT_LIMIT:
                return (None, None)
            part = part * (collect({((atom, 1),): 1}, least)) ** power
        moved = moved + part
    if isinstance(moved, int):
        return (moved, moved)
    signs = {c > 0 for _, c in moved.terms}
    low = moved.const if signs == {True} else None
    return (low, moved.const if signs == {False} else None)


def alone(monomial: Monomial) -> Extremum | None:
    """Return the extremum that a monomial is, where it is nothing else."""
    atom, power = monomial[0]
    return atom if isinstance(atom, Extremum) and len(monomial) == 1 and power == 1 else None


def _spread(
    size: Dim, monomial: Monomial, ranges: Mapping[str, Interval], spreads: int
) -> Interval:
    """Bound ``x + k*max(a, b)`` through x + k*a and x + k*b, in which letters cancel."""
    known = ranges if isinstance(ranges, Ranges) else Ranges(ranges)
    entry = known.sums.get((size, spreads))
    if entry is None:
        with Measured() as made:
            found = _replaced(size, monomial, known, spreads - 1)
        if len(known.sums) > MEMORY_LIMIT:
            known.sums.clear()
        entry = known.sums[size, spreads] = (found, made.sums)
    if entry[1] and METER.limits:
        METER.charge((known.mark, size, spreads), entry[1])
    return entry[0]


def _replaced(
    size: Dim, monomial: Monomial, ranges: Mapping[str, Interval], spreads: int
) -> Interval:
    """Bound a sum through those with each size of an extremum in its place."""
    rest = collect({m: c for m, c in size.terms if m != monomial}, size.const)
    coefficient = dict(size.terms)[monomial]
    atom = alone(monomial)
    assert atom is not None  # noqa: S101  (it was chosen for that)
    parts = [interval(unfolded(rest, arg, coefficient), ranges, spreads) for arg in atom.args]
    return _extreme((atom.op == "max") == (coefficient > 0), parts)


def _tighter(a: Interval, b: Interval) -> Interval:
    """Return what both bounds say together."""
    lows = [low for low in (a[0], b[0]) if low is not None]
    highs = [high for high in (a[1], b[1]) if high is not None]
    return (max(lows, default=None), min(highs, default=None))


def _mixes_floors(size: Dim) -> bool:
    return any(isinstance(monomial[0][0], Floor) for monomial, _ in size.terms)


def _scale(part: Interval, factor: int) -> Interval:
    if factor == 1:
        return part
    low, high = part
    scaled = (None if low is None else low * factor, None if high is None else high * factor)
    return scaled if factor > 0 else (scaled[1], scaled[0])


def _product(monomial: tuple[tuple[Atom, int], ...], ranges: Mapping[str, Interval]) -> Interval:
    if len(monomial) == 1 and monomial[0][1] == 1:
        return _atom(monomial[0][0], ranges)
    low: int = 1
    high: int | None = 1
    for atom, power in monomial:
        least, most = _atom(atom, ranges)
        if least is None or least < 0:
            return _signed_product(monomial, ranges)
        if most == 0:
            # Whatever the others are.
            return (0, 0)
        low *= least**power
        high = None if high is None or most is None else high * most**power
    return (low, high)


def _signed_product(
    monomial: tuple[tuple[Atom, int], ...], ranges: Mapping[str, Interval]
) -> Interval:
    low, high = 1, 1
    for atom, power in monomial:
        least, most = _atom(atom, ranges)
        if least is None or most is None:
            return (None, None)
        for _ in range(power):
            ends = (low * least, low * most, high * least, high * most)
            low, high = min(ends), max(ends)
    return (low, high)


def _atom(atom: Atom, ranges: Mapping[str, Interval]) -> Interval:
    if isinstance(atom, Symbol):
        return ranges.get(atom.name, POSITIVE)
    known = ranges if isinstance(ranges, Ranges) else Ranges(ranges)
    entry = known.atoms.get(atom)
    if entry is None:
        with Measured() as made:
            if isinstance(atom, Floor):
                found = _floor(atom, known)
            elif isinstance(atom, Extremum):
                found = _extremum(atom, known)
            else:
                assert isinstance(atom, Group)  # noqa: S101  (the last of the four kinds)
                found = interval(atom.total, known)
        if len(known.atoms) > MEMORY_LIMIT:
            known.atoms.clear()
        entry = known.atoms[atom] = (found, made.sums)
    if entry[1] and METER.limits:
        METER.charge((known.mark, atom), entry[1])
    return entry[0]


def _floor(atom: Floor, ranges: Mapping[str, Interval]) -> Interval:
    least, most = interval(atom.num, ranges)
    small, large = interval(atom.den, ranges)
    if small is None or small < 1:
        return (None, None)
    if least is None:
        low = None
    elif least >= 0:
        low = 0 if large is None else least // large
    else:
        low = least // small
    if most is None:
        high = None
    elif most >= 0:
        high = most // small
    else:
        high = -1 if large is None else most // large
    return (low, high)


def _extremum(atom: Extremum, ranges: Mapping[str, Interval]) -> Interval:
    return _extreme(atom.op == "max", [interval(arg, ranges) for arg in atom.args])


def _extreme(largest: bool, parts: list[Interval]) -> Interval:  # noqa: FBT001  (max or min)
    lows = [low for low, _ in parts]
    highs = [high for _, high in parts]
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    if largest:
        low = max(known_lows, default=None)
        high = max(known_highs) if len(known_highs) == len(highs) else None
    else:
        low = min(known_lows) if len(known_lows) == len(lows) else None
        high = min(known_highs, default=None)
    return (low, high)


def _relaxed(size: Dim, ranges: Mapping[str, Interval]) -> Interval:
    """Bound through ``x/c - (c - 1)/c <= x//c <= x/c``, which lets floors and letters cancel."""
    total, low, high, shared = _multiplied(size, 0)
    bottom: int | None = low
    top: int | None = high
    for monomial, factor in total.items():
        if factor == 0:
            continue
        least, most = _product(monomial, ranges)
        if factor < 0:
            least, most = most, least
        bottom = None if bottom is None or least is None else bottom + factor * least
        top = None if top is None or most is None else top + factor * most
    least = None if bottom is None else -(-bottom // shared)
    return (least, None if top is None else top // shared)


def linear(size: Dim) -> tuple[int, int, int] | None:
    """Return k, low and high with ``k*n + low <= m*size <= k*n + high`` for some m > 0.

    All letters of the size count as one, n; None where its multiple is not linear in it, or k is 0.
    """
    total, low, high, _ = _multiplied(size, 0)
    slopes = {monomial: factor for monomial, factor in total.items() if factor}
    if len(slopes) != 1:
        return None
    ((monomial, slope),) = slopes.items()
    atom, power = monomial[0]
    if len(monomial) > 1 or power > 1 or type(atom) is not Symbol:
        return None
    return slope, low, high


@lru_cache(maxsize=8192)
def _multiplied(size: Size, depth: int) -> tuple[Mapping[Monomial, int], int, int, int]:
    """Multiply a size by what its floors divide by: then it is some terms and low to high more.

    ``x - (c - 1) <= c*(x//c) <= x``; returns the terms, low, high and the multiplier.
    """
    if isinstance(size, int):
        return {}, size, size, 1
    total: dict[Monomial, int] = {}
    low = high = size.const
    shared = 1
    for monomial, coefficient in size.terms:
        atom, power = monomial[0]
        den = atom.den if isinstance(atom, Floor) else 0
        if len(monomial) > 1 or power > 1 or depth == RELAXED_DEPTH or not isinstance(den, int):
            den = 0
        if not den:
            total[monomial] = total.get(monomial, 0) + shared * coefficient
            continue
        assert isinstance(atom, Floor)  # noqa: S101  (it has a divisor)
        terms, least, most, times = _multiplied(atom.num, depth + 1)
        least -= (den - 1) * times
        joint = lcm(shared, den * times)
        if joint != shared:
            grown, shared = joint // shared, joint
            total = {m: c * grown for m, c in total.items()}
            low, high = low * grown, high * grown
        factor = coefficient * (shared // (den * times))
        for each, c in terms.items():
            total[each] = total.get(each, 0) + factor * c
        low += factor * (least if factor > 0 else most)
        high += factor * (most if factor > 0 else least)
    return total, low, high, shared
