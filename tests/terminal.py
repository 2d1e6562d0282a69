"""Running commands as a person does, on a pseudo-terminal, or as a script does, on pipes."""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from shapecalc.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What shows nothing: a line that is cleared again, such as that of a long run, and colors.
_ANSI = re.compile(r"(?:\r\x1b\[K[^\r\n]*)*\r\x1b\[K|\x1b\[[0-9;?]*[A-Za-z]")


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """An environment in which the installed command is found, and nothing else has a say."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PYTHONPATH") if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {"PATH": path, "LC_ALL": "C.UTF-8", "TERM": "xterm", **kept, **more}


def piped(*arguments: str, stdin: bytes = b"", cwd: Path | None = None, **variables: str) -> Done:
    """Run the command on pipes."""
    done = subprocess.run(
        ["shapecalc", *arguments],  # noqa: S607  (the installed command, found on the PATH)
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment(**variables),
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


#: Loads what takes longest, then runs commands, each in a process of its own, into files.
_FORKING = """
import gc, json, os, sys
import importlib.metadata, pydantic
import shapecalc.answers.trace, shapecalc.layers.base, shapecalc.render.lines
from shapecalc.cli import main
gc.freeze()
for line in sys.stdin:
    folder, out, paths, commands = json.loads(line)
    for number, arguments in enumerate(commands):
        if os.fork() == 0:
            files = out or f"{folder}/{number}.out", f"{folder}/{number}.err"
            for place, name in enumerate(files, 1):
                os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), place)
            sys.path[1:1] = paths
            main(arguments)
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@cache
def _forking() -> subprocess.Popen[bytes]:
    """Start the process that others are forked from; it ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _FORKING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    atexit.register(process.communicate)
    return process


def forked(
    *commands: Sequence[str], out: str | None = None, paths: Sequence[str] = ()
) -> list[Done]:
    """Run commands as `piped` does, each in its process, but start Python once for all tests.

    ``out`` is a file that all of them write to; ``paths`` are folders to import from.
    """
    process = _forking()
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        given = json.dumps([folder, out, list(paths), list(map(list, commands))])
        process.stdin.write(given.encode() + b"\n")
        process.stdin.flush()
        codes = [int(process.stdout.readline()) for _ in commands]

        def written(name: str) -> str:
            path = Path(folder, name)
            return path.read_text(encoding="utf-8") if path.exists() else ""

        return [
            Done(code, written(f"{number}.out"), written(f"{number}.err"))
            for number, code in enumerate(codes)
        ]


class _Stream(io.TextIOWrapper):
    """A standard stream that keeps what is written, and says whether it is a terminal."""

    def __init__(self, variables: dict[str, str], *, terminal: bool) -> None:
        self.written = io.BytesIO()
        self.terminal = terminal
        encoding = variables.get("PYTHONIOENCODING", "utf-8")
        super().__init__(self.written, encoding, write_through=True)

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        return self.written.getvalue().decode(self.encoding)


def _run(
    arguments: Sequence[str],
    out: _Stream,
    err: _Stream,
    stdin: bytes,
    cwd: Path | None,
    variables: dict[str, str],
) -> int:
    """Run the command within this process; returns its exit code."""
    before = sys.stdin, sys.stdout, sys.stderr, warnings.showwarning
    code: object = None
    with (
        tempfile.TemporaryFile() as given,
        mock.patch.dict(os.environ, environment(**variables), clear=True),
        contextlib.chdir(cwd or "."),
    ):
        given.write(stdin)
        given.seek(0)
        sys.stdin = io.TextIOWrapper(given)
        try:
            sys.stdout, sys.stderr = out, err
            main(list(arguments))
        except SystemExit as ended:
            code = ended.code
        finally:
            sys.stdin.detach()  # type: ignore[attr-defined]  (it is the one from above)
            sys.stdin, sys.stdout, sys.stderr, warnings.showwarning = before
    assert isinstance(code, int)
    return int(code)


def called(*arguments: str, stdin: bytes = b"", cwd: Path | None = None, **variables: str) -> Done:
    """Run the command as on pipes, but within this process, which takes a fraction of the time."""
    out, err = _Stream(variables, terminal=False), _Stream(variables, terminal=False)
    code = _run(arguments, out, err, stdin, cwd, variables)
    return Done(code, out.text(), err.text())


def shown(
    *arguments: str,
    columns: int = 100,
    cwd: Path | None = None,
    keep: bool = False,
    **variables: str,
) -> tuple[int, str]:
    """Run the command as `on_terminal` does, but within this process."""
    screen = _Stream(variables, terminal=True)
    code = _run(arguments, screen, screen, b"", cwd, {"COLUMNS": str(columns), **variables})
    return code, screen.text() if keep else _ANSI.sub("", screen.text())


def cells(text: str) -> list[list[str]]:
    """The cells of each line of a table."""
    return [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in text.splitlines()
        if line.startswith("│")
    ]


def on_terminal(
    command: str,
    *,
    columns: int = 100,
    cwd: Path | None = None,
    keep: bool = False,
    stdin: bytes = b"",
    **variables: str,
) -> tuple[int, str]:
    """Run a line of shell on a pseudo-terminal; ``keep`` keeps the colors."""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            ["bash", "-c", command],  # noqa: S607
            stdin=given,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env=environment(COLUMNS=str(columns), **variables),
        )
    os.close(theirs)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    code = process.wait()
    text = b"".join(parts).decode().replace("\r\n", "\n")
    return code, text if keep else _ANSI.sub("", text)
