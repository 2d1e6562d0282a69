"""Sums of floors and extrema in a form of their own: ``T - T//2 = (T + 1)//2``."""

from __future__ import annotations

from math import gcd
from typing import Final

from shapecalc.dims.atoms import Atom, Floor, Symbol, nesting
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.division import floordiv
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import Dim, Size, collect, letters
from shapecalc.dims.extrema import folded_extrema
from shapecalc.dims.monomials import Monomial, product_of
from shapecalc.dims.periodic import recognized, wave
from shapecalc.dims.profiles import shortest
from shapecalc.dims.rewrite import is_letter, substitute

#: Sums of more terms than this stay as they are.
TERM_LIMIT: Final = 24
#: Stands for what the floors of a sum are made of, while their sum is looked at.
_BASE: Final = "_"


@remembered(8192)
def folded(size: Dim) -> Size:
    """Write a sum with as few floors and extrema as are known to do.

    Of forms that lead to one another it is the least, whichever comes first.
    """
    current: Size = size
    seen: dict[Dim, None] = {}
    while isinstance(current, Dim) and 1 < len(current.terms) <= TERM_LIMIT:
        if current in seen:
            forms = list(seen)
            current = min(forms[forms.index(current) :], key=lambda form: (form.parts, form.key))
            break
        seen[current] = None
        shorter = _fold_floors(current)
        if shorter is None:
            shorter = folded_extrema(current)
        if shorter is None or shorter == current:
            break
        current = shorter
    return shortest(current)


@remembered(8192)
def unnested(quotient: Dim) -> Size:
    """Write a floor over floors without those, where it has one value or a form with one floor."""
    low, high = interval(quotient, FREE)
    if low is not None and low == high:
        return low
    if len(letters(quotient)) != 1:
        return quotient
    found = recognized(quotient)
    return shortest(quotient) if found is None else found


def _fold_floors(size: Dim) -> Size | None:
    """Join the floors over the same size, and what is linear in it; None where all is joined."""
    for (base, cofactor), parts in _groups(size).items():
        slope = _linear_part(size, base, cofactor)
        if len(parts) + bool(slope) < 2:  # noqa: PLR2004  (a lone floor is in its form already)
            turned = _turned(size, base, cofactor, *parts[0])
            if turned is not None:
                return turned
            continue
        replaced = dict(size.terms)
        for floor, coefficient in parts:
            replaced[_times(cofactor, floor)] -= coefficient
        for monomial, coefficient in base.terms:
            if slope:
                replaced[product_of(cofactor, monomial)] -= slope * coefficient
        joined = _joined(base, slope, tuple(parts))
        result = _added(replaced, size.const, joined, cofactor)
        if result != size:
            return result
    return None


def _turned(
    size: Dim, base: Dim, cofactor: Monomial, floor: Floor, coefficient: int
) -> Size | None:
    """``s - (a*n + b)//d = s - n + ((d - a)*n + d - 1 - b)//d``, where s has letters of n."""
    terms = dict(size.terms)
    inside = [(product_of(cofactor, monomial), c) for monomial, c in base.terms]
    if coefficient > 0 or len(inside) == 1 or not any(m in terms for m, _ in inside):
        return None
    assert isinstance(floor.num, Dim)  # noqa: S101  (as `_base` has seen)
    assert isinstance(floor.den, int)  # noqa: S101
    rest = floor.den * base - floor.num + (floor.den - 1)
    factor = floor.num.terms[0][1] // base.terms[0][1]
    if not 0 < factor < floor.den or not isinstance(rest, Dim):
        return None
    del terms[_times(cofactor, floor)]
    for monomial, c in inside:
        terms[monomial] = terms.get(monomial, 0) + coefficient * c
    return _added(terms, size.const, -coefficient * floordiv(rest, floor.den), cofactor)


def _groups(size: Dim) -> dict[tuple[Dim, Monomial], list[tuple[Floor, int]]]:
    """Return the floors of a sum by their base and their factor."""
    found: dict[tuple[Dim, Monomial], list[tuple[Floor, int]]] = {}
    for monomial, coefficient in size.terms:
        for atom, power in monomial:
            if isinstance(atom, Floor) and power == 1:
                base = _base(atom)
                if base is not None:
                    cofactor = tuple(item for item in monomial if item[0] != atom)
                    found.setdefault((base, cofactor), []).append((atom, coefficient))
    return found


