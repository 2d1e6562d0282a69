"""The command ``shapecalc``: reads options, gets the answer, chooses the exit code."""

from __future__ import annotations

import re
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from shapecalc import __version__
from shapecalc.cli import options as option
from shapecalc.cli.process import end_without_collection, no_plugins_of_pydantic
from shapecalc.cli.streams import Streams, WriteError
from shapecalc.errors import (
    ExitCode,
    ShapecalcError,
    SpecError,
    UnknownLayerError,
    did_you_mean,
)
from shapecalc.garbage import rare_collection

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The commands beside the main one, each in its own file, and the first sentence of its help: said
#: here too, so that the list of them imports none.
COMMANDS: Final = {
    "annotate": "Print source code with the shape after each line that makes a tensor.",
    "batch": "Trace many specs, one per line of the files or of standard input.",
    "check": "Check the models in files: Python source, notebooks, specs and Keras models.",
    "completion": (
        "Print a script for shell completion of commands, options, and the insides of specs."
    ),
    "convert": "Convert a network from any source to a spec, JSON or source code.",
    "cost": "Show what a network costs: multiply-accumulates, memory and peak memory.",
    "diff": "Compare two specs or files row by row, with the differences marked.",
    "explain": "Explain what happens to the shape in each layer, and why: rule, numbers, weights.",
    "fit": "Check a model against data and labels, and say what to write where they do not fit.",
    "fix": "Print a repaired spec: the one with the fewest changes that works.",
    "help": "Print the help of a command, or the list of all.",
    "layers": "List the layers by family; with NAME, show its page.",
    "man": "Print the man page, installed as shapecalc(1).",
    "schema": "Print the JSON Schema of the output of -f json; a line of jsonl is a LayerOutput.",
    "solve": "Find exactly which inputs give an output, or which numbers a ? can be.",
    "sweep": "Trace every combination of the choices in a spec: {32,64}, {3..9..2}, {bn,}.",
}

_WORD: Final = r"[A-Za-z]+"

_EPILOG = """\b
Examples:
  shapecalc "lstm:64:seq,td-dense:3"
  shapecalc "conv1d:8:3,maxpool1d:2" -i B,T,4
  shapecalc model.shape -f json | jq .outputs
  shapecalc "in:B:28:28:1,conv2d:8:3,flatten,dense:10" -q
"""


