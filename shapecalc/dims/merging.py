"""Exact quotients go into the floors around them and beside them, so that there is one of them."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Floor, Group, nesting
from shapecalc.dims.conditions import as_remainder
from shapecalc.dims.division import floordiv
from shapecalc.dims.exactness import DEEP, Known, multiple
from shapecalc.dims.expression import Dim, Size, atom_size, collect, letters, product, sum_of
from shapecalc.dims.rules import (
    RULE_LIMIT,
    by_rules,
    multiplied_by,
    multiplied_out,
)

if TYPE_CHECKING:
    from shapecalc.dims.monomials import Monomial

#: Sums of more terms are left as they are.
MOST_TERMS: Final = 8


def merged(size: Dim, known: Known) -> Size:
    """``(k*(x//d) + y)//e = (k*x + d*y)//(d*e)``, where d divides x, and so at every depth."""
    if nesting(size) > DEEP:
        return size
    there: dict[Atom, Size] = {
        atom: found
        for monomial, _ in size.terms
        for atom, _ in monomial
        if isinstance(atom, Floor | Group) and (found := _merged_atom(atom, known)) is not None
    }
    if not there:
        return size
    parts: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        if not any(atom in there for atom, _ in monomial):
            parts.append(collect({monomial: coefficient}, 0))
            continue
        powers = [there.get(a, atom_size(a)) ** n for a, n in monomial]
        parts.append(product([coefficient, *powers]))
    return sum_of(parts)


def _merged_atom(atom: Floor | Group, known: Known) -> Size | None:
    """Return an atom with one floor instead of several; None where it stays as it is."""
    if isinstance(atom, Group):
        total = merged(atom.total, known)
        return None if total == atom.total else total
    num = _inner(atom.num, known)
    den = _inner(atom.den, known)
    found = None if isinstance(num, int) else _cleared(num, known)
    if found is None:
        return None if (num, den) == (atom.num, atom.den) else floordiv(num, den)
    top, bottom = found
    return floordiv(top, bottom * den)


def _inner(size: Size, known: Known) -> Size:
    if isinstance(size, int):
        return size
    current = by_rules(size, known.rules) if known.rules else size
    if nesting(current) > nesting(size):
        # An equality may say a product by what is deeper, which may hold the product again.
        current = size
    return merged(current, known) if isinstance(current, Dim) else current


def _cleared(num: Dim, known: Known) -> tuple[Size, Size] | None:
    """Return a multiple of a numerator without the exact quotients in it, and how much it is."""
    if len(num.terms) == 1 and not num.const:
        return _cleared_product(num, known)
    current: Size = num
    bottom: Size = 1
    for atom in [a for m, _ in num.terms for a, power in m if power == 1][:MOST_TERMS]:
        found = None if isinstance(current, int) else multiple(atom, known)
        if found is None:
            continue
        assert isinstance(current, Dim)  # noqa: S101  (else nothing is found)
        meaning, times = found
        whole = multiplied_out(multiplied_by(current, times, {atom: meaning}, known.rules))
        if _weight(whole, bottom * times) <= _weight(current, bottom):
            current, bottom = whole, bottom * times
    return None if bottom == 1 else (current, bottom)


def _cleared_product(num: Dim, known: Known) -> tuple[Size, Size] | None:
    ((monomial, coefficient),) = num.terms
    top: Size = coefficient
    bottom: Size = 1
    for atom, power in monomial:
        found = _cleared(atom.total, known) if isinstance(atom, Group) else None
        found = found or multiple(atom, known)
        top = top * (atom_size(atom) if found is None else found[0]) ** power
        bottom = bottom if found is None else bottom * found[1] ** power
    return None if bottom == 1 else (multiplied_out(top), bottom)


def _weight(num: Size, den: Size) -> int:
    """Return how many atoms are written in a quotient."""
    return sum(size.parts for size in (num, den) if isinstance(size, Dim))


def gathered(size: Dim, known: Known) -> Size:
    """``k*(x//c) + y = (k*x + c*y)//c``, where c divides x.

    ``k*(x//c) + j*(y//d) = j*((k//j*d*x + c*y)//(c*d))``, where j divides k.
    """
    floors = [term for term in map(_lone_floor, size.terms) if term is not None]
    if not 1 < len(size.terms) <= MOST_TERMS or not floors:
        return size
    for (one, k, floor), (other, j, beside) in permutations(floors, 2):
        exact = multiple(floor, known) if k % j == 0 else None
        if exact is None:
            continue
        x, c = exact
        top = c * beside.num + x * beside.den * (k // j)
        rest = collect({m: n for m, n in size.terms if m not in (one, other)}, size.const)
        found = rest + j * floordiv(top, c * beside.den)
        if isinstance(found, int):
            return found
        if found.parts < size.parts:
            return gathered(found, known)
    whole = _cleared(size, known)
    joined = size if whole is None else floordiv(*whole)
    return joined if isinstance(joined, int) or joined.parts < size.parts else size


def _lone_floor(term: tuple[Monomial, int]) -> tuple[Monomial, int, Floor] | None:
    monomial, coefficient = term
    atom, power = monomial[0]
    alone = len(monomial) == 1 and power == 1
    return (monomial, coefficient, atom) if alone and isinstance(atom, Floor) else None


def cleared(size: Dim, known: Known) -> Size:
    """Return a multiple of a size without the exact quotients in it: it is 0 where the size is.

    Of several letters only those that equalities say, or where that leaves a remainder: which
    letter another stands for stays so.
    """
    if len(letters(size)) == 1:
        return _without_exact(size, known)
    current = _without_exact(size, known._replace(domains={}, remainders={}))
    whole = _without_exact(current, known) if isinstance(current, Dim) else current
    return whole if isinstance(whole, Dim) and as_remainder(whole) else current


def _without_exact(size: Dim, known: Known) -> Size:
    current: Size = size
    for _ in range(RULE_LIMIT):
        found = None if isinstance(current, int) else _without_one(current, known)
        if found is None:
            break
        current = found
    return current


def _without_one(size: Dim, known: Known) -> Size | None:
    for monomial, _ in size.terms:
        for atom, power in monomial:
            exact = multiple(atom, known) if power == 1 else None
            if exact is not None:
                meaning, times = exact
                found = multiplied_out(multiplied_by(size, times, {atom: meaning}, known.rules))
                if nesting(found) <= nesting(size):
                    return found
    return None
