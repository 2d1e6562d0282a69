"""The command ``shapecalc solve``: from an output shape back to the inputs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams, is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from shapecalc.answers.solve import Solution

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
    from shapecalc.cli.questions import question
    from shapecalc.cli.sources import spec_text
    from shapecalc.language.shapes import given_shape

    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    asked = question(spec_text(spec, options["dialect"], options["inputs"]), options)
    with _progress(streams) as on_tried:
        found = solve(asked, given_shape(options["output"], least=0), on_tried)
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


@contextmanager
def _progress(streams: Streams) -> Iterator[Callable[[bool], None] | None]:
    """Return a progress bar for a terminal, shown while the result goes elsewhere."""
    if not is_terminal(streams.err) or is_terminal(streams.out):
        yield None
        return
    from shapecalc.answers.unknown import MAX_TRIED
    from shapecalc.render.progress import Bar

    counts = {True: 0, False: 0}
    with Bar(streams.err, MAX_TRIED, color=streams.colored(streams.err)) as bar:

        def on_tried(fits: bool) -> None:  # noqa: FBT001  (the one thing that is said)
            counts[fits] += 1
            bar.show(1, counts[True], counts[False])

        yield on_tried
