"""Which of many traces are kept: by the sizes that come out, and by their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import at_least, is_letter, letters
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.dims import Size
    from shapecalc.language.facts import Comparison
    from shapecalc.tracing.rows import Trace


class Filter(NamedTuple):
    """What is required of a trace; it is kept where all of it holds for certain."""

    outputs: tuple[Comparison, ...] = ()
    most: int | None = None
    least: int | None = None


def is_kept(trace: Trace, required: Filter) -> bool | None:
    """Whether all that is required holds; None where a name is not one of the output's sizes."""
    sizes = output_sizes(trace)
    for comparison in required.outputs:
        names = letters(comparison.left) | letters(comparison.right)
        if not names <= sizes.keys():
            return None
        if trace.facts.decide(comparison.truth(sizes)) is not True:
            return False
    if required.most is not None and not trace.is_counted:
        return False
    params = trace.least_params
    bounds = [] if required.most is None else [at_least(required.most, params)]
    bounds += [] if required.least is None else [at_least(params, required.least)]
    return all(trace.facts.decide(bound) is True for bound in bounds)


def output_sizes(trace: Trace) -> Mapping[str, Size]:
    """The sizes of the output by name: S0, S1 by place; T_out where the input has the letter T.

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
    """The error where no trace has a size of the name that is asked for."""
    names = sorted(
        {name for each in required.outputs for name in letters(each.left) | letters(each.right)}
    )
    return SpecError(
        f"no output has the sizes {', '.join(names)}",
        help="S0, S1, … are the sizes of the output; T_out is the one where the input has T",
    )
