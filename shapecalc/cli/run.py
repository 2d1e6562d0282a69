"""The main job: specs in, shapes out."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from shapecalc.cli.streams import Streams
from shapecalc.dims import field_text
from shapecalc.errors import ExitCode, ShapecalcError, ShapeError, SpecError
from shapecalc.language.files import (
    MODEL_ENDINGS,
    SPEC_ENDINGS,
    Content,
    decode,
    is_model,
    is_program,
    program_path,
    read_file,
    read_stream,
)
from shapecalc.language.shapes import read_shape
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.render.columns import COLUMNS, COSTS, AtColumn, CostAt, View, view
from shapecalc.render.formats import FORMATS, Format, Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.answers.limits import Limits
    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network
    from shapecalc.tracing.rows import Trace

#: A model as it was read, and the name of where.
Model = tuple[Content, str]


class Answer(NamedTuple):
    """The trace of a model, and what was asked; programs give their models names."""

    name: str | None
    trace: Trace
    asked: Question


class Code:
    """A program that is given."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def network(self, asked: Question) -> Network:
        """Return the network of its model; raises `SpecError` where it has several."""
        from shapecalc.answers.programs import models as read
        from shapecalc.importers.load import the_only

        return the_only(read(self.program, asked), self.program.path)


_NAMED = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)
_SPEC_LIKE = re.compile(r"[A-Za-z0-9_@(][^/\\]*")


def run(
    spec: tuple[str, ...],
    *,
    inputs: tuple[str, ...],
    dialect: Dialect | None,
    form: str | None,
    columns: str | None,
    header: bool | None,
    final: bool,
    unbatched: bool,
    values: tuple[str, ...],
    where: tuple[str, ...],
    at: tuple[str, ...],
    expect: tuple[str, ...],
    strict: bool,
    max_layers: int,
    train: bool,
    dtype: str | None,
    training: bool,
    max_params: int | None,
    max_macs: int | None,
    max_memory: int | None,
    fold: bool,
    partial: bool,
    custom: tuple[str, ...],
    expand: bool,
    color: str,
    width: int | None,
    costs: bool = False,
) -> ExitCode:
    """Trace and print; raises `ShapecalcError` before anything is printed."""
    from shapecalc.answers.trace import check, traced

    streams = click.get_current_context().obj or Streams()
    streams.color = color
    if final:
        _refuse_beside_final(
            {"--format": form, "--columns": columns, "--at": at, "--fold": fold, "--header": header}
        )
    shown = view(columns or (COSTS if costs else None), unbatched=unbatched)
    shown = shown._replace(dtype=dtype, training=training, counts=costs)
    expected = tuple(named_shape(text, "--expect") for text in expect)
    numbers = _numbers(at)
    given = {
        "inputs": inputs,
        "dialect": dialect,
        "values": values,
        "where": where,
        "max_layers": max_layers,
        "train": train,
        "training": training,
        "dtype": dtype,
        "max_params": max_params,
        "max_macs": max_macs,
        "max_memory": max_memory,
    }
    asked = question("", given)._replace(expected=expected, strict=strict, limits=limits(given))
    found: list[Answer] = []
    try:
        for name, network in models(spec, asked, customs=custom, expand=expand):
            found.append(Answer(name, traced(asked._replace(source=network)), asked))
    except ShapeError as error:
        known = _known_part(error, streams) if partial else None
        if known is None:
            raise
        found.append(Answer(None, known, asked))
        numbers = []
    for answer in found:
        show_notes(answer.trace.network, streams)
        show_warnings(answer.trace, streams)
        if answer.trace.failure is None:
            check(answer.trace, asked._replace(source=answer.trace.network))
    failed = any(answer.trace.failure is not None for answer in found)
    if final:
        streams.write(_final(found, shown))
        return ExitCode.UNFIT if failed else ExitCode.OK
    chosen = FORMATS[form or streams.usual_form()]
    if fold:
        shown = _folding(shown, chosen)
    page = Page(
        shown,
        header,
        columns is not None,
        streams.room(width) if chosen.fits_terminal else width,
        streams.colored(streams.out),
        streams.out.encoding or "utf-8",
    )
    lines = columns is None and chosen.name == "table"
    pages = [_page(page, answer, numbers, streams, lines=lines) for answer in found]
    streams.write(chosen.write_all([answer.trace for answer in found], pages))
    fits = all(column.fits for each in pages for column in each.view.at)
    return ExitCode.OK if fits and not failed else ExitCode.UNFIT


