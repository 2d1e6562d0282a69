"""Which of many traces are kept: by the sizes that come out, and by their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.answers.limits import Limits, limited
from shapecalc.dims import is_letter, letters
from shapecalc.errors import SpecError
from shapecalc.tracing.costs import Costs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.dims import Size
    from shapecalc.language.statements import Statement
    from shapecalc.tracing.trace import Trace


class Filter(NamedTuple):
    """What is required of a trace, and what traces are sorted by.

    A trace is kept where all of it holds for certain.
    """

    outputs: tuple[Statement, ...] = ()
    limits: Limits = Limits()
    least: int | None = None
    sort: str | None = None

    @property
    def keeps(self) -> bool:
        """Whether it keeps only some."""
        return bool(self.outputs) or self.limits.are_given or self.least is not None


def is_kept(trace: Trace, required: Filter) -> bool | None:
    """Return whether all that is required holds.

    None where a name is not one of the output's sizes.

    Raises `SpecError` where what is limited has letters.
    """
    sizes = output_sizes(trace)
    for statement in required.outputs:
        if not statement.letters <= sizes.keys():
            return None
        if trace.facts.decide(statement.truth(sizes)) is not True:
            return False
    for cost in limited(trace, required.limits):
        if cost.size is None or _number(cost.name, cost.size) > cost.limit:
            return False
    return required.least is None or _number("params", trace.least_params) >= required.least


def rank(trace: Trace, required: Filter) -> int | None:
    """Return what a trace is sorted by; None where that is unknown, or nothing is asked.

    Raises `SpecError` where it has letters.
    """
    if required.sort is None:
        return None
    if required.sort == "params":
        size = trace.params
    else:
        costs = Costs(trace, required.limits.dtype, training=required.limits.training)
        size = costs.total
        if required.sort == "memory":
            size = None if costs.peak is None else costs.peak.size
        elif required.sort == "flops" and size is not None:
            size = 2 * size
    return None if size is None else _number(required.sort, size)


def _number(name: str, size: Size) -> int:
    """Return a number to compare; letters have none."""
    if isinstance(size, int):
        return size
    names = sorted(letters(size))
    raise SpecError(
        f"{name} in letters cannot be compared: {size}",
        help=" ".join(["-s", ",".join(f"{name}=N" for name in names)]),
    )


def output_sizes(trace: Trace) -> Mapping[str, Size]:
    """Return the sizes of the output by name: S0, S1 by place.

    T_out where the input has the letter T.

    A number in the input has the letter that it would have as an unknown size.
    """
    output = trace.output
    found: dict[str, Size] = {f"S{axis}": size for axis, size in enumerate(output)}
    for _, shape in trace.inputs:
        if len(shape) == len(output):
            natural = trace.network.dialect.letters.of(len(shape))
            for before, name, after in zip(shape, natural, output, strict=False):
                found.setdefault(f"{is_letter(before) or name}_out", after)
    return found


def unknown_name(required: Filter) -> SpecError:
    """Return the error where no trace has a size of the name that is asked for."""
    names = sorted({name for each in required.outputs for name in each.letters})
    return SpecError(
        f"no output has the sizes {', '.join(names)}",
        help="S0, S1, … are the sizes of the output; T_out is the one where the input has T",
    )
