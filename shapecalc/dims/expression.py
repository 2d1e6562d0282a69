"""Integer expressions over letters, in one normal form.

A size is a Python ``int`` or a `Dim`. A `Dim` is a sum of terms and a constant, a term is a
coefficient and a monomial, a monomial is a product of powers of atoms; an atom is a letter, a
floor, a ``max`` or ``min``, or a sum that is too long to multiply out. Letters are positive
integers. Terms are sorted and each `Dim` has at least one, so that equal forms are equal values:
what becomes a number becomes an ``int``.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Key, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Sums are multiplied out up to this many terms; longer products keep their factors.
EXPANSION_LIMIT: Final = 64


Monomial = tuple[tuple[Atom, int], ...]


def _order(monomial: Monomial) -> Key:
    degree = sum(power for _, power in monomial)
    return (-degree, tuple((atom.key, power) for atom, power in monomial))


class Dim:
    """A size that depends on letters.

    ``Dim("T")`` is a letter, ``Dim("T - 2")`` what is written. Sums, differences, products,
    ``//``, ``%`` and powers with numbers and other sizes give a `Dim` again, or an ``int`` where
    the letters cancel. ``str`` gives Python text. ``==`` asks whether two sizes are the same for
    all values of their letters.
    """

    __slots__ = ("_hash", "_key", "_text", "const", "terms")

    terms: tuple[tuple[Monomial, int], ...]
    const: int

    _hash: int | None
    _key: Key | None
    _text: str | None

    def __new__(cls, text: str) -> Dim:  # noqa: PYI034  (it makes no subclass)
        """Read a size that has letters; raises ``ValueError`` for any other text."""
        if text.isascii() and text.isidentifier():
            return _dim(((((Symbol(text), 1),), 1),), 0)
        from shapecalc.dims.reader import parse_size

        size = parse_size(text)
        if isinstance(size, int):
            raise ValueError(f"{text} is a number, which is an int")  # noqa: TRY004  (the text is wrong)
        return size

    @property
    def key(self) -> Key:
        """What sizes are sorted by; made once."""
        if self._key is None:
            self._key = (tuple((_order(m), c) for m, c in self.terms), self.const)
        return self._key

    @property
    def letters(self) -> frozenset[str]:
        """The names of the letters in it."""
        return letters(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Dim):
            return False
        return self.const == other.const and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.terms, self.const))
        return self._hash

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        if self._text is None:
            from shapecalc.dims.text import text  # the printer stands on this module

            self._text = text(self)
        return self._text

    def __repr__(self) -> str:
        return f"Dim({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        from shapecalc.dims.reader import parse_size

        return (parse_size, (str(self),))

    def __add__(self, other: Size) -> Size:
        if isinstance(other, int):
            return _dim(self.terms, self.const + other) if other else self
        if not isinstance(other, Dim):
            return NotImplemented
        total = dict(self.terms)
        for monomial, coefficient in other.terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        return make(total, self.const + other.const)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + (-other)

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            if other == 0:
                return 0
            if other == 1:
                return self
            terms = tuple((monomial, c * other) for monomial, c in self.terms)
            return _dim(terms, self.const * other)
        if not isinstance(other, Dim):
            return NotImplemented
        return _multiply(self, other)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Size:
        if not isinstance(power, int) or power < 0:
            return NotImplemented
        if len(self.terms) == 1 and self.const == 0:
            ((monomial, coefficient),) = self.terms
            raised = tuple((atom, p * power) for atom, p in monomial)
            return make({raised: coefficient**power}, 0) if power else 1
        result: Size = 1
        for _ in range(power):
            result = result * self
        return result

    def __floordiv__(self, other: Size) -> Size:
        return floordiv(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        return floordiv(other, self)

    def __mod__(self, other: Size) -> Size:
        return mod(self, other)

    def __rmod__(self, other: int) -> Size:
        return mod(other, self)


Size = int | Dim
Shape = tuple[Size, ...]


def _dim(terms: tuple[tuple[Monomial, int], ...], const: int) -> Dim:
    """Make a `Dim` from terms that are in the normal form already."""
    dim = object.__new__(Dim)
    dim.terms = terms
    dim.const = const
    dim._hash = dim._key = dim._text = None
    return dim


def make(terms: Mapping[Monomial, int], const: int) -> Size:
    """Make a size of coefficients by monomial: drops zeros and sorts."""
    kept = [(monomial, c) for monomial, c in terms.items() if c]
    if not kept:
        return const
    if len(kept) > 1:
        kept.sort(key=lambda term: _order(term[0]))
    return _dim(tuple(kept), const)


def atom_size(atom: Atom) -> Dim:
    """The size that is this atom alone."""
    return _dim(((((atom, 1),), 1),), 0)


def product(sizes: Iterable[Size]) -> Size:
    """Multiply sizes; the empty product is 1."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result


