"""TSV and CSV: a line for each layer, a field for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.formats import Page
    from shapecalc.tracing.trace import Trace


def tsv(trace: Trace, page: Page) -> Iterator[str]:
    """Yield lines of fields with tabs between them; no field holds one."""
    view, columns = page.view, page.view.all_columns
    if page.header:
        yield "\t".join([column.name for column in columns]) + "\n"
    for row in trace.layers:
        yield "\t".join([column.field(row, view) for column in columns]) + "\n"


def csv(trace: Trace, page: Page) -> Iterator[str]:
    """Yield lines of fields with commas between them, quoted as RFC 4180 has it."""
    import csv as standard
    import io

    buffer = io.StringIO()
    writer = standard.writer(buffer, lineterminator="\n")
    view, columns = page.view, page.view.all_columns
    if page.header is not False:
        writer.writerow([column.name for column in columns])
    for row in trace.layers:
        writer.writerow([column.field(row, view) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
