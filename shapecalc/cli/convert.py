"""The command ``shapecalc convert``: a network as a spec, as JSON, or as source code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import SpecError
from shapecalc.exporters.code import FRAMEWORKS

if TYPE_CHECKING:
    from shapecalc.answers.question import Question
    from shapecalc.network import Network

_EPILOG = """\b
Examples:
  shapecalc convert model.keras
  shapecalc convert model.json > model.shape
  shapecalc convert "in:B:T:10,lstm:64:seq,td-dense:3" --to keras
  shapecalc convert model.keras --to torch --weights > model.py
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option(
    "--to",
    type=option.OneOf(("spec", "json", *FRAMEWORKS)),
    default="spec",
    show_default=True,
    help="Output: a spec, JSON, or source code for a framework.",
)
@option.weights
@option.layout
@option.inputs
@option.dialect
@option.values
@option.where
@option.custom
@option.max_layers
@option.train
@option.color
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Convert a network from any source to a spec, JSON or source code.

    A spec is written in its canonical form. Code defines a variable model; code for the other
    framework computes the same function.
    """
    from shapecalc.cli.questions import question
    from shapecalc.cli.run import show_notes
    from shapecalc.cli.sources import read_network

    streams = click.get_current_context().obj or Streams()
    streams.color = options["color"]
    to = options["to"]
    _refuse_needless(options)
    asked = question("", options)
    network = read_network(
        spec,
        options["dialect"],
        max_layers=options["max_layers"],
        custom_classes=options["custom"],
        expand=None if to == "spec" else False,
        asked=asked,
    )
    text = f"{network}\n" if to == "spec" else _text(network, asked, options)
    show_notes(network, streams)
    streams.write([text])


def _refuse_needless(options: dict[str, Any]) -> None:
    """Refuse options that do not apply to what is written."""
    if options["to"] == "spec" and any(options[key] for key in ("inputs", "values", "where")):
        raise SpecError(
            "-i, -s and -w are for --to json, keras and torch",
            help="edit the spec, or add --to json",
        )
    if options["to"] in {"spec", "json"} and (options["weights"] or options["layout"]):
        raise SpecError("--weights and --layout are for code", help="--to torch")


def _text(network: Network, asked: Question, options: dict[str, Any]) -> str:
    """Trace a network, and write what is known about it."""
    from shapecalc.answers.trace import traced

    asked = asked._replace(source=network)
    trace = traced(asked)
    if options["to"] == "json":
        from shapecalc.render.columns import view
        from shapecalc.render.formats import FORMATS, Page

        return "".join(FORMATS["json"].write_all([trace], [Page(view(None))]))
    from shapecalc.exporters.code import code_of

    weights, layout = options["weights"], options["layout"]
    return code_of(trace, options["to"], values=asked.values, weights=weights, layout=layout)
