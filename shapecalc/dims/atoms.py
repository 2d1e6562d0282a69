"""What the monomials of a size are made of: letters, floors, extrema, and sums kept as factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shapecalc.dims.expression import Dim, Size

Key = tuple[Any, ...]

#: Numbers grow to this many digits, and max and min nest to this depth.
MAX_DIGITS: Final = 1000
MAX_NESTING: Final = 50

_TOO_LARGE: Final = 10**MAX_DIGITS


class TooLargeError(ValueError):
    """A size that no network has, and that would take too long to say."""


class Atom:
    """What a monomial is made of: ordered and compared by its key."""

    __slots__ = ("_hash", "key")

    def __init__(self, key: Key) -> None:
        self.key = key
        self._hash = hash(key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Atom) and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash


class Symbol(Atom):
    """A letter: a positive integer with a name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__((0, name, ()))
        self.name = name


class Floor(Atom):
    """The quotient ``num // den``, rounded down."""

    __slots__ = ("den", "num")

    def __init__(self, num: Size, den: Size) -> None:
        super().__init__((1, "", (key_of(num), key_of(den))))
        self.num = num
        self.den = den


class Extremum(Atom):
    """The largest (``max``) or the smallest (``min``) of several sizes."""

    __slots__ = ("args", "depth", "op")

    def __init__(self, op: str, args: tuple[Size, ...]) -> None:
        self.depth = 1 + max(map(_nesting, args))
        if self.depth > MAX_NESTING:
            raise TooLargeError(f"max and min nest more than {MAX_NESTING} deep")
        super().__init__((2, op, tuple(key_of(arg) for arg in args)))
        self.op = op
        self.args = args


class Group(Atom):
    """A sum that stands as one factor, because multiplying it out would be too long."""

    __slots__ = ("total",)

    def __init__(self, total: Dim) -> None:
        super().__init__((3, "", (total.key,)))
        self.total = total


def _nesting(size: Size) -> int:
    atoms = [] if isinstance(size, int) else [atom for term in size.terms for atom, _ in term[0]]
    return max((atom.depth for atom in atoms if isinstance(atom, Extremum)), default=0)


def key_of(size: Size) -> Key:
    """What sizes are sorted by."""
    return ((), size) if isinstance(size, int) else size.key


def check_digits(size: Size) -> None:
    """Refuse a size with numbers of too many digits; raises `TooLargeError`."""
    if isinstance(size, int):
        if abs(size) >= _TOO_LARGE:
            raise TooLargeError(f"a number has more than {MAX_DIGITS} digits")
        return
    check_digits(size.const)
    for monomial, coefficient in size.terms:
        if coefficient != 1:
            check_digits(coefficient)
        for atom, _ in monomial:
            if isinstance(atom, Floor):
                check_digits(atom.num)
                check_digits(atom.den)
