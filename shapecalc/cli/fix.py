"""The command ``shapecalc fix``: a spec that works instead of one that does not."""

from __future__ import annotations

import io
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
    from shapecalc.network import Network

#: The most repairs --all shows.
MOST = 20

_EPILOG = """\b
Examples:
  shapecalc fix "lstm:64,lstm:32"
  shapecalc fix "in:B:28:28,conv2d:8:3" --all
  shapecalc fix model.json > model.shape
  shapecalc fix model.py --write
  shapecalc fix "lstm:64,lstm:32" --to keras
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option(
    "-a", "--all", "several", is_flag=True, help="Print every repair found, one per line."
)
@click.option("--write", is_flag=True, help="Write the repair into the file (source code).")
@option.code
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
    code the repair is printed as a diff; where it mends only the first fault, exits 1 and says
    what fails next. With --to the repaired network is written as source code.
    """
    from shapecalc.cli.questions import named_shape, question
    from shapecalc.cli.sources import network_of, program_in, read_sources, refuse_needless

    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    _refuse_beside_code(options)
    given = read_sources(spec)
    refuse_needless(given, options["custom"], expand=False)
    program = program_in(given)
    expected = tuple(named_shape(text, "--expect") for text in options["expect"])
    if program is not None:
        asked = question("", options)._replace(expected=expected)
        _fix_program(program, asked, streams, options)
        return
    if options["write"]:
        raise SpecError("--write is only for a source file")
    asked = question("", options)._replace(expected=expected)
    try:
        unmended = asked._replace(repair=False)
        network = network_of(given, unmended, options["custom"], expand=False)
    except SpecError as error:
        from shapecalc.answers.unread import readable

        if not _write_repairs(readable(error, asked), asked, streams, options):
            raise
        return
    _fix_network(network, asked._replace(source=network), streams, options)


def _fix_network(
    network: Network, asked: Question, streams: Streams, options: dict[str, Any]
) -> None:
    """Print repaired specs, or the code of one; raises `ShapeError` without one."""
    from shapecalc.answers.advice import warnings
    from shapecalc.answers.trace import repairs, trace, unmended

    try:
        found = trace(asked._replace(repair=False))
    except ShapeError as error:
        told = asked._replace(dialect=network.dialect)
        if not _write_repairs(repairs(asked), told, streams, options):
            raise unmended(error, asked) from None
        return
    streams.write([_text(network, asked, options["to"])])
    streams.show(ShapeError("this spec works as it is"), "note")
    if not_meant := warnings(found, asked):
        streams.show(ShapeError.join(not_meant), "warning")


def _write_repairs(
    works: Iterator[str], asked: Question, streams: Streams, options: dict[str, Any]
) -> bool:
    """Print repaired specs, or the code of one; return whether there is one."""
    from shapecalc.importers.load import read

    found = list(islice(works, MOST if options["several"] else 1))
    if found and options["to"]:
        network = read(found[0], dialect=asked.dialect, max_layers=asked.max_layers)
        streams.write([_code(network, asked, options["to"])])
    else:
        streams.write([f"{text}\n" for text in found])
    return bool(found)


def _text(network: Network, asked: Question, to: str | None) -> str:
    """Return a network that works as a spec, or as source code."""
    from shapecalc.answers.trace import as_said

    return f"{as_said(str(network), network)}\n" if to is None else _code(network, asked, to)


def _refuse_beside_code(options: dict[str, Any]) -> None:
    """Refuse what asks for another answer than the code of one repair."""
    for flag, given in (("--all", options["several"]), ("--write", options["write"])):
        if options["to"] and given:
            raise SpecError(f"--to writes the code of one repair, and takes no {flag}")


def _code(network: Network, asked: Question, to: str) -> str:
    """Return a network that works as source code."""
    from shapecalc.answers.trace import traced
    from shapecalc.exporters.code import code_of

    return code_of(traced(asked._replace(source=network)), to, values=asked.values)


