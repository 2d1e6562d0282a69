"""PyTorch as a dialect: torch.nn by its own names, channels first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from shapecalc.layers.catalogue import Catalogue
from shapecalc.layers.dialect import Dialect
from shapecalc.layers.letters import Letters
from shapecalc.layers.torch.names import COUNTERPARTS, FAMILIES, SHORT_KEYS

CATALOGUE: Final = Catalogue("torch", __package__, FAMILIES)

TORCH: Final = Dialect(
    name="torch",
    catalogue=CATALOGUE,
    short_keys=SHORT_KEYS,
    row_name=str.lower,
    input_name="input",
    has_buffers=True,
    counterparts=COUNTERPARTS,
    letters=Letters(
        "N",
        MappingProxyType({2: "F", 3: "LF", 4: "CHW", 5: "CDHW"}),
        MappingProxyType(
            {
                "N": "batch",
                "L": "length",
                "D": "depth",
                "H": "height",
                "W": "width",
                "C": "channels",
                "F": "features",
            }
        ),
    ),
)
