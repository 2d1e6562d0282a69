"""The main job: specs in, shapes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from shapecalc.cli.questions import limits, named_shape, question
from shapecalc.cli.questions import numbers as read_numbers
from shapecalc.cli.sources import models
from shapecalc.cli.streams import Streams
from shapecalc.dims import field_text
from shapecalc.errors import ExitCode, ShapecalcError, ShapeError, SpecError
from shapecalc.render.columns import COLUMNS, COSTS, view
from shapecalc.render.formats import FORMATS, Format, Page
from shapecalc.render.view import AtColumn, CostAt, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.answers.question import Question
    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace


class Traced(NamedTuple):
    """The trace of a model, and what is asked of it; programs give their models names."""

    name: str | None
    trace: Trace
    asked: Question


def run(spec: tuple[str, ...], *, costs: bool = False, **options: Any) -> ExitCode:  # noqa: ANN401
    """Trace and print; raises `ShapecalcError` before anything is printed.

    With ``costs`` their columns and totals are shown unless others are asked for.
    """
    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    if options["final"]:
        _refuse_beside_final(options)
    chosen = FORMATS[options["form"] or streams.usual_form()]
    _refuse_what_it_ignores(chosen, options, costs=costs)
    shown = view(options["columns"] or (COSTS if costs else None), unbatched=options["unbatched"])
    shown = shown._replace(dtype=options["dtype"], training=options["training"], counts=costs)
    if options["fold"]:
        shown = shown._replace(times="×")  # noqa: RUF001  (the sign that people know)
    numbers = read_numbers(options["at"])
    asked = question("", options)._replace(
        expected=tuple(named_shape(text, "--expect") for text in options["expect"]),
        strict=options["strict"],
        limits=limits(options, counted=shown.asks_costs),
    )
    found = _traced(spec, asked, options, streams)
    failed = any(each.trace.failure is not None for each in found)
    if options["final"]:
        streams.write(_final(found, shown))
        return ExitCode.UNFIT if failed else ExitCode.OK
    fits = _write(found, shown, chosen, [] if failed else numbers, options, streams)
    return ExitCode.OK if fits and not failed else ExitCode.UNFIT


def _traced(
    spec: tuple[str, ...], asked: Question, options: Mapping[str, Any], streams: Streams
) -> list[Traced]:
    """Trace the models that are given, and check what is asked of each."""
    from shapecalc.answers.trace import check, traced

    traces: list[tuple[str | None, Trace]] = []
    try:
        for name, network in models(
            spec, asked, custom_classes=options["custom"], expand=options["expand"]
        ):
            traces.append((name, traced(asked._replace(source=network))))
    except ShapeError as error:
        known = _known_part(error, streams) if options["partial"] else None
        if known is None:
            raise
        traces.append((None, known))
    found = [Traced(name, trace, asked._replace(source=trace.network)) for name, trace in traces]
    for each in found:
        show_notes(each.trace.network, streams)
        show_warnings(each.trace, streams)
        if each.trace.failure is None:
            check(each.trace, each.asked)
    return found


def _write(
    found: Sequence[Traced],
    shown: View,
    chosen: Format,
    numbers: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
    streams: Streams,
) -> bool:
    """Write traces in a format; return whether all fit at the numbers."""
    width = options["width"]
    page = Page(
        shown,
        options["header"],
        options["columns"] is not None,
        streams.room(width) if chosen.fits_terminal else width,
        streams.colored(streams.out),
        streams.out.encoding or "utf-8",
    )
    lines = options["columns"] is None and chosen.name == "table"
    pages = [_page(page, each, numbers, streams, lines=lines) for each in found]
    streams.is_markup = chosen.is_markup
    streams.write(chosen.write_all([each.trace for each in found], pages))
    return all(column.fits for each in pages for column in each.view.at)


def _page(
    page: Page,
    traced: Traced,
    numbers: Sequence[Mapping[str, str]],
    streams: Streams,
    *,
    lines: bool,
) -> Page:
    """Return the page of a trace: with its name, its shapes at numbers, and lines of source."""
    view = _with_numbers(page.view, traced.trace, numbers, traced.asked, streams)
    if lines and any(row.line is not None for row in traced.trace.layers):
        view = view._replace(columns=(*view.columns, COLUMNS["line"]))
    return page._replace(view=view, name=traced.name)


def _refuse_beside_final(options: Mapping[str, Any]) -> None:
    """Refuse what says how rows are shown where only the output shape is."""
    said = {"form": "--format", "header": _header(options)}
    for name in ("form", "columns", "at", "fold", "header"):
        if options[name] or (name == "header" and options[name] is not None):
            option = said.get(name, f"--{name}")
            raise SpecError(
                f"-q prints only the output shape, and cannot be combined with {option}",
                help=f"leave out -q or {option}",
            )


def _refuse_what_it_ignores(chosen: Format, options: Mapping[str, Any], *, costs: bool) -> None:
    """Refuse what a format has no place for; raises `SpecError`, which names those that have."""
    asked = (
        ("--columns", options["columns"], "lists_layers"),
        ("--at", options["at"], "lists_layers"),
        ("costs", costs, "lists_layers"),
        ("--fold", options["fold"], "folds"),
        (_header(options), options["header"] is not None, "is_titled"),
        ("--unbatched", options["unbatched"], "shows_shapes"),
    )
    for what, given, obeyed in asked:
        if given and not getattr(chosen, obeyed):
            able = ", ".join(each.name for each in FORMATS.values() if getattr(each, obeyed))
            verb = "are" if what == "costs" else "is"
            raise SpecError(f"{chosen.name} cannot show {what}", help=f"{what} {verb} for {able}")


def _header(options: Mapping[str, Any]) -> str:
    """Return the option that says whether there are titles, as it is written."""
    return "--no-header" if options["header"] is False else "--header"


def _known_part(error: ShapeError, streams: Streams) -> Trace | None:
    """Return what is known where shapes do not fit; the reason goes to stderr."""
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
    numbers: Sequence[Mapping[str, str]],
    asked: Question,
    streams: Streams,
) -> View:
    """Return the view with the shapes, or the costs, at the numbers that are asked for."""
    shown = shown.counting(trace)
    if not numbers:
        return shown
    from shapecalc.answers.turns import rows_at

    for at in numbers:
        found = _at(at, asked, streams)
        rows = [] if found is None else rows_at(trace, found)
        missing = [None] * (len(trace.layers) - len(rows))
        label = _label(at)
        if shown.costs is None:
            outputs = (*(turns[0].outputs if turns else None for turns in rows), *missing)
            shown = shown._replace(at=(*shown.at, AtColumn(f"output@{label}", outputs)))
            continue
        whole = found is not None and not missing
        costs = None if found is None else shown.costs.of(found)
        columns = [
            CostAt(f"{what}@{label}", (*sizes, *missing), whole)
            for what, sizes in (
                ("macs", [costs.macs(*turns) for turns in rows] if costs else []),
                ("memory", [costs.memory(*turns[:1]) for turns in rows] if costs else []),
            )
        ]
        totals = ((f"at {label}", costs),) if costs and whole else ()
        shown = shown._replace(at=(*shown.at, *columns), totals_at=(*shown.totals_at, *totals))
    return shown


def _label(at: Mapping[str, str]) -> str:
    return ",".join(f"{name}={number}" for name, number in at.items())


def _at(at: Mapping[str, str], asked: Question, streams: Streams) -> Trace | None:
    """Return the trace at numbers; where it does not fit, its rows so far, and why on stderr."""
    from shapecalc.answers.question import named_sizes
    from shapecalc.answers.trace import traced
    from shapecalc.tracing.trace import stop_of

    values = {**asked.values, **named_sizes(at)}
    try:
        return traced(asked._replace(values=values))
    except ShapeError as error:
        stop = stop_of(error)
        streams.show(error.noted([f"this is at {_label(at)}"]), table=False)
        return stop.trace if stop else None


def _final(found: Sequence[Traced], shown: View) -> list[str]:
    """Return the output shapes; behind the name of the model where there are several."""
    return [
        (f"{each.name}\t" if len(found) > 1 else "") + field_text(shown.shape(shape)) + "\n"
        for each in found
        for shape in each.trace.outputs
    ]
