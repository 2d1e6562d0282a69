"""What a user requires of a trace: outputs of a shape, and that nothing is left to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import shape_text
from shapecalc.errors import ShapeError, SpecError, did_you_mean
from shapecalc.layers.built import as_numbers
from shapecalc.tracing.patterns import Matcher, Pattern, pattern_text
from shapecalc.tracing.rows import joined
from shapecalc.tracing.trace import Missed, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.dims import Shape
    from shapecalc.errors import Place
    from shapecalc.network import Tensor
    from shapecalc.tracing.trace import Trace


def check_unconditional(trace: Trace) -> None:
    """Refuse a trace that holds only under conditions or assumptions, or for fixed letters."""
    left = [*trace.conditions, *trace.assumptions]
    fixed = built_with(trace)
    if left:
        notes = [f"it is built only with {fixed}"] if fixed else []
        raise ShapeError(f"the shapes hold only when {joined(left)}", notes=notes)
    if fixed:
        raise ShapeError(f"it is built only with {fixed}")


def built_with(trace: Trace) -> str | None:
    """Say which letters the framework needs as numbers, and for which weights; None without any."""
    groups: dict[str, list[str]] = {}
    for letter, (row, weight) in trace.fixed_by.items():
        inner, _, name = weight.name.rpartition("/")
        of = f"{row.name}/{inner}" if inner else row.name
        verb = "are" if name.endswith("s") and not name.endswith("bias") else "is"
        text = f"the {name} of {of} {verb} {shape_text(weight.shape)}"
        groups.setdefault(text, []).append(letter)
    texts = [f"{as_numbers(letters)}: {weight}" for weight, letters in groups.items()]
    return "; ".join(texts) or None


def check_expectations(trace: Trace, expected: Iterable[tuple[str | None, Pattern]]) -> None:
    """Refuse outputs that may have another shape for a value that the conditions allow."""
    matcher = Matcher(trace.letters, dict(trace.meanings))
    for name, pattern in expected:
        tensor, shape = _expected_output(trace, name)
        try:
            holds = all(
                trace.facts.decide(truth) is True for truth in matcher.compare(pattern, shape)
            )
        except ShapeError:
            holds = False
        if not holds:
            of = f" of {name}" if name else ""
            missed = Missed(tensor, shape, pattern)
            raise ShapeError(
                f"the output{of} is not what is expected",
                notes=[f"expected {pattern_text(pattern)}", f"got      {shape_text(shape)}"],
                failure=Stop(trace, missed=missed),
                place=_code(trace, tensor),
            )


def _code(trace: Trace, tensor: Tensor) -> Place | None:
    """Return the part of source code that gave a tensor; None where it came from none."""
    node = trace.network.nodes[tensor.node]
    return None if node.origin is None else node.origin.code


def _expected_output(trace: Trace, name: str | None) -> tuple[Tensor, Shape]:
    named = zip(trace.network.outputs, trace.named_outputs, strict=True)
    outputs = {each: (tensor, shape) for tensor, (each, shape) in named}
    if name is None and len(trace.named_outputs) == 1:
        return trace.network.outputs[0], trace.output
    if name in outputs:
        return outputs[name]
    if name is None:
        raise SpecError(
            f"there are {len(outputs)} outputs, and --expect names none",
            help=" ".join(f"-e {each}=SHAPE" for each in outputs),
        )
    hint = did_you_mean(name, outputs) or f"the outputs are {', '.join(outputs)}"
    raise SpecError(f"there is no output {name}", help=hint)
