"""Numbers that break a condition, and the nearest ones that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.dims import Size
    from shapecalc.dims.domain import Domain
    from shapecalc.walk import Trace


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
