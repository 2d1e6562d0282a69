"""When Python looks for garbage, which takes the longer, the more there is that is none."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many new objects there are before a command looks for garbage.
RARE: Final = 50_000


@contextmanager
def no_collection() -> Iterator[None]:
    """Do not look for garbage meanwhile.

    This is for what makes many objects and no garbage, as reading and tracing a network does: each
    time that so many are new again, all of them would be looked through in vain, which for large
    networks is two fifths of the time. How much is made is bounded: by ``max_layers``.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def rare_collection() -> Iterator[None]:
    """Look for garbage less often meanwhile, and never in what is there already."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(RARE)
    try:
        yield
    finally:
        # What was made meanwhile counts as old: the next object need not have it looked through.
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*thresholds)
