"""Which files below paths are looked at."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

from shapecalc.answers.check import ENDINGS
from shapecalc.errors import SpecError
from shapecalc.language.files import why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Folders that hold what others wrote, beside those that begin with a dot.
_FOREIGN: Final = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "env"})


def files_below(paths: Sequence[str]) -> list[str]:
    """Return the files at paths and below them; raises `SpecError` for one that is not there."""
    #: By its normal form each path as it was named.
    found: dict[str, str] = {}
    for path in paths:
        try:
            os.stat(path)  # noqa: PTH116  (any text)
        except (OSError, ValueError) as error:
            raise SpecError(why_not(path, error)) from None
        if not os.path.isdir(path):  # noqa: PTH112
            found.setdefault(os.path.normpath(path), path)
            continue
        listed = _listed_by_git(path)
        below = _walked(path) if listed is None else listed
        for each in sorted(each for each in below if each.endswith(ENDINGS)):
            found.setdefault(each, each)
    return list(found.values())


def _listed_by_git(folder: str) -> Iterable[str] | None:
    """Return the files that git knows, or would; None where there is no repository."""
    # A repository may name a program as its file system monitor, which must not run.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError):
        return None
    if done.returncode:
        return None
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    paths = (_joined(folder, name) for name in names)
    return [path for path in paths if os.path.isfile(path)]  # noqa: PTH113


def _walked(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _FOREIGN
            and not os.path.exists(os.path.join(parent, name, "pyvenv.cfg"))  # noqa: PTH110, PTH118
        )
        paths = (_joined(parent, name) for name in names)
        # To open a named pipe is to wait for who writes to it.
        yield from (path for path in paths if os.path.isfile(path))  # noqa: PTH113


def _joined(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
