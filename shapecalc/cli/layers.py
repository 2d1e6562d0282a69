"""The command ``shapecalc layers``: the catalogue, and the page of one layer."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import click

from shapecalc import dialects
from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams, is_terminal, terminal_width
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.catalogue import Catalogue, Entry
    from shapecalc.layers.dialect import Dialect

_EPILOG = """\b
Examples:
  shapecalc layers
  shapecalc layers lstm
  shapecalc layers | grep pool
"""


@option.command(_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@option.dialect
@option.form(
    *("table", "tsv", "json", "markdown"),
    about="Format of the list. Default: table on a terminal, tsv otherwise.",
)
@option.color
@option.width
def command(
    names: tuple[str, ...],
    dialect: Dialect | None,
    form: str | None,
    color: str,
    width: int | None,
) -> None:
    """List the layers by family; with NAME, show that layer's arguments, flags, weights, examples.

    On a pipe the list has a line for each: class, names, family, origin, what it does.
    """
    streams = click.get_current_context().obj or Streams()
    streams.color = color
    if width is None and is_terminal(streams.out):
        width = terminal_width()
    dialect = dialect or dialects.default()
    if form == "markdown":
        streams.write(_handbook(names, dialect))
        return
    if names:
        _show_pages(names, dialect, form, width, streams)
        return
    catalogue = dialect.catalogue
    listed = catalogue.listed()
    sayings = {entry.cls: saying(entry, catalogue) for entry, _ in listed}
    chosen = form or streams.usual_form()
    if chosen == "table":
        from shapecalc.render.pages import overview

        colored = streams.colored(streams.out)
        streams.write(overview(listed, sayings, width=width, color=colored))
        return
    rows = [
        (entry.cls, " ".join(names), entry.family, catalogue.origin(entry), sayings[entry.cls])
        for entry, names in listed
    ]
    streams.write(_json(rows) if chosen == "json" else ("\t".join(row) + "\n" for row in rows))


def _handbook(names: Sequence[str], dialect: Dialect) -> Iterator[str]:
    """Write a Markdown section for each of the layers that are named, or a document of all."""
    from shapecalc.analysis.reference import reference
    from shapecalc.render.handbook import document, section

    if names:
        for name in names:
            yield from section(reference(name, dialect))
        return
    told = "" if dialect is dialects.default() else f" -d {dialect.name}"
    listed = [entry.cls for entry, _ in dialect.catalogue.listed()]
    yield from document(
        [reference(name, dialect) for name in listed], f"shapecalc layers{told} -f markdown"
    )


def _show_pages(
    names: tuple[str, ...],
    dialect: Dialect,
    form: str | None,
    width: int | None,
    streams: Streams,
) -> None:
    from shapecalc.analysis.reference import reference

    if form == "tsv":
        raise SpecError("the page of a layer is not a table", help="-f json gives it as data")
    references = [reference(name, dialect) for name in names]
    if form == "json":
        data = [each.to_dict() for each in references]
        streams.write([json.dumps(data[0] if len(data) == 1 else data, indent=2) + "\n"])
        return
    from shapecalc.render.pages import page

    colored = streams.colored(streams.out)
    for number, each in enumerate(references):
        streams.write(["\n"] if number else [])
        streams.write(page(each, width=width, color=colored))


def _json(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    keys = ("layer", "names", "family", "origin", "text")
    data = [dict(zip(keys, row, strict=True)) for row in rows]
    yield json.dumps([each | {"names": each["names"].split()} for each in data], indent=2) + "\n"


_CLASS: Final = re.compile(r'^class (\w+)\(.*\):\n    """((?:.|\n)*?)(?:"""|\n\n)', re.MULTILINE)


def saying(entry: Entry, catalogue: Catalogue) -> str:
    """The first sentence of what a layer does, read from its file: no family is imported."""
    if entry.family in catalogue.families:
        return _sayings(catalogue.package, entry.family).get(entry.cls, "")
    doc = catalogue.load(entry).__doc__ or ""
    return _sentence(doc.partition("\n\n")[0])


@cache
def _sayings(package: str, family: str) -> dict[str, str]:
    text = files(package).joinpath(f"{family}.py").read_text(encoding="utf-8")
    return {match[1]: _sentence(match[2]) for match in _CLASS.finditer(text)}


def _sentence(text: str) -> str:
    """Return the first sentence without its full stop."""
    whole = " ".join(text.replace("``", "`").split())
    return re.split(r"[.;:](?: |$)", whole, maxsplit=1)[0]
