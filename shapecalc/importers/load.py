"""From a file, whatever it holds, to a network: a spec is text, a model is JSON or an archive."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.language.files import MODEL_ENDINGS, decode, is_model, read_file

if TYPE_CHECKING:
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network


def load(
    source: str | PathLike[str] | Mapping[str, Any], dialect: Dialect | None = None
) -> Network:
    """Read a network from a file, or from the data of a model; raises `SpecError`."""
    if isinstance(source, Mapping):
        from shapecalc.importers.keras.files import read_model

        return read_model(source, dialect=dialect)
    if not isinstance(source, (str, PathLike)):
        raise SpecError(f"a path or the data of a model is expected, not {type(source).__name__}")
    name = str(source)
    content = read_file(source)
    if not isinstance(content, bytes) or name.endswith(MODEL_ENDINGS) or is_model(content):
        from shapecalc.importers.keras.files import read_model

        return read_model(content, dialect=dialect, name=name)
    from shapecalc.language.build import parse

    return parse(decode(content, name), dialect=dialect)
