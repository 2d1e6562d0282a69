"""When Python looks for garbage, which takes the longer, the more there is that is none."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The layers of a large network: of fewer, what is looked through in vain is little.
MANY: Final = 1_000
#: How many new objects there are before a command looks for garbage: no small run makes so many, of
#: some tens of megabytes.
RARE: Final = 200_000


@contextmanager
def no_collection(layers: int) -> Iterator[None]:
    """Do not look for garbage while many layers are read or traced.

    Both make many objects and no garbage: each time that so many are new again, all of them would
    be looked through in vain, which is two fifths of the time of a large network. For less than
    `MANY` layers the collector is left alone, as it belongs to who calls; how many there can be is
    bounded by ``max_layers``.
    """
    enabled = layers >= MANY and gc.isenabled()
    if enabled:
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
