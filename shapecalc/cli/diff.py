"""The command ``shapecalc diff``: two specs or models, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, ShapecalcError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.analysis.differences import Pair
    from shapecalc.analysis.ports import Match
    from shapecalc.cli.sources import Source
    from shapecalc.dims import Size
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

    #: Rows side by side, what comes out of both, and what is said of them.
    Compared = tuple[Sequence[Pair | Match], tuple[dict[str, Any], dict[str, Any]], list[str]]

_EPILOG = """\b
Examples:
  shapecalc diff "lstm:64:seq,dense:3" "lstm:64:seq,td-dense:3"
  shapecalc diff old.shape new.shape
  shapecalc diff model.keras model.shape --full
  shapecalc diff model.keras "dialect:torch,conv2d:3:16:3,flatten,linear:_:10"
"""


@option.command(_EPILOG)
@click.argument("a")
@click.argument("b")
@option.inputs
@option.dialect
@option.values
@option.where
@click.option("--full", is_flag=True, help="Show the rows that are the same too.")
@option.expand
@option.custom
@option.form("table", "tsv", "json")
@option.max_layers
@option.train
@option.color
@option.width
def command(a: str, b: str, **options: Any) -> None:  # noqa: ANN401
    """Compare two specs or files row by row, with the differences marked.

    - is only in A, + only in B, ~ differs in arguments, shapes or parameters. Between two
    frameworks, shapes are compared up to the order of axes, and parameters by their number; the
    first row that differs is named with the reason. Exits 0 if they are the same, 1 if they
    differ or do not fit.
    """
    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    left, right = (_side(each, options, streams) for each in _sources((a, b), options))
    if _framework(left) != _framework(right):
        rows, ends, notes = _port(left, right, options)
    else:
        rows, ends, notes = _revision(left, right)
    # Two specs that do not fit cannot be compared beyond the layers that fail.
    fit = left.failure is None and right.failure is None
    same = fit and ends[0] == ends[1] and all(pair.mark == " " for pair in rows)
    shown = rows if options["full"] else [pair for pair in rows if pair.mark != " "]
    form = options["form"] or streams.usual_form()
    if form == "json":
        from shapecalc.render.json import json_text

        streams.write([json_text(_data(shown, ends, notes, same=same))])
    elif form == "tsv":
        streams.write("\t".join(fields) + "\n" for fields in map(_fields, shown))
    else:
        from shapecalc.render.differences import table

        streams.write(table(shown, ends, streams.page(options["width"])))
    for note in notes if form != "json" else ():
        streams.show(ShapecalcError(note), "note")
    context.exit(ExitCode.OK if same else ExitCode.UNFIT)


def _sources(texts: Sequence[str], options: Mapping[str, Any]) -> list[list[Source]]:
    """Read both sides; an option may concern only one of them."""
    from shapecalc.cli.sources import read_sources, refuse_needless

    given = [read_sources([text]) for text in texts]
    both = [each for side in given for each in side]
    refuse_needless(both, options["custom"], expand=options["expand"])
    return given


def _side(given: Sequence[Source], options: Mapping[str, Any], streams: Streams) -> Trace:
    """Trace one side; where it does not fit, say so, and return its rows so far."""
    from shapecalc.answers.trace import trace
    from shapecalc.cli.questions import question
    from shapecalc.cli.sources import network_of

    asked = question("", options)
    try:
        # A program is read for what is asked: for other inputs it may fail, or find none.
        network = network_of(given, asked, options["custom"], expand=options["expand"])
        return trace(asked._replace(source=network))
    except ShapeError as error:
        found = _until(error)
        streams.show(error, table=False)
        return found


def _traced(trace: Trace, options: Mapping[str, Any], values: Mapping[str, Size]) -> Trace:
    """Trace one side anew with other values."""
    from shapecalc.answers import trace as answers
    from shapecalc.cli.questions import question

    asked = question(trace.network, options)
    try:
        return answers.trace(asked._replace(values={**values, **asked.values}))
    except ShapeError as error:
        return _until(error)


def _until(error: ShapeError) -> Trace:
    """Return the rows before an error; raises it where there are none."""
    from shapecalc.tracing.trace import stop_of

    stop = stop_of(error)
    if stop is None:
        raise error
    stop.trace.failure = error
    return stop.trace


def _framework(trace: Trace) -> str:
    return trace.network.dialect.catalogue.framework


def _revision(left: Trace, right: Trace) -> Compared:
    """Compare two networks of one framework, in all that they say."""
    from shapecalc.analysis.differences import pairs, totals

    return list(pairs(left.layers, right.layers)), (totals(left), totals(right)), []


def _port(left: Trace, right: Trace, options: Mapping[str, Any]) -> Compared:
    """Compare networks of two frameworks on the same inputs, in what both have."""
    from shapecalc.analysis.ports import matches, notes, totals, values_for

    here, there = values_for(left, right)
    left = _traced(left, options, here) if here else left
    right = _traced(right, options, there) if there else right
    found = matches(left, right)
    return found, (totals(left), totals(right)), list(notes(found))


def _fields(pair: Pair | Match) -> tuple[str, ...]:
    """Return the mark, both numbers, the layer, both outputs and both params of a pair."""
    from shapecalc.render.view import count_field

    both = pair.left, pair.right
    either = pair.left or pair.right
    assert either is not None  # noqa: S101  (a pair has one at least)
    return (
        pair.mark.strip() or "=",
        *(str(row.index) if row else "" for row in both),
        either.layer,
        *(_outputs(row) for row in both),
        *(count_field(row.params) if row else "" for row in both),
    )


def _outputs(row: Row | None) -> str:
    from shapecalc.dims import field_text

    return ";".join(map(field_text, row.outputs)) if row else ""


def _data(
    shown: Sequence[Pair | Match],
    ends: Sequence[dict[str, Any]],
    notes: Sequence[str],
    *,
    same: bool,
) -> dict[str, Any]:
    rows = [
        {
            "mark": pair.mark.strip() or "=",
            "a": pair.left.to_dict() if pair.left else None,
            "b": pair.right.to_dict() if pair.right else None,
        }
        for pair in shown
    ]
    data = {"same": same, "rows": rows, "a": ends[0], "b": ends[1]}
    return data | ({"notes": notes} if notes else {})
