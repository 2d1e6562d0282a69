"""What equalities say of products that hold floors: ``number*monomial == size``."""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Floor, Group, nesting
from shapecalc.dims.conditions import AnyOf
from shapecalc.dims.expression import Dim, Size, atom_size, collect, product, stays_factor, sum_of
from shapecalc.dims.monomials import Monomial, product_of, quotient_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.dims.conditions import Condition

#: The number of equalities that are used to write sizes shorter.
RULE_LIMIT: Final = 16

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
            meaning = collect(others, -sign * truth.expr.const)
            rules[monomial] = (abs(coefficient), meaning)
            known, number, meaning = _of_floor(monomial, abs(coefficient), meaning)
            rules.setdefault(known, (number, meaning))
    return rules


def _of_floor(monomial: Monomial, number: int, meaning: Size) -> tuple[Monomial, int, Size]:
    """``n*m*(k*(x//d) + y) == z`` as ``n*m*k*(x//d) == z - n*m*y``, for letters m and y."""
    groups = [atom for atom, power in monomial if isinstance(atom, Group) and power == 1]
    rest = tuple(item for item in monomial if not isinstance(item[0], Group))
    if len(groups) != 1 or len(rest) != len(monomial) - 1 or any(a.depth for a, _ in rest):
        return monomial, number, meaning
    total = groups[0].total
    floors = [(m, c) for m, c in total.terms if any(atom.depth for atom, _ in m)]
    if len(floors) != 1 or floors[0][1] < 1:
        return monomial, number, meaning
    ((inner, times),) = floors
    letters = collect({m: c for m, c in total.terms if m != inner}, total.const)
    left = meaning - collect({rest: number}, 0) * letters if rest else meaning - number * letters
    return product_of(rest, inner), number * times, left


def _defined(expr: Dim) -> Monomial | None:
    """Return the product in a sum that an equality to 0 defines."""
    by_degree: Monomial | None = None
    for monomial, _ in expr.terms:
        rest = [m for m, _ in expr.terms if m != monomial]
        top = max((_rank(atom) for part in rest for atom, _ in part), default=(0, 0, 0))
        if any(isinstance(atom, Floor | Group) and _rank(atom) > top for atom, _ in monomial):
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


def by_rules(size: Dim, rules: Rules) -> Size:
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


def multiplied_by(size: Dim, times: Size, known: Mapping[Atom, Size], rules: Rules) -> Size:
    """Multiply a sum, some of whose atoms are known by that multiple of them."""
    parts: list[Size] = [times * size.const]
    for monomial, coefficient in size.terms:
        there = [atom for atom, power in monomial if atom in known and power == 1]
        rest = tuple(item for item in monomial if item[0] not in there[:1])
        part = collect({rest: coefficient}, 0) if rest else coefficient
        parts.append(part * (known[there[0]] if there else times))
    total = sum_of(parts)
    return total if isinstance(total, int) else by_rules(total, rules)


def multiplied_out(size: Size) -> Size:
    """Multiply out what was kept as a factor because of a floor that is gone."""
    if isinstance(size, int) or not any(
        isinstance(atom, Group) and not stays_factor(atom.total)
        for monomial, _ in size.terms
        for atom, _ in monomial
    ):
        return size
    terms: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        sums = [atom_size(atom) ** power for atom, power in monomial]
        terms.append(product([coefficient, *sums]))
    return sum_of(terms)


def multiple_by_rules(atom: Atom, rules: Rules) -> tuple[Size, Size] | None:
    """Return what an equality says of a multiple of a factor, and how much of it that is."""
    if not isinstance(atom, Floor | Group):
        return None
    rank = _rank(atom)
    for known, (number, meaning) in rules.items():
        if (atom, 1) not in known:
            continue
        rest = tuple(item for item in known if item[0] != atom)
        inside = [] if isinstance(meaning, int) else [m for m, _ in meaning.terms]
        if all(_rank(other) < rank for part in (rest, *inside) for other, _ in part):
            return meaning, collect({rest: number}, 0) if rest else number
    return None


def _rank(atom: Atom) -> tuple[int, int, int]:
    """Return how deep and how long an atom is; a sum that is a factor is what is in it.

    What an equality defines is of a higher rank than all else in it.
    """
    den = atom.den if isinstance(atom, Floor) and isinstance(atom.den, int) else 0
    return (nesting(atom.total) if isinstance(atom, Group) else atom.depth, atom.parts, den)
