"""The command ``shapecalc batch``: one spec per line in, one line per spec out."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.bulk import common_question, run, shared_options
from shapecalc.cli.chunks import MAX_LINE, Files
from shapecalc.cli.streams import Streams, is_terminal
from shapecalc.cli.workers import Answer
from shapecalc.errors import ExitCode, SpecError

if TYPE_CHECKING:
    from shapecalc.answers.question import Question
    from shapecalc.cli.chunks import Chunk

_EPILOG = """\b
Examples:
  shapecalc batch specs.txt
  shapecalc batch -f jsonl --jobs 8 - < specs.jsonl > shapes.jsonl
  echo '{"spec": "lstm:64", "input": "B,T,10"}' | shapecalc batch
"""


@option.command(_EPILOG)
@click.argument("file", nargs=-1)
@shared_options
@option.limits
def command(file: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Trace many specs, one per line of the files or of standard input.

    A line is a spec, or a JSON object with spec, input, set, where, expect and dialect. Each
    yields one line, in order, even if it fails: line, ok or error, output, params, message.
    Exits 1 if any failed.
    """
    from shapecalc.render import lines

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    if not file and (sys.stdin is None or is_terminal(sys.stdin)):
        raise SpecError("a file is missing", help="shapecalc batch specs.txt")
    given = common_question(options)
    files = Files(file or ("-",))
    form = options["form"] or streams.usual_form()
    total = run(
        files,
        partial(work, given=given, form=form),
        streams,
        jobs=options["jobs"],
        total=files.total,
        header=lines.header("line") if options["header"] and form == "tsv" else "",
        drawn=partial(lines.table, "line", page=streams.page(options["width"]))
        if form == "table"
        else None,
    )
    context.exit(ExitCode.UNFIT if total.bad else ExitCode.OK)


def work(chunk: Chunk, given: Question, form: str) -> Answer:
    """Answer a chunk of lines; equal ones among them are traced once."""
    texts: list[str] = []
    known: dict[bytes, tuple[bool, str] | None] = {}
    bad = 0
    for number, line in enumerate(chunk.lines, chunk.first):
        key = b"" if line is None else line
        found = known.get(key) if line is not None else _answered(None, given, form)
        if line is not None and key not in known:
            found = known[key] = _answered(line, given, form)
        if found is None:
            continue
        fits, text = found
        bad += not fits
        texts.append(_placed(chunk.name, number, text, form))
    return Answer("".join(texts), len(texts) - bad, bad, chunk.size)


def _answered(line: bytes | None, given: Question, form: str) -> tuple[bool, str] | None:
    """Return whether a line fits, and what is written of it; None where it holds no spec."""
    from shapecalc.answers.batch import answer
    from shapecalc.errors import ShapecalcError
    from shapecalc.render import lines

    found: Any
    if line is None:
        found = SpecError(f"this line has more than {MAX_LINE:,} bytes")
    else:
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            found = SpecError(f"byte {error.start} of this line is not UTF-8")
        else:
            if not text or text.startswith("#"):
                return None
            found = answer(text, given)
    fits = not isinstance(found, ShapecalcError)
    return fits, (lines.FIELDS[form](found) if form in lines.FIELDS else lines.jsonl(found))


def _placed(name: str | None, number: int, text: str, form: str) -> str:
    """Put the place of a line before what is written of it."""
    if form != "jsonl":
        place = str(number) if name is None else f"{_field(name)}:{number}"
        return f"{place}\t{text}\n"
    import json

    shown = json.dumps(number if name is None else f"{name}:{number}", ensure_ascii=False)
    return f'{{"line": {shown}, {text[1:]}\n'


def _field(name: str) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in name)
