"""Integer expressions over letters, in one normal form.

A size is a Python ``int`` or a `Dim`. A `Dim` is a sum of terms and a constant, a term is a
coefficient and a monomial, a monomial is a product of powers of atoms; an atom is a letter, a
floor, a ``max`` or ``min``, or a sum that is too long to multiply out. Letters are positive
integers. Terms are sorted and each `Dim` has at least one, so that equal forms are equal values:
what becomes a number becomes an ``int``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims.atoms import Atom, Floor, Group, Key, Symbol, nested, nesting
from shapecalc.dims.effort import METER, Measured
from shapecalc.dims.monomials import Monomial, product_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Sums are multiplied out up to this many terms; longer products keep their factors.
EXPANSION_LIMIT: Final = 16
#: Sums with quotients of more parts than this are not multiplied out.
LONG_FLOOR: Final = 4
#: So many sizes are added one after the other.
FEW_PARTS: Final = 8
#: So many products of terms are made to see how many terms are left of them.
TRIAL_LIMIT: Final = 1024
#: What nests deeper than this is written from the inside out.
SHALLOW: Final = 20
#: Instead of the letter of a size that was not looked at.
UNSEEN: Final = ""
#: Makes a `Dim` without reading a text.
_new: Final[Any] = object.__new__


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

    __slots__ = ("_hash", "_key", "_text", "const", "plain", "terms")

    terms: tuple[tuple[Monomial, int], ...]
    const: int
    #: What `plain_letter` finds; UNSEEN until it was asked.
    plain: str | None

    _hash: int | None
    _key: Key | None
    _text: str | None

    def __new__(cls, text: str) -> Dim:  # noqa: PYI034  (it makes no subclass)
        """Read a size that has letters; raises ``ValueError`` for any other text."""
        if text.isascii() and text.isidentifier():
            return _letter(text)
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

    @property
    def parts(self) -> int:
        """How many letters, quotients and extrema are written in it."""
        return sum(atom.parts for monomial, _ in self.terms for atom, _ in monomial)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Dim):
            return False
        return self.const == other.const and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.plain or plain_letter(self) or self.terms, self.const))
        return self._hash

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        if self._text is None and self.plain:
            number = f" {'+' if self.const > 0 else '-'} {abs(self.const)}" if self.const else ""
            self._text = self.plain + number
        if self._text is None:
            from shapecalc.dims.text import settle, text  # the printer stands on this module

            if nesting(self) > SHALLOW:
                settle(self, lambda size: getattr(size, "_text", None) is not None, str)
            with Measured(free=True):
                self._text = text(self)
        return self._text

    def __repr__(self) -> str:
        return f"Dim({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        from shapecalc.dims.reader import parse_size

        return (parse_size, (str(self),))

    def __add__(self, other: Size) -> Size:
        if isinstance(other, int):
            if not other:
                return self
            # As `normal` makes it; with the same terms it is as plain.
            moved: Dim = _new(Dim)
            moved.terms = self.terms
            moved.const = self.const + other
            moved._hash = moved._key = moved._text = None
            moved.plain = self.plain
            return moved
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
            return normal(terms, self.const * other)
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
        from shapecalc.dims.grouping import grouped, raised_sum  # which stands on this module

        found = raised_sum(self, power) if power > 1 else None
        if found is not None:
            return found
        result: Size = 1
        for done in range(power):
            if done > 1 and isinstance(result, Dim) and is_kept(result):
                return result * grouped(self) ** (power - done)
            result = result * self
        return result

    def __floordiv__(self, other: Size) -> Size:
        if other.__class__ is int and other == 1:
            return self
        from shapecalc.dims.division import floordiv  # which stands on this module

        return floordiv(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        from shapecalc.dims.division import floordiv

        return floordiv(other, self)

    def __mod__(self, other: Size) -> Size:
        from shapecalc.dims.division import mod

        return mod(self, other)

    def __rmod__(self, other: int) -> Size:
        from shapecalc.dims.division import mod

        return mod(other, self)


Size = int | Dim
Shape = tuple[Size, ...]


def normal(terms: tuple[tuple[Monomial, int], ...], const: int) -> Dim:
    """Make a `Dim` from terms that are in the normal form already."""
    dim = object.__new__(Dim)
    dim.terms = terms
    dim.const = const
    dim._hash = dim._key = dim._text = None
    dim.plain = UNSEEN
    return dim


@lru_cache(maxsize=1024)
def _letter(name: str) -> Dim:
    """Return a letter: the same ones, which are many, are one object."""
    letter = normal(((((Symbol(name), 1),), 1),), 0)
    letter.plain = name
    return letter


def make(terms: Mapping[Monomial, int], const: int) -> Size:
    """Make a size of coefficients by monomial: drops zeros, folds floors and extrema, sorts."""
    total = collect(terms, const)
    if isinstance(total, Dim) and len(total.terms) > 1:
        for monomial, _ in total.terms:
            for atom, _ in monomial:
                if type(atom) is not Symbol:
                    from shapecalc.dims.folding import folded  # which stands on this module

                    return folded(total)
    return total


def collect(terms: Mapping[Monomial, int], const: int) -> Size:
    """Make a size of coefficients by monomial, of which none can be folded into others."""
    if METER.limits:
        METER.add()
    kept = [(monomial, c) for monomial, c in terms.items() if c]
    if not kept:
        return const
    if len(kept) > 1:
        kept.sort(key=lambda term: _order(term[0]))
    elif len(kept[0][0]) == 1:
        ((((atom, power),), times),) = kept
        if isinstance(atom, Group) and power == 1:
            # A sum that is left alone is not a factor.
            return atom.total * times + const
    return normal(tuple(kept), const)


def unfolded(a: Size, b: Size, times: int) -> Size:
    """Return ``a + times*b`` as its terms, where only bounds are needed."""
    total: dict[Monomial, int] = {} if isinstance(a, int) else dict(a.terms)
    const = a if isinstance(a, int) else a.const
    if isinstance(b, int):
        return collect(total, const + times * b)
    for monomial, coefficient in b.terms:
        total[monomial] = total.get(monomial, 0) + times * coefficient
    return collect(total, const + times * b.const)


def plain_letter(size: Dim) -> str | None:
    """Return the letter n of a size ``n + c``; None where it is anything else."""
    if size.plain == UNSEEN:
        size.plain = None
        if len(size.terms) == 1 and len(size.terms[0][0]) == 1:
            ((((atom, power),), coefficient),) = size.terms
            if power == coefficient == 1 and isinstance(atom, Symbol):
                size.plain = atom.name
    return size.plain


def atom_size(atom: Atom) -> Dim:
    """Return the size that is this atom alone: of a sum that stands as a factor, the sum."""
    return atom.total if type(atom) is Group else normal(((((atom, 1),), 1),), 0)


def product(sizes: Iterable[Size]) -> Size:
    """Multiply sizes; the empty product is 1."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result


