"""Equalities that say what a letter is: it then stands for that everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims.bounds import interval
from shapecalc.dims.conditions import any_of, at_least, equal
from shapecalc.dims.division import mod
from shapecalc.dims.expression import Dim, Size, atom_size, letters
from shapecalc.dims.rewrite import is_letter

if TYPE_CHECKING:
    from shapecalc.dims.bounds import Ranges
    from shapecalc.dims.conditions import Condition, Truth
    from shapecalc.dims.domain import Domain


def definition(condition: Condition, bounds: Ranges) -> tuple[str, Size] | None:
    """Return a letter that is alone in an equality, with its value: of two letters the second.

    None where no letter does, or where what it equals could be less than 1.
    """
    found: list[tuple[str, Size]] = []
    for monomial, coefficient in condition.expr.terms:
        name = is_letter(atom_size(monomial[0][0]))
        alone = name is not None and len(monomial) == 1 and monomial[0][1] == 1
        if name is None or not alone or coefficient not in {1, -1}:
            continue
        rest = -coefficient * (condition.expr - coefficient * Dim(name))
        least, _ = interval(rest, bounds)
        if name not in letters(rest) and least is not None and least >= 1:
            found.append((name, rest))
    if not found:
        return None
    return found[0 if condition.turned else -1]


def domain_of(size: Size, domain: Domain) -> list[Truth]:
    """Say of a size what is known about the letter that stands for it."""
    truths = [at_least(size, domain.low)]
    if domain.high is not None:
        truths.append(at_least(domain.high, size))
    if domain.residue is not None and domain.modulus > 1:
        truths.append(equal(mod(size, domain.modulus), domain.residue))
    elif domain.modulus > 1:
        truths.append(any_of(*(equal(mod(size, domain.modulus), r) for r in domain.residues)))
    return truths
