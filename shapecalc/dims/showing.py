"""Sizes as they are where the remainders of their letters are known."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Atom, Floor, Symbol, nesting
from shapecalc.dims.division import floordiv
from shapecalc.dims.domain import Domain
from shapecalc.dims.effort import remembered
from shapecalc.dims.exactness import DEEP, Known, remainder_of
from shapecalc.dims.expression import Dim, Size, atom_size, collect, letters, sum_of
from shapecalc.dims.merging import gathered, merged
from shapecalc.dims.rewrite import rewrite
from shapecalc.dims.rules import by_rules

if TYPE_CHECKING:
    from collections.abc import Mapping


def shown(size: Size, known: Known) -> Size:
    """Drop the floors that known remainders and equalities make exact."""
    rules = known.rules
    current = size if isinstance(size, int) or not rules else by_rules(size, rules)
    for step in (merged, _exact, gathered):
        current = current if isinstance(current, int) else step(current, known)
    if isinstance(current, int) or not 2 <= nesting(current) <= DEEP:  # noqa: PLR2004  (floors in floors)
        return current
    deeper = _through_multiples(current, known.domains)
    return current if deeper is None else deeper


def _exact(size: Dim, known: Known) -> Size:
    """``k*(x//c) = (k//h)*(x//(c//h))`` for h = gcd(k, c), where x % c == 0 is known."""
    parts: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        if not any(isinstance(atom, Floor) for atom, _ in monomial):
            parts.append(collect({monomial: coefficient}, 0))
            continue
        factor: int = coefficient
        rest: Size = 1
        for atom, power in monomial:
            if isinstance(atom, Floor):
                for _ in range(power):
                    part, factor = _exact_floor(atom, factor, known)
                    rest = rest * part
            else:
                rest = rest * atom_size(atom) ** power
        parts.append(rest * factor)
    return sum_of(parts)


def _exact_floor(floor: Floor, factor: int, known: Known) -> tuple[Size, int]:
    """Return a floor without what its numerator's remainder makes exact, and the rest of k."""
    num, den = floor.num, floor.den
    found = remainder_of(num, known)
    if found is None or not isinstance(den, int):
        return atom_size(floor), factor
    value, modulus = found
    shared = gcd(modulus, den)
    offset = value % shared
    if shared < den:
        # All of num - offset ... num - offset + shared - 1 have this quotient.
        const = num.const if isinstance(num, Dim) else 0
        least = const - offset
        nearest = min(max(0, least), least + shared - 1)
        return floordiv(num + (nearest - const), den), factor
    common = gcd(factor, den)
    return floordiv(num - offset, den // common), factor // common


def _through_multiples(size: Dim, domains: Mapping[str, Domain]) -> Size | None:
    """Simplify with ``m*u + r`` instead of a letter, r from 1 - m to 0, and put it back.

    None where floors nest as deep as before.
    """
    # Of the values only the remainder counts, which stays where bounds become narrower.
    known = tuple(
        (name, Domain(modulus=domains[name].modulus, residues=domains[name].residues))
        for name in sorted(letters(size))
        if name in domains and domains[name].residue is not None and domains[name].modulus > 1
    )
    return _by_multiples(size, known) if known else None


@remembered(4096)
def _by_multiples(size: Dim, values: tuple[tuple[str, Domain], ...]) -> Size | None:
    known = dict(values)
    there = {name: Dim(name) * d.modulus + _offset(d) for name, d in known.items()}
    moved = rewrite(size, there.get)
    return None if nesting(moved) >= nesting(size) else _put_back(moved, known)


def _offset(domain: Domain) -> int:
    """Return the remainder from ``1 - m`` to 0, beside which u is at least 1, as letters are."""
    return (domain.residue or domain.modulus) - domain.modulus


def _put_back(size: Size, known: Mapping[str, Domain]) -> Size:
    """Write ``(n - r)/m``, which is exact, instead of the multiples of a letter n."""
    back = {name: floordiv(Dim(name) - _offset(d), d.modulus) for name, d in known.items()}
    if isinstance(size, int):
        return size
    total: Size = size.const
    for monomial, coefficient in size.terms:
        term: Size = coefficient
        for atom, power in monomial:
            folded = _folded_back(atom, known)
            term = (
                term * (rewrite(atom_size(atom), back.get) if folded is None else folded) ** power
            )
        total = total + term
    return _exact(total, Known({}, known, {})) if isinstance(total, Dim) else total


def _folded_back(atom: Atom, known: Mapping[str, Domain]) -> Size | None:
    """``(a*u + b)//d`` with ``u = (n - r)/m`` as ``(a*n + b*m - a*r)//(d*m)``."""
    if not isinstance(atom, Floor) or not isinstance(atom.num, Dim) or len(atom.num.terms) != 1:
        return None
    ((monomial, slope),) = atom.num.terms
    letter, power = monomial[0]
    if len(monomial) != 1 or power != 1 or not isinstance(letter, Symbol):
        return None
    domain = known.get(letter.name)
    if domain is None or not isinstance(atom.den, int):
        return None
    offset = atom.num.const * domain.modulus - slope * _offset(domain)
    return floordiv(Dim(letter.name) * slope + offset, atom.den * domain.modulus)
