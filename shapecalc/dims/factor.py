"""Splitting a size into factors, for the eye: ``8*H*W - 16*H - 16*W + 32 = 8*(H - 2)*(W - 2)``."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Atom
from shapecalc.dims.expression import Dim, Monomial, Size, atom_size, make

if TYPE_CHECKING:
    from collections.abc import Iterator


def factors(dim: Dim) -> list[Size]:
    """Return the factors of a sum, as far as each atom stands in one of them in the first power.

    With p = A*x + B: where A and B are proportional, ``p = (a*x + b)*(A/a)``, and ``A/a`` is
    split in its turn; a power of ``x + b`` is that many factors. What cannot be split stays one
    factor; the number comes first.
    """
    content = gcd(dim.const, *(c for _, c in dim.terms))
    rest: Size = make({m: c // content for m, c in dim.terms}, dim.const // content)
    found: list[Size] = []
    # A factor ``a*x + b`` has x in half of the terms, or in all; a power has it in all but one.
    size = len(dim.terms) + bool(dim.const)
    promising = {size // 2, size - 1, size}
    for atom in [atom for atom, count in _counts(dim).items() if count in promising]:
        if isinstance(rest, int):
            break
        root = _root(rest, atom)
        if root is not None:
            found += root
            rest = 1
            break
        split = _split(rest, atom)
        if split is not None:
            factor, rest = split
            found.append(factor)
    if rest != 1:
        found.append(rest)
    return [content, *found] if content != 1 else found


def as_products(expr: Dim) -> Iterator[tuple[list[Size], int]]:
    """Say ``expr == 0`` as products of sums and the numbers that they are, one for each atom.

    With ``k*a*b + p*a + q*b + r == 0`` that is ``(k*a + q)*(k*b + p) == p*q - k*r``, without what
    divides a sum and the number; b may be a product that is split in its turn.
    """
    for atom in _atoms(expr):
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


def _atoms(dim: Dim) -> list[Atom]:
    return list(_counts(dim))


def _counts(dim: Dim) -> Counter[Atom]:
    """Count the terms in which each atom stands."""
    return Counter(atom for monomial, _ in dim.terms for atom, _ in monomial)


def _root(dim: Dim, atom: Atom) -> list[Size] | None:
    """``x**n + n*b*x**(n - 1) + ... + b**n`` as n times ``x + b``, for n > 1."""
    degree = dict(dim.terms[0][0]).get(atom, 0)
    if degree < 2 or len(dim.terms) < 2 or any(len(m) > 1 for m, _ in dim.terms):  # noqa: PLR2004
        return None
    powers = {m[0][1]: c for m, c in dim.terms if m[0][0] == atom}
    shift, remainder = divmod(powers.get(degree - 1, 0), degree)
    base = atom_size(atom) + shift
    if remainder or powers.get(degree) != 1 or base**degree != dim:
        return None
    return [base] * degree


def _split(dim: Dim, atom: Atom) -> tuple[Size, Size] | None:
    """Return the factor ``a*x + b`` and what it is multiplied by, where the atom x allows it."""
    slope: dict[Monomial, int] = {}
    offset: dict[Monomial, int] = {(): dim.const} if dim.const else {}
    for monomial, coefficient in dim.terms:
        power = dict(monomial).get(atom, 0)
        if power == 0:
            offset[monomial] = coefficient
        elif power == 1:
            slope[tuple(item for item in monomial if item[0] != atom)] = coefficient
        else:
            return None
    if not slope or (offset and offset.keys() != slope.keys()):
        return None
    ratio_top, ratio_bottom = 0, 1
    for monomial, coefficient in offset.items():
        top, bottom = coefficient, slope[monomial]
        if offset and ratio_top == 0:
            shared = gcd(top, bottom) * (1 if bottom > 0 else -1)
            ratio_top, ratio_bottom = top // shared, bottom // shared
        elif top * ratio_bottom != bottom * ratio_top:
            return None
    const = slope.pop((), 0)
    whole = make({m: c // ratio_bottom for m, c in slope.items()}, const // ratio_bottom)
    return atom_size(atom) * ratio_bottom + ratio_top, whole
