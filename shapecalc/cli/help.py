"""The command ``shapecalc help``: the help of a command."""

from __future__ import annotations

import click

from shapecalc import dialects
from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import SpecError, did_you_mean

_EPILOG = """\b
Examples:
  shapecalc help
  shapecalc help explain
"""


@option.command(_EPILOG)
@click.argument("name", required=False, metavar="[COMMAND]")
def command(name: str | None) -> None:
    """Print the help of a command, or the list of all."""
    from shapecalc.cli.main import COMMANDS, loaded
    from shapecalc.cli.main import command as main_command

    streams = click.get_current_context().obj or Streams()
    if name is not None and name not in COMMANDS:
        if dialects.default().catalogue.find(name):
            raise SpecError(f"{name} is a layer", help=f"shapecalc layers {name}")
        hint = did_you_mean(name, COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
        raise SpecError(f"there is no command {name}", help=hint)
    shown = main_command if name is None else loaded(name)
    title = "shapecalc" if name is None else f"shapecalc {name}"
    with option.Context(shown, info_name=title, **shown.context_settings) as context:
        streams.paged([f"{shown.get_help(context)}\n"])
