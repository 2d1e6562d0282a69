"""From a file, whatever it holds, to a network: a spec is text, a model is JSON or an archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shapecalc.spec.files import MODEL_ENDINGS, decode, is_model, read_bytes

if TYPE_CHECKING:
    from os import PathLike

    from shapecalc.network import Network


def load(source: str | PathLike[str] | Mapping[str, Any]) -> Network:
    """Read a network from a file, or from the data of a model; raises `SpecError`."""
    if isinstance(source, Mapping) or str(source).endswith(MODEL_ENDINGS):
        from shapecalc.importers.files import read_model

        return read_model(source)
    data = read_bytes(source)
    if is_model(data):
        from shapecalc.importers.files import read_model

        return read_model(data, name=str(source))
    from shapecalc.spec.build import parse

    return parse(decode(data, str(source)))
