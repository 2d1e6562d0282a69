"""Quotients and remainders of sizes, in the normal form."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.expression import (
    Dim,
    Size,
    atom_size,
    collect,
    is_kept,
    make,
    normal,
    plain_letter,
    unfolded,
)
from shapecalc.dims.grouping import grouped, multiplied_out
from shapecalc.dims.monomials import Monomial, quotient_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Sizes are divided term by term in at most this many steps.
DIVISION_LIMIT: Final = 32


def floordiv(x: Size, d: Size) -> Size:
    """Return the quotient ``x // d`` for a positive d, in the normal form.

    ``(c*q*m + x)//c = q*m + x//c``: multiples leave the floor, and of a product of letters its
    whole part; what holds a floor or an extremum itself stays inside, since its text would double;
    ``(g*x + k)//(g*e) = (x + k//g)//e``: common factors cancel;
    ``((x//c) + a)//d = (x + a*c)//(c*d)``: nested floors fold, for c, d > 0;
    ``max(a, b)//d = max(a//d, b//d)``.
    """
    if isinstance(d, Dim):
        return _by_letters(x, d)
    if isinstance(x, int):
        return x // d
    if d == 1:
        return x
    if d < 1:
        msg = f"a size is divided by {d}"
        raise ZeroDivisionError(msg)
    name = x.plain or plain_letter(x)
    if name:
        return _of_letter(name, x.const % d, d) + x.const // d
    spread = _of_extremum(x, d)
    return _by_number(x, d) if spread is None else spread


def _of_extremum(x: Dim, d: int) -> Size | None:
    """``max(a, b)//d = max(a//d, b//d)``."""
    if len(x.terms) > 1 or not isinstance(x.terms[0][0][0][0], Extremum):
        return None
    from shapecalc.dims.extrema import quotient_of_extremum  # which stands on this module

    return quotient_of_extremum(x, d)


@lru_cache(maxsize=8192)
def _of_letter(name: str, const: int, d: int) -> Dim:
    """Return the quotient of a letter and a number, ``(n + const)//d``."""
    letter = ((Symbol(name), 1),)
    return atom_size(Floor(normal(((letter, 1),), const), d))


def _by_number(x: Dim, d: int) -> Size:
    whole: dict[Monomial, int] = {}
    rest: list[tuple[Monomial, int]] = []
    for monomial, coefficient in x.terms:
        quotient, remainder = divmod(coefficient, d)
        if remainder and not _only_letters(monomial):
            rest.append((monomial, coefficient))
            continue
        if quotient:
            whole[monomial] = quotient
        if remainder:
            rest.append((monomial, remainder))
    quotient, constant = divmod(x.const, d)
    if not rest:
        return collect(whole, quotient)
    shared = gcd(d, *(coefficient for _, coefficient in rest))
    if shared > 1:
        rest = [(monomial, c // shared) for monomial, c in rest]
        constant //= shared
        d //= shared
    return _joined(whole, quotient, _fold(rest, constant, d))


def _only_letters(monomial: Monomial) -> bool:
    return all(type(atom) is Symbol for atom, _ in monomial)


def _joined(whole: dict[Monomial, int], const: int, part: Size) -> Size:
    """Add a part to what left a floor; what is made of letters alone cannot fold with it."""
    if not whole:
        return part + const
    if any(type(atom) is Group for monomial in whole for atom, _ in monomial):
        return part + _with_sums(whole, const)
    if isinstance(part, int):
        return collect(whole, part + const)
    terms = dict(part.terms)
    for monomial, coefficient in whole.items():
        terms[monomial] = terms.get(monomial, 0) + coefficient
    # What grows is in its form already; what falls is written as what grows, with a minus.
    grows = all(_only_letters(m) and c > 0 for m, c in whole.items())
    plain = len(part.terms) == 1 and part.terms[0][1] > 0 and grows and _flat(part)
    return (collect if plain else make)(terms, part.const + const)


def _flat(quotient: Dim) -> bool:
    """Return whether a size is one floor of a sum of letters."""
    atom = quotient.terms[0][0][0][0]
    return isinstance(atom, Floor) and (
        isinstance(atom.num, Dim) and all(_only_letters(m) for m, _ in atom.num.terms)
    )


def _fold(rest: list[tuple[Monomial, int]], constant: int, d: int) -> Size:
    folded = _without_nested(rest, constant, d)
    if folded is not None:
        return folded
    if d == 1:
        return make(dict(rest), constant)
    if all(_only_letters(monomial) for monomial, _ in rest):
        return atom_size(Floor(normal(tuple(rest), constant), d))
    return _nested(normal(tuple(rest), constant), d)


def _without_nested(terms: Sequence[tuple[Monomial, int]], const: int, d: Size) -> Size | None:
    """``((x//c) + a)//d = (x + a*c)//(c*d)``; for letters c, only where a is a number."""
    for monomial, coefficient in terms:
        inner = monomial[0][0]
        alone = coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1
        if not alone or not isinstance(inner, Floor):
            continue
        if isinstance(inner.den, int) or len(terms) == 1:
            others = make(dict(term for term in terms if term[0] != monomial), const)
            return floordiv(inner.num + inner.den * others, inner.den * d)
    return None


def _nested(num: Dim, d: int) -> Size:
    """Return a floor over floors: of what grows, and over a sum that stands in its form.

    ``(-x)//d = -((x + d - 1)//d)``, where x is what the first of its floors makes it.
    """
    from shapecalc.dims.folding import unnested  # which stands on this module

    folded = make(dict(num.terms), num.const)
    if folded != num:
        return floordiv(folded, d)
    spread = _of_extremum(num, d)
    if spread is not None:
        return spread
    if _falls(num):
        turned = make({monomial: -c for monomial, c in num.terms}, d - 1 - num.const)
        # In its form what is turned around may begin with a minus too.
        if not isinstance(turned, Dim) or not _falls(turned):
            return -floordiv(turned, d)
    return unnested(atom_size(Floor(num, d)))


def _falls(num: Dim) -> bool:
    """Return whether the first floor in a sum has a minus."""
    return next((c < 0 for monomial, c in num.terms if not _only_letters(monomial)), False)


def _by_letters(x: Size, d: Dim) -> Size:
    """Return the quotient by letters.

    ``(q*d + x)//d = q + x//d``: what the divisor divides term by term leaves the floor;
    ``(g*x)//(g*d) = x//d``: common factors cancel, for letters are positive;
    ``(x//c)//d = x//(c*d)``: nested floors fold.
    """
    if isinstance(x, int):
        return _cancelled(x, d)
    exact = _exact_quotient(x, d)
    if exact is None:
        exact = _without_factor(x, d)
    if exact is not None:
        return exact
    folded = _without_nested(x.terms, x.const, d)
    if folded is not None:
        return folded
    if len(d.terms) > 1 or d.const:
        return _cancelled(x, d)
    return _by_product(x, d)


def _by_product(x: Dim, d: Dim) -> Size:
    """Return the quotient by a product of letters, of which multiples leave the floor."""
    ((divisor, factor),) = d.terms
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in x.terms:
        quotient = quotient_of(monomial, divisor)
        if quotient is None:
            rest[monomial] = coefficient
            continue
        count, remainder = divmod(coefficient, factor)
        whole[quotient] = whole.get(quotient, 0) + count
        if remainder:
            rest[monomial] = remainder
    const = whole.pop((), 0)
    if rest and (whole or const):
        # What was a part of a sum may fold by itself; that it is less ends the turns.
        folded = make(rest, x.const)
        if isinstance(folded, int) or (folded.parts, folded.key) < (x.parts, x.key):
            return floordiv(folded, d) + collect(whole, const)
    remaining = collect(rest, x.const)
    return _joined(whole, const, _cancelled(remaining, d) if remaining else 0)


def _cancelled(x: Size, d: Dim) -> Size:
    """Return a floor without the letters and the number that both of its sides have as a factor.

    ``(g*x + k)//(g*e) = (x + k//g)//e``.
    """
    terms = () if isinstance(x, int) else x.terms
    shared = gcd(d.const, *(c for _, c in (*terms, *d.terms)))
    if isinstance(x, int):
        return atom_size(Floor(x // shared, divided(d, (), shared))) if x // shared else 0
    common = () if x.const or d.const else common_letters((*x.terms, *d.terms))
    if shared == 1 and not common:
        return 0 if _is_smaller(x, d) else atom_size(Floor(x, d))
    return floordiv(divided(x, common, shared), divided(d, common, shared))


def _is_smaller(x: Dim, d: Dim) -> bool:
    """Return whether a size is not negative and less than another, whatever their letters are.

    That is not looked at where it is a sum of positive terms, none of which stands in the other.
    """
    there = dict(d.terms)
    if all(c > 0 and m not in there and type(m[0][0]) is not Extremum for m, c in x.terms):
        return False
    low, _ = interval(x, FREE)
    if low is None or low < 0:
        return False
    least, _ = interval(unfolded(d, x, -1), FREE)
    return least is not None and least > 0


def common_letters(terms: Iterable[tuple[Monomial, int]]) -> Monomial:
    """Return the letters that all terms have, each in the lowest of its powers."""
    found: dict[Atom, int] | None = None
    for monomial, _ in terms:
        powers: dict[Atom, int] = {atom: power for atom, power in monomial if type(atom) is Symbol}
        if found is not None:
            powers = {a: min(p, found[a]) for a, p in powers.items() if a in found}
        found = powers
        if not found:
            return ()
    return tuple((found or {}).items())


def divided(x: Dim, common: Monomial, number: int) -> Size:
    """Divide a size by letters and a number that divide each of its terms."""
    terms = {quotient_of(monomial, common) or (): c // number for monomial, c in x.terms}
    const = x.const // number + terms.pop((), 0)
    return _with_sums(terms, const)


def _with_sums(terms: dict[Monomial, int], const: int) -> Size:
    """Make a size of quotients: a sum that is left alone is not a factor any more."""
    alone = [m for m in terms if len(m) == 1 and m[0][1] == 1 and type(m[0][0]) is Group]
    sums = [(atom_size(m[0][0]), terms.pop(m)) for m in alone]
    found = collect(terms, const)
    for total, times in sums:
        found = unfolded(found, total, times)
    return found


def _exact_quotient(x: Dim, d: Dim) -> Size | None:
    """Return the size q with ``x == q*d``, where division term by term finds one."""
    if len(d.terms) == 1 and not d.const:
        return None
    found: dict[Monomial, int] = {}
    left: Size = x
    for _ in range(DIVISION_LIMIT):
        if isinstance(left, int):
            break
        monomial = quotient_of(left.terms[0][0], d.terms[0][0])
        count, remainder = divmod(left.terms[0][1], d.terms[0][1])
        if monomial is None or remainder:
            return None
        found[monomial] = found.get(monomial, 0) + count
        left = left - d * (collect({monomial: count}, 0) if monomial else count)
    return collect(found, found.pop((), 0)) if left == 0 else None


def _without_factor(x: Dim, d: Dim) -> Size | None:
    """``(c*m*(s))//(g*s) = (c//g)*m``, where a sum s stands as one factor and g divides c."""
    ((factor, number),) = grouped(d).terms
    if type(factor[0][0]) is not Group or x.const:
        return None
    left: dict[Monomial, int] = {}
    for monomial, coefficient in x.terms:
        quotient = quotient_of(monomial, factor)
        if quotient is None or coefficient % number:
            return None
        left[quotient] = coefficient // number
    found = collect(left, left.pop((), 0))
    # What is left of a product may be short enough to be a sum.
    short = multiplied_out(found) if isinstance(found, Dim) and is_kept(found) else None
    return found if short is None else short


def mod(x: Size, d: Size) -> Size:
    """Return the remainder: ``x % d = x - d*(x//d)``, so that both stand in one normal form."""
    return x % d if isinstance(x, int) and isinstance(d, int) else x - d * floordiv(x, d)
