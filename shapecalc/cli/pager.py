"""A pager for what is longer than the terminal."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def page(command: Sequence[str], content: bytes) -> bool:
    """Show a text by a pager; False where that cannot be started."""
    # As git has it: colors pass, the text stays on the screen, what is short does not stop.
    environment = {"LESS": "FRX", **os.environ}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603
    except OSError:
        return False
    # Who leaves the pager early closes the pipe; Ctrl-C is for the pager, which goes on.
    with suppress(OSError, KeyboardInterrupt):
        pager.communicate(content)
    while pager.poll() is None:
        with suppress(KeyboardInterrupt):
            pager.wait()
    return True
