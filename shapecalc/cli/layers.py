"""The command ``shapecalc layers``: the catalogue, and what a name in it means."""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import click

from shapecalc import dialects
from shapecalc.cli import options as option
from shapecalc.cli.streams import Streams, is_terminal, terminal_width
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.analysis.lookup import Argument, Listed
    from shapecalc.analysis.reference import Reference
    from shapecalc.layers.catalogue import Catalogue, Entry
    from shapecalc.layers.dialect import Dialect

_EPILOG = """\b
Examples:
  shapecalc layers
  shapecalc layers lstm
  shapecalc layers return_sequences
  shapecalc layers recurrent
  shapecalc layers --search pool
"""

#: A row of the list: class, names, family, origin, what it does.
Fields = tuple[str, str, str, str, str]
#: The number of layers of which an argument is shown at work.
FEW: Final = 3


class Listing:
    """What the command shows, and how: the list or a part of it, and pages."""

    def __init__(
        self, dialect: Dialect, form: str | None, width: int | None, streams: Streams
    ) -> None:
        self._dialect = dialect
        self._catalogue = dialect.catalogue
        self._form = form
        self._streams = streams
        self._parts: list[Iterable[str]] = []
        self._data: list[object] = []
        self._look: dict[str, Any] = {"width": width, "color": streams.colored(streams.out)}

    @cached_property
    def summaries(self) -> dict[str, str]:
        """The first sentence on each layer."""
        catalogue = self._catalogue
        return {entry.cls: summary(entry, catalogue) for entry, _ in catalogue.listed()}

    def show(self, listed: Sequence[Listed]) -> None:
        """Show the list of these layers."""
        form = self._form or self._streams.usual_form()
        if form == "table":
            from shapecalc.render.pages import overview

            self._parts.append(overview(listed, self.summaries, **self._look))
        elif form == "json":
            self._dump(self._objects(listed))
        else:
            self._parts.append("\t".join(row) + "\n" for row in self._rows(listed))

    def search(self, word: str) -> None:
        """Show the layers that a word finds."""
        from shapecalc.analysis.lookup import containing

        found = containing(word, self._catalogue, self.summaries)
        if not found:
            raise SpecError(
                f"no layer has {word} in its names or its text",
                help="shapecalc layers lists all layers",
            )
        self.show(found)

    def look_up(self, word: str) -> None:
        """Show what a word means: a layer, a step, a family, an argument, a part of a name."""
        from shapecalc.analysis.lookup import arguments, family
        from shapecalc.analysis.reference import reference
        from shapecalc.language.syntax import STEPS

        try:
            found = reference(word, self._dialect)
        except SpecError as unknown:
            step = word.strip().rstrip(":").lower()
            if step in STEPS:
                self._step(step)
            elif listed := family(word, self._catalogue):
                self.show(listed)
            elif meant := arguments(word, self._dialect):
                self._argument(meant[0])
            elif listed := self._near(word, guessed=unknown.help is not None):
                self.show(listed)
            elif unknown.help is None:
                raise unknown.replaced(help="shapecalc layers lists all layers") from None
            else:
                raise
        else:
            self._page(found)

    def _near(self, word: str, *, guessed: bool) -> list[Listed]:
        """Return the layers that a word finds; by their text only where no name is like it."""
        from shapecalc.analysis.lookup import containing, named

        if not word.strip():
            return []
        found = named(word, self._catalogue)
        return found if found or guessed else containing(word, self._catalogue, self.summaries)

    def _page(self, found: Reference) -> None:
        if self._form == "tsv":
            self.show([(found.entry, found.names)])
            return
        if self._form == "json":
            self._dump(found.to_dict())
            return
        from shapecalc.render.pages import page

        self._parts.append(page(found, **self._look))

    def _step(self, name: str) -> None:
        from shapecalc.language.syntax import STEPS
        from shapecalc.render.pages import step_page

        form, text = STEPS[name]
        if self._form == "tsv":
            self._parts.append([f"{name}\t{form}\t{text}\n"])
            return
        if self._form == "json":
            self._dump({"step": name, "form": form, "text": text})
            return
        self._parts.append(step_page(name, **self._look))

    def _argument(self, meant: Argument) -> None:
        if self._form == "tsv":
            self.show(meant.layers)
            return
        if self._form == "json":
            layers = self._objects(meant.layers)
            self._dump({"argument": meant.name, "flags": meant.flags, "layers": layers})
            return
        from shapecalc.analysis.lookup import shown
        from shapecalc.render.pages import argument_page

        references = list(shown(meant, self._dialect, FEW))
        self._parts.append(argument_page(meant, references, self.summaries, **self._look))

    def _rows(self, listed: Sequence[Listed]) -> list[Fields]:
        origin = self._catalogue.origin
        return [
            (entry.cls, " ".join(names), entry.family, origin(entry), self.summaries[entry.cls])
            for entry, names in listed
        ]

    def _objects(self, listed: Sequence[Listed]) -> list[dict[str, Any]]:
        keys = ("layer", "names", "family", "origin", "text")
        rows = [dict(zip(keys, row, strict=True)) for row in self._rows(listed)]
        return [row | {"names": row["names"].split()} for row in rows]

    def _dump(self, data: object) -> None:
        self._data.append(data)

    def finish(self) -> None:
        """Write all that was to be shown; of several objects of JSON a list."""
        from shapecalc.render.json import json_text

        if self._data:
            data = self._data[0] if len(self._data) == 1 else self._data
            self._parts.append([json_text(data)])
        gap = [] if self._form in {"tsv", "json"} else ["\n"]
        parts = [part for each in self._parts for part in (gap, each)]
        self._streams.paged(chain.from_iterable(parts[1:]))


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


