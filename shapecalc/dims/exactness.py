"""Quotients that are exact, by equalities, by the remainders of letters, or by their few values."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims.atoms import Atom, Floor, Symbol
from shapecalc.dims.conditions import AnyOf, as_remainder
from shapecalc.dims.domain import Domain
from shapecalc.dims.expression import Dim, Size, letters, unfolded
from shapecalc.dims.monomials import quotient_of
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
    """Return the remainder of a sum of products that follows from those of its letters."""
    if not isinstance(num, Dim):
        return None
    value, modulus = num.const, 0
    for monomial, coefficient in num.terms:
        residue, step = _of_product(monomial, known)
        value += coefficient * residue
        modulus = gcd(modulus, coefficient * step)
        if modulus == 1:
            return None
    return value, modulus


def _of_product(monomial: Monomial, known: Known) -> tuple[int, int]:
    """Return a remainder of a product and its modulus, by its letters and by products within it."""
    residue, modulus = _of_letters(monomial, known.domains)
    for part, domain in known.remainders.items():
        rest = quotient_of(monomial, part) if domain.residue is not None else None
        if rest is None:
            continue
        whole = _times((domain.residue or 0, domain.modulus), _of_letters(rest, known.domains))
        joint = Domain(1, None, modulus, frozenset({residue})).congruent(
            whole[1], frozenset({whole[0] % whole[1]})
        )
        if joint is not None and joint.residue is not None:
            residue, modulus = joint.residue, joint.modulus
    return residue, modulus


def _of_letters(monomial: Monomial, domains: Mapping[str, Domain]) -> tuple[int, int]:
    residue, modulus = 1, 0
    for atom, power in monomial:
        part = _residue(atom, domains)
        for _ in range(power):
            residue, modulus = _times((residue, modulus), part)
    return residue % modulus if modulus else residue, modulus


def _times(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """``(m*u + r)*(n*v + s)`` leaves ``r*s`` by the divisor of ``m*n``, ``m*s`` and ``n*r``."""
    (r, m), (s, n) = one, other
    return r * s, gcd(m * n, m * s, n * r)


def _residue(atom: Atom, domains: Mapping[str, Domain]) -> tuple[int, int]:
    """Return the only remainder of a letter and its modulus; 0 modulo 1 where none is known."""
    domain = domains.get(atom.name) if isinstance(atom, Symbol) else None
    if domain is None or domain.residue is None:
        return 0, 1
    return domain.residue, domain.modulus
