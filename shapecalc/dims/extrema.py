"""``max`` and ``min`` of sizes, in the normal form."""

from __future__ import annotations

from collections import Counter
from math import gcd
from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Atom, Extremum, Symbol, key_of
from shapecalc.dims.bounds import FREE, alone, interval
from shapecalc.dims.division import divided, floordiv
from shapecalc.dims.expression import Dim, Size, atom_size, collect, unfolded
from shapecalc.dims.monomials import Monomial
from shapecalc.dims.profiles import shortest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapecalc.dims.atoms import Key
    from shapecalc.dims.bounds import Interval


def maximum(*sizes: Size, ranges: Mapping[str, Interval] | None = None) -> Size:
    """Return the largest: ``max(max(a, b) + c, d) = max(a + c, b + c, d)``, without losers."""
    return _extremum("max", sizes, FREE if ranges is None else ranges)


def minimum(*sizes: Size, ranges: Mapping[str, Interval] | None = None) -> Size:
    """Return the smallest, in the same form as `maximum`."""
    return _extremum("min", sizes, FREE if ranges is None else ranges)


def largest(sizes: Sequence[Size], ranges: Mapping[str, Interval]) -> Size:
    """Return the largest: ``max(x*a, x*b) = x*max(a, b)`` for letters x, which are positive."""
    common = _common_letters(sizes)
    rest = [divided(size, common, 1) if isinstance(size, Dim) else size for size in sizes]
    found = maximum(*rest, ranges=ranges)
    return collect({common: 1}, 0) * found if common else found


def _common_letters(sizes: Sequence[Size]) -> Monomial:
    """Return the letters that divide each term of all sizes."""
    shared: Counter[Atom] | None = None
    for size in sizes:
        if isinstance(size, int) or size.const:
            return ()
        for monomial, _ in size.terms:
            powers = Counter[Atom]()
            powers.update({a: power for a, power in monomial if isinstance(a, Symbol)})
            shared = powers if shared is None else shared & powers
    return tuple(sorted((shared or Counter()).items(), key=lambda item: item[0].key))


def cut_off(op: str, size: Size, number: int) -> Size:
    """Return an extremum of a size and a number, which is in the shortest form already."""
    part, rest = _parted(op, (size, number), FREE)
    return unfolded(part, rest, 1)


def _extremum(op: str, sizes: Iterable[Size], ranges: Mapping[str, Interval]) -> Size:
    part, rest = _parted(op, sizes, ranges)
    return shortest(part + rest)


