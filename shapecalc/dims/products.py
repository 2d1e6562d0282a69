"""Sums as a product and a rest, and equalities as products that are numbers."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, Final

from shapecalc.dims.expression import Dim, Size, atom_size, collect, make
from shapecalc.dims.factor import counts, factored, factors, top_powers, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.dims.atoms import Atom
    from shapecalc.dims.monomials import Monomial

#: The number of atoms that are tried as the first of a product with a rest.
MOST_SPLIT: Final = 4


def with_rests(dim: Dim) -> Iterator[tuple[list[Size], Size]]:
    """Say ``x*A + B`` as ``(x + c)*A`` and ``B - c*A``, where that has fewer terms."""
    size = len(dim.terms) + bool(dim.const)
    top = top_powers(dim)
    for atom in [each for each, power in top.items() if power == 1][:MOST_SPLIT]:
        slope = {without(m, atom): c for m, c in dim.terms if (atom, 1) in m}
        rest = {m: c for m, c in dim.terms if (atom, 1) not in m} | {(): dim.const}
        if len(slope) < 2:  # noqa: PLR2004  (a sum)
            continue
        shifts = [rest[m] // c for m, c in slope.items() if rest.get(m, 0) % c == 0 and m in rest]
        for shift in dict.fromkeys([0, *shifts]):
            left = {**rest, **{m: rest.get(m, 0) - shift * c for m, c in slope.items()}}
            if len(slope) + sum(map(bool, left.values())) < size or not shift:
                whole = collect({m: c for m, c in slope.items() if m}, slope.get((), 0))
                first = collect({((atom, 1),): 1}, shift)
                others = collect({m: c for m, c in left.items() if m}, left[()])
                yield (
                    [first, *(list(factored(whole)) if isinstance(whole, Dim) else [whole])],
                    others,
                )


def as_products(expr: Dim) -> Iterator[tuple[list[Size], int]]:
    """Say ``expr == 0`` as products of sums and the numbers that they are, one for each atom.

    With ``k*a*b + p*a + q*b + r == 0`` that is ``(k*a + q)*(k*b + p) == p*q - k*r``, without what
    divides a sum and the number; b may be a product that is split in its turn.
    """
    for atom in counts(expr):
        found = _as_product(expr, atom)
        if found is not None:
            yield found


def _as_product(expr: Dim, atom: Atom) -> tuple[list[Size], int] | None:
    """``a*(g*A) + (q/t)*A + c == 0`` as ``(t*g*a + q)*A == -t*c``, where A is a sum without a."""
    slope: dict[Monomial, int] = {}
    offset: dict[Monomial, int] = {}
    for monomial, coefficient in expr.terms:
        power = dict(monomial).get(atom, 0)
        if power > 1:
            return None
        if power:
            slope[tuple(item for item in monomial if item[0] != atom)] = coefficient
        else:
            offset[monomial] = coefficient
    constant = slope.pop((), 0)
    if not slope or (offset and offset.keys() != slope.keys()):
        return None
    shared = gcd(constant, *slope.values()) * (1 if next(iter(slope.values())) > 0 else -1)
    ratios = {Fraction(c * shared, slope[m]) for m, c in offset.items()} or {Fraction(0)}
    whole = make({m: c // shared for m, c in slope.items()}, constant // shared)
    if len(ratios) > 1 or isinstance(whole, int):
        return None
    shift, times = ratios.pop().as_integer_ratio()
    value = shift * (constant // shared) - times * expr.const
    common = gcd(times * shared, shift, value)
    first = atom_size(atom) * (times * shared // common) + shift // common
    return [first, *factors(whole)], value // common
