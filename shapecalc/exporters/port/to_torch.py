"""Networks of Keras as code for PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.exporters.port.from_keras.file import File
from shapecalc.exporters.sizes import Letters

if TYPE_CHECKING:
    from shapecalc.exporters.document import Document
    from shapecalc.exporters.graph import Graph


def document(graph: Graph, *, weights: bool, layout: str | None) -> Document:
    """Return the code of a module that computes the same function.

    Raises `ShapeError` where a layer has nothing in PyTorch that does the same.
    """
    file = File(channels_first=layout == "torch")
    name, module = file.add(graph, "Network")
    if weights:
        file.add_copies("copy_weights", module)
    return file.finished(name, module, Letters(graph), weights=weights)