def sum_of(sizes: Iterable[Size]) -> Size:
    """Add up sizes; a sum of many is sorted and folded once."""
    parts = list(sizes)
    total: Size = 0
    first = len(parts) if len(parts) <= FEW_PARTS else 0
    for size in parts[:first]:
        total = total + size
    if first:
        return total
    terms: dict[Monomial, int] = {}
    const = 0
    for size in parts:
        const += size if isinstance(size, int) else size.const
        for monomial, coefficient in () if isinstance(size, int) else size.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
    return make(terms, const)


def _multiply(a: Dim, b: Dim) -> Size:
    """Multiply out, or keep the factors of what has too many terms then."""
    count = (len(a.terms) + bool(a.const)) * (len(b.terms) + bool(b.const))
    if count <= TRIAL_LIMIT and not (stays_factor(a) or stays_factor(b)):
        total = expanded(a, b)
        if len(total) - list(total.values()).count(0) <= EXPANSION_LIMIT:
            return make(total, total.pop((), 0))
    from shapecalc.dims.grouping import grouped, multiplied_out  # which stand on this module

    total = expanded(grouped(a), grouped(b))
    kept = make(total, total.pop((), 0))
    short = multiplied_out(kept) if isinstance(kept, Dim) else None
    return kept if short is None else short


def expanded(a: Size, b: Size) -> dict[Monomial, int]:
    """Multiply out, and fold nothing: the coefficients of a product by monomial."""
    total: dict[Monomial, int] = {}
    left, right = _all_terms(a), _all_terms(b)
    for monomial, coefficient in left:
        for other, factor in right:
            joined = product_of(monomial, other)
            total[joined] = total.get(joined, 0) + coefficient * factor
    return total


def _all_terms(size: Size) -> Sequence[tuple[Monomial, int]]:
    if isinstance(size, int):
        return [((), size)]
    return [*size.terms, ((), size.const)] if size.const else size.terms


def is_kept(dim: Dim) -> bool:
    """Return whether a size is a product with a sum as a factor."""
    ((monomial, _), *more) = dim.terms
    return not (more or dim.const) and any(isinstance(atom, Group) for atom, _ in monomial)


def stays_factor(dim: Dim) -> bool:
    """Return whether a sum stays a factor: it holds one that does, or a long quotient.

    Quotients by letters, too, hold sums of the size of their own: multiplying out doubles the text.
    """
    return any(
        isinstance(atom, Group)
        or (isinstance(atom, Floor) and (isinstance(atom.den, Dim) or atom.parts > LONG_FLOOR))
        for monomial, _ in dim.terms
        for atom, _ in monomial
    )


@lru_cache(maxsize=8192)
def letters(size: Size) -> frozenset[str]:
    """Return the names of all letters in a size, those inside floors and extrema too."""
    found: frozenset[str] = frozenset()
    for monomial, _ in () if isinstance(size, int) else size.terms:
        for atom, _ in monomial:
            if isinstance(atom, Symbol):
                found |= {atom.name}
            else:
                found = found.union(*map(letters, nested(atom)))
    return found
