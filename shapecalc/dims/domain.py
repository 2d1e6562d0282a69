"""The values that one letter may take: an interval and a remainder."""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Sets of remainders up to this size are listed; larger ones are left to general conditions.
RESIDUE_LIMIT: Final = 4096
#: The number of values that are listed one by one.
FEW: Final = 4


class Domain:
    """The n with ``low <= n <= high`` and ``n % modulus`` in ``residues``; immutable."""

    __slots__ = ("high", "low", "modulus", "residues")

    def __init__(
        self,
        low: int = 1,
        high: int | None = None,
        modulus: int = 1,
        residues: frozenset[int] = frozenset({0}),
    ) -> None:
        self.low = low
        self.high = high
        self.modulus = modulus
        self.residues = residues
        if modulus > 1 and residues:
            self.low = self._next(low)
            if high is not None:
                self.high = -self._next_mirrored(-high)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Domain) or self.low != other.low:
            return False
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[int, int | None, int, frozenset[int]]:
        return (self.low, self.high, self.modulus, self.residues)

    def reaches(self, n: int) -> bool:
        """Return whether no number with one of these remainders is between the last value and n."""
        return self.high is None or self._next(self.high + 1) >= n

    def _next(self, n: int) -> int:
        """Return the least member of the remainders that is not below n."""
        return n + min((residue - n) % self.modulus for residue in self.residues)

    def _next_mirrored(self, n: int) -> int:
        return n + min((-residue - n) % self.modulus for residue in self.residues)

    @classmethod
    def of(cls, values: Sequence[int]) -> Domain:
        """Just these values, which are sorted and not too many."""
        if not values:
            return cls(1, 0)
        step = gcd(*(value - values[0] for value in values))
        if step == 0 or len(values) == (values[-1] - values[0]) // step + 1:
            return cls(values[0], values[-1], step or 1, frozenset({values[0] % (step or 1)}))
        modulus = values[-1] - values[0] + 1
        return cls(values[0], values[-1], modulus, frozenset(n % modulus for n in values))

    def members(self, limit: int) -> list[int] | None:
        """Return all values, where there are no more than the limit."""
        if self.high is None:
            return None
        turns = (self.high - self.low) // self.modulus
        if turns * len(self.residues) > limit or len(self.residues) > limit * limit:
            return None
        starts = range(self.low - self.low % self.modulus, self.high + 1, self.modulus)
        found = sorted(start + r for start in starts for r in self.residues)
        return [n for n in found if self.low <= n <= self.high]

    def union(self, other: Domain) -> Domain | None:
        """Return the values of both; None where they do not make one domain."""
        if self.empty or other.empty:
            return other if self.empty else self
        mine, theirs = self.members(RESIDUE_LIMIT), other.members(RESIDUE_LIMIT)
        if mine is not None and theirs is not None:
            both = sorted({*mine, *theirs})
            return Domain.of(both) if len(both) <= RESIDUE_LIMIT else None
        for some, all_of in ((self, other), (other, self)):
            values = some.members(RESIDUE_LIMIT)
            if values is not None and all(n in all_of for n in values):
                return all_of
        if (self.modulus, self.residues) == (other.modulus, other.residues):
            return self._joined(other)
        if (self.low, self.high) != (other.low, other.high):
            return None
        joint = lcm(self.modulus, other.modulus)
        if joint > RESIDUE_LIMIT:
            return None
        found = frozenset(
            n
            for n in range(joint)
            if n % self.modulus in self.residues or n % other.modulus in other.residues
        )
        return Domain(self.low, self.high, *_reduced(joint, found))

    def _joined(self, other: Domain) -> Domain | None:
        """Two intervals of the same remainders as one, where nothing lies between them."""
        first, second = sorted((self, other), key=lambda domain: domain.low)
        if not first.reaches(second.low):
            return None
        high = None if None in {first.high, second.high} else max(first.high or 0, second.high or 0)
        return Domain(first.low, high, self.modulus, self.residues)

    @property
    def empty(self) -> bool:
        """Whether no value is left."""
        return not self.residues or (self.high is not None and self.high < self.low)

    @property
    def single(self) -> int | None:
        """The only value, where there is just one."""
        return self.low if self.low == self.high else None

    @property
    def listed(self) -> bool:
        """Whether it is known by its values, which have no other rule, and not by remainders."""
        span = 0 if self.high is None else self.high - self.low
        return len(self.residues) > 1 and span < self.modulus and self.high is not None

    @property
    def residue(self) -> int | None:
        """The only remainder, where there is just one."""
        return next(iter(self.residues)) if len(self.residues) == 1 else None

    def __contains__(self, n: int) -> bool:
        inside = n >= self.low and (self.high is None or n <= self.high)
        return inside and n % self.modulus in self.residues

    def at_least(self, n: int) -> Domain:
        """Return those of at least n."""
        return self if n <= self.low else Domain(n, self.high, self.modulus, self.residues)

    def at_most(self, n: int) -> Domain:
        """Return those of at most n."""
        if self.high is not None and n >= self.high:
            return self
        return Domain(self.low, n, self.modulus, self.residues)

    def congruent(self, modulus: int, residues: frozenset[int]) -> Domain | None:
        """Return those with one of these remainders; None where the set would be too large."""
        if len(self.residues) * len(residues) > RESIDUE_LIMIT:
            return None
        joint = lcm(self.modulus, modulus)
        joined = {
            both
            for mine in self.residues
            for other in residues
            if (both := _meet(mine, self.modulus, other, modulus)) is not None
        }
        return Domain(self.low, self.high, *_reduced(joint, frozenset(joined)))

    def solving(self, slope: int, const: int, den: int, value: int) -> Domain | None:
        """Return those n with ``(slope*n + const) % den == value``; None where that is too long.

        ``n % (d//g) == (r - b)//g * a'`` with g = gcd(a, d).
        """
        shared = gcd(slope, den)
        if (value - const) % shared:
            return self.congruent(1, frozenset())
        modulus = den // shared
        inverse = pow(slope // shared, -1, modulus) if modulus > 1 else 0
        return self.congruent(modulus, frozenset({(value - const) // shared * inverse % modulus}))

    def conditions(self, name: str, given: Domain | None = None) -> list[str]:
        """Say in Python what narrows the values that were given: bounds, then the remainder."""
        given = given or Domain()
        if self == given:
            return []
        if self.single is not None:
            return [f"{name} == {self.single}"]
        if self.modulus > 1 and self.high is not None and self.high != given.high:
            few = self.members(FEW)
            if few is not None and len(few) <= FEW:
                # 1, to which sizes can be repeated, is the exception, and stands last.
                ordered = sorted(few, key=lambda n: (n == 1, n))
                return [" or ".join(f"{name} == {n}" for n in ordered)]
        if self.listed and self.high != given.high:
            return [f"{name} in ({', '.join(map(str, self.members(len(self.residues)) or ()))})"]
        first = Domain(given.low, None, self.modulus, self.residues).low
        above = self.low > first
        texts = []
        if self.high is not None and self.high != given.high:
            texts.append(
                f"{self.low} <= {name} <= {self.high}" if above else f"{name} <= {self.high}"
            )
        elif above:
            texts.append(f"{name} >= {self.low}")
        if self.modulus > 1 and (self.modulus, self.residues) != (given.modulus, given.residues):
            texts += self._remainder_texts(name)
        return texts

    def beside(self, given: Domain, low: int | None, high: int | None) -> Domain:
        """Return what is given, with bounds that others imply where these say all that ours do."""
        if self.single is not None or self.listed:
            return given
        if low is not None and low >= self.low:
            given = given.at_least(self.low)
        if high is not None and self.high is not None and high <= self.high:
            given = given.at_most(self.high)
        return given

    def _remainder_texts(self, name: str) -> list[str]:
        """Say which remainders there are, apart for factors of the modulus where these decide.

        That is where each combination of remainders occurs, of moduli without a common factor.
        """
        if FEW < len(self.residues) < self.modulus - 1:
            for power in _prime_powers(self.modulus):
                rest = self.modulus // power
                parts = [frozenset(r % m for r in self.residues) for m in (power, rest)]
                if rest > 1 and len(parts[0]) * len(parts[1]) == len(self.residues):
                    one, other = Domain(1, None, power, parts[0]), Domain(1, None, rest, parts[1])
                    return [*one._remainder_texts(name), *other._remainder_texts(name)]
        return [self._remainder_text(name)]

    def _remainder_text(self, name: str) -> str:
        if self.residue is not None:
            return f"{name} % {self.modulus} == {self.residue}"
        missing = set(range(self.modulus)) - self.residues if self.modulus < RESIDUE_LIMIT else ()
        if len(missing) == 1:
            return f"{name} % {self.modulus} != {missing.pop()}"
        if self.residues == frozenset(range(len(self.residues))):
            return f"{name} % {self.modulus} < {len(self.residues)}"
        low, high = min(self.residues), max(self.residues)
        if FEW < len(self.residues) == high - low + 1:
            return f"{low} <= {name} % {self.modulus} <= {high}"
        return f"{name} % {self.modulus} in ({', '.join(map(str, sorted(self.residues)))})"


#: The positive integers, which a letter can be of which nothing is known.
EVERY: Final = Domain()


def _meet(a: int, m: int, b: int, n: int) -> int | None:
    """Return the remainder modulo ``lcm(m, n)`` of numbers that are a modulo m and b modulo n."""
    if m == 1:
        return b
    if n == 1:
        return a
    shared = m * n // lcm(m, n)
    if (b - a) % shared:
        return None
    step = (b - a) // shared * pow(m // shared, -1, n // shared) if n > shared else 0
    return (a + m * step) % lcm(m, n)


def _prime_powers(n: int) -> list[int]:
    """Return the highest powers of primes that divide a number, which has small ones alone."""
    found = []
    prime = 2
    while n > 1 and prime <= RESIDUE_LIMIT:
        power = 1
        while n % prime == 0:
            n, power = n // prime, power * prime
        if power > 1:
            found.append(power)
        prime += 1
    return found


def _reduced(modulus: int, residues: frozenset[int]) -> tuple[int, frozenset[int]]:
    """Take the smallest modulus that says the same."""
    if len(residues) < 2:  # noqa: PLR2004  (one remainder cannot be said with less)
        return modulus, residues
    factor = 2
    while factor <= modulus:
        smaller, left = divmod(modulus, factor)
        if left == 0 and all((r + smaller) % modulus in residues for r in residues):
            modulus = smaller
            residues = frozenset(r % smaller for r in residues)
        else:
            factor += 1
        if factor > len(residues):
            break
    return modulus, residues
