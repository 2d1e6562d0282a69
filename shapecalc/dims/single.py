"""Statements about one letter, solved: from a condition to the values that satisfy it."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, isqrt
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol, nesting
from shapecalc.dims.bounds import FREE, interval, linear
from shapecalc.dims.conditions import AnyOf, Condition, as_remainder
from shapecalc.dims.division import common_letters
from shapecalc.dims.domain import RESIDUE_LIMIT, Domain
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import Dim, Size, letters
from shapecalc.dims.periodic import Wave, value, values, wave
from shapecalc.dims.profiles import profile
from shapecalc.dims.rewrite import evaluated, substitute

if TYPE_CHECKING:
    from collections.abc import Callable

#: Values beyond this are not searched for the place where a growing size reaches its bound.
SEARCH_LIMIT: Final = 1 << 256
#: The sign of a size is looked for from numbers up to this one on.
SEARCHED: Final = 1024
#: The number of values of which each is tried.
FEW: Final = 16
#: The divisors of larger numbers are not looked for.
DIVIDED_LIMIT: Final = 10**9
#: Sizes that nest deeper are too long to be looked at element-wise.
DEEP: Final = 6
#: Nor those of so many parts, whose letters would be replaced in each.
MANY_PARTS: Final = 40


def satisfying(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    """Narrow the values of the only letter of a condition; None where no form decides it."""
    most = RESIDUE_LIMIT if domain.listed else FEW
    few = domain.members(most)
    if few is not None and len(few) <= most:
        found = [n for n in few if _holds(condition, _at(condition.expr, letter, n))]
        return domain if len(found) == len(few) else Domain.of(found)
    if condition.exact:
        return _solve_equality(condition, letter, domain)
    expr = inner(condition.expr)
    direction = monotone(expr)
    if direction == 0:
        within = condition if expr is condition.expr else Condition(expr, exact=False)
        return _by_shape(within, letter, domain)
    first = _first(expr, letter, holds=direction > 0)
    if first is None:
        return None
    return domain.at_least(first) if direction > 0 else domain.at_most(first - 1)


def by_values(size: Dim, domain_of: Callable[[str], Domain]) -> Size:
    """Write a size as a number or as its only letter, where it is that for the few values of it."""
    names = letters(size)
    if len(names) != 1:
        return size
    (name,) = names
    few = domain_of(name).members(FEW)
    if not few or len(few) > FEW:
        return size
    found = [_at(size, name, n) for n in few]
    if found == few:
        return Dim(name)
    return size if found[0] is None or len(set(found)) > 1 else found[0]


def satisfying_any(truth: AnyOf, letter: str, domain: Domain) -> Domain | None:
    """Return the values of the only letter of a statement for which one of its options is true."""
    found: Domain | None = None
    for option in truth.options:
        solved = satisfying(option, letter, domain)
        found = solved if found is None or solved is None else found.union(solved)
        if found is None:
            return None
    return found


def inner(expr: Dim) -> Dim:
    """``k*(x//c) + b >= 0`` as ``x >= -(b//k)*c``, and with -k as ``x <= (b//k)*c + c - 1``."""
    while len(expr.terms) == 1:
        ((monomial, k),) = expr.terms
        atom, power = monomial[0]
        if len(monomial) > 1 or power > 1 or not isinstance(atom, Floor):
            break
        if not isinstance(atom.den, int) or not isinstance(atom.num, Dim):
            break
        least = expr.const // abs(k) * atom.den
        below = atom.num + least if k > 0 else -atom.num + (least + atom.den - 1)
        assert isinstance(below, Dim)  # noqa: S101  (it has the terms of the numerator)
        expr = below
    return expr


def _first(expr: Dim, letter: str, *, holds: bool) -> int | None:
    """Return the least positive value from which on ``expr >= 0`` holds, or does not."""

    def reached(n: int) -> bool:
        return (evaluated(expr, {letter: n}) >= 0) == holds

    if len(expr.terms) == 1 and holds and expr.terms[0][0] == Dim(letter).terms[0][0]:
        return max(1, -(expr.const // expr.terms[0][1]))
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


@lru_cache(maxsize=4096)
def monotone(expr: Dim) -> int:
    """Say whether a size never falls (1) or never rises (-1) as letters grow, or neither (0)."""
    signs = {1 if c > 0 else -1 for _, c in expr.terms}
    if len(signs) > 1:
        return 0
    apart = [len(m) == 1 and m[0][1] == 1 for m, _ in expr.terms]
    terms = zip(expr.terms, apart, strict=True)
    if not all(_grows(atom, alone=alone) for (m, _), alone in terms for atom, _ in m):
        return 0
    return signs.pop()


def _grows(atom: Atom, *, alone: bool) -> bool:
    """Return whether an atom never falls, and where it is not alone is never negative."""
    if isinstance(atom, Symbol):
        return True
    if isinstance(atom, Floor):
        positive = isinstance(atom.num, int) or atom.num.const >= 0
        return isinstance(atom.den, int) and positive and _rises(atom.num)
    if isinstance(atom, Extremum):
        if not all(map(_rises, atom.args)):
            return False
        if atom.op == "min" and not alone:
            # One that is negative is a factor that turns the others around.
            return all((arg if isinstance(arg, int) else arg.const) >= 0 for arg in atom.args)
        return any(isinstance(arg, int) and arg >= 0 for arg in atom.args)
    return False


def _rises(size: Size) -> bool:
    return isinstance(size, int) or monotone(size) > 0


def _solve_equality(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    expr = condition.expr
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
        solved = _of_remainder(remainder[0], remainder[1], remainder[2], domain)
        if solved is not None:
            return solved
    return (
        _crossing(expr, letter, domain)
        or _by_divisors(condition, letter, domain)
        or _by_shape(condition, letter, domain)
    )


def _by_divisors(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    """``(a*n + b)*x == k``, where k is not 0: ``a*n + b`` divides k."""
    expr = condition.expr
    number = abs(expr.const)
    slope, offset = _factor(expr, letter)
    if not slope or not 0 < number <= DIVIDED_LIMIT or expr.parts > MANY_PARTS:
        return None
    # With a minus those down to what the factor is for 1.
    divisors = [
        *(-n for n in reversed(_divisors(number)) if -n >= slope + offset),
        *_divisors(number),
    ]
    found = ((each - offset) // slope for each in divisors if (each - offset) % slope == 0)
    return Domain.of([n for n in found if n in domain and _holds(condition, _at(expr, letter, n))])


def _factor(expr: Dim, letter: str) -> tuple[int, int]:
    """Return a and b of a factor ``a*n + b`` of what letters make of a size; 0 where none is."""
    if any(atom == Symbol(letter) for atom, _ in common_letters(expr.terms)):
        return 1, 0
    for atom, _ in expr.terms[0][0] if len(expr.terms) == 1 else ():
        if isinstance(atom, Group) and len(atom.total.terms) == 1:
            ((monomial, slope),) = atom.total.terms
            if monomial == Dim(letter).terms[0][0] and slope > 0:
                return slope, atom.total.const
    return 0, 0


@lru_cache(maxsize=256)
def _divisors(number: int) -> list[int]:
    """Return the positive divisors of a number, sorted."""
    small = [n for n in range(1, isqrt(number) + 1) if number % n == 0]
    return [*small, *(number // n for n in reversed(small) if n * n != number)]


def _crossing(expr: Dim, letter: str, domain: Domain) -> Domain | None:
    """Return where an increasing size is zero: from where it is not negative to where it grows."""
    direction = monotone(expr)
    if direction == 0:
        return None
    rising = expr * direction
    after = rising - 1
    if not isinstance(rising, Dim) or not isinstance(after, Dim):
        return None
    first = _first(rising, letter, holds=True)
    behind = _first(after, letter, holds=True)
    return None if first is None or behind is None else domain.at_least(first).at_most(behind - 1)


def _between(num: Size, letter: str, low: int, width: int, domain: Domain) -> Domain | None:
    """``low <= num < low + width``."""
    narrowed: Domain | None = domain
    for bound in (num - low, low + width - 1 - num):
        if isinstance(bound, Dim) and narrowed is not None:
            narrowed = satisfying(Condition(bound, exact=False), letter, narrowed)
    return narrowed


def _of_remainder(num: Dim, den: int, remainder: int, domain: Domain) -> Domain | None:
    """``(a*n + b) % d == r``, solved for n; of powers of n by what each remainder of n leaves."""
    if nesting(num):
        return None
    ((monomial, slope), *more) = num.terms
    if not more and monomial[0][1] == 1:
        return domain.solving(slope, num.const, den, remainder)
    if den > RESIDUE_LIMIT:
        return None
    found = [n for n in range(den) if _left_by(num, n, den) == remainder]
    return domain.congruent(den, frozenset(found))


def _left_by(num: Dim, n: int, den: int) -> int:
    """Return the remainder of a sum of powers of a letter at a number."""
    powers = ((c, sum(power for _, power in monomial)) for monomial, c in num.terms)
    return (num.const + sum(c * pow(n, power, den) for c, power in powers)) % den


def _by_shape(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    return (
        _by_period(condition, domain)
        or _by_profile(condition, letter, domain)
        or _by_tail(condition, letter, domain)
    )


def _by_profile(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    """Return a size that is linear but for a period from some number on, with its first values."""
    shape = profile(condition.expr, Dim(letter))
    if shape is None:
        return None
    start = len(shape.values) - shape.period
    if shape.step:
        least = min(each if shape.step > 0 else -each for each in shape.values[start:])
        periods = max(0, -((least - 1) // abs(shape.step)))
        after = start + periods * shape.period + 1
        found = shape.first(min(after, RESIDUE_LIMIT))
        rising = shape.step > 0
        return _enumerated(condition, domain, after, lambda n: found[n - 1], rising=rising)
    held = [_holds(condition, each) for each in shape.values]
    kept = frozenset(n % shape.period for n, holds in enumerate(held[start:], start + 1) if holds)
    odd = [n for n, holds in enumerate(held, 1) if holds != (n % shape.period in kept)]
    narrowed = domain.congruent(shape.period, kept)
    if narrowed is None or not odd:
        return narrowed
    above = odd[-1] + 1
    # Below what is odd, nothing may hold that is in the domain.
    alone = not any(held[n - 1] and n in domain for n in range(1, above))
    return narrowed.at_least(above) if alone else None


def _by_period(condition: Condition, domain: Domain) -> Domain | None:
    """Return what is linear but for a period: one period decides, and a slope leaves it behind."""
    expr = condition.expr
    shape = wave(expr)
    if shape is None or shape.period > RESIDUE_LIMIT:
        return None
    if shape.slope == 0:
        return domain.congruent(shape.period, _residues(expr, shape.period, exact=condition.exact))
    ends = _ends(expr, shape)
    return _enumerated(
        condition,
        domain,
        floor(max(ends)) + 1,
        lambda n: value(expr, n),
        rising=shape.slope > 0,
        low=ceil(min(ends)),
    )


@lru_cache(maxsize=1024)
def _residues(expr: Dim, period: int, *, exact: bool) -> frozenset[int]:
    """Return the remainders for which a size is 0, or not negative, where it only repeats."""
    found = values(expr, range(period))
    return frozenset(n for n, each in enumerate(found) if (each == 0 if exact else each >= 0))


@lru_cache(maxsize=1024)
def _ends(expr: Dim, shape: Wave) -> tuple[Fraction, Fraction]:
    """Between which numbers the sign of a size can differ from that of its slope, or be 0.

    With slope s the size is ``s*n + p(n)``, where p repeats: beyond ``max(abs(p))/abs(s)`` it
    cannot. Where what floors leave out bounds it as narrowly as a period is long, that will do.
    """
    around = linear(expr)
    if around is not None and around[2] - around[1] <= abs(around[0]) * shape.period:
        slope, low, high = around
        return Fraction(-high, slope), Fraction(-low, slope)
    top, bottom = shape.slope.numerator, shape.slope.denominator
    waves = [bottom * each - top * n for n, each in enumerate(values(expr, range(shape.period)))]
    return Fraction(-min(waves), top), Fraction(-max(waves), top)


def _by_tail(condition: Condition, letter: str, domain: Domain) -> Domain | None:
    """Any other size, where its bounds tell its sign from some number on."""
    tail = _tail(condition.expr, letter)
    if tail is None:
        return None
    after, rising = tail
    return _enumerated(
        condition, domain, after, lambda n: _at(condition.expr, letter, n), rising=rising
    )


@remembered(1024)
def _tail(expr: Dim, letter: str) -> tuple[int, bool] | None:
    """From which number on the sign of a size is known, and whether it is positive there."""
    if nesting(expr) > DEEP or expr.parts > MANY_PARTS:
        return None

    def sign(after: int) -> int:
        low, high = interval(substitute(expr, {letter: Dim(letter) + (after - 1)}), FREE)
        return (low is not None and low > 0) - (high is not None and high < 0)

    if not sign(SEARCHED):
        return None
    after = 1
    while not (found := sign(after)):
        after *= 2
    return after, found > 0


def _enumerated(
    condition: Condition,
    domain: Domain,
    after: int,
    at: Callable[[int], int | None],
    *,
    rising: bool,
    low: int = 1,
) -> Domain | None:
    """Return the values of a domain that satisfy a condition whose sign is known from ``after`` on.

    Below ``low`` the sign is the opposite. None where values are left out between others.
    """
    begin = max(low, domain.low)
    if after - begin > RESIDUE_LIMIT:
        return None
    found = [n for n in range(begin, after) if n in domain and _holds(condition, at(n))]
    if condition.exact:
        return Domain.of(found)
    if rising:
        first = found[0] if found else after
        gaps = sum(n in domain for n in range(first, after)) > len(found)
        return None if gaps else domain.at_least(first)
    missing = next((n for n in range(begin, after) if n in domain and n not in found), after)
    if not found or found[-1] < missing:
        return domain.at_most(missing - 1)
    below = domain.at_most(begin - 1).members(RESIDUE_LIMIT) if begin > domain.low else []
    return None if below is None else Domain.of([*below, *found])


def _holds(condition: Condition, value: int | None) -> bool:
    """Return whether a condition holds where its size has a value.

    Where it has none, it does not.
    """
    if value is None:
        return False
    return value == 0 if condition.exact else value >= 0


def _at(expr: Dim, letter: str, n: int) -> int | None:
    """Return the value of a size at a number; None where it divides by zero there."""
    try:
        return evaluated(expr, {letter: n})
    except ZeroDivisionError:
        return None
