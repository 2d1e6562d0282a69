"""Letters for which a repaired network leaves one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim, letters
from shapecalc.layers.parameters import parameters
from shapecalc.network import Append, Insert
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit
    from shapecalc.tracing.trace import Trace


def only_size(trace: Trace, before: Trace) -> int | None:
    """Return the least of the sizes that are left for axes of inputs that were open before."""
    names = {name for _, shape in before.inputs for size in shape for name in letters(size)}
    found = (_number(trace, name) for name in names if _number(before, name) is None)
    return min((number for number in found if number is not None), default=None)


def with_numbers(edits: Sequence[Edit], trace: Trace, before: Trace) -> Sequence[Edit] | None:
    """Write numbers for the letters that edits brought in, where no others are left for them.

    None where there are none.
    """
    made = [
        edit._replace(layers=tuple(_numbered(layer, trace, before) for layer in edit.layers))
        if isinstance(edit, Insert | Append)
        else edit
        for edit in edits
    ]
    return made if made != list(edits) else None


def _numbered(layer: Layer, trace: Trace, before: Trace) -> Layer:
    known: dict[str, int] = {}
    for name in parameters(type(layer)):
        size = getattr(layer, name)
        if isinstance(size, Dim) and str(size).isidentifier() and str(size) not in before.letters:
            number = _number(trace, str(size))
            known |= {} if number is None else {name: number}
    return (changed(layer, **known) if known else None) or layer


def _number(trace: Trace, name: str) -> int | None:
    domain = trace.facts.domain(name)
    return domain.low if domain.low == domain.high else None
