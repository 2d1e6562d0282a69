"""The command ``shapecalc fix``: a spec that works in the place of one that does not."""

from __future__ import annotations

from itertools import islice
from typing import Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, ShapeError

#: How many repairs --all shows at most.
MOST = 20

_EPILOG = """\b
Examples:
  shapecalc fix "lstm:64,lstm:32"
  shapecalc fix "in:B:28:28,conv2d:8:3" --all
  shapecalc fix model.json > model.shape
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option(
    "-a", "--all", "several", is_flag=True, help="Print every repair found, one per line."
)
@option.inputs
@option.dialect
@option.values
@option.where
@option.expect
@option.custom
@option.max_layers
@option.train
@option.color
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Print the repaired spec: the one with the fewest changes that works.

    Exits 1 where none is found. A spec that works is printed in its canonical form.
    """
    from shapecalc.answers.trace import as_said, repairs, trace
    from shapecalc.cli.run import named_shape, question, read_network

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    network = read_network(
        spec, options["dialect"], max_layers=options["max_layers"], customs=options["custom"]
    )
    expected = tuple(named_shape(text, "--expect") for text in options["expect"])
    asked = question(network, options)._replace(expected=expected)
    try:
        trace(asked)
    except ShapeError:
        found = list(islice(repairs(asked), MOST if options["several"] else 1))
        if not found:
            raise
        streams.write(f"{text}\n" for text in found)
        context.exit(ExitCode.OK)
    streams.write([f"{as_said(str(network), network)}\n"])
    streams.show(ShapeError("this spec works as it is"), "note")