def _parted(op: str, sizes: Iterable[Size], ranges: Mapping[str, Interval]) -> tuple[Size, Size]:
    """Return what all sizes have in common, and the extremum of what else they are."""
    kept: list[Size] = []
    for size in sizes:
        for candidate in _spread(op, size):
            if any(_beats(op, other, candidate, ranges) for other in kept):
                continue
            kept = [other for other in kept if not _beats(op, candidate, other, ranges)]
            kept.append(candidate)
    if len(kept) == 1:
        return 0, kept[0]
    common = _common(kept)
    if common:
        part = collect(common, 0)
        more, rest = _parted(op, [size - part for size in kept], ranges)
        return part + more, rest
    ordered = sorted(kept, key=_numbers_last)
    base = ordered[-1] if isinstance(ordered[-1], int) else _constant(ordered[0])
    apart = [size - base for size in ordered]
    shared = gcd(*(c for size in apart for c in _numbers(size)))
    args = tuple(
        [divided(size, (), shared) if isinstance(size, Dim) else size // shared for size in apart]
    )
    return base, atom_size(Extremum(op, args)) * shared


def _numbers(size: Size) -> list[int]:
    """Return the numbers in a sum: ``max(k*a, k*b) = k*max(a, b)`` for k > 0."""
    return [size] if isinstance(size, int) else [size.const, *(c for _, c in size.terms)]


def _constant(size: Size) -> int:
    """``max(a + 2, b + 5) = max(a, b + 3) + 2``, and a number among the sizes becomes 0."""
    return size if isinstance(size, int) else size.const


def _common(sizes: list[Size]) -> dict[Monomial, int]:
    """Return the terms that all sizes have: ``max(a + x, b + x) = x + max(a, b)``."""
    first, *others = sizes
    if isinstance(first, int):
        return {}
    kept = dict(first.terms)
    for other in others:
        terms = {} if isinstance(other, int) else dict(other.terms)
        kept = {monomial: c for monomial, c in kept.items() if terms.get(monomial) == c}
    return kept


def quotient_of_extremum(size: Dim, d: int) -> Size | None:
    """``(k*max(a, b) + c)//d`` as the same of both; None where the size is not of this form."""
    ((monomial, coefficient),) = size.terms
    atom = alone(monomial)
    if atom is None:
        return None
    op = atom.op if coefficient > 0 else _OTHER[atom.op]
    return _extremum(op, [floordiv(coefficient * a + size.const, d) for a in atom.args], FREE)


def _numbers_last(size: Size) -> tuple[bool, Key]:
    return (isinstance(size, int), key_of(size))


def _spread(op: str, size: Size) -> list[Size]:
    """``k*max(a, b) + c`` as k*a + c and k*b + c, for k > 0; with k < 0 of ``min``."""
    if isinstance(size, Dim) and len(size.terms) == 1:
        ((monomial, coefficient),) = size.terms
        atom = alone(monomial)
        if atom is not None and (atom.op == op) == (coefficient > 0):
            return [coefficient * arg + size.const for arg in atom.args]
    return [size]


def _beats(op: str, a: Size, b: Size, ranges: Mapping[str, Interval]) -> bool:
    # To fold the difference would compare sizes in its turn, without end.
    low, high = interval(unfolded(a, b, -1), ranges)
    return low is not None and low >= 0 if op == "max" else high is not None and high <= 0


def folded_extrema(size: Dim) -> Size | None:
    """Write a sum with an extremum in fewer terms; None where that is not known.

    ``max(d, 0) + min(e, f) = e`` where d is e - f; ``x - min(x, a) = max(0, x - a)``.
    """
    found = [(atom, m, c) for m, c in size.terms if (atom := alone(m)) is not None]
    if not found:
        return None
    if len(found) > 1:
        paired = _paired(size, found)
        if paired is not None:
            return paired
    for atom, monomial, coefficient in found:
        rest = collect({m: c for m, c in size.terms if m != monomial}, size.const)
        if not _may_cancel(rest, atom, coefficient):
            continue
        op = atom.op if coefficient > 0 else _OTHER[atom.op]
        part, other = _parted(op, [rest + coefficient * arg for arg in atom.args], FREE)
        # What is shorter is folded in its turn; what is not must not be, for that has no end.
        if _weight(part) + _weight(other) < _weight(size):
            return part + other
    return None


_OTHER = {"max": "min", "min": "max"}


def _may_cancel(rest: Size, atom: Extremum, coefficient: int) -> bool:
    """Return whether a term of the rest has the opposite sign in an argument."""
    terms = {} if isinstance(rest, int) else dict(rest.terms)
    return any(
        terms.get(monomial, 0) * c * coefficient < 0
        for arg in atom.args
        if isinstance(arg, Dim)
        for monomial, c in arg.terms
    )


def _paired(size: Dim, found: list[tuple[Extremum, Monomial, int]]) -> Size | None:
    """Join two extrema of two sizes each that have the same difference, up to its sign.

    ``max(a, b) = b + P`` and ``min(a, b) = a - P`` with ``P = max(a - b, 0)``;
    with the difference the other way round P is less by a - b.
    """
    by_difference: dict[Size, list[tuple[Extremum, Monomial, int]]] = {}
    for atom, monomial, coefficient in found:
        if len(atom.args) == 2:  # noqa: PLR2004  (of more there is no difference)
            by_difference.setdefault(_difference(atom)[0], []).append((atom, monomial, coefficient))
    for difference, several in by_difference.items():
        if len(several) < 2:  # noqa: PLR2004
            continue
        gone = {monomial for _, monomial, _ in several}
        total = collect({m: c for m, c in size.terms if m not in gone}, size.const)
        times = 0
        for atom, _, coefficient in several:
            _, base, sign = _difference(atom)
            total = total + base * coefficient
            times += sign * coefficient
        joined = total + times * maximum(difference, 0)
        if _weight(joined) < _weight(size):
            return joined
    return None


def _difference(atom: Extremum) -> tuple[Size, Size, int]:
    """Return an extremum of two as ``base + sign*max(difference, 0)``."""
    a, b = atom.args
    difference = a - b
    if isinstance(difference, Dim) and difference.terms[0][1] < 0:
        a, b, difference = b, a, -difference
    return (difference, b, 1) if atom.op == "max" else (difference, a, -1)


def _weight(size: Size) -> int:
    """Return how many terms with letters a size has, those inside of its extrema too."""
    if isinstance(size, int):
        return 0
    total = 0
    for monomial, _ in size.terms:
        extrema = [atom for atom, _ in monomial if isinstance(atom, Extremum)]
        total += sum(_weight(arg) for atom in extrema for arg in atom.args)
        total += len(extrema) < len(monomial)
    return total
