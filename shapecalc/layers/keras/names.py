"""How Keras names its layers, and the short keys of their arguments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: Short keys, and the parameters that they may stand for; a layer has one of these.
SHORT_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "p": ("padding",),
    "d": ("dilation_rate",),
    "g": ("groups",),
}


@lru_cache(maxsize=1024)
def snake_case(class_name: str) -> str:
    """Write a class name as Keras names its layers: MaxPooling2D is max_pooling2d."""
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()
