"""Arguments that are layers of Keras."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from shapecalc.layers.arguments import ArgumentKind
from shapecalc.layers.held import held as held_by
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.layer import Layer

#: Takes a layer as it is, or makes it of its class name and its config.
held = partial(held_by, CATALOGUE)

InnerLayer = Annotated[Layer, ArgumentKind("a layer", held)]
