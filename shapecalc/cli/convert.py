"""The command ``shapecalc convert``: a model as the text of a spec."""

from __future__ import annotations

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

_EPILOG = """\b
Examples:
  shapecalc convert model.keras
  shapecalc convert model.json > model.shape
"""


@option.command(_EPILOG)
@click.argument("file", nargs=-1)
@option.custom
@option.max_layers
@option.color
def command(file: tuple[str, ...], custom: tuple[str, ...], max_layers: int, color: str) -> None:
    """Write a Keras model (JSON, .keras) or a spec as a spec, in its one canonical form."""
    from shapecalc.cli.run import read_network, show_notes

    streams = click.get_current_context().obj or Streams()
    streams.color = color
    network = read_network(file, max_layers=max_layers, customs=custom, expand=True)
    text = str(network)
    show_notes(network, streams)
    streams.write([text + "\n"])
