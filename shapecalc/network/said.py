"""What a source says of the training of a model; plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.errors import Place

#: How many samples Keras takes at once, by default.
BATCH_SIZE: Final = 32


class Said(NamedTuple):
    """What a source says of the training of a model; what is not known is left out.

    Attributes:
        x: shapes of data by name or number, that of the only input by None.
        y: shapes of labels.
        losses: losses as they are written.
        batch_size: how many samples are taken at once.
        place: where the loss is said; None where none is, or there is no line.
    """

    x: Mapping[Any, Shape] = {}
    y: Mapping[Any, Shape] = {}
    losses: Mapping[Any, str] = {}
    batch_size: int = BATCH_SIZE
    place: Place | None = None
