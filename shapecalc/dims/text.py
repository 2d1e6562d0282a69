"""Sizes as text: Python, and of equal texts the shortest."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, reduce
from math import gcd, prod
from operator import and_
from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import Atom, Extremum, Floor, Group, Symbol, nested, nesting
from shapecalc.dims.bounds import alone
from shapecalc.dims.division import floordiv
from shapecalc.dims.expression import (
    EXPANSION_LIMIT,
    Dim,
    Size,
    atom_size,
    collect,
    make,
    product,
    stays_factor,
    sum_of,
)
from shapecalc.dims.factor import factors
from shapecalc.dims.monomials import Monomial
from shapecalc.dims.products import with_rests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: The number of different parts of a sum that are written one by one.
MANY: Final = 40
#: Sums of fewer terms are not written as a product and a rest.
FEWEST: Final = 4
#: What nests deeper is not written in the forms that are tried by making them.
SHALLOW: Final = 3


@lru_cache(maxsize=8192)
def text(size: Size) -> str:
    """Write a size as Python; on a tie the form with the constant outside the floor."""
    if isinstance(size, int):
        return str(size)
    if _has_one_form(size):
        return _sum(size, {})
    return min(_candidates(size), key=len)


def shape_text(shape: Iterable[Size]) -> str:
    """Write a shape as Python writes a tuple: ``(B, T - 2, 8)``, ``(B,)``, ``()``."""
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def field_text(shape: Iterable[Size]) -> str:
    """Write a shape as one field without blanks: ``B,(T-1)//2,8``; a scalar is ``()``."""
    sizes = [str(size).replace(" ", "") for size in shape]
    return ",".join(sizes) if sizes else "()"


def sum_text(parts: Iterable[Size]) -> str:
    """Write a sum of sizes: part by part where that is shorter than the sum multiplied out."""
    kept = list(parts)
    total = sum_of(kept)
    if isinstance(total, int):
        return str(total)
    counts: Counter[Size] = Counter()
    for part in kept:
        number, rest = _split(part)
        counts[product(rest)] += number
    counts = +counts
    number, factored = _split(total)
    apart = "*".join([str(number), *map(_factor_text, factored)]) if number != 1 else str(total)
    if not 1 < len(counts) <= MANY or any(str(part).startswith("-") for part in counts):
        return min(str(total), apart, key=len)
    listed = [part * number for part, number in counts.items()]
    forms = (str(total), apart, " + ".join(map(str, listed)), _around_common(listed))
    return min(forms, key=len)


def product_text(parts: Iterable[Size]) -> str:
    """Write a product factor by factor."""
    return "*".join(
        _factor_text(part) if count == 1 else f"{_factor_text(part)}**{count}"
        for part, count in Counter(parts).items()
    )


def _split(size: Size) -> tuple[int, list[Size]]:
    """Return the number that divides a size, and its other factors."""
    if isinstance(size, int):
        return size, []
    found: list[Size] = [size] if stays_factor(size) else list(factors(size))
    number, *rest = found
    return (number, rest) if isinstance(number, int) else (1, found)


