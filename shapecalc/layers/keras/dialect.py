"""Keras as a dialect, and what the older one states otherwise."""

from __future__ import annotations

from typing import Final

from shapecalc.layers.catalogue import Catalogue
from shapecalc.layers.dialect import Dialect
from shapecalc.layers.keras.names import (
    COUNTERPARTS,
    DENSE_2D,
    FAMILIES,
    FILES,
    PRESETS,
    SHORT_KEYS,
    snake_case,
)

CATALOGUE: Final = Catalogue("keras", __package__, FAMILIES, PRESETS, FILES)

KERAS: Final = Dialect(
    name="keras",
    catalogue=CATALOGUE,
    short_keys=SHORT_KEYS,
    prefixes={"td": "TimeDistributed", "bi": "Bidirectional"},
    row_name=snake_case,
    input_name="input_layer",
    counterparts=COUNTERPARTS,
)
KERAS1: Final = KERAS.replaced(name="keras1", laws=frozenset({DENSE_2D}))
