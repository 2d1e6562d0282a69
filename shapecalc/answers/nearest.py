"""Numbers that break a condition, and the nearest ones that do not."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from shapecalc.answers.combinations import members, put_in
from shapecalc.dims import (
    Contradiction,
    Dim,
    ExhaustedError,
    equal,
    letters,
    limited,
    substitute,
)
from shapecalc.dims.single import monotone
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from shapecalc.dims import Facts, Size
    from shapecalc.dims.domain import Domain
    from shapecalc.tracing.trace import Trace

#: How many values are tried to find the nearest output.
SEARCH_LIMIT: Final = 2_000
#: How many sums are made to find the nearest outputs.
MAX_SUMS: Final = 5_000
#: The largest number that is put instead of a letter.
MAX_NUMBER: Final = 1 << 256


def nearest(domain: Domain, n: int) -> list[int]:
    """Return the greatest value of a domain below n and the least above it, if they exist."""
    below = n - 1 if domain.high is None else min(n - 1, domain.high)
    below -= min((below - residue) % domain.modulus for residue in domain.residues)
    above = max(n + 1, domain.low)
    above += min((residue - above) % domain.modulus for residue in domain.residues)
    found = [below] if below >= domain.low else []
    return found + ([above] if domain.high is None or above <= domain.high else [])


def broken_conditions(trace: Trace, values: Mapping[str, Size]) -> Iterator[str]:
    """Say for each number that was set which condition of a trace in letters it breaks."""
    for name, value in values.items():
        domain = trace.facts.domain(name)
        if not isinstance(value, int) or value in domain:
            continue
        said = joined(trace.facts.said(name))
        fitting = " and ".join(map(str, nearest(domain, value)))
        yield f"with letters this holds when {said}; nearest to {value}: {fitting}"


def closest_outputs(trace: Trace, required: Sequence[Size | None]) -> list[str]:
    """Return, for each axis that cannot be as required, the nearest sizes that it can have.

    Those are left out that it takes too long to find.
    """
    found: list[str] = []
    with suppress(ExhaustedError), limited(MAX_SUMS):
        for note in _closest(trace, required):
            found.append(note)  # noqa: PERF402  (what comes before the end is kept)
    return found


def _closest(trace: Trace, required: Sequence[Size | None]) -> Iterator[str]:
    for axis, (size, target) in enumerate(zip(trace.output, required, strict=True)):
        if isinstance(size, int):
            if isinstance(target, int) and size != target:
                yield f"axis {axis} is always {size}"
            continue
        names = letters(size)
        if isinstance(target, int) and len(names) == 1:
            (name,) = names
            near = _nearest_sizes(trace.facts, size, name, target)
            if near and target not in [value for value, _ in near]:
                said = " and ".join(f"{value} ({name} == {n})" for value, n in near)
                yield f"axis {axis} can be {said}, nearest to {target}"


def _nearest_sizes(facts: Facts, size: Dim, name: str, target: int) -> list[tuple[int, int]]:
    """Return the sizes just below and above a target, each with the least value of the letter."""
    domain = facts.domain(name)
    if any(name in truth.letters for truth in facts.general):
        # More is known about the letter than which values it may take by itself.
        return _scanned(size, name, domain, target, lambda n: _is_allowed(facts, name, n))
    if monotone(size) > 0:
        return _around(size, name, domain, target)
    return _scanned(size, name, domain, target, lambda _: True)


def _is_allowed(facts: Facts, name: str, n: int) -> bool:
    """Return whether nothing that is known is certainly broken by a value of a letter."""
    narrowed = facts.copy()
    try:
        if any(put_in(truth, {name: n}) is False for truth in facts.general):
            # What is seen at once needs no further look.
            return False
        narrowed.require(equal(Dim(name), n))
    except (Contradiction, ZeroDivisionError):
        return False
    return True


def _scanned(
    size: Dim, name: str, domain: Domain, target: int, is_allowed: Callable[[int], bool]
) -> list[tuple[int, int]]:
    """Return the nearest of a size that may fall again, among the allowed values of its letter."""
    below: list[tuple[int, int]] = []
    above: list[tuple[int, int]] = []
    for n in islice(members(domain), SEARCH_LIMIT):
        value = substitute(size, {name: n})
        if isinstance(value, int):
            (below if value <= target else above).append((abs(value - target), n))
    found: list[tuple[int, int]] = []
    for side, sign in ((below, -1), (above, 1)):
        near = next((pair for pair in sorted(side) if is_allowed(pair[1])), None)
        if near is not None:
            found.append((target + sign * near[0], near[1]))
        if near is not None and near[0] == 0:
            break
    return found


def _around(size: Dim, name: str, domain: Domain, target: int) -> list[tuple[int, int]]:
    """Return the nearest values of a size that never decreases, found by bisection."""

    def value(n: int) -> int:
        found = substitute(size, {name: n})
        assert isinstance(found, int)  # noqa: S101  (there is no other letter)
        return found

    def first(least: int) -> int | None:
        """Return the least value of the letter from which on the size is so large."""
        high = domain.low if domain.high is None else domain.high
        while value(high) < least:
            if domain.high is not None or high > MAX_NUMBER:
                return None
            high *= 2
        low = domain.low
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if value(middle) >= least else (middle + 1, high)
        return next(members(domain.at_least(low)), None)

    after = first(target)
    if after is not None and value(after) == target:
        return [(target, after)]
    before = nearest(domain, after) if after is not None else [domain.high or 0]
    lower = [value(n) for n in before if domain.low <= n and value(n) < target]
    found = [(least, n) for least in lower[:1] if (n := first(least)) is not None]
    return found + ([] if after is None else [(value(after), after)])
