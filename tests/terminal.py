"""Running commands as a person does, on a pseudo-terminal, or as a script does, on pipes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


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


def on_terminal(
    command: str,
    *,
    columns: int = 100,
    cwd: Path | None = None,
    keep: bool = False,
    **variables: str,
) -> tuple[int, str]:
    """Run a line of shell on a pseudo-terminal; ``keep`` keeps the colours."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-c", command],  # noqa: S607
        stdin=subprocess.DEVNULL,
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
