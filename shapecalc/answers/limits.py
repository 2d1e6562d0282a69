"""What a network may cost at most, and the largest sizes for which it does not cost more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Contradiction, Dim, at_least, equal, letters, substitute, sum_text
from shapecalc.errors import ShapeError
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Facts, Size
    from shapecalc.tracing.trace import Trace

#: The type of numbers whose bytes are meant unless another one is said.
USUAL: Final = "float32"
#: The kind of finding that it is.
RULE: Final = "cost"
#: A statement on several letters is left out where it is longer, and each of them has its limit.
LONGEST: Final = 200


class Limits(NamedTuple):
    """The most that a network may cost; None where it may cost anything.

    ``memory`` is in bytes of ``dtype``, of the most that is alive at once.
    """

    params: int | None = None
    macs: int | None = None
    memory: int | None = None
    dtype: str | None = None
    training: bool = False

    @property
    def are_given(self) -> bool:
        """Whether there are any."""
        return (self.params, self.macs, self.memory) != (None, None, None)


class Cost(NamedTuple):
    """What is limited: what it is called, how much it is, and how much it may be."""

    name: str
    size: Size | None
    limit: int
    unit: str = ""


def limited(trace: Trace, limits: Limits) -> Iterator[Cost]:
    """Yield what a trace costs of all that is limited."""
    from shapecalc.tracing.costs import Costs

    costs = Costs(trace, limits.dtype or USUAL, training=limits.training)
    if limits.params is not None:
        yield Cost("params", trace.params, limits.params)
    if limits.macs is not None:
        yield Cost("macs", costs.total, limits.macs)
    if limits.memory is not None:
        size = None if costs.peak is None else costs.peak.size
        yield Cost("peak", size, limits.memory, f" bytes of {costs.dtype}")


def check_limits(trace: Trace, limits: Limits) -> None:
    """Refuse a trace that may cost more, for a value that the conditions allow."""
    for cost in limited(trace, limits):
        if cost.size is None:
            said = f"the {cost.name} are unknown, so they may exceed {cost.limit:,}"
            raise ShapeError(said, rule=RULE)
        answer = trace.facts.decide(at_least(cost.limit, cost.size))
        if answer is not True:
            notes = list(_largest(trace, cost))
            raise ShapeError(_more(cost, answer), notes=notes, rule=RULE)


def _more(cost: Cost, answer: bool | None) -> str:  # noqa: FBT001  (what is known about it)
    verb = "is" if cost.name == "peak" else "are"
    allowed = f"{cost.limit:,}{cost.unit} allowed"
    if isinstance(cost.size, int):
        return f"the {cost.name} {verb} {cost.size:,}, more than the {allowed}"
    said = sum_text([cost.size or 0])
    where = "for all sizes" if answer is False else "for some sizes"
    return f"the {cost.name} {verb} {said}, {where} more than the {allowed}"


def _largest(trace: Trace, cost: Cost) -> Iterator[str]:
    """Yield when it costs no more; of several letters for each, with the others at their least."""
    names = sorted(letters(cost.size)) if isinstance(cost.size, Dim) else []
    if not names:
        return
    found = _holds(trace.facts, cost)
    if found is None:
        yield f"no size is within the limit: the least possible is {_least(trace, cost)}"
        return
    alone = list(_alone(trace, cost, names)) if len(names) > 1 else []
    # What is too long to read says less than the limits of the letters one by one.
    if len(found) <= LONGEST or not alone:
        yield f"holds when {found}"
    yield from alone


def _alone(trace: Trace, cost: Cost, names: Sequence[str]) -> Iterator[str]:
    """Yield how large each letter can be with the others at their least."""
    for name in names:
        others = {other: trace.facts.possible(other).low for other in names if other != name}
        facts = trace.facts.copy()
        try:
            for other, low in others.items():
                facts.require(equal(Dim(other), low))
        except Contradiction:
            continue
        found = _holds(facts, cost)
        if found is not None:
            given = " and ".join(f"{other} == {low}" for other, low in others.items())
            yield f"with {given} that is {found}"


def _holds(facts: Facts, cost: Cost) -> str | None:
    """Return what else must hold for it to cost no more; None where it always does."""
    narrowed = facts.copy()
    try:
        narrowed.require(at_least(cost.limit, cost.size or 0))
    except Contradiction:
        return None
    return joined(narrowed.exact.conditions(given=facts.exact)) or None


def _least(trace: Trace, cost: Cost) -> str:
    size = cost.size or 0
    low = substitute(size, {name: trace.facts.possible(name).low for name in letters(size)})
    return f"{low:,}{cost.unit}"