@remembered(4096)
def _base(floor: Floor) -> Dim | None:
    """Return what a floor is a function of: its only letter, or a sum up to a factor."""
    if not isinstance(floor.den, int) or not isinstance(floor.num, Dim):
        return None
    names = letters(floor.num)
    if len(names) == 1 and wave(floor.num) is not None:
        return Dim(next(iter(names)))
    shared = gcd(*(c for _, c in floor.num.terms))
    if any(not isinstance(atom, Symbol) for m, _ in floor.num.terms for atom, _ in m):
        return None
    base = collect({m: c // shared for m, c in floor.num.terms}, 0)
    assert isinstance(base, Dim)  # noqa: S101  (its terms are not empty)
    return base


def _linear_part(size: Dim, base: Dim, cofactor: Monomial) -> int:
    """Return how often the base itself, times the cofactor, stands in the sum."""
    terms = dict(size.terms)
    found: set[int] = set()
    for monomial, coefficient in base.terms:
        count, remainder = divmod(terms.get(product_of(cofactor, monomial), 0), coefficient)
        found.add(0 if remainder else count)
    return found.pop() if len(found) == 1 else 0


def _joined(base: Dim, slope: int, parts: tuple[tuple[Floor, int], ...]) -> Size:
    """Return the sum of floors over one base, and of multiples of it, in a form of its own."""
    if is_letter(base):
        return _normal(base, slope, parts)
    over = tuple((_over(floor, base), coefficient) for floor, coefficient in parts)
    found = _normal(Dim(_BASE), slope, over)
    if isinstance(found, int):
        return found
    # Put back term by term: the sum is in its form, in which nothing may be folded again.
    terms: dict[Monomial, int] = {}
    const = found.const
    for monomial, coefficient in found.terms:
        part = substitute(collect({monomial: coefficient}, 0), {_BASE: base})
        const += part if isinstance(part, int) else part.const
        for each, count in _terms(part).items():
            terms[each] = terms.get(each, 0) + count
    return collect(terms, const)


@remembered(8192)
def _normal(letter: Dim, slope: int, parts: tuple[tuple[Floor, int], ...]) -> Size:
    """Write a sum of floors over a letter so that equal sums are written equally.

    All floors take the form with the smaller slope; then the whole is written with one floor, or
    two of them are joined, or what is linear goes into the first floor that can take it.
    """
    slope, floors = _reflected(slope, parts)
    whole = _sum(letter, slope, floors)
    if isinstance(whole, int):
        return whole
    found = recognized(whole)
    if found is not None:
        return found
    ordered = sorted(floors.items(), key=lambda item: item[0].key)
    for place, (floor, coefficient) in enumerate(ordered):
        for other, factor in ordered[place + 1 :]:
            pair = None
            if abs(factor) == abs(coefficient):
                pair = recognized(_sum(letter, 0, {floor: coefficient, other: factor}))
            if pair is not None:
                return _with(letter, slope, floors, {floor, other}, pair)
    for floor, coefficient in ordered:
        if slope:
            taken = recognized(_sum(letter, slope, {floor: coefficient}))
            if isinstance(taken, Dim) and len(taken.terms) == 1:
                rest = {each: n for each, n in floors.items() if each is not floor}
                return _added(_terms(_sum(letter, 0, rest)), 0, taken, ())
    return whole


def _with(letter: Dim, slope: int, floors: dict[Floor, int], gone: set[Floor], pair: Size) -> Size:
    """Return the sum with two floors joined, in its form again."""
    rest = {floor: n for floor, n in floors.items() if floor not in gone}
    const = pair if isinstance(pair, int) else pair.const
    for monomial, coefficient in () if isinstance(pair, int) else pair.terms:
        atom = monomial[0][0]
        if isinstance(atom, Floor):
            rest[atom] = rest.get(atom, 0) + coefficient
        else:
            slope += coefficient
    return _normal(letter, slope, tuple(rest.items())) + const


def _reflected(slope: int, parts: tuple[tuple[Floor, int], ...]) -> tuple[int, dict[Floor, int]]:
    """``(a*n + b)//d = n - ((d - a)*n + d - 1 - b)//d`` where 2*a > d, or 2*a == d and b > 0."""
    found: dict[Floor, int] = {}
    for floor, coefficient in parts:
        num, den = floor.num, floor.den
        each, factor = floor, coefficient
        if isinstance(num, Dim) and isinstance(den, int) and nesting(num) == 0:
            ((monomial, steep),) = num.terms
            if 2 * steep + (num.const > 0) > den:
                turned = collect({monomial: den - steep}, den - 1 - num.const)
                each, factor, slope = Floor(turned, den), -coefficient, slope + coefficient
        found[each] = found.get(each, 0) + factor
    return slope, {floor: n for floor, n in found.items() if n}


def _sum(letter: Dim, slope: int, floors: dict[Floor, int]) -> Size:
    return collect({letter.terms[0][0]: slope} | {((f, 1),): n for f, n in floors.items()}, 0)


def _terms(size: Size) -> dict[Monomial, int]:
    return {} if isinstance(size, int) else dict(size.terms)


def _over(floor: Floor, base: Dim) -> Floor:
    """Return the same floor over the letter that stands for its base."""
    assert isinstance(floor.num, Dim)  # noqa: S101  (as `_base` has seen)
    factor = floor.num.terms[0][1] // base.terms[0][1]
    return Floor(Dim(_BASE) * factor + floor.num.const, floor.den)


def _times(cofactor: Monomial, atom: Atom) -> Monomial:
    return product_of(cofactor, ((atom, 1),))


def _added(terms: dict[Monomial, int], const: int, part: Size, cofactor: Monomial) -> Size:
    """Return the sum of terms and of a part times its cofactor; the part is folded already."""
    if isinstance(part, int):
        if not cofactor:
            return collect(terms, const + part)
        terms[cofactor] = terms.get(cofactor, 0) + part
        return collect(terms, const)
    for monomial, coefficient in part.terms:
        joined = product_of(cofactor, monomial)
        terms[joined] = terms.get(joined, 0) + coefficient
    if part.const and cofactor:
        terms[cofactor] = terms.get(cofactor, 0) + part.const
        return collect(terms, const)
    return collect(terms, const + part.const)
