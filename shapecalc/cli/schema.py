"""The command ``shapecalc schema``: the JSON Schema of the JSON output."""

from __future__ import annotations

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

_EPILOG = """\b
Examples:
  shapecalc schema > shapecalc.schema.json
  shapecalc schema fit
"""


@option.command(_EPILOG)
@click.argument("output", type=option.OneOf(("trace", "fit")), default="trace")
def command(output: str) -> None:
    """Print the JSON Schema of the output of -f json; a line of jsonl is a LayerOutput.

    OUTPUT is trace, which is the default, or fit for the output of the command fit.
    """
    from shapecalc.render.json import json_text
    from shapecalc.render.schema import schema

    streams = click.get_current_context().obj or Streams()
    streams.write([json_text(schema(output))])
