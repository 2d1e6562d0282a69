"""The garbage collector, which runs less often in the process of the command only."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many new objects there are before garbage is looked for.
GARBAGE: Final = 50_000


@contextmanager
def rare_collection() -> Iterator[None]:
    """Collect garbage less often meanwhile, and never look at what is loaded already."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
