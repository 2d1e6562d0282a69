"""Which numbers an output holds, as the activation at its end leaves them."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Range(Enum):
    """Which numbers an output holds, as its last activation makes them."""

    NUMBERS = "any number"
    POSITIVE = "numbers from 0 up"
    SIGNED = "numbers between -1 and 1"
    SHARES = "probabilities"
    DISTRIBUTION = "class probabilities"
    LOGARITHMS = "log-probabilities"
    VECTORS = "unit vectors"


class Activated(NamedTuple):
    """The activation that a layer ends with, None where it has none, and what that leaves."""

    name: str | None
    range: Range
