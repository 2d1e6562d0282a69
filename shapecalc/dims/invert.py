"""Solving ``size == target`` for a letter of the size, where the target is a letter too."""

from __future__ import annotations

from shapecalc.dims.atoms import Floor, Symbol
from shapecalc.dims.division import floordiv
from shapecalc.dims.expression import Dim, Size
from shapecalc.dims.rewrite import is_letter


def invert(size: Dim, name: str, target: Size) -> list[str] | None:
    """Say in Python which values of a letter give the target; None where no form is known.

    ``a*n + b == t`` is ``n == (t - b)//a`` with ``(t - b) % a == 0``;
    ``x//c == t`` is ``c*t <= x <= c*t + c - 1``.
    """
    if len(size.terms) != 1:
        return None
    ((monomial, coefficient),) = size.terms
    atom, power = monomial[0]
    if len(monomial) != 1 or power != 1 or coefficient < 1:
        return None
    rest = target - size.const
    whole = str(rest) if is_letter(rest) else f"({rest})"
    exact = [] if coefficient == 1 else [f"{whole} % {coefficient} == 0"]
    inner = floordiv(rest, coefficient)
    if isinstance(atom, Symbol):
        return [f"{name} == {inner}", *exact]
    if not isinstance(atom, Floor) or not isinstance(atom.den, int):
        return None
    bounds = _between(atom.num, name, inner * atom.den, atom.den - 1)
    return None if bounds is None else [bounds, *exact]


def _between(num: Size, name: str, low: Size, width: int) -> str | None:
    """``low <= a*n + b <= low + width`` as bounds on n."""
    if not isinstance(num, Dim) or len(num.terms) != 1:
        return None
    ((monomial, slope),) = num.terms
    if slope < 1 or len(monomial) != 1 or not isinstance(monomial[0][0], Symbol):
        return None
    if monomial[0][1] != 1:
        return None
    least = floordiv(low - num.const + (slope - 1), slope)
    most = floordiv(low - num.const + width, slope)
    return f"{least} <= {name} <= {most}"
