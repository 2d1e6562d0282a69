"""JSON, version 1, and its layers line by line."""

from __future__ import annotations

import json as standard
from typing import TYPE_CHECKING, Any

from shapecalc.render.columns import without_batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.formats import Page
    from shapecalc.render.view import View
    from shapecalc.tracing.trace import Trace


def json_text(data: Any) -> str:  # noqa: ANN401  (plain data)
    """Return data as JSON, indented, with a line feed at the end."""
    return _indented(data) + "\n"


def json(trace: Trace, page: Page) -> Iterator[str]:
    """Yield one object, indented; its layers are written one by one."""
    view = page.view
    data = trace.to_dict(layers=False, costs=view.costs or False)
    if page.name is not None:
        data = {"version": data.pop("version"), "model": page.name, **data}
    if view.unbatched:
        for key in ("inputs", "outputs"):
            data[key] = [each | {"shape": each["shape"][1:]} for each in data[key]]
    # Within a text of JSON no line ends, so that this can be nothing else.
    before, layers, after = _indented(data).partition('\n  "layers": [')
    yield before + layers
    for index, row in enumerate(trace.layers):
        layer = without_batch(row.to_dict(view.costs), unbatched=view.unbatched) | _at(index, view)
        yield ("," if index else "") + "\n    " + _indented(layer).replace("\n", "\n    ")
    yield ("\n  " if trace.layers else "") + after + "\n"


def _indented(data: Any) -> str:  # noqa: ANN401  (plain data)
    return standard.dumps(data, indent=2, ensure_ascii=False, default=str)


def _at(index: int, view: View) -> dict[str, Any]:
    """Return what a row is at the numbers that were asked for."""
    return {column.title: column.data(index, view) for column in view.at}


def jsonl(trace: Trace, page: Page) -> Iterator[str]:
    """Yield an object for each layer; chosen columns leave only their keys, in their order."""
    view = page.view
    for index, row in enumerate(trace.layers):
        data = without_batch(row.to_dict(view.costs), unbatched=view.unbatched)
        if page.chosen:
            data = {
                key: each.data(row) if each.data and key not in data else data[key]
                for each in view.columns
                for key in (each.json_key,)
            }
        data |= _at(index, view)
        yield standard.dumps(data, ensure_ascii=False, default=str) + "\n"
