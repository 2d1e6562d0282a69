"""The command ``shapecalc schema``: the JSON Schema of the JSON output."""

from __future__ import annotations

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

_EPILOG = """\b
Examples:
  shapecalc schema > shapecalc.schema.json
"""


@option.command(_EPILOG)
def command() -> None:
    """Print the JSON Schema of the output of -f json; a line of jsonl is a LayerOutput."""
    from shapecalc.render.json import json_text
    from shapecalc.render.schema import schema

    streams = click.get_current_context().obj or Streams()
    streams.write([json_text(schema())])