@option.command(_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--search", metavar="WORD", help="List the layers with WORD in names or text.")
@option.dialect
@option.form(*("table", "tsv", "json", "markdown"), about="Of lists: table on a terminal, else tsv")
@option.color
@option.width
def command(
    names: tuple[str, ...],
    *,
    search: str | None,
    dialect: Dialect | None,
    form: str | None,
    color: str,
    width: int | None,
) -> None:
    """List the layers by family; with NAME, show its page.

    NAME is a layer, a family, an argument, a flag, a step such as in, or a part of a name. The
    page of a layer has its shapes, arguments, flags, weights and examples. On a pipe the list has
    a line for each: class, names, family, origin, what it does.
    """
    streams = click.get_current_context().obj or Streams()
    streams.color = color
    if width is None and is_terminal(streams.out):
        width = terminal_width()
    dialect = dialect or dialects.default()
    if form == "markdown":
        if search is not None:
            raise SpecError("--search lists layers, and -f markdown describes them")
        streams.write(_handbook(names, dialect))
        return
    listing = Listing(dialect, form, width, streams)
    if search is not None:
        listing.search(search)
    elif not names:
        listing.show(dialect.catalogue.listed())
    for name in names if search is None else ():
        listing.look_up(name)
    listing.finish()


_CLASS: Final = re.compile(r'^class (\w+)\(.*\):\n    """((?:.|\n)*?)(?:"""|\n\n)', re.MULTILINE)


def summary(entry: Entry, catalogue: Catalogue) -> str:
    """Return the first sentence of what a layer does, read from its file: none is imported."""
    if entry.family in catalogue.families:
        return _summaries(catalogue.package, catalogue.file(entry)).get(entry.cls, "")
    doc = catalogue.load(entry).__doc__ or ""
    return _sentence(doc.partition("\n\n")[0])


@cache
def _summaries(package: str, file: str) -> dict[str, str]:
    from importlib.resources import files

    text = files(package).joinpath(f"{file}.py").read_text(encoding="utf-8")
    return {match[1]: _sentence(match[2]) for match in _CLASS.finditer(text)}


def _sentence(text: str) -> str:
    """Return the first sentence without its full stop."""
    whole = " ".join(text.replace("``", "`").split())
    return re.split(r"[.;:](?: |$)", whole, maxsplit=1)[0]
