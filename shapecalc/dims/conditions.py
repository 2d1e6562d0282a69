"""Statements about sizes: certainly true, certainly false, or a `Condition` on the letters."""

from __future__ import annotations

from math import gcd
from typing import Any, Final

from shapecalc.dims.atoms import Extremum, Floor, Group, nesting
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.division import common_letters, divided, floordiv, mod
from shapecalc.dims.effort import Measured, remembered
from shapecalc.dims.expression import (
    Dim,
    Size,
    atom_size,
    collect,
    letters,
    make,
    normal,
    plain_letter,
)
from shapecalc.dims.grouping import multiplied_out
from shapecalc.dims.products import as_products
from shapecalc.dims.text import divisor_text, operand_text, product_text, text

#: So many remainders are tried to see what has folded to a floor.
FEW: Final = 8

_new: Final[Any] = object.__new__


class Condition:
    """``expr >= 0`` or ``expr == 0``, neither certainly true nor certainly false.

    ``str`` gives a Python expression that is true exactly when the condition is.
    """

    __slots__ = ("_text", "exact", "expr", "turned")

    def __init__(self, expr: Dim, *, exact: bool, turned: bool = False) -> None:
        """Take what is compared with zero; ``exact`` asks for equality.

        ``turned`` tells that an equality was asked the other way round, and is said like that.
        """
        self.expr = expr
        self.exact = exact
        self.turned = turned
        self._text: str | None = None

    @staticmethod
    def bound(expr: Dim) -> Condition:
        """Return ``expr >= 0``, as the constructor makes it in twice the time."""
        made: Condition = _new(Condition)
        made.expr = expr
        made.exact = made.turned = False
        made._text = None
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Condition):
            return False
        return self.exact == other.exact and self.expr == other.expr

    def __hash__(self) -> int:
        return hash((self.expr, self.exact))

    @property
    def letters(self) -> frozenset[str]:
        """The names of the letters in it."""
        return letters(self.expr)

    def __str__(self) -> str:
        if self._text is None:
            with Measured(free=True):
                self._text = self._said()
        return self._text

    def __repr__(self) -> str:
        return f"Condition({str(self)!r})"

    def _said(self) -> str:
        if self.exact:
            remainder = as_remainder(self.expr)
            if remainder is not None:
                num, den, value = remainder
                return f"{operand_text(nearest(num, den))} % {den} == {value}"
            divided_by = _as_multiple(self.expr)
            if divided_by is not None:
                top, divisor = divided_by
                return f"{operand_text(top)} % {divisor_text(divisor)} == 0"
            product = _product_text(self.expr)
            if product is not None:
                return product
        left = collect({m: c for m, c in self.expr.terms if c > 0}, 0)
        right = collect({m: -c for m, c in self.expr.terms if c < 0}, 0)
        if self.turned and self.expr.const == 0:
            sides = (text(right), text(left))
            alone = sides[1].isidentifier() and not sides[0].isidentifier()
            return " == ".join(sides[::-1] if alone else sides)
        if left == 0:
            left, right, const = -right, 0, self.expr.const
            sign = "==" if self.exact else "<="
            return f"{text(-left)} {sign} {const}"
        if self.exact:
            return f"{text(left)} == {text(right - self.expr.const)}"
        if self.expr.const == -1 and right != 0:
            return f"{text(left)} > {text(right)}"
        return f"{text(left)} >= {text(right - self.expr.const)}"


class AnyOf:
    """Several conditions of which one must hold."""

    def __init__(self, options: tuple[Condition, ...]) -> None:
        """Take the options, in the order in which they are shown."""
        self.options = options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyOf) and self.options == other.options

    def __hash__(self) -> int:
        return hash(self.options)

    @property
    def letters(self) -> frozenset[str]:
        """The names of the letters in any of its options."""
        return frozenset().union(*(option.letters for option in self.options))

    def __str__(self) -> str:
        return " or ".join(map(str, self.options))

    def __repr__(self) -> str:
        return f"AnyOf({str(self)!r})"


Truth = bool | Condition | AnyOf


