"""Specs in files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from os import PathLike

    from shapecalc.network import Network

#: The endings by which an argument is known to be a file.
SPEC_ENDINGS: Final = (".shape", ".txt")
MODEL_ENDINGS: Final = (".json", ".keras")


def read_text(path: str | PathLike[str]) -> str:
    """Read the text of a spec file; raises `SpecError` where that is not possible."""
    if str(path).endswith(MODEL_ENDINGS):
        raise SpecError(f"{path}: Keras models cannot be read yet, only specs")
    from pathlib import Path

    try:
        return decode(Path(path).read_bytes(), str(path))
    except (OSError, ValueError) as error:
        if isinstance(error, SpecError):
            raise
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise SpecError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: byte {error.start} is not UTF-8") from None


def load(source: str | PathLike[str] | Mapping[str, Any]) -> Network:
    """Read a network from a spec file; raises `SpecError`."""
    from shapecalc.spec.build import parse

    if isinstance(source, Mapping):
        raise SpecError("Keras models cannot be read yet, only specs")
    return parse(read_text(source))
