"""The command ``shapecalc man``: the man page, made from the commands."""

from __future__ import annotations

import click

from shapecalc import __version__
from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

_EPILOG = """\b
Examples:
  shapecalc man | man -l -
"""


@option.command(_EPILOG)
def command() -> None:
    """Print the man page, installed as shapecalc(1)."""
    from shapecalc.cli.main import COMMANDS, loaded
    from shapecalc.cli.main import command as main_command
    from shapecalc.render.roff import man_page

    commands = {name: loaded(name) for name in COMMANDS}
    streams = click.get_current_context().obj or Streams()
    streams.write([man_page(__version__, main_command, commands)])
