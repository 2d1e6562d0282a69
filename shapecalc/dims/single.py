"""Statements about one letter, solved: from a condition to the values that satisfy it."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol
from shapecalc.dims.conditions import Condition, as_remainder
from shapecalc.dims.domain import RESIDUE_LIMIT, Domain
from shapecalc.dims.expression import Dim, Size
from shapecalc.dims.rewrite import substitute

#: Values beyond this are not searched for the place where a growing size reaches its bound.
SEARCH_LIMIT: Final = 1 << 256


def solve(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    """Narrow the values of the only letter of a condition; None where no form decides it."""
    if condition.exact:
        return _solve_equality(condition.expr, letter, domain)
    direction = monotone(condition.expr)
    if direction == 0:
        return None
    if direction > 0:
        first = _first(condition.expr, letter, wanted=True)
        return None if first is None else domain.at_least(first)
    first = _first(condition.expr, letter, wanted=False)
    return None if first is None else domain.at_most(first - 1)


def _first(expr: Dim, letter: str, *, wanted: bool) -> int | None:
    """The least positive value from which on ``expr >= 0`` is as wanted."""

    def reached(n: int) -> bool:
        value = substitute(expr, {letter: n})
        assert isinstance(value, int)  # noqa: S101  (there is no other letter)
        return (value >= 0) == wanted

    high = 1
    while not reached(high):
        high *= 2
        if high > SEARCH_LIMIT:
            return None
    low = high // 2 + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return high


def monotone(expr: Dim) -> int:
    """Say whether a size never falls (1) or never rises (-1) as letters grow, or neither (0)."""
    signs = {1 if c > 0 else -1 for _, c in expr.terms}
    if len(signs) > 1 or not all(_grows(atom) for m, _ in expr.terms for atom, _ in m):
        return 0
    return signs.pop()


def _grows(atom: Atom) -> bool:
    """Whether an atom is never negative and never falls."""
    if isinstance(atom, Symbol):
        return True
    if isinstance(atom, Floor):
        positive = isinstance(atom.num, int) or atom.num.const >= 0
        return isinstance(atom.den, int) and positive and _rises(atom.num)
    if isinstance(atom, Extremum):
        return all(_rises(arg) for arg in atom.args) and any(
            isinstance(arg, int) and arg >= 0 for arg in atom.args
        )
    return False


def _rises(size: Size) -> bool:
    return isinstance(size, int) or monotone(size) > 0


def _solve_equality(expr: Dim, letter: str, domain: Domain) -> Domain | None:
    if len(expr.terms) == 1:
        ((monomial, coefficient),) = expr.terms
        atom, power = monomial[0]
        target = -expr.const // coefficient
        if len(monomial) == 1 and power == 1:
            if isinstance(atom, Symbol):
                return domain.at_least(target).at_most(target)
            if isinstance(atom, Floor) and isinstance(atom.den, int):
                return _between(atom.num, letter, target * atom.den, atom.den, domain)
    remainder = as_remainder(expr)
    if remainder is not None and isinstance(remainder[0], Dim):
        solved = _linear_remainder(remainder[0], remainder[1], remainder[2], domain)
        if solved is not None:
            return solved
    return _periodic(expr, letter, domain) or _crossing(expr, letter, domain)


def _crossing(expr: Dim, letter: str, domain: Domain) -> Domain | None:
    """Where a size that only grows is zero: between where it stops being negative and more."""
    direction = monotone(expr)
    if direction == 0:
        return None
    rising = expr * direction
    after = rising - 1
    if not isinstance(rising, Dim) or not isinstance(after, Dim):
        return None
    first = _first(rising, letter, wanted=True)
    behind = _first(after, letter, wanted=True)
    return None if first is None or behind is None else domain.at_least(first).at_most(behind - 1)


def _between(num: Size, letter: str, low: int, width: int, domain: Domain) -> Domain | None:
    """``low <= num < low + width``."""
    narrowed: Domain | None = domain
    for bound in (num - low, low + width - 1 - num):
        if isinstance(bound, Dim) and narrowed is not None:
            narrowed = solve(Condition(bound, exact=False), letter, narrowed)
    return narrowed


def _linear_remainder(num: Dim, den: int, value: int, domain: Domain) -> Domain | None:
    """``(a*n + b) % d == r`` is ``n % (d//g) == (r - b)//g * a'`` with g = gcd(a, d)."""
    if len(num.terms) != 1:
        return None
    ((monomial, slope),) = num.terms
    if len(monomial) != 1 or monomial[0][1] != 1 or not isinstance(monomial[0][0], Symbol):
        return None
    shared = slope * den // lcm(slope, den)
    if (value - num.const) % shared:
        return domain.congruent(1, frozenset())
    modulus = den // shared
    inverse = pow(slope // shared, -1, modulus) if modulus > 1 else 0
    return domain.congruent(modulus, frozenset({(value - num.const) // shared * inverse % modulus}))


def _periodic(expr: Dim, letter: str, domain: Domain) -> Domain | None:
    """Where a sum of linear terms and floors returns to itself, one period decides."""
    slope, period = _slope_and_period(expr)
    if slope != 0 or period > RESIDUE_LIMIT:
        return None
    residues = frozenset(n for n in range(period) if substitute(expr, {letter: n + period}) == 0)
    return domain.congruent(period, residues)


def _slope_and_period(expr: Size) -> tuple[Fraction | None, int]:
    """The slope over a period, after which the size has grown by just that; None if it bends."""
    if isinstance(expr, int):
        return Fraction(0), 1
    slope, period = Fraction(0), 1
    for monomial, coefficient in expr.terms:
        atom, power = monomial[0]
        if len(monomial) != 1 or power != 1 or isinstance(atom, (Extremum, Group)):
            return None, 1
        if isinstance(atom, Symbol):
            slope += coefficient
        elif isinstance(atom, Floor):
            inner, inner_period = _slope_and_period(atom.num)
            if inner is None or not isinstance(atom.den, int):
                return None, 1
            slope += coefficient * inner / atom.den
            period = lcm(period, inner_period * atom.den)
    return slope, period