class Main(click.Command):
    """The main command, whose help lists the others."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with its first sentence, and then the options."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])
        super().format_options(ctx, formatter)


@option.command(_EPILOG, Main)
@click.argument("spec", nargs=-1)
@option.inputs
@option.dialect
@option.trace_form
@option.columns
@option.header
@click.option("-q", "--final", is_flag=True, help="Print only the output shape, B,T,3.")
@option.unbatched
@option.values
@option.where
@option.at
@option.expect
@option.strict
@option.max_layers
@option.train
@option.dtype
@option.training
@option.limits
@option.fold
@click.option("--watch", is_flag=True, help="Render again when a file changes, until Ctrl-C.")
@click.option(
    "--partial", is_flag=True, help="If the shapes do not fit, show what is known; still exit 1."
)
@option.custom
@option.expand
@option.color
@option.width
@click.version_option(__version__, "-V", "--version", message="shapecalc %(version)s")
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Say what shape comes out of each layer of a stack.

    SPEC is a stack such as "lstm:64:seq,td-dense:3", a file, or - for standard input.
    """
    from shapecalc.cli.run import run

    context = click.get_current_context()
    if not options.pop("watch"):
        context.exit(run(spec, **options))
    from shapecalc.cli.watch import watch

    streams = context.obj or Streams()
    streams.color = options["color"]
    watch(spec, lambda: run(spec, **options), streams)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its code."""
    end_without_collection()
    streams = Streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    streams.color = _color_choice(given)
    _show_warnings(streams)
    try:
        with rare_collection(), no_plugins_of_pydantic():
            code = _run(given, streams)
        streams.close()
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
        streams.discard()
    except BrokenPipeError:
        code = ExitCode.OK
        streams.discard()
    except WriteError as error:
        streams.discard()
        streams.show(ShapecalcError(str(error)))
        code = ExitCode.UNFIT
    sys.exit(code)


def _show_warnings(streams: Streams) -> None:
    """Write what Python warns of, such as a broken plugin, as one of our own lines."""

    def show(message: Warning | str, *_place: object, **_more: object) -> None:
        streams.show(ShapecalcError(str(message)), "warning")

    warnings.showwarning = show


def loaded(name: str) -> click.Command:
    """Import a command."""
    found: click.Command = import_module(f"shapecalc.cli.{name}").command
    return found


def _run(arguments: list[str], streams: Streams) -> int:
    if not arguments and not streams.waits():
        streams.complain(_short_help())
        return ExitCode.UNREADABLE
    try:
        # Not command.main(): it has its own ways with a closed pipe and with Ctrl-C.
        name, chosen, rest = _chosen(arguments)
        with streams.capturing(), chosen.make_context(name, [*rest], obj=streams) as made:
            chosen.invoke(made)
    except click.UsageError as error:
        streams.show(_usage(error))
        return ExitCode.UNREADABLE
    except ShapecalcError as error:
        streams.show(_as_message(error, arguments) or _as_command(error, arguments))
        return error.exit_code
    except RecursionError:
        streams.show(SpecError("this spec is nested too deeply"))
        return ExitCode.UNREADABLE
    except MemoryError:
        streams.show(SpecError("there is not enough memory for this spec"))
        return ExitCode.UNREADABLE
    return streams.code


def _chosen(arguments: list[str]) -> tuple[str, click.Command, list[str]]:
    """Return the command that the first word names; without one it is the main one."""
    if not arguments or arguments[0] not in COMMANDS:
        return "shapecalc", command, arguments
    return f"shapecalc {arguments[0]}", loaded(arguments[0]), arguments[1:]


def _as_message(error: ShapecalcError, arguments: list[str]) -> SpecError | None:
    """Say what is meant by an error message of a framework that is given instead of a spec."""
    if error.exit_code != ExitCode.UNREADABLE:
        return None
    from shapecalc.language.messages import as_message

    return next(filter(None, map(as_message, arguments)), None)


def _as_command(error: ShapecalcError, arguments: list[str]) -> ShapecalcError:
    """Explain an unknown name that looks like a command rather than a spec."""
    first = arguments[0] if arguments else ""
    if first in COMMANDS or "--" in arguments or not isinstance(error, UnknownLayerError):
        return error
    if re.fullmatch(_WORD, first) and (near := did_you_mean(first, COMMANDS)):
        return SpecError(f"there is no command or layer {first}", help=near)
    behind = next((each for each in arguments[1:] if each in COMMANDS), None)
    if behind is not None:
        given = " ".join([behind, *(each for each in arguments if each != behind)])
        return SpecError(f"the command {behind} must come first", help=f"shapecalc {given}")
    return error


def _usage(error: click.UsageError) -> SpecError:
    path = error.ctx.command_path if error.ctx else "shapecalc"
    hint = f"{path} --help lists the options"
    if isinstance(error, click.NoSuchOption):
        near = did_you_mean(error.option_name, error.possibilities or ())
        return SpecError(f"no such option {error.option_name}", help=near or hint)
    message = error.format_message().rstrip(".")
    return SpecError(message[:1].lower() + message[1:], help=hint)


def _short_help() -> str:
    return (
        "Usage: shapecalc SPEC [OPTIONS]\n"
        '  shapecalc "lstm:64:seq,td-dense:3"\n'
        "shapecalc --help says more\n"
    )


def _color_choice(arguments: list[str]) -> str:
    """Return the value of --color before the options are read, for errors in them."""
    choice = "auto"
    for place, argument in enumerate(arguments):
        if argument.startswith("--color="):
            choice = argument.partition("=")[2]
        elif argument == "--color" and place + 1 < len(arguments):
            choice = arguments[place + 1]
    return choice
