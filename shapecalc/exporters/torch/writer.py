"""Networks of PyTorch as code for PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from shapecalc.exporters.document import Document
    from shapecalc.network import Network


def document(network: Network) -> Document:  # noqa: ARG001
    """Return the code of a network."""
    raise SpecError("code of PyTorch is not written yet")
