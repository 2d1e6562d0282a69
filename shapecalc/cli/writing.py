"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError
from shapecalc.language.files import why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOM: Final = b"\xef\xbb\xbf"
_END: Final = re.compile(rb"\r\n|\r|\n")


def write_whole(path: str, content: bytes) -> None:
    """Replace a file by another one, or leave it unchanged if that fails."""
    target = os.path.realpath(path)
    folder = os.path.dirname(target)  # noqa: PTH120  (any text)
    made = None
    try:
        descriptor, made = tempfile.mkstemp(dir=folder, prefix=".shapecalc-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        with suppress(FileNotFoundError):
            os.chmod(made, os.stat(target).st_mode & 0o7777)  # noqa: PTH101, PTH116
        os.replace(made, target)  # noqa: PTH105
    except OSError as error:
        if made is not None:
            with suppress(OSError):
                os.unlink(made)  # noqa: PTH108
        raise SpecError(why_not(path, error)) from None


def rewrite(path: str, text: str) -> None:
    """Write a text file anew, with the byte order mark and the ends of lines that it has."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            before = stream.read()
    except OSError as error:
        raise SpecError(why_not(path, error)) from None
    content = _with_ends(text, _END.findall(before))
    write_whole(path, _BOM + content if before.startswith(_BOM) else content)


def _with_ends(text: str, ends: Sequence[bytes]) -> bytes:
    """Return a text with each line ended as before; all alike where there are more or fewer."""
    lines = text.encode().split(b"\n")
    if len(ends) != len(lines) - 1:
        ends = [*ends[:1], b"\n"][:1] * (len(lines) - 1)
    return b"".join(line + end for line, end in zip(lines, [*ends, b""], strict=True))
