"""Sums as polynomials in their atoms: exact quotients, and floors said by their complements."""

from __future__ import annotations

from itertools import combinations, product
from math import gcd
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Floor, Symbol
from shapecalc.dims.expression import Dim, Size, atom_size, collect, expanded
from shapecalc.dims.monomials import Monomial, product_of, quotient_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Quotients of more terms are not looked for.
MOST_TERMS: Final = 16
#: The largest number in the linear factors of a sum of powers.
MOST_NUMBER: Final = 64
#: So many floors of a sum are compared with one another.
MOST_FLOORS: Final = 8


def quotient(x: Mapping[Monomial, int], d: Mapping[Monomial, int]) -> dict[Monomial, int] | None:
    """Return the sum of a few terms that x is d times; None where there is none."""
    atoms = sorted({atom for m in (*x, *d) for atom, _ in m}, key=lambda atom: atom.key)

    def rank(monomial: Monomial) -> tuple[int, ...]:
        powers = dict(monomial)
        return tuple(powers.get(atom, 0) for atom in atoms)

    first = max(d, key=rank)
    found: dict[Monomial, int] = {}
    left = dict(x)
    while left and len(found) < MOST_TERMS:
        top = max(left, key=rank)
        part = quotient_of(top, first)
        count, remainder = divmod(left[top], d[first])
        if part is None or remainder:
            return None
        found[part] = count
        for monomial, coefficient in d.items():
            joined = product_of(monomial, part)
            left[joined] = left.get(joined, 0) - count * coefficient
            if not left[joined]:
                del left[joined]
    return None if left else found


def linear_factors(dim: Dim, atom: Atom) -> list[Size]:
    """Split a sum of powers of an atom into those of its factors ``a*x + b`` with small numbers.

    A sum of other things stays one factor.
    """
    if dim.terms[0][0] == ((atom, 1),) or any(m[0][0] != atom or len(m) > 1 for m, _ in dim.terms):
        return [dim]
    found: list[Size] = []
    left: dict[Monomial, int] = {**dict(dim.terms), (): dim.const}
    for a, b in product(divisors(dim.terms[0][1]), divisors(dim.const)):
        for factor in ({((atom, 1),): a, (): b}, {((atom, 1),): a, (): -b}):
            while max(left, key=len) and gcd(a, b) == 1:
                others = quotient(left, factor)
                if others is None:
                    break
                found.append(collect({((atom, 1),): a}, factor[()]))
                left = others
    rest = collect(left, left.pop((), 0))
    if isinstance(rest, Dim):
        return [*found, rest]
    return [*found[:-1], found[-1] * rest]


def divisors(number: int) -> list[int]:
    """Return the small divisors of a number."""
    return [n for n in range(1, MOST_NUMBER + 1) if number and number % n == 0]


def without_complements(dim: Dim) -> Dim:
    """Return a sum with ``n - x`` instead of a floor y, where ``x + y == n`` for letters n.

    Of x and y the one is left with which there are fewer terms. What folding made of a product
    is then a product again.
    """
    floors = {a: None for m, _ in dim.terms for a, _ in m if isinstance(a, Floor)}
    for pair in combinations(list(floors)[:MOST_FLOORS], 2):
        total = atom_size(pair[0]) + atom_size(pair[1])
        if isinstance(total, int) or not _of_letters(total):
            continue
        forms = [_put_in(dim, y, total, x) for x, y in (pair, pair[::-1])]
        dim = min(forms, key=lambda form: len(form.terms))
    return dim


def _of_letters(size: Dim) -> bool:
    return all(type(atom) is Symbol for monomial, _ in size.terms for atom, _ in monomial)


def _put_in(dim: Dim, y: Atom, total: Dim, x: Atom) -> Dim:
    """Return a sum with ``total - x`` instead of y, multiplied out and not folded."""
    terms: dict[Monomial, int] = {(): dim.const}
    meaning: Size = collect({**dict(total.terms), ((x, 1),): -1}, total.const)
    for monomial, coefficient in dim.terms:
        rest = tuple(item for item in monomial if item[0] != y)
        part: Size = collect({rest: coefficient}, 0) if rest else coefficient
        for _ in range(dict(monomial).get(y, 0)):
            raised = expanded(part, meaning)
            part = collect(raised, raised.pop((), 0))
        for each, c in expanded(part, 1).items():
            terms[each] = terms.get(each, 0) + c
    found = collect(terms, terms.pop((), 0))
    return found if isinstance(found, Dim) else dim
