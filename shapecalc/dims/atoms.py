"""What the monomials of a size are made of: letters, floors, extrema, and sums kept as factors."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.dims.expression import Dim, Size

Key = tuple[Any, ...]

#: Numbers grow to this many digits, max and min nest to this depth, and quotients to that one.
MAX_DIGITS: Final = 1000
MAX_NESTING: Final = 50
MAX_QUOTIENTS: Final = 120
#: So many letters, quotients and extrema stand in one of these at most, each as often as written.
MAX_PARTS: Final = 2000

_TOO_LARGE: Final = 10**MAX_DIGITS


class TooLargeError(ValueError):
    """A size that no network has, and that would take too long to say."""


class Atom:
    """What a monomial is made of: ordered and compared by its key.

    The depth stands before what is inside: of two towers of floors the lower one comes first,
    without a look at every level of both.
    """

    __slots__ = ("_hash", "key")

    depth: int
    #: How many atoms are written in it.
    parts: int

    def __init__(self, key: Key) -> None:
        self.key = key
        self._hash = hash(key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Atom) and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash


class Symbol(Atom):
    """A letter: a positive integer with a name."""

    __slots__ = ("depth", "name", "parts")

    def __init__(self, name: str) -> None:
        super().__init__((0, name, ()))
        self.name = name
        self.depth = 0
        self.parts = 1


class Floor(Atom):
    """The quotient ``num // den``, rounded down."""

    __slots__ = ("den", "depth", "num", "parts")

    def __init__(self, num: Size, den: Size) -> None:
        self.depth = 1 + max(nesting(num), nesting(den))
        self.parts = _parts(num, den)
        if self.depth > MAX_QUOTIENTS:
            raise TooLargeError(f"quotients nest more than {MAX_QUOTIENTS} deep")
        super().__init__((1, self.depth, (key_of(num), key_of(den))))
        self.num = num
        self.den = den


class Extremum(Atom):
    """The largest (``max``) or the smallest (``min``) of several sizes."""

    __slots__ = ("args", "depth", "extrema", "op", "parts")

    def __init__(self, op: str, args: tuple[Size, ...]) -> None:
        self.depth = 1 + max(map(nesting, args))
        self.parts = _parts(*args)
        self.extrema = 1 + max(map(_extrema, args))
        if self.extrema > MAX_NESTING:
            raise TooLargeError(f"max and min nest more than {MAX_NESTING} deep")
        super().__init__((2, op, (self.depth, *(key_of(arg) for arg in args))))
        self.op = op
        self.args = args


class Group(Atom):
    """A sum that stands as one factor, because multiplying it out would be too long."""

    __slots__ = ("depth", "parts", "total")

    def __init__(self, total: Dim) -> None:
        self.depth = 1 + nesting(total)
        self.parts = _parts(total)
        super().__init__((3, self.depth, (total.key,)))
        self.total = total


def nesting(size: Size) -> int:
    """Return how deep atoms stand within atoms: 0 for sums of letters."""
    if isinstance(size, int):
        return 0
    return max(atom.depth for monomial, _ in size.terms for atom, _ in monomial)


def _parts(*sizes: Size) -> int:
    """Return how many atoms are written in what is made of some sizes; refuses too many."""
    found = 1
    for size in sizes:
        if not isinstance(size, int):
            found += size.parts
    if found > MAX_PARTS:
        raise TooLargeError(f"it is made of more than {MAX_PARTS} parts")
    return found


def _extrema(size: Size) -> int:
    """Return how deep extrema stand directly within extrema."""
    atoms = [] if isinstance(size, int) else [atom for term in size.terms for atom, _ in term[0]]
    return max((atom.extrema for atom in atoms if isinstance(atom, Extremum)), default=0)


def nested(atom: Atom) -> Iterator[Size]:
    """Yield the sizes that an atom is made of."""
    if isinstance(atom, Floor):
        yield atom.num
        yield atom.den
    elif isinstance(atom, Extremum):
        yield from atom.args
    elif isinstance(atom, Group):
        yield atom.total


def key_of(size: Size) -> Key:
    """Return what sizes are sorted by."""
    return ((), size) if isinstance(size, int) else size.key


def check_digits(size: Size) -> None:
    """Refuse a size with numbers of too many digits; raises `TooLargeError`."""
    number = size if isinstance(size, int) else size.const
    if not -_TOO_LARGE < number < _TOO_LARGE:
        raise TooLargeError(f"a number has more than {MAX_DIGITS} digits")
    if isinstance(size, int) or size.plain:
        return
    for monomial, coefficient in size.terms:
        if coefficient != 1:
            check_digits(coefficient)
        for atom, _ in monomial:
            if atom.depth:
                _check_atom(atom)


@lru_cache(maxsize=8192)
def _check_atom(atom: Atom) -> None:
    for part in nested(atom):
        check_digits(part)
