"""Networks of PyTorch as code for Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from shapecalc.exporters.document import Document
    from shapecalc.exporters.graph import Graph


def document(graph: Graph, *, weights: bool, layout: str | None) -> Document:  # noqa: ARG001
    """Return the code of a model that computes the same function."""
    raise SpecError("code of Keras for a network of PyTorch is not written yet")
