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
from shapecalc.dims.polynomials import linear_factors, quotient, without_complements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: Roots of larger numbers are not looked for: floats are exact below.
_MOST_ROOT: Final = 2**50
#: Roots of sums of more terms are not looked for.
MOST_ROOTED: Final = 6
#: The number of atoms that are tried as the first of a product with a rest.
MOST_SPLIT: Final = 4
#: A letter that is in a smaller part of all terms is not looked for as that of one factor.
FEWEST: Final = 3


def factors(dim: Dim) -> list[Size]:
    """Return the factors of a sum, as far as its atoms stand in one of them each.

    With p = A*u(x), where u is a sum of powers of the atom x, A is split in its turn: u is
    ``a*x + b`` where x has no power. A power of a sum is that many factors. What cannot be split
    stays one factor; the number comes first.
    """
    if any(type(atom) is not Symbol for monomial, _ in dim.terms for atom, _ in monomial):
        found = _factored(without_complements(dim))
        if sum(isinstance(part, Dim) for part in found) > 1:
            return _further(found)
    return _factored(dim)


def _further(parts: list[Size]) -> list[Size]:
    """Split factors in their turn: in each of them fewer floors stand for one another."""
    split = [factors(part) if isinstance(part, Dim) else [part] for part in parts]
    formed = _formed(each for several in split for each in several)
    number = prod(each for each in formed if isinstance(each, int))
    sums: list[Size] = [each for each in formed if isinstance(each, Dim)]
    return sums if number == 1 else [number, *sums]


def _factored(dim: Dim) -> list[Size]:
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
        parts = next(filter(None, map(partial(_parted, rest), _promising(rest))), _by_line(rest))
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
    if len(parts) == 1 and rest != 1:
        # Other letters that both of its factors have may split it.
        parts = _factored(factor)
    return parts, rest


def _promising(dim: Dim) -> list[Atom]:
    """Return the atoms that may stand in one factor, by how many terms have them.

    A factor with the powers of x up to d has it in all of these but one, and a power of a sum in
    all terms but those of the others; one of x and two letters more in a third of them.
    """
    size = len(dim.terms) + bool(dim.const)
    counts = _counts(dim)
    return [
        atom
        for atom, power in _top_powers(dim).items()
        if power > 1 or counts[atom] * FEWEST >= size
    ]


def _top_powers(dim: Dim) -> dict[Atom, int]:
    top: dict[Atom, int] = {}
    for monomial, _ in dim.terms:
        for atom, power in monomial:
            top[atom] = max(top.get(atom, 0), power)
    return top


