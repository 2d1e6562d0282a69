"""Remainders of one sum or product of several letters: what is said of them is said once."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from shapecalc.dims.conditions import AnyOf, Condition, as_remainder, equal, nearest
from shapecalc.dims.division import divided, mod
from shapecalc.dims.domain import Domain
from shapecalc.dims.exactness import Known, remainder_of
from shapecalc.dims.expression import Dim, Size, collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.dims.conditions import Truth


def joined(truth: Condition, others: Iterable[Condition | AnyOf]) -> tuple[Truth, Condition] | None:
    """Return what two statements on the remainder of one sum say, and which of them was known.

    ``x % 4 == 0`` and ``x % 6 == 0`` is ``x % 12 == 0``. None where no other speaks of that sum.
    """
    mine = _remainder(truth)
    if mine is None:
        return None
    total, domain = mine
    for other in others:
        theirs = _remainder(other) if isinstance(other, Condition) else None
        if theirs is None or theirs[0] != total:
            continue
        assert isinstance(other, Condition)  # noqa: S101  (it has a remainder)
        both = domain.congruent(theirs[1].modulus, theirs[1].residues)
        if both is not None:
            return both.residue is not None and _said(total, both.residue, both.modulus), other
    return None


def _remainder(truth: Condition) -> tuple[Dim, Domain] | None:
    """Return the sum whose remainder a statement tells, without its factor, and that remainder."""
    parts = as_remainder(truth.expr) if truth.exact else None
    if parts is None:
        return None
    num, den, value = parts
    # The numbers in it are those nearest to 0, so that sums modulo different numbers are alike.
    near = nearest(num, den)
    shared = gcd(*(c for _, c in near.terms)) * (1 if near.terms[0][1] > 0 else -1)
    total = divided(near, (), shared)
    solved = Domain().solving(shared, 0, den, value)
    assert isinstance(total, Dim)  # noqa: S101  (it has the terms of the sum)
    return None if solved is None or solved.residue is None else (total, solved)


def _said(total: Size, residue: int, modulus: int) -> Truth:
    return equal(mod(total - residue, modulus), 0)


def without_known(truth: Truth, known: Known) -> Truth:
    """Say ``(x + y) % d == r`` as ``x % d == r - s``, where the remainder s of y is known.

    What would be another remainder than the one that is known of all of it cannot hold.
    """
    parts = as_remainder(truth.expr) if isinstance(truth, Condition) else None
    if parts is None:
        return truth
    num, den, value = parts
    whole = remainder_of(num, known)
    if whole is not None and (value - whole[0]) % gcd(whole[1], den):
        return False
    if len(num.terms) == 1:
        return truth
    rest = {}
    for monomial, coefficient in num.terms:
        found = remainder_of(collect({monomial: coefficient}, 0), known)
        if found is not None and found[1] % den == 0:
            value -= found[0]
        else:
            rest[monomial] = coefficient
    if len(rest) == len(num.terms):
        return truth
    return _said(collect(rest, 0), value % den, den)
