"""Specs and models in files and on pipes: each is opened and read once, and only so much of it."""

from __future__ import annotations

import os
import re
import stat
from io import FileIO
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from os import PathLike

#: The endings by which an argument is known to be a file.
SPEC_ENDING: Final = ".shape"
SPEC_ENDINGS: Final = (SPEC_ENDING, ".txt")
MODEL_ENDINGS: Final = (".json", ".keras", ".h5", ".hdf5", ".yaml", ".yml")
PROGRAM_ENDINGS: Final = (".py", ".ipynb")
#: How large a spec may be, and how large a model, of which archives are not read whole.
MAX_BYTES: Final = 16_000_000
MAX_MODEL_BYTES: Final = 200_000_000
#: How an archive begins, and how an HDF5 file does.
ZIP: Final = b"PK\x03\x04"
HDF5: Final = b"\x89HDF\r\n\x1a\n"
#: How the file begins that Git leaves in place of a large one.
LFS: Final = b"version https://git-lfs.github.com/"
#: How much is read at once, between which Ctrl-C is heard.
READ_SIZE: Final = 1 << 20

#: JSON, also in a JSON string; archives, HDF5; YAML whose first keys are those of a model.
_MODEL: Final = (
    rb"(?:\xef\xbb\xbf)?\s*(?:[\[{]|\"(?:[{\[]|\\n)|(?:[^\n]{0,200}\n){0,4}?class_name:\s)"
    rb"|PK|\x89HDF"
)

#: A program on a pipe: a line that begins as one of Python's statements, and none of specs.
_PROGRAM: Final = (
    r"(?m)^[ \t]*(?:(?:import|from|class|def)[ \t]+[A-Za-z_.]|[A-Za-z_][\w.]*[ \t]*=[ \t]*[^=\s])"
)
#: A file of source code, and an expression behind it.
_EXPRESSION: Final = r"(?s)(.*?\.(?:py|ipynb)):(.*)"

#: What was read; or a file that is an archive or HDF5, still to be searched.
Content = bytes | BinaryIO


def read_file(path: str | PathLike[str]) -> Content:
    """Read a file; raises `SpecError` where that is not possible, or where it is too large."""
    check_kind(path)
    try:
        stream = FileIO(path)
    except (OSError, ValueError) as error:
        raise SpecError(why_not(path, error)) from None
    content: Content = b""
    try:
        content = read_stream(stream, str(path))
    finally:
        if isinstance(content, bytes):
            stream.close()
    return content


def read_stream(stream: FileIO, name: str) -> Content:
    """Read what comes, a spec or a model; a file that can be searched is handed on as it is."""
    most = MAX_BYTES
    try:
        data = _more(stream, b"", len(HDF5))
        if data.startswith((ZIP, HDF5)) and stream.seekable():
            return cast("BinaryIO", stream)
        data = _more(stream, data, most + 1)
        if len(data) > most and is_model(data):
            most = MAX_MODEL_BYTES
            data = _more(stream, data, most + 1)
    except OSError as error:
        raise SpecError(why_not(name, error)) from None
    if len(data) > most:
        raise SpecError(f"{name}: it is larger than {most // 1_000_000} MB")
    return data


def _more(stream: FileIO, data: bytes, count: int) -> bytes:
    """Read on until there are so many bytes, or no more."""
    parts = [data]
    left = count - len(data)
    while left > 0 and (part := stream.read(min(left, READ_SIZE))):
        parts.append(part)
        left -= len(part)
    if left > 0 and part is None:
        raise BlockingIOError(0, "it has nothing to read yet, and does not wait")
    return b"".join(parts)


def check_kind(path: str | PathLike[str]) -> os.stat_result:
    """Return what the system knows about a file.

    Raises `SpecError` where it is missing, or is a directory or a socket.
    """
    try:
        found = os.stat(path)  # noqa: PTH116  (any text)
    except (OSError, ValueError) as error:
        raise SpecError(why_not(path, error)) from None
    for is_kind, kind in ((stat.S_ISDIR, "a directory"), (stat.S_ISSOCK, "a socket")):
        if is_kind(found.st_mode):
            hint = f"shapecalc check {path}" if is_kind is stat.S_ISDIR else None
            raise SpecError(f"{path}: is {kind}", help=hint)
    return found


def why_not(path: object, error: Exception) -> str:
    """Say why a file cannot be opened or read."""
    return f"{path}: {why(error)}"


def why(error: Exception) -> str:
    """Say what the system has to say of an error."""
    reason = getattr(error, "strerror", None) or "it cannot be opened"
    return f"{reason[:1].lower()}{reason[1:]}"


def decode(data: bytes, name: str) -> str:
    """Read bytes as UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{name}: is neither a model nor text: byte {error.start} is not UTF-8"
        ) from None


def is_model(data: bytes) -> bool:
    """Return whether bytes are a model, which begins as no spec does."""
    return re.match(_MODEL, data) is not None


def is_program(text: str) -> bool:
    """Return whether a text is a program of Python, which has lines that no spec has."""
    return re.search(_PROGRAM, text) is not None


def program_path(argument: str) -> tuple[str, str | None] | None:
    """Split ``model.py:Net`` into the file and the expression; None for what is not a program."""
    if argument.endswith(PROGRAM_ENDINGS) and ":" not in os.path.basename(argument):  # noqa: PTH119
        return argument, None
    behind = any(f"{ending}:" in argument for ending in PROGRAM_ENDINGS)
    match = re.fullmatch(_EXPRESSION, argument) if behind else None
    if match is None:
        return (argument, None) if argument.endswith(PROGRAM_ENDINGS) else None
    path, expression = match.groups()
    # Marks of a spec are hardly those of a file.
    if any(mark in path for mark in "'\"(,\n") and not os.path.isfile(path):  # noqa: PTH113
        return None
    return path, expression.strip() or None