def with_rests(dim: Dim) -> Iterator[tuple[list[Size], Size]]:
    """Say ``x*A + B`` as ``(x + c)*A`` and ``B - c*A``, where that has fewer terms."""
    size = len(dim.terms) + bool(dim.const)
    top = _top_powers(dim)
    for atom in [each for each, power in top.items() if power == 1][:MOST_SPLIT]:
        slope = {_without(m, atom): c for m, c in dim.terms if (atom, 1) in m}
        rest = {m: c for m, c in dim.terms if (atom, 1) not in m} | {(): dim.const}
        if len(slope) < 2:  # noqa: PLR2004  (a sum)
            continue
        shifts = [rest[m] // c for m, c in slope.items() if rest.get(m, 0) % c == 0 and m in rest]
        for shift in dict.fromkeys([0, *shifts]):
            left = {**rest, **{m: rest.get(m, 0) - shift * c for m, c in slope.items()}}
            if len(slope) + sum(map(bool, left.values())) < size or not shift:
                whole = collect({m: c for m, c in slope.items() if m}, slope.get((), 0))
                first = collect({((atom, 1),): 1}, shift)
                others = collect({m: c for m, c in left.items() if m}, left[()])
                yield [first, *(_factored(whole) if isinstance(whole, Dim) else [whole])], others


def _without(monomial: Monomial, atom: Atom) -> Monomial:
    return tuple(item for item in monomial if item[0] != atom)


def as_products(expr: Dim) -> Iterator[tuple[list[Size], int]]:
    """Say ``expr == 0`` as products of sums and the numbers that they are, one for each atom.

    With ``k*a*b + p*a + q*b + r == 0`` that is ``(k*a + q)*(k*b + p) == p*q - k*r``, without what
    divides a sum and the number; b may be a product that is split in its turn.
    """
    for atom in _atoms(expr):
        found = _as_product(expr, atom)
        if found is not None:
            yield found


def _as_product(expr: Dim, atom: Atom) -> tuple[list[Size], int] | None:
    """``a*(g*A) + (q/t)*A + c == 0`` as ``(t*g*a + q)*A == -t*c``, where A is a sum without a."""
    slope: dict[Monomial, int] = {}
    offset: dict[Monomial, int] = {}
    for monomial, coefficient in expr.terms:
        power = dict(monomial).get(atom, 0)
        if power > 1:
            return None
        if power:
            slope[tuple(item for item in monomial if item[0] != atom)] = coefficient
        else:
            offset[monomial] = coefficient
    constant = slope.pop((), 0)
    if not slope or (offset and offset.keys() != slope.keys()):
        return None
    shared = gcd(constant, *slope.values()) * (1 if next(iter(slope.values())) > 0 else -1)
    ratios = {Fraction(c * shared, slope[m]) for m, c in offset.items()} or {Fraction(0)}
    whole = make({m: c // shared for m, c in slope.items()}, constant // shared)
    if len(ratios) > 1 or isinstance(whole, int):
        return None
    shift, times = ratios.pop().as_integer_ratio()
    value = shift * (constant // shared) - times * expr.const
    common = gcd(times * shared, shift, value)
    first = atom_size(atom) * (times * shared // common) + shift // common
    return [first, *factors(whole)], value // common


def _atoms(dim: Dim) -> list[Atom]:
    return list(_counts(dim))


def _counts(dim: Dim) -> Counter[Atom]:
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
            parts = _factored(found) if isinstance(found, Dim) else [found]
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


def _by_line(dim: Dim) -> tuple[list[Size], Size] | None:
    """Split a sum of two atoms into a factor ``a*x + b*y + c`` and the rest.

    At two numbers for y a factor of what is left is ``a*x + u`` and ``a*x + v``.
    """
    atoms = list(_top_powers(dim))
    if len(atoms) != 2 or len(dim.terms) + bool(dim.const) <= FEWEST:  # noqa: PLR2004  (x and y)
        return None
    whole = {m: c for m, c in {**dict(dim.terms), (): dim.const}.items() if c}
    pairs = [
        (x, y, *lines)
        for x, y in (atoms, atoms[::-1])
        for lines in product(_lines_at(dim, x, y, 2), _lines_at(dim, x, y, 3))
    ]
    for x, y, (a, u), (b, v) in pairs:
        if a != b or u == v:
            continue
        line = {((x, 1),): a, ((y, 1),): v - u, (): 3 * u - 2 * v}
        left = quotient(whole, {m: c for m, c in line.items() if c})
        if left is not None:
            first = collect({m: c for m, c in line.items() if m}, line[()])
            return [first], collect(left, left.pop((), 0))
    return None


def _lines_at(dim: Dim, x: Atom, y: Atom, number: int) -> list[tuple[int, int]]:
    """Return a and b of the factors ``a*x + b`` of a sum at a number for y."""
    found: dict[Monomial, int] = {}
    for monomial, coefficient in dim.terms:
        powers = dict(monomial)
        part: Monomial = ((x, powers[x]),) if x in powers else ()
        found[part] = found.get(part, 0) + coefficient * number ** powers.get(y, 0)
    total = collect({m: c for m, c in found.items() if m}, dim.const + found.get((), 0))
    parts = linear_factors(total, x) if isinstance(total, Dim) else []
    return [
        (part.terms[0][1], part.const)
        for part in parts
        if isinstance(part, Dim) and part.terms[0][0] == ((x, 1),)
    ]


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
        terms = expanded(total, size)
        total = collect(terms, terms.pop((), 0))
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
    smaller = _factored(total) if isinstance(total, Dim) else []
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