def at_least(a: Size, b: Size) -> Truth:
    """Say ``a >= b``: ``x >= 0`` for their difference x; ``g*x + c >= 0`` is ``x + c//g >= 0``."""
    difference = a - b if b else a
    if isinstance(difference, int):
        return difference >= 0
    if difference.plain or plain_letter(difference):
        # n >= 1, and nothing bounds it from above.
        return difference.const >= -1 or Condition.bound(difference)
    low, high = interval(difference, FREE)
    if low is not None and low >= 0:
        return True
    if high is not None and high < 0:
        return False
    difference = _without_common_letters(difference)
    shared = gcd(*[c for _, c in difference.terms])
    if shared > 1:
        terms = {monomial: c // shared for monomial, c in difference.terms}
        difference = make(terms, difference.const // shared)
        if isinstance(difference, int):
            # Smaller coefficients may fold where larger ones did not.
            return difference >= 0
    return Condition(difference, exact=False)


def _without_common_letters(size: Dim) -> Dim:
    """``C*x`` has the sign of x, for letters are positive."""
    common = () if size.const else common_letters(size.terms)
    rest = divided(size, common, 1) if common else size
    return rest if isinstance(rest, Dim) else size


def equal(a: Size, b: Size) -> Truth:
    """Say ``a == b``; ``g*x + c == 0`` has no solution where g does not divide c."""
    difference = a - b
    if isinstance(difference, int):
        return difference == 0
    difference = _without_common_letters(difference)
    shared = gcd(*[c for _, c in difference.terms])
    if difference.const % shared:
        return False
    sign = 1 if difference.terms[0][1] > 0 else -1
    factor = shared * sign
    terms = {monomial: c // factor for monomial, c in difference.terms}
    reduced = make(terms, difference.const // factor)
    if isinstance(reduced, int):
        return reduced == 0
    low, high = interval(reduced, FREE)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return False
    return Condition(reduced, exact=True, turned=sign < 0 and len(reduced.terms) > 1)


def multiple_of(x: Size, d: Size) -> Truth:
    """Say ``x % d == 0``."""
    if isinstance(x, int) and isinstance(d, int):
        return x % d == 0
    return equal(mod(x, d), 0)


def any_of(*options: Truth) -> Truth:
    """Say that one of several holds."""
    if any(option is True for option in options):
        return True
    kept: dict[Condition, None] = {}
    for option in options:
        if isinstance(option, Condition):
            kept[option] = None
        elif isinstance(option, AnyOf):
            kept.update(dict.fromkeys(option.options))
    if not kept:
        return False
    first, *more = kept
    return AnyOf((first, *more)) if more else first


def _product_text(expr: Dim) -> str | None:
    """Say ``expr == 0`` as a product of two sums or more that is a number; None where it is not."""
    if all(len(monomial) == 1 for monomial, _ in expr.terms):
        return None
    for parts, value in as_products(expr):
        sums = [part for part in parts if isinstance(part, Dim) and (part.const or part.terms[1:])]
        if len(sums) > 1:
            *rest, last = parts
            return f"{product_text([*rest, last if value >= 0 else -last])} == {abs(value)}"
    return None


def _as_multiple(expr: Dim) -> tuple[Size, Dim] | None:
    """Return x and d of ``x % d == 0``, where ``d*(x//d) - x == 0`` says that for letters in d."""
    for monomial, coefficient in expr.terms:
        for atom, power in monomial:
            if power > 1 or not isinstance(atom, Floor | Group):
                continue
            rest = collect({m: c for m, c in expr.terms if m != monomial}, expr.const)
            factor = tuple(item for item in monomial if item[0] != atom)
            if not factor:
                continue
            kept = normal(((factor, abs(coefficient)),), 0)
            den = multiplied_out(kept) or kept
            num = rest if coefficient < 0 else -rest
            if isinstance(den, Dim) and floordiv(num, den) == atom_size(atom):
                return num, den
    return None


@remembered(4096)
def as_remainder(expr: Dim) -> tuple[Dim, int, int] | None:
    """Return the parts of ``x % d == r``, where ``expr == 0`` says just that.

    ``m*x - m*d*(x//d) + c = m*(x % d) + c``, so that r is ``-c/m``; and ``x - d*(x//d)``, where
    the floor is what x//d is in its form.
    """
    for monomial, coefficient in expr.terms:
        atom = monomial[0][0]
        if len(monomial) == 1 and monomial[0][1] == 1 and isinstance(atom, Floor | Extremum):
            rest = collect({m: c for m, c in expr.terms if m != monomial}, expr.const)
            found = _of_floor(atom, coefficient, rest) if isinstance(atom, Floor) else None
            if found is None and isinstance(rest, Dim):
                found = _as_folded(atom, coefficient, rest)
            if found is not None:
                return found
    return None


def nearest(num: Dim, den: int) -> Dim:
    """``5*S + T = T - S``, where both leave the same by 6; of letters, whose multiples fold."""
    if len(num.terms) == 1 or nesting(num):
        return num
    terms = tuple((m, c - den if 2 * c > den else c) for m, c in num.terms)
    return normal(terms, 0) if any(c > 0 for _, c in terms) else num


def _of_floor(floor: Floor, coefficient: int, rest: Size) -> tuple[Dim, int, int] | None:
    if not isinstance(floor.den, int) or coefficient % floor.den or isinstance(floor.num, int):
        return None
    factor = -coefficient // floor.den
    offset = rest - factor * floor.num if factor else rest
    if isinstance(offset, int) and offset % factor == 0:
        value, shift = -offset // factor, floor.num.const
        if 0 <= value < floor.den:
            return normal(floor.num.terms, 0), floor.den, (value - shift) % floor.den
    return None


def _as_folded(
    quotient: Floor | Extremum, coefficient: int, rest: Dim
) -> tuple[Dim, int, int] | None:
    """Return the parts of ``x % d == r`` where the quotient is what x//d has folded to."""
    num, den = (rest if coefficient < 0 else -rest), abs(coefficient)
    if den == 1 or isinstance(num, int):
        return None
    for value in dict.fromkeys([0, -num.const % den, *range(min(den, FEW))]):
        if floordiv(num + value, den) == atom_size(quotient):
            return normal(num.terms, 0), den, -num.const % den
    return None
