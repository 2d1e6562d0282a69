"""What a user requires of a trace: outputs of a shape, and that nothing is left to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import shape_text
from shapecalc.errors import ShapeError, SpecError, did_you_mean
from shapecalc.patterns import Matcher, Pattern, pattern_text
from shapecalc.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.dims import Shape
    from shapecalc.rows import Trace


def check_unconditional(trace: Trace) -> None:
    """Refuse a trace that holds only under conditions or assumptions."""
    left = [*trace.conditions, *trace.assumptions]
    if left:
        raise ShapeError(f"the shapes hold only when {joined(left)}")


def check_expectations(trace: Trace, expected: Iterable[tuple[str | None, Pattern]]) -> None:
    """Refuse outputs that may have another shape for a value that the conditions allow."""
    matcher = Matcher(trace.letters)
    for name, pattern in expected:
        shape = _expected_output(trace, name)
        try:
            holds = all(
                trace.facts.decide(truth) is True for _, truth in matcher.compare(pattern, shape)
            )
        except ShapeError:
            holds = False
        if not holds:
            of = f" of {name}" if name else ""
            raise ShapeError(
                f"the output{of} is not what is expected",
                notes=[f"expected {pattern_text(pattern)}", f"got      {shape_text(shape)}"],
            )


def _expected_output(trace: Trace, name: str | None) -> Shape:
    outputs = dict(trace.named_outputs)
    if name is None and len(trace.named_outputs) == 1:
        return trace.output
    if name in outputs:
        return outputs[name]
    if name is None:
        raise SpecError(
            f"there are {len(outputs)} outputs, and --expect names none",
            help=" ".join(f"-e {each}=SHAPE" for each in outputs),
        )
    hint = did_you_mean(name, outputs) or f"the outputs are {', '.join(outputs)}"
    raise SpecError(f"there is no output {name}", help=hint)
