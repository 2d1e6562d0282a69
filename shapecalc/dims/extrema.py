"""``max`` and ``min`` of sizes, in the normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Extremum, key_of
from shapecalc.dims.bounds import interval
from shapecalc.dims.expression import Dim, Size, atom_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.dims.atoms import Key
    from shapecalc.dims.bounds import Interval


def maximum(*sizes: Size, ranges: Mapping[str, Interval] | None = None) -> Size:
    """The largest: ``max(max(a, b) + c, d) = max(a + c, b + c, d)``, without known losers."""
    return _extremum("max", sizes, ranges or {})


def minimum(*sizes: Size, ranges: Mapping[str, Interval] | None = None) -> Size:
    """The smallest, in the same form as `maximum`."""
    return _extremum("min", sizes, ranges or {})


def _extremum(op: str, sizes: Iterable[Size], ranges: Mapping[str, Interval]) -> Size:
    kept: list[Size] = []
    for size in sizes:
        for candidate in _spread(op, size):
            if any(_beats(op, other, candidate, ranges) for other in kept):
                continue
            kept = [other for other in kept if not _beats(op, candidate, other, ranges)]
            kept.append(candidate)
    if len(kept) == 1:
        return kept[0]
    return atom_size(Extremum(op, tuple(sorted(kept, key=_numbers_last))))


def _numbers_last(size: Size) -> tuple[bool, Key]:
    return (isinstance(size, int), key_of(size))


def _spread(op: str, size: Size) -> list[Size]:
    """``max(a, b) + c`` as a + c and b + c."""
    if isinstance(size, Dim) and len(size.terms) == 1:
        ((monomial, coefficient),) = size.terms
        atom, power = monomial[0]
        alone = len(monomial) == 1 and power == 1 and coefficient == 1
        if alone and isinstance(atom, Extremum) and atom.op == op:
            return [arg + size.const for arg in atom.args]
    return [size]


def _beats(op: str, a: Size, b: Size, ranges: Mapping[str, Interval]) -> bool:
    low, high = interval(a - b, ranges)
    return low is not None and low >= 0 if op == "max" else high is not None and high <= 0
