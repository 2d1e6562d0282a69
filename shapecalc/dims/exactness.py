"""Quotients that are exact, by equalities, by the remainders of letters, or by their few values."""

from __future__ import annotations

from math import gcd, prod
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims.atoms import Atom, Floor, Symbol
from shapecalc.dims.conditions import AnyOf, as_remainder
from shapecalc.dims.domain import Domain
from shapecalc.dims.expression import Dim, Size, letters, unfolded
from shapecalc.dims.rewrite import evaluated
from shapecalc.dims.rules import Rules, multiple_by_rules, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapecalc.dims.conditions import Condition
    from shapecalc.dims.monomials import Monomial

#: So many values of a letter are tried one by one.
FEW: Final = 16
#: So many of the sums of which remainders were asked last are compared with others.
MOST_SUMS: Final = 8
#: Quotients that nest deeper are not evaluated.
DEEP: Final = 20


class Known(NamedTuple):
    """What is known: equalities of products, the values of letters, and remainders of products."""

    rules: Rules
    domains: Mapping[str, Domain]
    remainders: Mapping[Monomial, Domain]
    #: Sums of products, with their remainders and the numbers that these are left by.
    sums: Sequence[tuple[Dim, int, int]] = ()

    @property
    def exact(self) -> bool:
        """Whether quotients may be exact because of that."""
        said = self.rules or self.remainders or self.sums
        return bool(said) or any(d.modulus != 1 for d in self.domains.values())


def known_by(truths: Iterable[Condition | AnyOf], domains: Mapping[str, Domain]) -> Known:
    """Return what some statements say, and the values of letters."""
    several = list(truths)
    remainders: dict[Monomial, Domain] = {}
    sums: list[tuple[Dim, int, int]] = []
    for truth in several:
        parts = None if isinstance(truth, AnyOf) or not truth.exact else as_remainder(truth.expr)
        if parts is None:
            continue
        num, den, value = parts
        if len(num.terms) > 1:
            sums.append((num, value, den))
            continue
        ((monomial, slope),) = num.terms
        solved = remainders.get(monomial, Domain()).solving(slope, 0, den, value)
        if solved is not None and not solved.empty:
            remainders[monomial] = solved
    return Known(rules_of(several), domains, remainders, sums[-MOST_SUMS:])


def multiple(atom: Atom, known: Known) -> tuple[Size, Size] | None:
    """Return the size that a multiple of an atom is, and how much of it that is.

    ``d*(x//d) = x - r``, where r is the only remainder of x.
    """
    found = multiple_by_rules(atom, known.rules)
    if found is not None or not isinstance(atom, Floor):
        return found
    remainder = _by_remainders(atom, known)
    if remainder is None:
        remainder = _by_values(atom, known.domains)
    return None if remainder is None else (atom.num - remainder, atom.den)


def _by_remainders(floor: Floor, known: Known) -> int | None:
    if not isinstance(floor.den, int):
        return None
    found = remainder_of(floor.num, known)
    if found is not None and found[1] % floor.den == 0:
        return found[0] % floor.den
    return _by_sums(floor.num, floor.den, known) if isinstance(floor.num, Dim) else None


def _by_sums(num: Dim, den: int, known: Known) -> int | None:
    """Return the remainder of ``k*L + x`` by that of L, where x is what has a remainder itself."""
    terms = dict(num.terms)
    for total, value, modulus in known.sums:
        first = next((m for m, c in total.terms if m in terms and gcd(c, modulus) == 1), None)
        if first is None or modulus % den:
            continue
        times = terms[first] * pow(dict(total.terms)[first], -1, modulus) % modulus
        rest = unfolded(num, total, -times)
        left = (rest, 0) if isinstance(rest, int) else remainder_of(rest, known)
        if left is not None and left[1] % den == 0:
            return (left[0] + times * value) % den
    return None


def _by_values(floor: Floor, domains: Mapping[str, Domain]) -> int | None:
    """Return the remainder for all of the few values of the only letter."""
    names = letters(floor.num) | letters(floor.den)
    if len(names) != 1 or floor.depth > DEEP:
        return None
    (name,) = names
    few = domains[name].members(FEW) if name in domains else None
    if not few or len(few) > FEW:
        return None
    try:
        found = {evaluated(floor.num, {name: n}) % evaluated(floor.den, {name: n}) for n in few}
    except ZeroDivisionError:
        return None
    return found.pop() if len(found) == 1 else None


def remainder_of(num: Size, known: Known) -> tuple[int, int] | None:
    """Return the remainder of a sum of products that follows from those of its letters.

    A product of ``m*u + r`` is a multiple of the product of all m where each r is 0.
    """
    if not isinstance(num, Dim):
        return None
    value, modulus = num.const, 0
    for monomial, coefficient in num.terms:
        whole = known.remainders.get(monomial)
        parts = [_residue(atom, known.domains) for atom, _ in monomial]
        if whole is not None and whole.residue is not None:
            value, step = value + coefficient * whole.residue, whole.modulus
        elif len(parts) == 1 and monomial[0][1] == 1:
            ((residue, step),) = parts
            value += coefficient * residue
        elif any(residue for residue, _ in parts):
            return None
        else:
            step = prod(m**power for (_, m), (_, power) in zip(parts, monomial, strict=True))
        modulus = gcd(modulus, coefficient * step)
    return (value, modulus) if modulus > 1 else None


def _residue(atom: Atom, domains: Mapping[str, Domain]) -> tuple[int, int]:
    """Return the only remainder of a letter and its modulus; 0 modulo 1 where none is known."""
    domain = domains.get(atom.name) if isinstance(atom, Symbol) else None
    if domain is None or domain.residue is None:
        return 0, 1
    return domain.residue, domain.modulus
