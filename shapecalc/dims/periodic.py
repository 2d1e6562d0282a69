"""Sizes of one letter that are linear but for what repeats: sums of ``k*n`` and floors of such.

Such a size f has a slope s and a period P with ``f(n + P) = f(n) + s*P`` for every whole number n,
so that what holds over one period holds everywhere.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims.atoms import Extremum, Floor, Group, Symbol, nesting
from shapecalc.dims.division import floordiv
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import Dim, Size, letters

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Periods up to this length are looked at element-wise.
PERIOD_LIMIT: Final = 4096
#: The longest period for which a shorter form of a sum is looked for.
FORM_LIMIT: Final = 256
#: How deep floors may nest in what is evaluated by recursion.
DEPTH_LIMIT: Final = 40


class Wave(NamedTuple):
    """How a size grows: by ``slope`` times the period over each period."""

    slope: Fraction
    period: int


def wave(size: Size) -> Wave | None:
    """Return the slope and the period of a size; None where it is not linear but for floors.

    All its letters count as one: whoever asks knows that there is but one.
    """
    return None if nesting(size) >= DEPTH_LIMIT else _wave(size)


@lru_cache(maxsize=8192)
def _wave(size: Size) -> Wave | None:
    if isinstance(size, int):
        return Wave(Fraction(0), 1)
    slope, period = Fraction(0), 1
    for monomial, coefficient in size.terms:
        atom, power = monomial[0]
        if len(monomial) != 1 or power != 1 or isinstance(atom, (Extremum, Group)):
            return None
        if isinstance(atom, Symbol):
            slope += coefficient
        elif isinstance(atom, Floor):
            inner = _wave(atom.num)
            if inner is None or not isinstance(atom.den, int):
                return None
            slope += coefficient * inner.slope / atom.den
            # After den periods the numerator has grown by a multiple of den.
            step = inner.slope * inner.period
            period = lcm(period, inner.period * atom.den // gcd(int(step), atom.den))
            if period > PERIOD_LIMIT:
                return None
    return Wave(slope, period)


def value(size: Size, n: int) -> int:
    """Evaluate a size that has a `wave` where its letter is n."""
    if isinstance(size, int):
        return size
    total = size.const
    for monomial, coefficient in size.terms:
        atom = monomial[0][0]
        if isinstance(atom, Floor):
            total += coefficient * (value(atom.num, n) // value(atom.den, n))
        else:
            total += coefficient * n
    return total


def values(size: Size, numbers: range) -> list[int]:
    """Evaluate a size that has a `wave` where its letter is each of several numbers."""
    if isinstance(size, int):
        return [size] * len(numbers)
    total = [size.const] * len(numbers)
    for monomial, coefficient in size.terms:
        atom = monomial[0][0]
        part: Sequence[int] = numbers
        if isinstance(atom, Floor):
            assert isinstance(atom.den, int)  # noqa: S101  (else it has no wave)
            part = [each // atom.den for each in values(atom.num, numbers)]
        total = [each + coefficient * more for each, more in zip(total, part, strict=True)]
    return total


@remembered(4096)
def recognized(size: Size) -> Size | None:
    """Write a size that has a `wave` with a single floor; None where that is not possible.

    ``f(n) = k*((a*n + b)//d) + c``, where k is what all steps of f have in common and a/d is the
    slope of ``(f - c)/k``: b is the number with ``d*g(n) <= a*n + b < d*g(n) + d`` for all n.
    """
    shape = wave(size)
    if isinstance(size, int) or shape is None or shape.period > FORM_LIMIT:
        return size if isinstance(size, int) else None
    (name,) = letters(size)
    return quotient_form(values(size, range(shape.period + 1)), Dim(name), 0, shape.period)


def quotient_form(found: Sequence[int], base: Dim, first: int, period: int) -> Size | None:
    """Write values over one period, of which the last is one period after the first, so."""
    shared = gcd(*(after - found[0] for after in found[1:]))
    if shared == 0:
        return found[0]
    slope = Fraction(found[-1] - found[0], period)
    if slope == 0:
        return None
    factor = shared if slope > 0 else -shared
    offset = found[0] % shared
    steps = [(each - offset) // factor for each in found]
    slope /= factor
    top, bottom = slope.numerator, slope.denominator
    waves = [bottom * step - top * n for n, step in enumerate(steps, first)]
    least, most = max(waves), min(waves) + bottom - 1
    if least > most:
        return None
    return floordiv(base * top + least, bottom) * factor + offset
