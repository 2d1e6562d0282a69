"""The command ``shapecalc solve``: from an output shape back to the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapecalc.answers.solve import Solution
    from shapecalc.render.progress import Bar

_EPILOG = """\b
Examples:
  shapecalc solve "conv2d:8:3:s=2,maxpool2d:2" --output B,7,7,8
  shapecalc solve "in:B:T:4,conv1d:8:3:s=2" --output B,N,8
  shapecalc solve "in:B:100:4,conv1d:16:?:s=2" --output B,48,16
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option("-o", "--output", required=True, metavar="SHAPE", help="The output that is wanted.")
@option.inputs
@option.dialect
@option.values
@option.where
@option.train
@option.form("table", "tsv", "json")
@option.color
@option.width
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Find exactly which inputs give an output, or which numbers a ? can be.

    Exits 1 if there is none, and names the nearest outputs that are possible.
    """
    from shapecalc.answers.solve import solve
    from shapecalc.answers.unknown import MAX_TRIED
    from shapecalc.cli.questions import question
    from shapecalc.cli.sources import spec_text
    from shapecalc.language.shapes import given_shape

    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    asked = question(spec_text(spec, options["dialect"], options["inputs"]), options)
    with streams.bar(MAX_TRIED) as bar:
        found = solve(asked, given_shape(options["output"], least=0), _notified(bar))
    streams.write(_rendered(found, options["form"], options["width"], streams))


def _rendered(
    found: Sequence[Solution], form: str | None, width: int | None, streams: Streams
) -> Iterable[str]:
    from shapecalc.render import solutions

    form = form or streams.usual_form()
    if form == "json":
        return [solutions.json(found)]
    if form == "tsv":
        return solutions.tsv(found)
    return solutions.table(found, streams.page(width))


def _notified(bar: Bar) -> Callable[[bool], None]:
    """Return what is to be called for each number that is tried, with whether it fits."""
    counts = {True: 0, False: 0}

    def on_tried(fits: bool) -> None:  # noqa: FBT001  (the one thing that is said)
        counts[fits] += 1
        bar.show(1, counts[True], counts[False])

    return on_tried
