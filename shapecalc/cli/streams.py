"""Standard input, output and error, as the command sees them."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from contextlib import contextmanager, redirect_stdout
from io import FileIO, StringIO
from typing import IO, TYPE_CHECKING, Final, TextIO

import click

from shapecalc.errors import Place, ShapecalcError, SpecError, place_in
from shapecalc.language.files import why_not
from shapecalc.render.breaking import LEAST
from shapecalc.render.formats import can_write, usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapecalc.render.formats import Page
    from shapecalc.render.progress import Bar

#: Half of a surrogate pair.
_HALF: Final = "[\ud800-\udfff]"
#: A width that an environment may say.
_COLUMNS: Final = "[1-9][0-9]{0,5}"
#: The variables that turn color on, unless they are empty or 0.
_FORCING: Final = ("FORCE_COLOR", "CLICOLOR_FORCE")
#: What is written where an encoding lacks a mark.
_PLAIN: Final = {"…": "...", "×": "x", "→": "->"}  # noqa: RUF001


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _plain(mark: str) -> str:
    """Write a mark in ASCII, as JSON does."""
    import json

    return _PLAIN.get(mark) or json.dumps(mark)[1:-1]


class WriteError(Exception):
    """The output could not be written."""


class _Closed(StringIO):
    """A stand-in for a closed stream."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


