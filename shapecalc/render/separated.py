"""TSV and CSV: a line for each layer, a field for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.columns import View
    from shapecalc.rows import Trace


def tsv(trace: Trace, view: View, *, header: bool) -> Iterator[str]:
    """Lines with tabs; no field holds one."""
    if header:
        yield "\t".join(view.titles) + "\n"
    for row in trace.layers:
        yield "\t".join(view.fields(row)) + "\n"


def csv(trace: Trace, view: View, *, header: bool) -> Iterator[str]:
    """Lines with commas, quoted as RFC 4180 has it, ended by a line feed."""
    import csv as standard
    import io

    buffer = io.StringIO()
    writer = standard.writer(buffer, lineterminator="\n")
    if header:
        writer.writerow(view.titles)
    for row in trace.layers:
        writer.writerow(view.fields(row))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
