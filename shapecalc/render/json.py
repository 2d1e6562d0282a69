"""JSON, version 1, and its layers line by line."""

from __future__ import annotations

import json as standard
from typing import TYPE_CHECKING

from shapecalc.render.columns import JSON_KEYS, without_batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.columns import View
    from shapecalc.walk import Trace


def json(trace: Trace, view: View) -> Iterator[str]:
    """One object, indented."""
    data = trace.to_dict()
    if view.unbatched:
        data["layers"] = [without_batch(row, unbatched=True) for row in data["layers"]]
        for key in ("inputs", "outputs"):
            data[key] = [each | {"shape": each["shape"][1:]} for each in data[key]]
    yield standard.dumps(data, indent=2, ensure_ascii=False) + "\n"


def jsonl(trace: Trace, view: View, *, chosen: bool) -> Iterator[str]:
    """An object for each layer; ``chosen`` columns leave only their keys, in their order."""
    keys = [JSON_KEYS.get(column, column) for column in view.columns]
    for row in trace.layers:
        data = without_batch(row.to_dict(), unbatched=view.unbatched)
        if chosen:
            data = {key: data[key] for key in keys}
        yield standard.dumps(data, ensure_ascii=False) + "\n"