class Streams:
    """Writes results to stdout and everything else to stderr, in color where requested."""

    def __init__(self) -> None:
        self.color = "auto"
        #: The files of text that were read, each with its name.
        self.read: list[tuple[str, str]] = []
        #: Whether what is written is HTML or XML.
        self.is_markup = False
        #: How the command ended, once it has.
        self.code = 0
        # Python has None where a stream was closed before it started.
        self.out: TextIO = sys.stdout or _Closed()
        self.err: TextIO = sys.stderr or _Closed()

    def colored(self, stream: IO[str]) -> bool:
        """Return whether to write in color: --color, then the environment, then the terminal."""
        if self.color in {"always", "never"}:
            return self.color == "always"
        environment = os.environ
        if environment.get("NO_COLOR"):
            return False
        if any(environment.get(name) not in {None, "", "0"} for name in _FORCING):
            return True
        return is_terminal(stream) and environment.get("TERM") != "dumb"

    def usual_form(self) -> str:
        """Return the format of the output unless another is asked for."""
        return usual(terminal=is_terminal(self.out))

    def room(self, width: int | None) -> int | None:
        """Return how wide a table may be: as asked, else as the terminal is; None without one."""
        if width is None and (is_terminal(self.out) or os.environ.get("COLUMNS")):
            return terminal_width()
        return width

    def page(self, width: int | None) -> Page:
        """Return how a table that is not a trace is shown."""
        from shapecalc.render.columns import view
        from shapecalc.render.formats import Page

        encoding = self.out.encoding or "utf-8"
        color = self.colored(self.out)
        return Page(view(None), width=self.room(width), color=color, encoding=encoding)

    def bar(self, total: int | None, *, shown: bool = True) -> Bar:
        """Return what says on stderr how far a run is, if a person reads that and it is shown."""
        from shapecalc.render.progress import Bar

        watched = shown and is_terminal(self.err)
        return Bar(self.err if watched else None, total, width=terminal_width())

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Keep what click prints (help, the version) until it can be written as a result."""
        buffer = StringIO()
        with redirect_stdout(buffer):
            try:
                yield
            except click.exceptions.Exit as ended:
                self.code = ended.exit_code
        if buffer.getvalue():
            self.write([buffer.getvalue()])

    def write(self, parts: Iterable[str]) -> None:
        """Write a result, whose parts may be refused while they are made."""
        try:
            for part in parts:
                self._write(part)
            self.out.flush()
        except (BrokenPipeError, ShapecalcError):
            raise
        except (OSError, ValueError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise WriteError(f"the output could not be written: {reason}") from None

    def paged(self, parts: Iterable[str]) -> None:
        """Write a result; at a terminal by the pager, where it has more lines than that shows."""
        if not (is_terminal(self.out) and sys.stdin is not None and is_terminal(sys.stdin)):
            self.write(parts)
            return
        text = "".join(parts)
        command = _pager()
        if text.count("\n") < (terminal_size().lines or 24) or command in ([], ["cat"]):
            self.write([text])
            return
        from shapecalc.cli.pager import page

        if not page(command, text.encode(self.out.encoding or "utf-8", "replace")):
            self.write([text])

    def _write(self, part: str) -> None:
        try:
            self.out.write(part)
        except UnicodeEncodeError:
            self.out.write(self._escaped(part))

    def _escaped(self, part: str) -> str:
        """Return a text in the encoding: what this lacks as references, plain marks or escapes."""
        encoding = self.out.encoding or "ascii"
        # Half of a surrogate pair is not text; as an escape it is, in JSON too.
        part = re.sub(_HALF, _escape, part)
        if self.is_markup:
            return part.encode(encoding, "xmlcharrefreplace").decode(encoding)
        return "".join(each if can_write(each, encoding) else _plain(each) for each in part)

    @staticmethod
    def source() -> FileIO:
        """Return standard input as bytes; raises `SpecError` where there is none."""
        if sys.stdin is None:
            raise SpecError("standard input is closed")
        try:
            return FileIO(sys.stdin.fileno(), closefd=False)
        except (OSError, ValueError) as error:
            raise SpecError(why_not("standard input", error)) from None

    @staticmethod
    def waits() -> bool:
        """Return whether standard input is a pipe, or a file that is not at its end."""
        if sys.stdin is None:
            return False
        try:
            descriptor = sys.stdin.fileno()
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode):
                return os.lseek(descriptor, 0, os.SEEK_CUR) < found.st_size
        except (OSError, ValueError):
            return False
        return stat.S_ISFIFO(found.st_mode)

    def complain(self, text: str) -> None:
        """Write to stderr what is not a result; a failure to do so is ignored."""
        try:
            self.err.write(text)
            self.err.flush()
        except (OSError, ValueError):
            self._detach(self.err)

    def show(self, error: ShapecalcError, kind: str = "error", *, table: bool = True) -> None:
        """Write an error or a note to stderr; on a terminal with the rows before it, if wanted."""
        from shapecalc.render.diagnostic import diagnostic

        color = self.colored(self.err)
        width = None
        if is_terminal(self.err):
            width = terminal_width()
            if table and error.failure is not None:
                self.complain(self._table_before(error, width, color=color))
        self.complain(diagnostic(self._placed(error), width=width, color=color, kind=kind))

    def _placed(self, error: ShapecalcError) -> ShapecalcError:
        """Say the place in the file of what is wrong in a text that was read from one."""
        if not self.read:
            return error
        from shapecalc.render.diagnostic import MAX_SHOWN

        errors = error.errors
        placed = [each.replaced(place=self._place(each)) for each in errors[:MAX_SHOWN]]
        return ShapecalcError.join([*placed, *errors[MAX_SHOWN:]])

    def _place(self, error: ShapecalcError) -> Place | None:
        if error.place is not None or error.span is None or error.source is None:
            return error.place
        for name, text in self.read:
            # Of several texts that were joined, one may begin later.
            start = 0 if error.source == text else error.source.find(text)
            if 0 <= start <= error.span[0] <= start + len(text):
                return place_in(name, text, error.span[0] - start, error.span[1] - start)
        return None

    def _table_before(self, error: ShapecalcError, width: int, *, color: bool) -> str:
        from shapecalc.tracing.trace import stop_of

        stop = stop_of(error)
        if stop is None or stop.row is None:
            return ""
        from shapecalc.render.columns import view
        from shapecalc.render.formats import Page
        from shapecalc.render.table import failed_table

        encoding = self.err.encoding or "utf-8"
        page = Page(view(None), width=width, color=color, encoding=encoding)
        return failed_table(stop.trace, stop.row, page)

    def close(self) -> None:
        """Flush, so that a full disk is noticed while there is still a code to choose."""
        self.write([])

    def discard(self) -> None:
        """Let the interpreter close a broken output without a message."""
        self._detach(self.out)

    @staticmethod
    def _detach(stream: IO[str]) -> None:
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return


def _pager() -> list[str]:
    """Return the pager as a command; none where PAGER is empty, or a quote in it is open."""
    import shlex

    try:
        return shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:
        return []


def is_terminal(stream: IO[str]) -> bool:
    """Return whether a person reads this stream."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def terminal_width() -> int:
    """Return how wide the terminal is; COLUMNS says it where it is set."""
    columns = os.environ.get("COLUMNS", "")
    if re.fullmatch(_COLUMNS, columns):
        return max(int(columns), LEAST)
    return terminal_size().columns or 80


def terminal_size() -> os.terminal_size:
    """Return how many letters a line of the terminal has, and how many lines there are."""
    for descriptor in (1, 2, 0):
        try:
            return os.get_terminal_size(descriptor)
        except OSError:
            continue
    return os.terminal_size((80, 24))
