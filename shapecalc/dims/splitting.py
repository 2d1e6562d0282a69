"""Conditions that say several things, each about less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Extremum, Floor
from shapecalc.dims.conditions import Condition, any_of, at_least, equal
from shapecalc.dims.division import mod
from shapecalc.dims.expression import Dim, atom_size
from shapecalc.dims.rewrite import is_letter

if TYPE_CHECKING:
    from shapecalc.dims.conditions import Truth


def split_extrema(condition: Condition) -> tuple[bool, list[Truth]] | None:
    """``max(a, b) + c >= 0`` as a + c >= 0 or b + c >= 0; with ``min`` both must hold.

    The first of the pair says whether all parts must hold.
    """
    if len(condition.expr.terms) != 1:
        return None
    ((monomial, coefficient),) = condition.expr.terms
    atom, power = monomial[0]
    if len(monomial) != 1 or power != 1 or not isinstance(atom, Extremum):
        return None
    if condition.exact:
        return _split_equality(atom, -condition.expr.const // coefficient)
    parts = [at_least(coefficient * arg + condition.expr.const, 0) for arg in atom.args]
    return (atom.op == "min") == (coefficient > 0), parts


def _split_equality(atom: Extremum, value: int) -> tuple[bool, list[Truth]] | None:
    """``max(x, n) == m`` as x == m where n < m, as x <= m where n is m; with ``min`` so turned."""
    numbers = [arg for arg in atom.args if isinstance(arg, int)]
    sizes = [arg for arg in atom.args if isinstance(arg, Dim)]
    if len(numbers) != 1 or len(sizes) != 1:
        return None
    (number,), (size,) = numbers, sizes
    if number == value:
        return True, [at_least(size, value) if atom.op == "min" else at_least(value, size)]
    return True, [(number < value) == (atom.op == "max") and equal(size, value)]


def alternatives(option: Truth) -> Truth:
    """Say an option among others without extrema and floors, where it can be said so.

    ``x//d >= c`` is ``x >= c*d``.
    """
    if not isinstance(option, Condition):
        return option
    split = split_extrema(option)
    if split is None or (split[0] and len(split[1]) > 1):
        return without_floor(option)
    return any_of(*map(alternatives, split[1]))


def split_product(condition: Condition) -> list[Truth] | None:
    """``x*y == (c*(x//c))*(d*(y//d))`` as x == c*(x//c) and y == d*(y//d).

    No factor on the right is larger than its own on the left, and letters are positive.
    """
    expr = condition.expr
    if not condition.exact or expr.const or len(expr.terms) != 2:  # noqa: PLR2004  (two products)
        return None
    (left, one), (right, other) = sorted(expr.terms, key=lambda term: abs(term[1]))
    powers = dict(left)
    parts: list[Truth] = []
    number = 1
    for atom, power in right:
        numerator = atom.num if isinstance(atom, Floor) else atom_size(atom)
        if isinstance(atom, Floor):
            if not isinstance(atom.den, int) or not is_letter(numerator):
                return None
            number *= atom.den**power
            parts.append(equal(mod(numerator, atom.den), 0))
        assert isinstance(numerator, Dim)  # noqa: S101  (it is a letter or an atom)
        base = numerator.terms[0][0][0][0]
        powers[base] = powers.get(base, 0) - power
    if any(powers.values()) or one * number != -other or len(parts) < 2:  # noqa: PLR2004
        return None
    return parts


def without_floor(condition: Condition) -> Truth:
    """``x//c + r >= 0`` as x + c*r >= 0, and ``r - x//c >= 0`` as c*r + c - 1 - x >= 0.

    Only where no other floor stands beside it, which would be multiplied.
    """
    found: Truth = condition
    while isinstance(found, Condition) and not found.exact:
        expr = found.expr
        deep = [m for m, _ in expr.terms if any(atom.depth for atom, _ in m)]
        if len(deep) != 1 or len(deep[0]) > 1:
            break
        ((atom, power),) = deep[0]
        sign = dict(expr.terms)[deep[0]]
        if not isinstance(atom, Floor) or not isinstance(atom.den, int) or sign * sign * power != 1:
            break
        rest = expr - sign * atom_size(atom)
        below = rest * atom.den if sign > 0 else rest * atom.den + (atom.den - 1)
        found = at_least(below + sign * atom.num, 0)
    return found
