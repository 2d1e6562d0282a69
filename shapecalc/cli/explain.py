"""The command ``shapecalc explain``: what happens to the shape in each layer, and why."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams, is_terminal, terminal_width
from shapecalc.errors import ShapecalcError, SpecError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.analysis.explanations import Explanation
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

_EPILOG = """\b
Examples:
  shapecalc explain "lstm:64:seq,td-dense:3"
  shapecalc explain "conv1d:8:3:s=2,conv1d:8:3:s=2" -i B,T,4 --row 2
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option("--row", metavar="N", help="Only this row, by its number or its name.")
@option.inputs
@option.dialect
@option.values
@option.where
@option.custom
@option.expand
@option.form("text", "json", default="text")
@option.max_layers
@option.train
@option.color
@option.width
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Explain what happens to the shape in each layer, and why: rule, numbers, weights."""
    from shapecalc.analysis.explanations import explanations
    from shapecalc.answers.advice import warnings
    from shapecalc.answers.trace import trace
    from shapecalc.cli.questions import question
    from shapecalc.cli.run import show_notes, show_warnings
    from shapecalc.cli.sources import read_network
    from shapecalc.render.breaking import WIDTH
    from shapecalc.render.json import json_text

    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    asked = question("", options)
    network = read_network(
        spec,
        options["dialect"],
        custom_classes=options["custom"],
        expand=options["expand"],
        asked=asked,
    )
    found = trace(asked._replace(source=network))
    show_notes(network, streams)
    show_warnings(found, streams)
    if not_meant := warnings(found, asked):
        streams.show(ShapecalcError.join(not_meant), "warning")
    chosen = _chosen(explanations(found), options["row"])
    width = options["width"] or (terminal_width() if is_terminal(streams.out) else WIDTH)
    if options["form"] == "json":
        data = [each.row.to_dict() | {"explanation": each.lines} for each in chosen]
        streams.write([json_text(data)])
    else:
        colored = streams.colored(streams.out)
        ending = _ending(found, width) if options["row"] is None else ()
        streams.paged(chain(_text(chosen, width, color=colored), ending))


def _chosen(found: list[Explanation], row: str | None) -> list[Explanation]:
    if row is None:
        return found
    chosen = [each for each in found if row in {str(each.row.index), each.row.name}]
    if not chosen:
        names = [each.row.name for each in found]
        rows = "only row is 1" if len(found) == 1 else f"rows are 1 to {len(found)}"
        hint = did_you_mean(row, names) or f"the {rows}: {', '.join(names)}"
        raise SpecError(f"there is no row {row}", help=hint)
    return chosen


def _text(found: Sequence[Explanation], width: int, *, color: bool) -> Iterator[str]:
    from shapecalc.render.breaking import broken

    for number, each in enumerate(found):
        yield "\n" if number else ""
        for line in broken("", _header(each.row), width):
            yield f"\x1b[1m{line}\x1b[0m\n" if color else f"{line}\n"
        for said in each.lines:
            yield "".join(f"{line}\n" for line in broken("    ", said, width))


def _header(row: Row) -> str:
    from shapecalc.dims import shape_text
    from shapecalc.render.cells import call_text

    inputs = ", ".join(map(shape_text, row.inputs))
    outputs = ", ".join(map(shape_text, row.outputs))
    return f"{row.index} {row.name}  {call_text(row.model)}  {inputs} -> {outputs}"


def _ending(trace: Trace, width: int) -> Iterator[str]:
    """Yield what comes out of all, and when that holds."""
    from shapecalc.render.breaking import broken
    from shapecalc.render.cells import letters_of, summary_of
    from shapecalc.render.columns import view

    yield "\n"
    for name, said in (*summary_of(trace, view(None)), *letters_of(trace)):
        yield "".join(f"{line}\n" for line in broken("", f"{name}: {said}", width))