def _fix_program(
    program: Program, asked: Question, streams: Streams, options: dict[str, Any]
) -> None:
    """Print the diff of a repair, write it, or write code; raises `ShapeError` without one."""
    from shapecalc.answers.programs import fixed, models
    from shapecalc.answers.trace import trace
    from shapecalc.cli.run import show_training

    refused = False
    try:
        for _, network in models(program, asked):
            trace(asked._replace(source=network))
            refused = show_training(network, asked, streams) or refused
        found = _with_other_losses(program, asked) if refused else []
    except ShapeError:
        found = list(islice(fixed(program, asked), MOST if options["several"] else 1))
        if not found:
            raise
    if found:
        _write_programs(program, found, asked, streams, options)
        return
    if options["to"]:
        streams.write([_code_of(program, asked, options["to"])])
    if refused:
        click.get_current_context().exit(ExitCode.UNFIT)
    streams.show(ShapeError(f"{program.path} works as it is"), "note")


def _code_of(program: Program, asked: Question, to: str) -> str:
    """Return the only model of a program as source code."""
    from shapecalc.answers.programs import models
    from shapecalc.importers.load import the_only

    return _code(the_only(models(program, asked), program.path), asked, to)


def _write_programs(
    program: Program,
    found: list[Program],
    asked: Question,
    streams: Streams,
    options: dict[str, Any],
) -> None:
    """Print the diffs of repaired programs, write the first, or write its code."""
    from shapecalc.cli.writing import rewrite

    if options["to"]:
        streams.write([_code_of(found[0], asked, options["to"])])
        return
    if options["write"]:
        if program.path.endswith(".ipynb"):
            rewrite(program.path, _in_notebook(program.path, found[0].text))
        elif program.path.endswith(".py"):
            rewrite(program.path, found[0].text)
        else:
            raise SpecError("--write is only for files of source code") from None
        streams.show(ShapeError(f"wrote {found[0].change}"), "note")
        _tell_left(found[:1], streams)
        return
    streams.write(line for each in found for line in _diff(program, each.text))
    _tell_left(found, streams)


def _with_other_losses(program: Program, asked: Question) -> list[Program]:
    """Return the program with another loss where that mends a training that it states."""
    from shapecalc.answers.programs import models
    from shapecalc.answers.stated import of_training, with_other_loss

    for _, network in models(program, asked):
        for problem in of_training(network, asked, network.said.place):
            for mended in with_other_loss(program, asked, problem):
                return [mended]
    return []


def _tell_left(found: list[Program], streams: Streams) -> None:
    """Say which error is left where a repair mends only the first, and exit 1 then."""
    from shapecalc.repair.diagnosis import fails_next

    left = [each.left for each in found if isinstance(each.left, ShapeError)]
    for error in left:
        streams.show(ShapeError(fails_next(error)), "note")
    if left:
        click.get_current_context().exit(ExitCode.UNFIT)


def _in_notebook(path: str, text: str) -> str:
    """Return the notebook with another program in its cells."""
    from shapecalc.importers.python.notebookedits import with_program

    return with_program(_raw(path), text)


def _raw(path: str) -> str:
    from shapecalc.language.files import decode, read_file

    content = read_file(path)
    return decode(content if isinstance(content, bytes) else b"", path).replace("\r\n", "\n")


def _diff(program: Program, after: str) -> Iterator[str]:
    """Write what changed in a program: in a notebook cell by cell."""
    if not program.path.endswith(".ipynb"):
        yield from diff(program.path, program.text, after)
        return
    from shapecalc.importers.python.notebookedits import changed_cells

    for cell in changed_cells(_raw(program.path), after):
        texts = (f"{text}\n" for text in (cell.before, cell.after))
        yield from diff(f"{program.path}:cell {cell.number}", *texts)


def diff(path: str, before: str, after: str) -> Iterator[str]:
    """Write what changed in a file as a unified diff."""
    from difflib import unified_diff

    name = path.lstrip("/")
    # Not str.splitlines, for which a line ends at a form feed too.
    old, new = (list(io.StringIO(text)) for text in (before, after))
    for line in unified_diff(old, new, fromfile=f"a/{name}", tofile=f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
