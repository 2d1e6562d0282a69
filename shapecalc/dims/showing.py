"""Sizes as they are where the remainders of their letters are known."""

from __future__ import annotations

from math import gcd, lcm, prod
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Floor, Group, Symbol, nesting
from shapecalc.dims.conditions import AnyOf
from shapecalc.dims.division import floordiv
from shapecalc.dims.expression import (
    Dim,
    Monomial,
    Size,
    atom_size,
    collect,
    letters,
    product,
    quotient_of,
    stays_factor,
    sum_of,
)
from shapecalc.dims.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.dims.conditions import Condition
    from shapecalc.dims.domain import Domain

#: The number of equalities that are used to write sizes shorter.
RULE_LIMIT: Final = 16

#: Sizes that nest deeper are not looked at as multiples.
DEEP: Final = 20

#: Monomials and what a multiple of them is equal to: ``number*monomial == size``.
Rules = dict["Monomial", tuple[int, "Size"]]


def rules_of(truths: Iterable[Condition | AnyOf]) -> Rules:
    """Return the products that an equality defines.

    Each has a floor that is deeper than everything else, or more factors than everything else.
    """
    rules: Rules = {}
    equalities = [each for each in truths if not isinstance(each, AnyOf) and each.exact]
    # What was asked last is what sizes are made of from here on.
    for truth in equalities[-RULE_LIMIT:]:
        monomial = _defined(truth.expr)
        if monomial is not None:
            rest = dict(truth.expr.terms)
            coefficient = rest.pop(monomial)
            sign = 1 if coefficient > 0 else -1
            others = {m: -c * sign for m, c in rest.items()}
            rules[monomial] = (abs(coefficient), collect(others, -sign * truth.expr.const))
    return rules


def _defined(expr: Dim) -> Monomial | None:
    """Return the product in a sum that an equality to 0 defines."""
    by_degree: Monomial | None = None
    for monomial, _ in expr.terms:
        rest = [m for m, _ in expr.terms if m != monomial]
        deep = max((atom.depth for part in rest for atom, _ in part), default=0)
        if any(isinstance(atom, Floor | Group) and atom.depth > deep for atom, _ in monomial):
            return monomial
        if by_degree is None and _degree(monomial) > max([1, *map(_degree, rest)]):
            by_degree = monomial
    return by_degree