def _page(
    page: Page,
    answer: Answer,
    numbers: Sequence[tuple[str, str]],
    streams: Streams,
    *,
    lines: bool,
) -> Page:
    """The page of one of the answers: with its name, and its shapes at numbers."""
    asked = answer.asked._replace(source=answer.trace.network)
    view = _with_numbers(page.view, answer.trace, numbers, asked, streams)
    if lines and any(row.line is not None for row in answer.trace.layers):
        view = view._replace(columns=(*view.columns, COLUMNS["line"]))
    return page._replace(view=view, name=answer.name)


def _folding(shown: View, chosen: Format) -> View:
    """Show each block of rows that repeats once, where the format can."""
    if not chosen.folds:
        able = ", ".join(each.name for each in FORMATS.values() if each.folds)
        raise SpecError(f"{chosen.name} shows every row", help=f"--fold is for {able}")
    return shown._replace(times="×")  # noqa: RUF001  (the sign that people know)


def _refuse_beside_final(given: Mapping[str, object]) -> None:
    """Refuse what says how rows are shown where only the output shape is."""
    for option, value in given.items():
        if value:
            raise SpecError(
                f"-q prints only the output shape, and cannot be combined with {option}",
                help=f"leave out -q or {option}",
            )


def _known_part(error: ShapeError, streams: Streams) -> Trace | None:
    """What is known where shapes do not fit; the reason goes to stderr."""
    from shapecalc.answers.partial import known_part

    known = known_part(error)
    if known is not None:
        streams.show(error, table=False)
    return known


def show_notes(network: Network, streams: Streams) -> None:
    """Say on stderr what is not an error, but may be a mistake."""
    notes = network.source.notes if network.source else ()
    if notes:
        streams.show(ShapecalcError.join(notes), "note")


def show_warnings(trace: Trace, streams: Streams) -> None:
    """Say on stderr what fits, but is likely a mistake."""
    if trace.warnings:
        streams.show(ShapecalcError.join(trace.warnings), "warning")


def _with_numbers(
    shown: View,
    trace: Trace,
    numbers: Sequence[tuple[str, str]],
    asked: Question,
    streams: Streams,
) -> View:
    """The view with the shapes, or the costs, at the numbers that are asked for."""
    shown = shown.counting(trace)
    for name, number in numbers:
        found = _at(name, number, asked, streams)
        rows = [] if found is None else found.layers
        missing = [None] * (len(trace.layers) - len(rows))
        label = f"{name}={number}"
        if shown.costs is None:
            outputs = (*(row.outputs for row in rows), *missing)
            shown = shown._replace(at=(*shown.at, AtColumn(f"output@{label}", outputs)))
            continue
        whole = found is not None and not missing
        costs = None if found is None else shown.costs.of(found)
        columns = [
            CostAt(f"{what}@{label}", (*sizes, *missing), whole)
            for what, sizes in (
                ("macs", [costs.macs(row) for row in rows] if costs else []),
                ("memory", [costs.memory(row) for row in rows] if costs else []),
            )
        ]
        totals = ((f"at {label}", costs),) if costs and whole else ()
        shown = shown._replace(at=(*shown.at, *columns), totals_at=(*shown.totals_at, *totals))
    return shown


def _at(name: str, number: str, asked: Question, streams: Streams) -> Trace | None:
    """The trace at a number, or what is known of it; a reason on stderr where it does not fit."""
    from shapecalc.answers.question import named_sizes
    from shapecalc.answers.trace import traced
    from shapecalc.tracing.rows import stop_of

    values = {**asked.values, **named_sizes({name: number})}
    try:
        return traced(asked._replace(values=values))
    except ShapeError as error:
        stop = stop_of(error)
        streams.show(error.noted([f"this is at {name}={number}"]), table=False)
        return stop.trace if stop else None


