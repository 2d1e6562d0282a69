"""The command ``shapecalc cost``: what each layer costs, and all of them."""

from __future__ import annotations

from typing import Any

import click

from shapecalc.cli import options as option

_EPILOG = """\b
Examples:
  shapecalc cost "in:B:T:64,lstm:64:seq,td-dense:3"
  shapecalc cost "in:B:H:32:3,conv2d:8:3,flatten,dense:10" --at H=32,64
  shapecalc cost model.keras -f json | jq .peak
  shapecalc cost model.keras -f svg > costs.svg
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@option.inputs
@option.dialect
@option.trace_form
@option.columns
@option.header
@option.unbatched
@option.values
@option.where
@option.at
@option.max_layers
@option.train
@option.dtype
@option.training
@option.limits
@option.fold
@option.custom
@option.expand
@option.color
@option.width
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Show what a network costs: multiply-accumulates, memory and peak memory.

    Costs are exact, in letters where sizes are letters. What is counted is said below the
    total. -f svg and html show bars along the network.
    """
    from shapecalc.cli.run import run

    options |= {"final": False, "expect": (), "strict": False, "partial": False}
    click.get_current_context().exit(run(spec, **options, costs=True))
