"""The command ``shapecalc fit``: data, labels and a loss against a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams
from shapecalc.errors import ExitCode, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.answers.training import Fit

#: How long a label may be: a number with as many digits as any size has.
_LENGTH: Final = re.compile(r"[0-9]{1,40}")

_EPILOG = """\b
Examples:
  shapecalc fit "in:B:28:28:1,flatten,dense:10:softmax" --x 60000,28,28
  shapecalc fit model.keras --y 60000,4 --loss categorical_crossentropy
  shapecalc fit "in:N:10,linear:10:3" -d torch --y 100,1 --loss MSELoss
  shapecalc fit "in:B:T:8,lstm:32,dense:5:softmax"
"""


@option.command(_EPILOG)
@click.argument("spec", nargs=-1)
@click.option(
    "--x",
    multiple=True,
    metavar="SHAPE",
    help="The shape of the data: 60000,28,28. NAME=SHAPE if there are several inputs.",
)
@click.option(
    "--y",
    multiple=True,
    metavar="SHAPE",
    help="The shape of the labels. NAME=SHAPE if there are several outputs.",
)
@click.option(
    "--loss",
    multiple=True,
    type=option.LossName(),
    metavar="NAME",
    help="The loss, by its class or its function. OUTPUT=NAME if there are several outputs.",
)
@click.option(
    "--y-dtype", multiple=True, metavar="TYPE", help="The type of the labels: int64, float32."
)
@click.option(
    "--y-length",
    multiple=True,
    metavar="N",
    help="Length of the longest label, for CTC.  [default: the second axis of --y]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of samples per batch.  [default: 32, as in Keras]",
)
@click.option("--strict", is_flag=True, help="Exit 1 for a warning, too.")
@option.dialect
@option.values
@option.where
@option.form("table", "tsv", "json")
@option.color
@option.width
def command(spec: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Check a model against data and labels, and say what to write where they do not fit.

    With --y and without --loss, the losses that take these labels are listed; without --y,
    those that suit the output. Exits 1 if something does not fit.
    """
    from shapecalc.answers.fit import fit
    from shapecalc.answers.training import Training
    from shapecalc.cli.questions import by_name, question
    from shapecalc.cli.run import show_notes
    from shapecalc.cli.sources import models

    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = options["color"]
    training = Training(
        question("", options),
        by_name(options["x"], "--x") or {},
        by_name(options["y"], "--y") or {},
        _named(options["loss"], "--loss"),
        _named(options["y_dtype"], "--y-dtype"),
        _lengths(options["y_length"]),
        options["batch_size"],
    )
    found = []
    for name, network in models(spec, training.question, leaves_data=True):
        show_notes(network, streams)
        asked = training._replace(question=training.question._replace(source=network))
        found.append((name, fit(asked)))
    streams.write(_rendered(found, options["form"], options["width"], streams))
    fits = all(not each.problems if options["strict"] else each.fits for _, each in found)
    context.exit(ExitCode.OK if fits else ExitCode.UNFIT)


def _named(texts: tuple[str, ...], option: str) -> dict[str | None, str]:
    """Read ``NAME=VALUE``, or a value alone; an argument in parentheses is not a name.

    Raises `SpecError` where a name, or a value alone, is given twice.
    """
    found: dict[str | None, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        is_named = bool(equals) and name.strip().isidentifier()
        key, said = (name.strip(), value) if is_named else (None, text)
        if key in found:
            raise SpecError(f"{option} gives {key or 'a value'} twice")
        found[key] = said.strip()
    return found


def _lengths(texts: tuple[str, ...]) -> dict[str | None, int]:
    """Read how long labels are; raises `SpecError` for what is not a whole number."""
    found = _named(texts, "--y-length")
    for text in found.values():
        if not _LENGTH.fullmatch(text):
            raise SpecError(f"--y-length takes a whole number, not {text}")
    return {name: int(text) for name, text in found.items()}


def _rendered(
    found: list[tuple[str | None, Fit]], form: str | None, width: int | None, streams: Streams
) -> Iterable[str]:
    from shapecalc.render import fits

    form = form or streams.usual_form()
    if form == "json":
        return [fits.json(found)]
    if form == "tsv":
        return fits.tsv(found)
    return fits.table(found, width=streams.room(width), color=streams.colored(streams.out))
