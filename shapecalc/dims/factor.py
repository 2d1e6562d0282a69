"""Splitting a size into factors, for the eye: ``8*H*W - 16*H - 16*W + 32 = 8*(H - 2)*(W - 2)``."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import partial
from itertools import product
from math import gcd, lcm, prod
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Symbol
from shapecalc.dims.division import divided
from shapecalc.dims.effort import remembered
from shapecalc.dims.expression import (
    Dim,
    Size,
    atom_size,
    collect,
    expanded,
    make,
    normal,
    unfolded,
)
from shapecalc.dims.monomials import Monomial, product_of, quotient_of
from shapecalc.dims.polynomials import divisors, linear_factors, quotient, without_complements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Roots of larger numbers are not looked for: floats are exact below.
_MOST_ROOT: Final = 2**50
#: Roots of sums of more terms are not looked for.
MOST_ROOTED: Final = 6
#: Sums that are divided by more are not split.
MOST_DIVISORS: Final = 24
#: At these numbers few small sums divide others by chance.
NUMBERS: Final = (1009, 1201, 1409, 1601, 1801, 2003, 2203, 2411)
#: A letter that is in a smaller part of all terms is not looked for as that of one factor.
FEWEST: Final = 3


@remembered(4096)
def factors(dim: Dim) -> Sequence[Size]:
    """Return the factors of a sum, as far as its atoms stand in one of them each.

    With p = A*u(x), where u is a sum of powers of the atom x, A is split in its turn: u is
    ``a*x + b`` where x has no power. A power of a sum is that many factors. What cannot be split
    stays one factor; the number comes first.
    """
    if any(type(atom) is not Symbol for monomial, _ in dim.terms for atom, _ in monomial):
        found = factored(without_complements(dim))
        if sum(isinstance(part, Dim) for part in found) > 1:
            return _further(found)
    return factored(dim)


def _further(parts: list[Size]) -> list[Size]:
    """Split factors in their turn: in each of them fewer floors stand for one another."""
    split = [factors(part) if isinstance(part, Dim) else [part] for part in parts]
    formed = _formed(each for several in split for each in several)
    number = prod(each for each in formed if isinstance(each, int))
    sums: list[Size] = [each for each in formed if isinstance(each, Dim)]
    return sums if number == 1 else [number, *sums]


def factored(dim: Dim) -> list[Size]:
    """Return the factors of a sum, of which floors that are complements are not one."""
    content = gcd(dim.const, *(c for _, c in dim.terms))
    rest: Size = collect({m: c // content for m, c in dim.terms}, dim.const // content)
    found: list[Size] = []
    common = _common(rest) if isinstance(rest, Dim) else {}
    if common and isinstance(rest, Dim) and len(rest.terms) > 1:
        found += [atom_size(atom) for atom, power in common.items() for _ in range(power)]
        rest = divided(rest, tuple(common.items()), 1)
    while isinstance(rest, Dim):
        if rest.terms[0][1] < 0:
            found.append(-1)
            rest = collect({m: -c for m, c in rest.terms}, -rest.const)
            continue
        root = _root(rest)
        if root is not None:
            found += root
            break
        seen = next(filter(None, map(partial(_parted, rest), _promising(rest))), None)
        parts = seen or _by_roots(rest)
        if parts is None:
            found.append(rest)
            break
        first, rest = parts
        found += first
    if isinstance(rest, int):
        found.append(rest)
    formed = _formed(found)
    return [content, *formed] if content != 1 else formed


def _common(dim: Dim) -> dict[Atom, int]:
    """Return the atoms that all terms have, each in the lowest of its powers."""
    found = {} if dim.const else dict(dim.terms[0][0])
    for monomial, _ in dim.terms[1:]:
        powers = dict(monomial)
        found = {atom: min(n, powers[atom]) for atom, n in found.items() if atom in powers}
    return found


def _formed(parts: Iterable[Size]) -> list[Size]:
    """Return factors in their form: parts of what was not folded fold, and each has a plus first.

    Where their product needs a minus, the last that had one has it.
    """
    found: list[Size] = []
    place, sign = -1, 1
    for part in parts:
        whole = make(dict(part.terms), part.const) if isinstance(part, Dim) else part
        first = whole.terms[0][1] if isinstance(whole, Dim) else whole
        sign = sign if first >= 0 else -sign
        if isinstance(whole, Dim):
            place = place if first > 0 else len(found)
            found.append(whole if first > 0 else -whole)
        elif abs(whole) != 1:
            found.append(abs(whole))
    if sign < 0 and not found:
        # All of them have folded to 1 and -1.
        return [-1]
    if sign < 0:
        found[place] = -found[place]
    return found


def _parted(dim: Dim, atom: Atom) -> tuple[list[Size], Size] | None:
    """Return the factors that hold an atom, and the rest; None where they are not seen."""
    split = _split(dim, atom)
    if split is None:
        return None
    factor, rest = split
    if isinstance(factor, int):
        return [factor], rest
    parts = _root(factor) or linear_factors(factor, atom)
    if len(parts) > 1 and isinstance(parts[-1], Dim):
        parts = [*parts[:-1], *(_root(parts[-1]) or parts[-1:])]
    if len(parts) == 1 and rest != 1:
        # Other letters that both of its factors have may split it.
        parts = factored(factor)
    return parts, rest


def _promising(dim: Dim) -> list[Atom]:
    """Return the atoms that may stand in one factor, by how many terms have them.

    A factor with the powers of x up to d has it in all of these but one, and a power of a sum in
    all terms but those of the others; one of x and two letters more in a third of them.
    """
    size = len(dim.terms) + bool(dim.const)
    standing = counts(dim)
    return [
        atom
        for atom, power in top_powers(dim).items()
        if power > 1 or standing[atom] * FEWEST >= size
    ]


def top_powers(dim: Dim) -> dict[Atom, int]:
    """Return the highest power of each atom."""
    top: dict[Atom, int] = {}
    for monomial, _ in dim.terms:
        for atom, power in monomial:
            top[atom] = max(top.get(atom, 0), power)
    return top


def without(monomial: Monomial, atom: Atom) -> Monomial:
    """Return a product without an atom, in whichever power."""
    return tuple(item for item in monomial if item[0] != atom)


def counts(dim: Dim) -> Counter[Atom]:
    """Count the terms in which each atom stands."""
    return Counter(atom for monomial, _ in dim.terms for atom, _ in monomial)


def _root(dim: Dim) -> list[Size] | None:
    """``p = q**n`` as n times the factors of q, or a minus beside them, for n > 1.

    With M the highest term of q, that of p is ``M**n``; where r has all terms of q down to some,
    the highest of ``p - r**n`` is ``n*M**(n - 1)`` times the next.
    """
    rank = _rank_of(dim)
    lead, number = max(dim.terms, key=lambda term: rank(term[0]))
    signed = dim if number > 0 else normal(tuple((m, -c) for m, c in dim.terms), -dim.const)
    common = gcd(*(power for _, power in lead))
    for degree in range(common, 1, -1):
        slope = None if common % degree else _whole_root(abs(number), degree)
        if slope is None or len(dim.terms) + bool(dim.const) <= degree:
            continue
        found = _rooted(signed, tuple((a, p // degree) for a, p in lead), slope, degree)
        if found is not None:
            parts = factored(found) if isinstance(found, Dim) else [found]
            return [*([] if number > 0 else [-1]), *parts * degree]
    return None


def _rooted(dim: Dim, lead: Monomial, slope: int, degree: int) -> Size | None:
    """Return the root whose highest term is known."""
    rank = _rank_of(dim)
    below = tuple((atom, power * (degree - 1)) for atom, power in lead)
    base: dict[Monomial, int] = {lead: slope}
    for _ in range(MOST_ROOTED):
        size = collect({m: c for m, c in base.items() if m}, base.get((), 0))
        left = unfolded(dim, _raised(size, degree), -1)
        if left == 0:
            return size
        terms = ((), left) if isinstance(left, int) else max(left.terms, key=lambda t: rank(t[0]))
        part = quotient_of(terms[0], below)
        count, remainder = divmod(terms[1], degree * slope ** (degree - 1))
        if part is None or remainder or part in base:
            return None
        base[part] = count
    return None


def _by_roots(dim: Dim) -> tuple[list[Size], Size] | None:
    """Split a sum into a factor ``a*x + b`` and the rest.

    Then a divides what the highest power of x is multiplied by, and b what stands without x. At
    numbers the value of a factor divides that of the sum, which few others do.
    """
    whole = _terms(dim)
    top = top_powers(dim)
    at = dict(zip(top, NUMBERS, strict=False))
    if len(at) < len(top):
        return None
    slopes = {
        x: {without(m, x): c for m, c in whole.items() if (x, power) in m}
        for x, power in top.items()
    }
    if any(top[x] == len(slope) == 1 for x, slope in slopes.items()):
        # All other factors would divide what x is multiplied by, which has been split off.
        return None
    value = _value(whole, at)
    for x, slope in slopes.items():
        offset = {m: c for m, c in whole.items() if all(each != x for each, _ in m)}
        for (a, large), (b, small) in product(_dividing(slope, at), _dividing(offset, at)):
            for sign in (1, -1):
                part = large * at[x] + sign * small
                if not part or value % part:
                    continue
                line = {product_of(m, ((x, 1),)): c for m, c in a.items()}
                line |= {m: sign * c for m, c in b.items()}
                left = quotient(whole, line)
                if left is not None and left.keys() != {()}:
                    return [collect(line, line.pop((), 0))], collect(left, left.pop((), 0))
    return None


def _terms(size: Size) -> dict[Monomial, int]:
    return {m: c for m, c in expanded(size, 1).items() if c}


def _value(terms: Mapping[Monomial, int], at: Mapping[Atom, int]) -> int:
    """Return what a sum is where its atoms are numbers."""
    return sum(c * prod(at.get(atom, 0) ** power for atom, power in m) for m, c in terms.items())


def _dividing(
    terms: dict[Monomial, int], at: Mapping[Atom, int]
) -> list[tuple[dict[Monomial, int], int]]:
    """Return what divides a sum, short ones first, each with its value at numbers.

    Nothing of what has too many divisors.
    """
    number, *factored = _split_up(terms)
    found: list[Size] = [*divisors(abs(number))]
    for each, count in Counter(factored).items():
        powers = [_raised(each, power) for power in range(count + 1)]
        found = [_times(one, power) for power in powers for one in found]
        if len(found) > MOST_DIVISORS:
            return []
    whole = sorted(map(_terms, found), key=len)
    return [(each, _value(each, at)) for each in whole]


def _split_up(terms: dict[Monomial, int]) -> tuple[int, *tuple[Dim, ...]]:
    """Return the number and the factors of a sum, also of one term."""
    if len(terms) == 1:
        ((monomial, number),) = terms.items()
        return number, *(atom_size(atom) for atom, power in monomial for _ in range(power))
    whole = collect({m: c for m, c in terms.items() if m}, terms.get((), 0))
    parts = factored(whole) if isinstance(whole, Dim) else [whole]
    number = prod(each for each in parts if isinstance(each, int))
    return number, *(each for each in parts if isinstance(each, Dim))


def _times(a: Size, b: Size) -> Size:
    """Multiply out, and fold nothing."""
    terms = expanded(a, b)
    return collect(terms, terms.pop((), 0))


def _rank_of(dim: Dim) -> Callable[[Monomial], tuple[int, ...]]:
    """Return what the terms of a sum are ordered by, so that products keep the order."""
    atoms = sorted({atom for m, _ in dim.terms for atom, _ in m}, key=lambda atom: atom.key)

    def rank(monomial: Monomial) -> tuple[int, ...]:
        powers = dict(monomial)
        return tuple(powers.get(atom, 0) for atom in atoms)

    return rank


def _raised(size: Size, power: int) -> Size:
    """Return a power multiplied out, and not folded."""
    total: Size = 1
    for _ in range(power):
        total = _times(total, size)
    return total


def _whole_root(number: int, degree: int) -> int | None:
    """Return the positive root of a number, where it is a whole one."""
    root = round(number ** (1 / degree)) if 0 < number < _MOST_ROOT else 0
    return root if root and root**degree == number else None


def _split(dim: Dim, atom: Atom) -> tuple[Size, Size] | None:
    """Return the factor that is a sum of powers of an atom, and what it is multiplied by."""
    parts: dict[int, dict[Monomial, int]] = {0: {(): dim.const} if dim.const else {}}
    for monomial, coefficient in dim.terms:
        power = dict(monomial).get(atom, 0)
        rest = tuple(item for item in monomial if item[0] != atom)
        parts.setdefault(power, {})[rest] = coefficient
    top = max(parts)
    first = parts[top]
    if top == 0:
        return None
    ratios: dict[int, Fraction] = {}
    for power, part in parts.items():
        if not part:
            continue
        if part.keys() != first.keys():
            return _content(atom, parts, first)
        found = {Fraction(c, first[m]) for m, c in part.items()}
        if len(found) > 1:
            return _content(atom, parts, first)
        ratios[power] = found.pop()
    scale = lcm(*(ratio.denominator for ratio in ratios.values()))
    if any(c % scale for c in first.values()):
        return None
    const = first.pop((), 0)
    whole = collect({m: c // scale for m, c in first.items()}, const // scale)
    powers: dict[Monomial, int] = {
        ((atom, power),) if power else (): int(r * scale) for power, r in ratios.items()
    }
    return collect(powers, powers.pop((), 0)), whole


def _content(
    atom: Atom, parts: Mapping[int, Mapping[Monomial, int]], first: Mapping[Monomial, int]
) -> tuple[Size, Size] | None:
    """``(k*x**n + q*x + …)*A`` as its two factors, where k, q … have letters that A may have too.

    A is what the highest power of x is multiplied by, but for its number, or a factor of that.
    """
    shared = gcd(*first.values())
    whole = {m: c // shared for m, c in first.items()}
    if len(whole) < 2:  # noqa: PLR2004  (a sum)
        return None
    found = _divided_by(atom, parts, whole)
    if found is not None:
        return found
    total = collect({m: c for m, c in whole.items() if m}, whole.get((), 0))
    smaller = factored(total) if isinstance(total, Dim) else []
    sums = [each for each in smaller if isinstance(each, Dim) and len(smaller) > 1]
    tried = (_divided_by(atom, parts, {**dict(each.terms), (): each.const}) for each in sums)
    return next(filter(None, tried), None)


def _divided_by(
    atom: Atom, parts: Mapping[int, Mapping[Monomial, int]], divisor: Mapping[Monomial, int]
) -> tuple[Size, Size] | None:
    """Return what all parts are multiplied with, together, and the divisor that they have."""
    whole = {m: c for m, c in divisor.items() if c}
    if len(whole) < 2:  # noqa: PLR2004  (a sum)
        return None
    powers: dict[Monomial, int] = {}
    for power, part in parts.items():
        others = quotient(part, whole)
        if others is None:
            return None
        x: Monomial = ((atom, power),) if power else ()
        powers |= {product_of(m, x): c for m, c in others.items()}
    return collect(powers, powers.pop((), 0)), collect(whole, whole.pop((), 0))
