"""Networks of PyTorch as code for PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from shapecalc.exporters.document import Document
    from shapecalc.exporters.graph import Graph


def document(graph: Graph) -> Document:  # noqa: ARG001
    """Return the code of a network."""
    raise SpecError("code of PyTorch is not written yet")
