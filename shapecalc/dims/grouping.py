"""Sums as factors: of products that are too long to multiply out, and powers of two terms."""

from __future__ import annotations

from math import comb, gcd
from typing import Final

from shapecalc.dims.atoms import Group, Key, Symbol
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import (
    EXPANSION_LIMIT,
    Dim,
    Size,
    collect,
    expanded,
    make,
    normal,
    stays_factor,
)
from shapecalc.dims.monomials import Monomial, product_of

#: What parts of a product are multiplied out to may be so long.
LONGEST: Final = 4 * EXPANSION_LIMIT


def grouped(dim: Dim) -> Dim:
    """Return a sum as the factors that it has, beside the number that divides all of it.

    Whatever it was made of, so that equal products are equal.
    """
    if len(dim.terms) + bool(dim.const) == 1:
        return dim
    from shapecalc.dims.factor import factors  # which stands on this module

    shared = gcd(dim.const, *(c for _, c in dim.terms))
    rest = normal(tuple((m, c // shared) for m, c in dim.terms), dim.const // shared)
    monomial: Monomial = ()
    for each in [rest] if stays_factor(rest) else factors(rest):
        factor = each
        if isinstance(factor, int):
            shared *= factor
        elif len(factor.terms) + bool(factor.const) == 1:
            shared *= factor.terms[0][1]
            monomial = product_of(monomial, factor.terms[0][0])
        else:
            # With a minus, floors may be written otherwise beside what they are made of.
            turned = make({m: -c for m, c in factor.terms}, -factor.const)
            if isinstance(turned, Dim) and _rank(turned) < _rank(factor):
                # Of a sum and the same with a minus one stands as the factor.
                shared, factor = -shared, turned
            monomial = product_of(monomial, ((Group(factor), 1),))
    return normal(((monomial, shared),), 0)


def _rank(total: Dim) -> tuple[bool, int, Key]:
    return (total.terms[0][1] < 0, total.parts, total.key)


@remembered(4096)
def multiplied_out(kept: Dim) -> Size | None:
    """Return a product of sums as a sum; None where that is long, or has what stays a factor.

    What parts of the product fold to may be long where the whole is not.
    """
    ((monomial, number), *more) = kept.terms
    sums = [(atom.total, power) for atom, power in monomial if isinstance(atom, Group)]
    if more or kept.const or sum(power for _, power in sums) > EXPANSION_LIMIT:
        return None
    others = tuple(item for item in monomial if not isinstance(item[0], Group))
    total: Size = collect({others: number}, 0) if others else number
    if isinstance(total, Dim) and stays_factor(total):
        return None
    for factor, power in sums:
        if stays_factor(factor):
            return None
        for _ in range(power):
            terms = {m: c for m, c in expanded(total, factor).items() if c}
            if len(terms) > LONGEST:
                return None
            total = collect(terms, terms.pop((), 0))
    if isinstance(total, Dim) and len(total.terms) + bool(total.const) > EXPANSION_LIMIT:
        return None
    return make(dict(total.terms), total.const) if isinstance(total, Dim) else total


def raised_sum(dim: Dim, power: int) -> Dim | None:
    """``(a*m + c)**n`` as the sum of all ``comb(n, k)*a**k*m**k*c**(n - k)``, or kept as a factor.

    None of a sum of more terms, and where m holds more than letters, whose products may fold.
    """
    if len(dim.terms) > 1 or any(type(atom) is not Symbol for atom, _ in dim.terms[0][0]):
        return None
    if power >= EXPANSION_LIMIT:
        ((factors, number),) = grouped(dim).terms
        return normal(((tuple((a, p * power) for a, p in factors), number**power),), 0)
    ((monomial, slope),) = dim.terms
    raised = [
        (
            tuple((atom, p * k) for atom, p in monomial),
            comb(power, k) * slope**k * dim.const ** (power - k),
        )
        for k in range(power, 0, -1)
    ]
    return normal(tuple(raised), dim.const**power)
