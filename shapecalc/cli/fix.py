"""The command ``shapecalc fix``: a spec that works instead of one that does not."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program

#: The most repairs --all shows.
MOST = 20

_EPILOG = """\b
Examples:
  shapecalc fix "lstm:64,lstm:32"
  shapecalc fix "in:B:28:28,conv2d:8:3" --all
  shapecalc fix model.json > model.shape
  shapecalc fix model.py --write
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option(
    "-a", "--all", "several", is_flag=True, help="Print every repair found, one per line."
)
@click.option("--write", is_flag=True, help="Write the repair into the file (source code).")
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
    """Print a repaired spec: the one with the fewest changes that works.

    Exits 1 if none is found. A spec that works is printed in its canonical form. For source
    code the repair is printed as a diff of one argument or one line.
    """
    from shapecalc.answers.trace import as_said, repairs, trace
    from shapecalc.cli.questions import named_shape, question
    from shapecalc.cli.sources import program_of, read_network

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    program = program_of(spec)
    expected = tuple(named_shape(text, "--expect") for text in options["expect"])
    if program is not None:
        asked = question("", options)._replace(expected=expected)
        _fix_program(program, asked, streams, several=options["several"], write=options["write"])
        context.exit(ExitCode.OK)
    if options["write"]:
        raise SpecError("--write is only for a source file")
    network = read_network(
        spec, options["dialect"], max_layers=options["max_layers"], customs=options["custom"]
    )
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


def _fix_program(
    program: Program, asked: Question, streams: Streams, *, several: bool, write: bool
) -> None:
    """Print the diff of a repair, or write it; raises `ShapeError` where there is none."""
    from shapecalc.answers.programs import fixed, models
    from shapecalc.answers.trace import trace
    from shapecalc.cli.writing import rewrite

    try:
        for _, network in models(program, asked):
            trace(asked._replace(source=network))
    except ShapeError:
        found = list(islice(fixed(program, asked), MOST if several else 1))
        if not found:
            raise
        if write:
            if not program.path.endswith(".py"):
                raise SpecError("--write is only for Python source files") from None
            rewrite(program.path, found[0].text)
            streams.show(ShapeError(f"wrote {found[0].change}"), "note")
            return
        streams.write(
            line for each in found for line in diff(program.path, program.text, each.text)
        )
        return
    streams.show(ShapeError(f"{program.path} works as it is"), "note")


def diff(path: str, before: str, after: str) -> Iterator[str]:
    """Write what changed in a file as a unified diff."""
    from difflib import unified_diff

    name = path.lstrip("/")
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    for line in unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
