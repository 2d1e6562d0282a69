"""Numbers that break a condition, and the nearest ones that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import letters, substitute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.dims import Size
    from shapecalc.dims.domain import Domain
    from shapecalc.rows import Trace

#: How many values are tried to find the nearest output.
SEARCH_LIMIT: Final = 20_000


def nearest(domain: Domain, n: int) -> list[int]:
    """The greatest value of a domain below n, and the least above it, as far as they exist."""
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
        said = " and ".join(domain.conditions(name))
        fitting = " and ".join(map(str, nearest(domain, value)))
        yield f"with letters this holds when {said}; nearest to {value}: {fitting}"


def closest_outputs(trace: Trace, wanted: Sequence[Size | None]) -> Iterator[str]:
    """For each axis that cannot be as wanted, the nearest sizes that it can have."""
    for axis, (size, target) in enumerate(zip(trace.output, wanted, strict=True)):
        if not isinstance(target, int) or isinstance(size, int):
            if isinstance(target, int) and size != target:
                yield f"axis {axis} is always {size}"
            continue
        names = letters(size)
        if len(names) == 1:
            (name,) = names
            near = _nearest_sizes(size, name, trace.facts.domain(name), target)
            if target not in [value for value, _ in near]:
                said = " and ".join(f"{value} ({name} == {n})" for value, n in near)
                yield f"axis {axis} can be {said}, nearest to {target}"


def _nearest_sizes(size: Size, name: str, domain: Domain, target: int) -> list[tuple[int, int]]:
    """The sizes just below and just above a target, each with a value of the letter."""
    below: tuple[int, int] | None = None
    above: tuple[int, int] | None = None
    n = domain.low
    for _ in range(SEARCH_LIMIT):
        if domain.high is not None and n > domain.high:
            break
        value = substitute(size, {name: n})
        if isinstance(value, int) and n in domain:
            if value <= target and (below is None or value > below[0]):
                below = (value, n)
            if value >= target and (above is None or value < above[0]):
                above = (value, n)
            if above is not None and value > target + domain.modulus:
                break
        n += 1
    return [found for found in (below, above) if found is not None]