def _multiply(a: Dim, b: Dim) -> Size:
    count = (len(a.terms) + bool(a.const)) * (len(b.terms) + bool(b.const))
    if count > EXPANSION_LIMIT or _has_group(a) or _has_group(b):
        a, b = _grouped(a), _grouped(b)
    total: dict[Monomial, int] = {}
    left = [*a.terms, ((), a.const)] if a.const else a.terms
    right = [*b.terms, ((), b.const)] if b.const else b.terms
    for monomial, coefficient in left:
        for other, factor in right:
            joined = _join(monomial, other)
            total[joined] = total.get(joined, 0) + coefficient * factor
    const = total.pop((), 0)
    return make(total, const)


def _has_group(dim: Dim) -> bool:
    """Whether a product in it was too long to multiply out, so that it stays a product."""
    return any(isinstance(atom, Group) for monomial, _ in dim.terms for atom, _ in monomial)


def _grouped(dim: Dim) -> Dim:
    if len(dim.terms) + bool(dim.const) == 1:
        return dim
    return atom_size(Group(dim))


def _join(a: Monomial, b: Monomial) -> Monomial:
    if not a:
        return b
    if not b:
        return a
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].key))


def floordiv(x: Size, d: Size) -> Size:
    """The quotient ``x // d`` for a positive d, in the normal form.

    ``(c*q*m + x)//c = q*m + x//c``: multiples leave the floor;
    ``(g*x + k)//(g*e) = (x + k//g)//e``: common factors cancel;
    ``((x//c) + a)//d = (x + a*c)//(c*d)``: nested floors fold, for c, d > 0.
    """
    if isinstance(d, Dim):
        return _floordiv_letters(x, d)
    if isinstance(x, int):
        return x // d
    if d == 1:
        return x
    if d < 1:
        msg = f"a size is divided by {d}"
        raise ZeroDivisionError(msg)
    whole: dict[Monomial, int] = {}
    rest: list[tuple[Monomial, int]] = []
    for monomial, coefficient in x.terms:
        quotient, remainder = divmod(coefficient, d)
        if quotient:
            whole[monomial] = quotient
        if remainder:
            rest.append((monomial, remainder))
    quotient, constant = divmod(x.const, d)
    outside = make(whole, quotient)
    if not rest:
        return outside
    shared = gcd(d, *(coefficient for _, coefficient in rest))
    if shared > 1:
        rest = [(monomial, c // shared) for monomial, c in rest]
        constant //= shared
        d //= shared
    return outside + _fold(rest, constant, d)


def _fold(rest: list[tuple[Monomial, int]], constant: int, d: int) -> Size:
    for monomial, coefficient in rest:
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1:
            inner = monomial[0][0]
            if isinstance(inner, Floor) and isinstance(inner.den, int):
                others = make(dict(term for term in rest if term[0] != monomial), constant)
                return floordiv(inner.num + inner.den * others, inner.den * d)
    if d == 1:
        return make(dict(rest), constant)
    return atom_size(Floor(_dim(tuple(rest), constant), d))


def _floordiv_letters(x: Size, d: Dim) -> Size:
    """``(q*d + x)//d = q + x//d``: what the divisor divides term by term leaves the floor."""
    if isinstance(x, Dim) and len(d.terms) == 1 and d.const == 0:
        ((divisor, factor),) = d.terms
        whole: dict[Monomial, int] = {}
        rest: dict[Monomial, int] = {}
        for monomial, coefficient in x.terms:
            quotient = _quotient(monomial, divisor)
            if quotient is None:
                rest[monomial] = coefficient
                continue
            count, remainder = divmod(coefficient, factor)
            whole[quotient] = whole.get(quotient, 0) + count
            if remainder:
                rest[monomial] = remainder
        const = whole.pop((), 0)
        outside = make(whole, const)
        remaining = make(rest, x.const)
        if remaining == 0:
            return outside
        return outside + atom_size(Floor(remaining, d))
    if isinstance(x, Dim):
        ratio = _ratio(x, d)
        if ratio is not None:
            return ratio
    return 0 if x == 0 else atom_size(Floor(x, d))


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    powers = dict(monomial)
    for atom, power in divisor:
        left = powers.get(atom, 0) - power
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, power) for atom, power in powers.items() if power)


def _ratio(x: Dim, d: Dim) -> int | None:
    """The number k with ``x == k*d``, where there is one."""
    ratio, remainder = divmod(x.terms[0][1], d.terms[0][1])
    return ratio if remainder == 0 and d * ratio == x else None


def mod(x: Size, d: Size) -> Size:
    """The remainder: ``x % d = x - d*(x//d)``, so that both stand in one normal form."""
    return x % d if isinstance(x, int) and isinstance(d, int) else x - d * floordiv(x, d)


def letters(size: Size) -> frozenset[str]:
    """The names of all letters in a size, those inside floors and extrema too."""
    found: set[str] = set()
    pending: list[Size] = [size]
    while pending:
        current = pending.pop()
        if isinstance(current, int):
            continue
        for monomial, _ in current.terms:
            for atom, _ in monomial:
                if isinstance(atom, Symbol):
                    found.add(atom.name)
                elif isinstance(atom, Floor):
                    pending += (atom.num, atom.den)
                elif isinstance(atom, Extremum):
                    pending += atom.args
                elif isinstance(atom, Group):
                    pending.append(atom.total)
    return frozenset(found)
