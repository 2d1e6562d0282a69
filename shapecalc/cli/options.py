"""Options that several commands have, each declared once."""

from __future__ import annotations

from typing import Final

import click

from shapecalc.layers.budget import MAX_LAYERS

max_layers: Final = click.option(
    "--max-layers",
    type=click.IntRange(min=1),
    default=MAX_LAYERS,
    show_default=True,
    metavar="N",
    help="Upper limit on layers made by repeats and by models within models.",
)
