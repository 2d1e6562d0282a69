"""Specs in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from os import PathLike

#: The endings by which an argument is known to be a file.
SPEC_ENDINGS: Final = (".shape", ".txt")
MODEL_ENDINGS: Final = (".json", ".keras")
#: How large a spec may be.
MAX_BYTES: Final = 16_000_000


def read_bytes(path: str | PathLike[str], most: int = MAX_BYTES) -> bytes:
    """Read a file; raises `SpecError` where that is not possible, or where it is too large."""
    data = read_start(path, most + 1)
    if len(data) > most:
        raise SpecError(f"{path}: it is larger than {most // 1_000_000} MB")
    return data


def read_start(path: str | PathLike[str], count: int) -> bytes:
    """Read the first bytes of a file; raises `SpecError` where that is not possible."""
    from pathlib import Path

    try:
        with Path(path).open("rb") as stream:
            return stream.read(count)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise SpecError(f"{path}: {reason[:1].lower()}{reason[1:]}") from None


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: byte {error.start} is not UTF-8") from None


def is_model(data: bytes) -> bool:
    """Whether bytes are a model, which begins as no spec does."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["} or data[:2] == b"PK"
