"""Whether a trace gives a required output, whatever its letters are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.answers.solve import Target
from shapecalc.dims import Dim, equal, letters, substitute
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Facts, Size
    from shapecalc.language.shapes import GivenShape
    from shapecalc.tracing.trace import Trace

#: Numbers from which on letters are tried first.
SAMPLES: Final = (1, 1009)


def gives(trace: Trace, required: GivenShape) -> bool:
    """Return whether the output has this shape for every value that the conditions allow."""
    if len(trace.output) != len(required):
        return False
    target = Target(trace, required)
    for size, other in target.pairs:
        for name in sorted(letters(other) - letters(size) - trace.letters):
            raise SpecError(
                f"the letter {name} is not allowed here", help="a new letter must stand alone"
            )
        if isinstance(size, int) and isinstance(other, int) and size != other:
            return False
    if _differs(trace.facts, target.pairs):
        return False
    return all(trace.facts.decide(equal(size, other)) is True for size, other in target.pairs)


def _differs(facts: Facts, pairs: Sequence[tuple[Size, Size]]) -> bool:
    """Return whether sizes that should be equal are not for some numbers that the conditions allow.

    Numbers take a small part of the time that it takes to decide it for letters.
    """
    names = {name for pair in pairs for size in pair for name in letters(size)}
    if not names or facts.general or any(facts.simplify(Dim(name)) != Dim(name) for name in names):
        return False
    for least in SAMPLES:
        domains = {name: facts.domain(name).at_least(least) for name in names}
        values: dict[str, Size] = {
            name: facts.domain(name).low if domain.empty else domain.low
            for name, domain in domains.items()
        }
        if any(substitute(size, values) != substitute(other, values) for size, other in pairs):
            return True
    return False
