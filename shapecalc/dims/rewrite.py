"""Replacing parts of a size, from the inside out, back into the normal form."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol, nested
from shapecalc.dims.division import floordiv
from shapecalc.dims.expression import Dim, Size, atom_size, collect, plain_letter, sum_of
from shapecalc.dims.extrema import maximum, minimum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shapecalc.dims.bounds import Interval


def substitute(size: Size, values: Mapping[str, Size]) -> Size:
    """Replace letters by sizes or numbers."""
    if isinstance(size, int) or not values:
        return size
    return rewrite(size, values.get)


def evaluated(size: Size, numbers: Mapping[str, int]) -> int:
    """Return the value of a size at numbers for all of its letters.

    Raises ``ZeroDivisionError``.
    """
    if isinstance(size, int):
        return size
    total = size.const
    for monomial, coefficient in size.terms:
        term = coefficient
        for atom, power in monomial:
            base = numbers[atom.name] if isinstance(atom, Symbol) else _value(atom, numbers)
            term *= base**power if power > 1 else base
        total += term
    return total


def _value(atom: Atom, numbers: Mapping[str, int]) -> int:
    if isinstance(atom, Floor):
        den = atom.den if isinstance(atom.den, int) else evaluated(atom.den, numbers)
        return evaluated(atom.num, numbers) // den
    if isinstance(atom, Extremum):
        args = [evaluated(arg, numbers) for arg in atom.args]
        return max(args) if atom.op == "max" else min(args)
    assert isinstance(atom, Group)  # noqa: S101  (the last of the four kinds)
    return evaluated(atom.total, numbers)


def rewrite(
    size: Size,
    letter: Callable[[str], Size | None],
    ranges: Mapping[str, Interval] | None = None,
    known: dict[Atom, Size | None] | None = None,
) -> Size:
    """Rebuild a size with its letters replaced where ``letter`` gives something for them.

    ``ranges`` lets a ``max`` or ``min`` with a known winner vanish. ``known`` remembers what became
    of floors and extrema, which often stand in several places; None where they stay.
    """
    if isinstance(size, int):
        return size
    if known is None:
        known = {}
    terms: list[Size] = [size.const]
    for monomial, coefficient in size.terms:
        bases = [_base(atom, letter, ranges, known) for atom, _ in monomial]
        if all(base is None for base in bases):
            terms.append(collect({monomial: coefficient}, 0))
            continue
        term: Size = coefficient
        for (atom, power), value in zip(monomial, bases, strict=True):
            base = atom_size(atom) if value is None else value
            term = term * (base**power if power > 1 else base)
        terms.append(term)
    return sum_of(terms)


def _base(
    atom: Atom,
    letter: Callable[[str], Size | None],
    ranges: Mapping[str, Interval] | None,
    known: dict[Atom, Size | None],
) -> Size | None:
    """Return what becomes of an atom; None where it stays as it is."""
    if isinstance(atom, Symbol):
        return letter(atom.name)
    if atom not in known:
        found = _rebuilt(atom, letter, ranges, known)
        known[atom] = None if found == atom_size(atom) else found
    return known[atom]


def _rebuilt(
    atom: Atom,
    letter: Callable[[str], Size | None],
    ranges: Mapping[str, Interval] | None,
    known: dict[Atom, Size | None],
) -> Size:
    if isinstance(atom, Floor):
        top = rewrite(atom.num, letter, ranges, known)
        return floordiv(top, rewrite(atom.den, letter, ranges, known))
    if isinstance(atom, Extremum):
        choose = maximum if atom.op == "max" else minimum
        args = [rewrite(arg, letter, ranges, known) for arg in atom.args]
        return choose(*args, ranges=ranges)
    assert isinstance(atom, Group)  # noqa: S101  (the last of the four kinds)
    return rewrite(atom.total, letter, ranges, known)


def holds_extrema(size: Size) -> bool:
    """Return whether a ``max`` or ``min`` stands anywhere in a size."""
    if isinstance(size, int) or plain_letter(size) is not None:
        return False
    for monomial, _ in size.terms:
        for atom, _ in monomial:
            if atom.depth and _is_of_extrema(atom):
                return True
    return False


@lru_cache(maxsize=8192)
def _is_of_extrema(atom: Atom) -> bool:
    return isinstance(atom, Extremum) or any(map(holds_extrema, nested(atom)))


def is_letter(size: Size) -> str | None:
    """Return the name, where a size is one letter alone."""
    return plain_letter(size) if isinstance(size, Dim) and size.const == 0 else None