def _numbers(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Read ``T=100,200`` to a name with each of its numbers."""
    found: list[tuple[str, str]] = []
    for text in texts:
        match = _NAMED.fullmatch(text)
        numbers = [part.strip() for part in match[2].split(",")] if match else []
        if not match or not all(part.isascii() and part.isdigit() for part in numbers):
            raise SpecError(f"--at takes NAME=N, not {text}", help="--at T=100,200")
        found += [(match[1], number) for number in numbers]
    return found


def _final(found: Sequence[Answer], shown: View) -> list[str]:
    """The output shapes; behind the name of the model where there are several."""
    return [
        (f"{answer.name}\t" if len(found) > 1 else "") + field_text(shown.shape(shape)) + "\n"
        for answer in found
        for shape in answer.trace.outputs
    ]


def models(
    arguments: Sequence[str], asked: Question, *, customs: Sequence[str] = (), expand: bool = False
) -> list[tuple[str | None, Network]]:
    """Read what is given to networks: a program may have several, each with its name."""
    given = _sources(arguments)
    if len(given) == 1 and isinstance(given[0], Code):
        from shapecalc.answers.programs import models as read

        return [*read(given[0].program, asked)]
    network = _network(given, asked.dialect, asked.max_layers, customs, expand=expand)
    return [(None, network)]


def read_network(
    arguments: Sequence[str],
    dialect: Dialect | None,
    *,
    max_layers: int = MAX_LAYERS,
    customs: Sequence[str] = (),
    expand: bool = False,
    asked: Question | None = None,
) -> Network:
    """Read what is given: texts, files of specs, of models, of code, and - for standard input.

    ``asked`` is what else is said, for which a program is read.
    """
    given = _sources(arguments)
    if len(given) == 1 and isinstance(given[0], Code):
        return given[0].network(asked or question("", {"dialect": dialect}))
    return _network(given, dialect, max_layers, customs, expand=expand)


def _network(
    given: Sequence[str | Model | Code],
    dialect: Dialect | None,
    max_layers: int,
    customs: Sequence[str],
    *,
    expand: bool,
) -> Network:
    if len(given) == 1 and isinstance(given[0], tuple):
        from shapecalc.importers.keras.files import read_model

        content, name = given[0]
        return read_model(
            content,
            dialect=dialect,
            customs=_customs(customs),
            expand=expand,
            max_layers=max_layers,
            name=name,
        )
    from shapecalc.importers.load import read

    return read(_joined(given, dialect, max_layers), dialect=dialect, max_layers=max_layers)


def spec_text(arguments: Sequence[str], dialect: Dialect | None) -> str:
    """Read what is given to the text of one spec; a model is written as one."""
    return _joined(_sources(arguments), dialect, MAX_LAYERS)


def program_of(arguments: Sequence[str]) -> Program | None:
    """Return the program that is given; None where it is something else."""
    given = _sources(arguments)
    return given[0].program if len(given) == 1 and isinstance(given[0], Code) else None


def _sources(arguments: Sequence[str]) -> list[str | Model | Code]:
    if not arguments:
        raise SpecError("a spec is missing", help='shapecalc "lstm:64:seq,td-dense:3"')
    return [_source(argument) for argument in arguments]


def _joined(given: Sequence[str | Model | Code], dialect: Dialect | None, max_layers: int) -> str:
    from shapecalc.language.heading import join

    return join([_text(each, dialect, max_layers) for each in given], dialect)


def _text(each: str | Model | Code, dialect: Dialect | None, max_layers: int) -> str:
    """The text of a spec; a model is written as one."""
    if isinstance(each, str):
        return each
    if isinstance(each, Code):
        return str(each.network(question("", {"dialect": dialect})))
    from shapecalc.importers.keras.files import read_model

    content, name = each
    return str(read_model(content, dialect=dialect, max_layers=max_layers, name=name))


def _customs(texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=same``, ``NAME=LAYER`` or ``NAME=SHAPE``: what each name is said to be."""
    found = {}
    for text in texts:
        name, _, meaning = text.partition("=")
        if not name.strip() or not meaning.strip():
            raise SpecError(
                f"--custom takes NAME=same, NAME=LAYER or NAME=SHAPE, not {text}",
                help="--custom MyLayer=same",
            )
        found[name.strip()] = meaning.strip()
    return found


def _source(argument: str) -> str | Model | Code:
    """The text of a spec; what there is of a model, with the name of it; or source code."""
    if argument == "-":
        return _text_or_model(read_stream(Streams.source(), "standard input"), "standard input")
    if program_path(argument) is not None:
        from shapecalc.importers.load import load_program

        program = load_program(argument)
        if program is not None:
            return Code(program)
    known = argument.endswith((*SPEC_ENDINGS, *MODEL_ENDINGS))
    # A path that cannot be a spec; any text may stand here, which pathlib would refuse.
    if known or (not _SPEC_LIKE.fullmatch(argument) and os.path.exists(argument)):  # noqa: PTH110
        return _text_or_model(read_file(argument), argument)
    return argument


def _text_or_model(content: Content, name: str) -> str | Model | Code:
    if not isinstance(content, bytes) or name.endswith(MODEL_ENDINGS) or is_model(content):
        return content, name
    text = decode(content, name)
    if name == "standard input" and is_program(text):
        from shapecalc.importers.python.program import program

        return Code(program(content, "<stdin>"))
    return text


def limits(options: Mapping[str, Any]) -> Limits:
    """Read the options of what a network may cost."""
    from shapecalc.answers.limits import Limits

    return Limits(
        options["max_params"],
        options["max_macs"],
        options["max_memory"],
        options["dtype"],
        options["training"],
    )


def question(source: str | Network, options: Mapping[str, Any]) -> Question:
    """Read the options of a command on its specs to what it asks; raises `SpecError`."""
    from shapecalc.answers.question import ask

    asked = ask(
        source,
        dialect=options["dialect"],
        values=set_values(options.get("values", ())),
        where=", ".join(options.get("where", ())),
        max_layers=options.get("max_layers", MAX_LAYERS),
        training=options.get("train", False) or options.get("training", False),
    )
    return asked._replace(inputs=by_name(options.get("inputs", ()), "--input") or {})


def by_name(texts: Sequence[str], option: str) -> dict[Any, Any] | None:
    """Read shapes, with their names where they have one; several without are numbered in order."""
    named = [named_shape(text, option) for text in texts]
    unnamed = sum(name is None for name, _ in named)
    found: dict[Any, Any] = {}
    for name, shape in named:
        key: object = len(found) if name is None and unnamed > 1 else name
        if key in found:
            raise SpecError(f"{option} gives {name} twice")
        found[key] = shape
    return found or None


def named_shape(text: str, option: str) -> tuple[str | None, Any]:
    """Read a shape, with its name where it has one; only one that is expected may be empty."""
    least = 0 if option == "--expect" else 1
    match = _NAMED.fullmatch(text)
    try:
        return (match[1], read_shape(match[2], least)) if match else (None, read_shape(text, least))
    except SpecError as error:
        raise error.replaced(message=f"{option}: {error.message}") from None


_NEXT: Final = re.compile(r",(?=\s*[A-Za-z_][A-Za-z0-9_]*\s*=)")


def set_values(texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=SIZE``, several in one text or in several."""
    found: dict[str, str] = {}
    for text in (part for each in texts for part in _NEXT.split(each)):
        match = _NAMED.fullmatch(text)
        if not match:
            raise SpecError(f"--set takes NAME=SIZE, not {text}", help="--set T=128")
        if match[1] in found:
            raise SpecError(f"--set gives {match[1]} twice")
        found[match[1]] = match[2]
    return found
