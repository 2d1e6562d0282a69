"""The command ``shapecalc convert``: a model as the text of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

if TYPE_CHECKING:
    from shapecalc.layers.dialect import Dialect

_EPILOG = """\b
Examples:
  shapecalc convert model.keras
  shapecalc convert model.json > model.shape
"""


@option.command(_EPILOG)
@click.argument("file", nargs=-1)
@option.dialect
@option.custom
@option.max_layers
@option.color
def command(
    file: tuple[str, ...],
    dialect: Dialect | None,
    custom: tuple[str, ...],
    max_layers: int,
    color: str,
) -> None:
    """Write a Keras model of any kind or a spec as a spec, in its one canonical form."""
    from shapecalc.cli.run import show_notes
    from shapecalc.cli.sources import read_network

    streams = click.get_current_context().obj or Streams()
    streams.color = color
    network = read_network(file, dialect, max_layers=max_layers, customs=custom, expand=True)
    text = str(network)
    show_notes(network, streams)
    streams.write([text + "\n"])
