"""Lines of files and of standard input, in chunks, as they come: never a whole file."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.language.files import check_kind, why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much is read at once, how many lines go together, and how long a line may be.
READ_SIZE: Final = 1 << 16
CHUNK_LINES: Final = 128
MAX_LINE: Final = 1_000_000

#: From where on a line that is not kept is taken for one without end.
MAX_ENDLESS: Final = 200_000_000

_MARK: Final = b"\xef\xbb\xbf"
_HELP: Final = "this command reads specs from files, one per line"


class Chunk(NamedTuple):
    """Lines that follow one another; one that is too long is None.

    ``name`` is the file they are from, where there are several.
    """

    name: str | None
    first: int
    lines: list[bytes | None]
    size: int


class Splitter:
    """Cuts what is read into lines, and forgets those that are too long."""

    def __init__(self, name: str | None = None, where: str = "the input") -> None:
        self.name = name
        self.where = where
        self._first = 1
        self._pending = bytearray()
        self._dropped = 0

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the lines that end in this data."""
        *ended, rest = data.split(b"\n")
        lines: list[bytes | None] = []
        if ended:
            lines = [self._finished(ended[0]), *ended[1:]]
        self._keep(rest)
        return self._chunks(lines, len(data))

    def end(self) -> list[Chunk]:
        """Return the last line, where no line feed ends it."""
        if not self._pending and not self._dropped:
            return []
        return self._chunks([self._finished(b"")], 0)

    def _finished(self, end: bytes) -> bytes | None:
        self._keep(end)
        line = None if self._dropped else bytes(self._pending)
        self._pending.clear()
        self._dropped = 0
        return line

    def _keep(self, part: bytes) -> None:
        if not self._dropped and len(self._pending) + len(part) <= MAX_LINE:
            self._pending += part
            return
        self._dropped += len(self._pending) + len(part)
        self._pending.clear()
        if self._dropped > MAX_ENDLESS:
            raise SpecError(f"{self.where}: line {self._first} has no end", help=_HELP)

    def _chunks(self, lines: list[bytes | None], size: int) -> list[Chunk]:
        first = self._first
        if first == 1 and lines and lines[0] is not None:
            lines[0] = lines[0].removeprefix(_MARK)
        self._first += len(lines)
        return [
            Chunk(self.name, first + at, lines[at : at + CHUNK_LINES], 0 if at else size)
            for at in range(0, len(lines), CHUNK_LINES)
        ]


class Files:
    """The chunks of several files; ``-`` is standard input."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Look whether all can be opened, so that nothing is printed where one cannot."""
        self._paths = list(paths)
        self._several = len(paths) > 1
        #: How much there is to read, where that is known.
        self.total: int | None = 0
        for path in paths:
            size = self._checked(path)
            self.total = None if size is None or self.total is None else self.total + size
        self.descriptor: int | None = None
        self._ours = False
        self._splitter = Splitter()

    @staticmethod
    def _checked(path: str) -> int | None:
        if path == "-":
            if sys.stdin is None:
                raise SpecError("standard input is closed")
            return None
        try:
            found = check_kind(path)
        except SpecError as error:
            raise error.replaced(help=_HELP) from None
        if stat.S_ISREG(found.st_mode):
            os.close(_opened(path))
            return found.st_size or None
        # A pipe can be opened once only: what was written to it would be lost.
        if not os.access(path, os.R_OK):
            raise _unreadable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return None

    def take(self) -> list[Chunk] | None:
        """Return the next lines, none where no line has ended yet.

        None at the end of the last file.
        """
        if self.descriptor is None and not self._open():
            return None
        assert self.descriptor is not None  # noqa: S101  (opened above)
        try:
            data = os.read(self.descriptor, READ_SIZE)
        except OSError as error:
            raise _unreadable(self._splitter.where, error) from None
        if data:
            return self._splitter.feed(data)
        last = self._splitter.end()
        self.close()
        return last

    def _open(self) -> bool:
        if not self._paths:
            return False
        path = self._paths.pop(0)
        self._ours = path != "-"
        self.descriptor = _opened(path) if self._ours else sys.stdin.fileno()
        where = path if self._ours else "standard input"
        self._splitter = Splitter(path if self._several else None, where)
        return True

    def close(self) -> None:
        """Leave the file that is open; standard input stays open."""
        if self.descriptor is not None and self._ours:
            with suppress(OSError):
                os.close(self.descriptor)
        self.descriptor = None


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Exception) -> SpecError:
    return SpecError(why_not(path, error), help=_HELP)
