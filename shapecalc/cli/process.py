"""What a process that runs a command does otherwise than one that uses the library."""

from __future__ import annotations

import atexit
import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where pydantic is told whose plugins it shall not load.
_DISABLED: Final = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def no_plugins_of_pydantic() -> Iterator[None]:
    """Do not look for plugins of pydantic, in all packages that are installed.

    They watch models of applications; the layers of a command are nothing to them.
    """
    disabled = os.environ.get(_DISABLED)
    os.environ[_DISABLED] = "__all__"
    try:
        yield
    finally:
        if disabled is None:
            del os.environ[_DISABLED]
        else:
            os.environ[_DISABLED] = disabled


def end_without_collection() -> None:
    """Look for no garbage when the process ends, whose memory the system frees as a whole."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