def multiplied(size: Dim, rules: Rules) -> Dim:
    """Return a multiple of a size for which equalities on multiples of its products apply."""
    times = 1
    for monomial, coefficient in size.terms:
        for known, (number, _) in rules.items():
            if number > 1 and quotient_of(monomial, known) is not None:
                times = lcm(times, number // gcd(number, coefficient))
                break
    found = size * times
    assert isinstance(found, Dim)  # noqa: S101  (its terms are not empty)
    return found


def _degree(monomial: Monomial) -> int:
    return sum(power for _, power in monomial)


def shown(size: Size, domains: Mapping[str, Domain], rules: Rules) -> Size:
    """Drop the floors that known remainders and equalities make exact."""
    known = size if isinstance(size, int) or not rules else _by_rules(size, rules)
    known = known if isinstance(known, int) or not rules else _merged(known, rules)
    exact = known if isinstance(known, int) else _exact(known, domains)
    if isinstance(exact, int) or not 2 <= nesting(exact) <= DEEP:  # noqa: PLR2004  (floors in floors)
        return exact
    deeper = _through_multiples(exact, domains)
    return exact if deeper is None else deeper


def _by_rules(size: Dim, rules: Rules) -> Size:
    """Replace what an equality says of a product that holds a floor."""
    parts: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        part: Size | None = None
        for known, (number, meaning) in rules.items():
            rest = quotient_of(monomial, known)
            if rest is not None and coefficient % number == 0:
                part = meaning * (coefficient // number) * (collect({rest: 1}, 0) if rest else 1)
                break
        parts.append(collect({monomial: coefficient}, 0) if part is None else part)
    return sum_of(parts)


def cleared(size: Dim, rules: Rules) -> Size:
    """Return a multiple of a size without the floors that equalities say multiples of."""
    current: Size = size
    for _ in range(RULE_LIMIT):
        found = None if isinstance(current, int) else _without_one(current, rules)
        if found is None:
            break
        current = found
    return current


def _without_one(size: Dim, rules: Rules) -> Size | None:
    for monomial, _ in size.terms:
        for atom, power in monomial:
            known = _multiple(atom, rules) if power == 1 else None
            if known is not None:
                meaning, times = known
                found = _multiplied_out(_multiplied(size, times, {atom: meaning}, rules))
                if nesting(found) <= nesting(size):
                    return found
    return None


def _multiplied(size: Dim, times: Dim, known: Mapping[Atom, Size], rules: Rules) -> Size:
    """Multiply a sum, some of whose atoms are known by that multiple of them."""
    parts: list[Size] = [times * size.const]
    for monomial, coefficient in size.terms:
        there = [atom for atom, power in monomial if atom in known and power == 1]
        rest = tuple(item for item in monomial if item[0] not in there[:1])
        part = collect({rest: coefficient}, 0) if rest else coefficient
        parts.append(part * (known[there[0]] if there else times))
    total = sum_of(parts)
    return total if isinstance(total, int) else _by_rules(total, rules)


def _merged(size: Dim, rules: Rules) -> Size:
    """``(k*(x//d))//e = (k*x)//(d*e)``, where an equality says that d divides x."""
    if nesting(size) > DEEP:
        return size
    known: dict[Atom, Size] = {
        atom: found
        for monomial, _ in size.terms
        for atom, _ in monomial
        if isinstance(atom, Floor) and (found := _merged_floor(atom, rules)) is not None
    }
    if not known:
        return size
    parts: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        powers = [known.get(a, atom_size(a)) ** n for a, n in monomial]
        parts.append(product([coefficient, *powers]))
    return sum_of(parts)


def _merged_floor(floor: Floor, rules: Rules) -> Size | None:
    """Return the floor of a product without those in it that equalities say multiples of."""
    num = floor.num if isinstance(floor.num, int) else _merged(floor.num, rules)
    if isinstance(num, int) or len(num.terms) > 1 or num.const:
        return None if num == floor.num else floordiv(num, floor.den)
    ((monomial, coefficient),) = num.terms
    top: Size = coefficient
    bottom: Size = 1
    for atom, power in monomial:
        known = _multiple(atom, rules)
        top = top * (atom_size(atom) if known is None else known[0]) ** power
        bottom = bottom if known is None else bottom * known[1] ** power
    if num == floor.num and bottom == 1:
        return None
    return floordiv(_multiplied_out(top), bottom * floor.den)


def _multiplied_out(size: Size) -> Size:
    """Multiply out what was kept as a factor because of a floor that is gone."""
    if isinstance(size, int) or not any(
        isinstance(atom, Group) and not stays_factor(atom.total)
        for monomial, _ in size.terms
        for atom, _ in monomial
    ):
        return size
    terms: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        sums = [(a.total if isinstance(a, Group) else atom_size(a)) ** n for a, n in monomial]
        terms.append(product([coefficient, *sums]))
    return sum_of(terms)


def _multiple(atom: Atom, rules: Rules) -> tuple[Size, Dim] | None:
    """Return what an equality says of a multiple of a factor, and how much of it that is."""
    if not isinstance(atom, Floor | Group):
        return None
    for known, (number, meaning) in rules.items():
        rest = tuple(item for item in known if item[0] != atom)
        deep = max((other.depth for other, _ in rest), default=atom.depth)
        if (atom, 1) in known and max(deep, nesting(meaning)) < atom.depth:
            times = collect({rest: number}, 0)
            assert isinstance(times, Dim)  # noqa: S101  (letters are left of the product)
            return meaning, times
    return None


def _exact(size: Dim, domains: Mapping[str, Domain]) -> Size:
    """``k*(x//c) = (k//h)*(x//(c//h))`` for h = gcd(k, c), where x % c == 0 is known."""
    parts: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        factor: int = coefficient
        rest: Size = 1
        for atom, power in monomial:
            if isinstance(atom, Floor):
                for _ in range(power):
                    part, factor = _exact_floor(atom, factor, domains)
                    rest = rest * part
            else:
                rest = rest * atom_size(atom) ** power
        parts.append(rest * factor)
    return sum_of(parts)


def _exact_floor(floor: Floor, factor: int, domains: Mapping[str, Domain]) -> tuple[Size, int]:
    """Return a floor without what its numerator's remainder makes exact, and the rest of k."""
    num, den = floor.num, floor.den
    known = _remainder(num, domains)
    if known is None or not isinstance(den, int):
        return atom_size(floor), factor
    value, modulus = known
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


def _remainder(num: Size, domains: Mapping[str, Domain]) -> tuple[int, int] | None:
    """Return the remainder of a sum of products that follows from those of its letters.

    A product of ``m*u + r`` is a multiple of the product of all m where each r is 0.
    """
    if not isinstance(num, Dim):
        return None
    value, modulus = num.const, 0
    for monomial, coefficient in num.terms:
        known = [_residue(atom, domains) for atom, _ in monomial]
        if len(known) == 1 and monomial[0][1] == 1:
            ((residue, step),) = known
            value += coefficient * residue
        elif any(residue for residue, _ in known):
            return None
        else:
            step = prod(m**power for (_, m), (_, power) in zip(known, monomial, strict=True))
        modulus = gcd(modulus, coefficient * step)
    return (value, modulus) if modulus > 1 else None


def _residue(atom: Atom, domains: Mapping[str, Domain]) -> tuple[int, int]:
    """Return the only remainder of a letter and its modulus; 0 modulo 1 where none is known."""
    domain = domains.get(atom.name) if isinstance(atom, Symbol) else None
    if domain is None or domain.residue is None:
        return 0, 1
    return domain.residue, domain.modulus


def _through_multiples(size: Dim, domains: Mapping[str, Domain]) -> Size | None:
    """Simplify with ``m*u + r`` instead of a letter, r from 1 - m to 0, and put it back.

    None where floors nest as deep as before.
    """
    known = {
        name: domains[name]
        for name in sorted(letters(size))
        if name in domains and domains[name].residue is not None and domains[name].modulus > 1
    }
    if not known:
        return None
    there = {name: Dim(name) * d.modulus + _offset(d) for name, d in known.items()}
    moved = rewrite(size, there.get)
    if nesting(moved) >= nesting(size):
        return None
    return _put_back(moved, known)


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
    return _exact(total, known) if isinstance(total, Dim) else total


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
