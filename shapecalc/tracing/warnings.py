"""What fits, but is likely a mistake: said beside the shapes, since it is not an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


def warnings_of(trace: Trace) -> Sequence[ShapeError]:
    """Return what is likely a mistake, each with its layer and its place; those of a step once."""
    found: dict[object, ShapeError] = {}
    for row in trace.layers:
        text = row.model.caution(row.inputs, row.outputs) if row.outputs else None
        if text is not None:
            warning = _placed(trace, row, text)
            found.setdefault(warning.span or row.name, warning)
    return list(found.values())


def _placed(trace: Trace, row: Row, text: str) -> ShapeError:
    source = trace.network.source
    name = row.dialect.catalogue.spec_name(type(row.model).__name__)
    warning = ShapeError(f"{name}: {text}", layer=row.name)
    if source is None:
        return warning
    return warning.replaced(span=source.place(row.node), source=source.text)
