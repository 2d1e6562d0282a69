"""Products of powers of atoms, which the terms of a size are multiples of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapecalc.dims.atoms import Atom

Monomial = tuple[tuple["Atom", int], ...]


def product_of(a: Monomial, b: Monomial) -> Monomial:
    """Multiply two products of atoms."""
    if not a:
        return b
    if not b:
        return a
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))


def quotient_of(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """Divide a product by one that is a part of it; None where it is not."""
    powers = dict(monomial)
    for atom, power in divisor:
        left = powers.get(atom, 0) - power
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, power) for atom, power in powers.items() if power)
