"""The command ``shapecalc annotate``: source code with shapes behind its lines."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from shapecalc.cli import options as option
from shapecalc.cli.files import over_files
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, ShapecalcError, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.answers.question import Question

#: How long lines are where no formatter says otherwise.
LENGTH: Final = 88

_EPILOG = """\b
Examples:
  shapecalc annotate model.py
  shapecalc annotate model.py -i N,3,224,224 --write
  shapecalc annotate src/*.py --check
"""


class _Result(NamedTuple):
    """What became of a file: its text before and after, what JSON says, or an error."""

    path: str
    before: str = ""
    after: str = ""
    data: list[dict[str, Any]] | None = None
    error: ShapecalcError | None = None


@option.command(_EPILOG)
@click.argument("file", nargs=-1, required=True)
@click.option("--diff", "as_diff", is_flag=True, help="Show what would change.")
@click.option("--write", is_flag=True, help="Write the comments into the files.")
@click.option("--check", is_flag=True, help="Exit 1 if the comments are out of date.")
@option.inputs
@option.values
@option.where
@option.form("source", "json", default="source")
@click.option(
    "--line-length",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Maximum line length. Default: as configured for ruff or black, else {LENGTH}.",
)
@option.jobs_of_files
@option.color
def command(file: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Print source code with the shape after each line that makes a tensor.

    The comments "# -> (N, 6, 14, 14)" are renewed each time; nothing else is touched.
    """
    from shapecalc.cli.questions import question

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    alone = not any(options[name] for name in ("as_diff", "write", "check"))
    if len(file) > 1 and alone and options["form"] != "json":
        raise SpecError("several files need --diff, --write, --check or -f json")
    asked = question("", {**options, "dialect": None})
    work = partial(_work, asked=asked, length=options["line_length"])
    found = over_files(file, work, lambda each: each.error is None, streams, options["jobs"])
    for each in found:
        if each.error is not None:
            streams.show(each.error)
    code = max((each.error.exit_code for each in found if each.error), default=ExitCode.OK)
    if code and len(found) == 1:
        context.exit(code)
    done = [each for each in found if each.error is None]
    changed = [each for each in done if each.before != each.after]
    _show(done, changed, options, streams)
    stale = bool(changed) and options["check"]
    context.exit(max(code, ExitCode.UNFIT if stale else ExitCode.OK))


def _show(
    done: Sequence[_Result],
    changed: Sequence[_Result],
    options: dict[str, Any],
    streams: Streams,
) -> None:
    from shapecalc.cli.fix import diff
    from shapecalc.cli.writing import rewrite
    from shapecalc.render.json import json_text

    for each in changed if options["write"] else ():
        if not each.path.endswith(".py"):
            raise SpecError(f"{each.path}: --write is only for Python source files")
    if options["form"] == "json":
        data = [item for each in done for item in each.data or ()]
        streams.write([json_text(data)])
    elif options["as_diff"]:
        streams.write(line for each in changed for line in diff(each.path, each.before, each.after))
    elif options["check"] or options["write"]:
        if options["check"]:
            streams.write(f"{each.path}: out of date\n" for each in changed)
    else:
        streams.write(each.after for each in done)
    for each in changed if options["write"] else ():
        rewrite(each.path, each.after)


def _work(files: Sequence[str], *, asked: Question, length: int | None) -> list[_Result]:
    return [_annotated(path, asked, length) for path in files]


def _annotated(argument: str, asked: Question, length: int | None) -> _Result:
    from shapecalc.answers.annotate import annotated, tensors_of
    from shapecalc.importers.load import load_program

    try:
        program = load_program(argument)
        if program is None:
            raise SpecError(f"{argument} is not source code", help="shapecalc annotate model.py")
        made = tensors_of(program, asked)
        limit = length or _length_for(program.path)
        text = annotated(program.text, made, limit)
    except ShapecalcError as error:
        return _Result(argument, error=error)
    return _Result(program.path, program.text, text, [each.to_dict() for each in made])


def _length_for(path: str) -> int:
    """Return how long a formatter makes lines: as the next pyproject.toml or ruff.toml says."""
    import tomllib

    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120  (any text)
    while True:
        for name in ("ruff.toml", ".ruff.toml", "pyproject.toml"):
            try:
                with open(os.path.join(folder, name), "rb") as stream:  # noqa: PTH118, PTH123
                    data = tomllib.load(stream)
            except (OSError, ValueError):
                continue
            tool = data.get("tool") if name == "pyproject.toml" else {"ruff": data}
            for each in ("ruff", "black"):
                table = tool.get(each) if isinstance(tool, dict) else None
                said = table.get("line-length") if isinstance(table, dict) else None
                if type(said) is int and said > 0:
                    return said
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return LENGTH
        folder = above