def _around_common(parts: Sequence[Size]) -> str:
    """Write a sum with what all parts have in common before parentheses."""
    split = [(number, Counter(rest)) for number, rest in map(_split, parts)]
    shared = gcd(*(number for number, _ in split))
    common = reduce(and_, (rest for _, rest in split))
    inner = [product([number // shared, *(rest - common).elements()]) for number, rest in split]
    before = [] if shared == 1 else [str(shared)]
    before += [_factor_text(part) for part in common.elements()]
    summed = " + ".join(map(str, inner))
    return f"{'*'.join(before)}*({summed})" if before else summed


def _has_one_form(dim: Dim) -> bool:
    """Return whether a size is ``a*T + b*S + c`` or ``a*T**n*S**m``, which has no other text."""
    apart = len(dim.terms) + bool(dim.const) > 1
    return all(
        type(atom) is Symbol and not (apart and (power > 1 or len(monomial) > 1))
        for monomial, _ in dim.terms
        for atom, power in monomial
    )


def _candidates(dim: Dim) -> Iterator[str]:
    yield _sum(dim, {})
    if 1 < len(dim.terms) + bool(dim.const) <= MANY:
        for monomial, coefficient in dim.terms:
            atom = monomial[0][0]
            if len(monomial) == 1 and monomial[0][1] == 1 and isinstance(atom, Floor):
                yield from _around_floor(dim, monomial, atom, coefficient)
                yield from _all_inside(dim, monomial, atom, coefficient)
            extremum = alone(monomial)
            if extremum is not None and dim.const % coefficient == 0:
                moved = [str(arg + dim.const // coefficient) for arg in extremum.args]
                inside = f"{extremum.op}({', '.join(moved)})"
                yield _sum(collect(dict(dim.terms), 0), {monomial: inside})
    # What would not be multiplied out when it is read again is written as the sum that it is.
    parts = [] if stays_factor(dim) else factors(dim)
    if sum(isinstance(part, Dim) for part in parts) > 1 and product(parts) == dim:
        yield product_text(parts)
    elif parts and FEWEST <= len(dim.terms) + bool(dim.const) <= EXPANSION_LIMIT:
        for whole, rest in with_rests(dim):
            if rest and product(whole) + rest == dim:
                yield _product_and(whole, rest)


def _product_and(parts: list[Size], rest: Size) -> str:
    """Write a product of sums and the sum that stands beside it, what has a plus first."""
    number = prod(part for part in parts if isinstance(part, int))
    sums = [part for part in parts if isinstance(part, Dim)]
    apart = product_text(sums if abs(number) == 1 else [abs(number), *sums])
    others = str(rest)
    if number < 0:
        return f"{others} - {apart}"
    return f"{apart} - {others[1:]}" if others.startswith("-") else f"{apart} + {others}"


def _around_floor(dim: Dim, monomial: Monomial, floor: Floor, factor: int) -> Iterator[str]:
    """Yield the texts that move the rest of a sum into one of its floors.

    ``m*(x//c) + m*a = m*((x + a*c)//c)`` for the constant alone and for all the rest;
    ``r - m*c*(x//c) = (r - m*x) + m*(x % c)``.
    """
    if not isinstance(floor.den, int):
        yield from _whole_inside(dim, monomial, floor, factor)
        return
    den = floor.den
    others = {m: c for m, c in dim.terms if m != monomial}
    inside_terms = () if isinstance(floor.num, int) else floor.num.terms
    # What is read again must not fold with what it was not folded with.
    movable = all(atom.depth == 0 for m in (*others, *dict(inside_terms)) for atom, _ in m)
    if dim.const and dim.const % factor == 0:
        inside = _quotient_text(floor.num + dim.const // factor * den, den)
        yield _sum(collect({monomial: factor, **others}, 0), {monomial: inside})
    if movable and others and all(value % factor == 0 for value in (*others.values(), dim.const)):
        rest = floordiv(make(others, dim.const) * (1 if factor > 0 else -1), abs(factor))
        inside = _quotient_text(floor.num + den * rest, den)
        yield _sum(collect({monomial: factor}, 0), {monomial: inside})
    if movable and factor % den == 0:
        count = -factor // den
        rest = make(others, dim.const) - count * floor.num
        inside = f"{operand_text(floor.num)} % {den}"
        known = {} if isinstance(rest, int) else dict(rest.terms)
        if monomial not in known:
            const = rest if isinstance(rest, int) else rest.const
            # The remainder stands instead of its floor, with which nothing may fold.
            yield _sum(collect({**known, monomial: count}, const), {monomial: inside})


def _all_inside(dim: Dim, monomial: Monomial, floor: Floor, factor: int) -> Iterator[str]:
    """``m*a - m*(x//d) = m*((a*d + d - 1 - x)//d)``, where what comes of it is read as it stands.

    With a plus ``m*((a*d + x)//d)``.
    """
    times, den = abs(factor), floor.den
    others = {m: c for m, c in dim.terms if m != monomial}
    if not isinstance(den, int) or (not others and factor > 0):
        return
    if dim.const % times or any(c % times for c in others.values()) or not _is_short(dim):
        return
    rest = floordiv(make(others, dim.const), times) * den
    whole = rest + floor.num if factor > 0 else rest + (den - 1) - floor.num
    if isinstance(whole, Dim) and floordiv(whole, den) * times == dim:
        inside = _quotient_text(whole, den)
        yield inside if times == 1 else f"{times}*({inside})"


def _is_short(dim: Dim) -> bool:
    """Return whether other forms of what a size is made of can be written to see which is short."""
    return nesting(dim) <= SHALLOW and dim.parts <= MANY


def _whole_inside(dim: Dim, monomial: Monomial, floor: Floor, factor: int) -> Iterator[str]:
    """``m*(x//d) + m*a = m*((x + a*d)//d)`` for letters d, where that has no more terms inside.

    For the constant alone and for all the rest. What comes of it may be a product.
    """
    others = {m: c for m, c in dim.terms if m != monomial}
    moved = [collect(others, dim.const)] if others or dim.const else []
    if others and dim.const and _is_short(dim):
        moved.append(dim.const)
    for part in moved:
        shared = [c for _, c in part.terms] if isinstance(part, Dim) else []
        if any(c % factor for c in (*shared, part if isinstance(part, int) else part.const)):
            continue
        beside = floordiv(part, abs(factor)) * (1 if factor > 0 else -1)
        whole = floor.num + beside * floor.den
        inside = _numerator_text(whole, _length(floor.num))
        # What is read again must be the floor and what was moved, and nothing else.
        if inside is not None and floordiv(whole, floor.den) == atom_size(floor) + beside:
            left = {monomial: factor} if part is not dim.const else {monomial: factor, **others}
            written = {monomial: f"{inside}//{divisor_text(floor.den)}"}
            yield _sum(collect(left, 0), written)


def _length(size: Size) -> int:
    """Return how many terms a sum has."""
    return 1 if isinstance(size, int) else len(size.terms) + bool(size.const)


def _numerator_text(whole: Size, most: int) -> str | None:
    """Write a numerator as a product, or as a sum of up to so many terms; None of a longer one."""
    parts = [] if isinstance(whole, int) or stays_factor(whole) else factors(whole)
    if sum(isinstance(part, Dim) for part in parts) > 1 and product(parts) == whole:
        return f"({product_text(parts)})"
    return operand_text(whole) if _length(whole) <= most else None


def _sum(size: Size, inside: dict[Monomial, str]) -> str:
    """Write term after term, those with a plus first; ``inside`` replaces the text of a floor."""
    if isinstance(size, int):
        return str(size)
    parts = [(c, _term(monomial, abs(c), inside)) for monomial, c in size.terms]
    if size.const:
        parts.append((size.const, str(abs(size.const))))
    parts.sort(key=lambda part: part[0] < 0)
    first, *more = parts
    head = first[1]
    if first[0] < 0:
        # -x//2 is (-x)//2 in Python, so a quotient after a leading minus stands in parentheses.
        head = f"-({head})" if "//" in head or "%" in head else f"-{head}"
    return head + "".join(f" {'+' if c > 0 else '-'} {term}" for c, term in more)


def _term(monomial: Monomial, coefficient: int, inside: dict[Monomial, str]) -> str:
    if len(monomial) == 1 and coefficient == 1:
        ((atom, power),) = monomial
        return inside.get(monomial) or _power(atom, power, alone=True)
    if monomial in inside:
        within = inside[monomial]
        return f"{coefficient}*{within if _called(within) else f'({within})'}"
    names = [_power(atom, power, alone=False) for atom, power in monomial]
    return "*".join(names if coefficient == 1 else [str(coefficient), *names])


def _power(atom: Atom, power: int, *, alone: bool) -> str:
    if isinstance(atom, Symbol):
        base = atom.name
    elif isinstance(atom, Floor):
        base = _quotient_text(atom.num, atom.den)
        base = base if alone and power == 1 else f"({base})"
    elif isinstance(atom, Extremum):
        base = f"{atom.op}({', '.join(str(arg) for arg in atom.args)})"
    else:
        assert isinstance(atom, Group)  # noqa: S101  (the last of the four kinds)
        base = _factor_text(atom.total)
    return base if power == 1 else f"{base}**{power}"


def _quotient_text(num: Size, den: Size) -> str:
    return f"{operand_text(num)}//{divisor_text(den)}"


def divisor_text(den: Size) -> str:
    """Return the right side of ``//`` and ``%``: only a letter or a number has no parentheses."""
    written = str(den)
    return written if written.isidentifier() or written.isdigit() else f"({written})"


def operand_text(size: Size) -> str:
    """Return the left side of ``//`` and ``%``: only products need no parentheses."""
    written = str(size)
    bare = not any(mark in written for mark in (" ", "//", "%")) and not written.startswith("-")
    return written if bare or _called(written) else f"({written})"


def _called(written: str) -> bool:
    """Return whether a text is one ``max(…)`` or ``min(…)`` and nothing behind it."""
    return written.startswith(("max(", "min(")) and _closing(written, 3) == len(written) - 1


def _closing(written: str, opening: int) -> int:
    """Return the place of the parenthesis that closes the one at a place."""
    depth = 0
    for place in range(opening, len(written)):
        depth += (written[place] == "(") - (written[place] == ")")
        if depth == 0:
            return place
    return -1


def _factor_text(size: Size) -> str:
    written = str(size)
    bare = written.replace("*", "").isidentifier() or written.isdigit() or _called(written)
    return written if bare else f"({written})"


def settle(size: Size, settled: Callable[[Size], bool], each: Callable[[Dim], object]) -> None:
    """Call a function for the sizes that a deep size is made of, the innermost first.

    What it remembers of them keeps its own recursion shallow; ``settled`` says of which it does.
    """
    pending: list[Size] = [size]
    found: list[Dim] = []
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if isinstance(current, int) or id(current) in seen or settled(current):
            continue
        seen.add(id(current))
        found.append(current)
        pending += [part for m, _ in current.terms for atom, _ in m for part in nested(atom)]
    for part in sorted(found, key=nesting):
        if part is not size:
            each(part)
