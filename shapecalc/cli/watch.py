"""Rendering again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from shapecalc.cli.streams import is_terminal
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.files import program_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from shapecalc.cli.streams import Streams

#: How long to wait before looking again, in seconds.
PAUSE: Final = 0.2

#: What a terminal understands as: forget what is shown, and begin at the top.
_CLEAR: Final = "\x1b[2J\x1b[3J\x1b[H"

State = tuple[tuple[int, int, int] | None, ...]


def watch(paths: Sequence[str], render: Callable[[], object], streams: Streams) -> NoReturn:
    """Render, and again after each change of a file; an error is shown and the watch goes on.

    Between two results a terminal is cleared; on a pipe an empty line stands.
    """
    # A program may have an expression behind it: model.py:Net.
    names = [(program_path(path) or (path,))[0] for path in paths]
    files = [name for name in names if os.path.isfile(name)]  # noqa: PTH113  (any text)
    if not files:
        raise SpecError("--watch needs an existing file", help="shapecalc model.shape --watch")
    before: State | None = None
    missing: list[str] = []
    said: list[str] = []
    while True:
        now = _state(files)
        gone = [file for file, stamp in zip(files, now, strict=True) if stamp is None]
        if gone and gone == missing and gone != said:
            # Not at once: an editor may be about to put it back.
            streams.show(SpecError(f"{', '.join(gone)}: is gone; waiting for it"), "note")
            said = gone
        missing, said = gone, said if gone else []
        # A file that is gone is one that an editor is about to put back.
        if now != before and None not in now:
            streams.read.clear()
            streams.write([_between(streams, first=before is None)])
            try:
                render()
            except ShapecalcError as error:
                streams.show(error)
            before = now
        time.sleep(PAUSE)


def _state(files: Sequence[str]) -> State:
    return tuple(map(_stamp, files))


def _stamp(path: str) -> tuple[int, int, int] | None:
    """Return what changes when a file does: its time, its length and its identity."""
    try:
        found = os.stat(path)  # noqa: PTH116  (any text)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _between(streams: Streams, *, first: bool) -> str:
    if is_terminal(streams.out):
        return _CLEAR
    return "" if first else "\n"
