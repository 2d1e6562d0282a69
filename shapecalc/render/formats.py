"""The formats of a trace: a record for each, which says what it is and which file writes it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from shapecalc.render.view import View
    from shapecalc.tracing.trace import Trace


class Page(NamedTuple):
    """How a trace is to be shown; a format obeys what applies to it."""

    view: View
    #: Whether titles stand above the rows; None where that was left to the format.
    header: bool | None = None
    #: Whether the columns were asked for.
    chosen: bool = False
    #: How many letters fit on a line; None for as many as it takes.
    width: int | None = None
    color: bool = False
    encoding: str = "utf-8"
    #: The name of the model, where it has one.
    name: str | None = None


class Format(NamedTuple):
    """All that is known about a format."""

    name: str
    about: str
    #: The module of this package that writes it, imported only then, and the function there.
    module: str
    function: str
    #: Obeys the columns.
    has_rows: bool = False
    #: The function of `bars` that writes it where costs are asked for, with a picture of them.
    pictured: str = ""
    #: Can show a block of rows that repeats once.
    folds: bool = False
    #: Is as wide as the terminal by default.
    fits_terminal: bool = False
    #: Is HTML or XML, in which any letter can be written as a number.
    is_markup: bool = False
    #: What stands before and behind all, as in a document.
    frame: tuple[str, str] = ("", "")
    #: The line above each of several models, with its name.
    naming: str = "# {}"

    @property
    def sentence(self) -> str:
        """What it is, as documents say it."""
        return f"{self.about[:1].upper()}{self.about[1:]}."

    @property
    def lists_layers(self) -> bool:
        """Whether it has a place for what is asked about each layer; graphs and specs have none."""
        return self.has_rows or self.module == "json"

    @property
    def is_titled(self) -> bool:
        """Whether titles stand above its rows, or may."""
        return self.has_rows and self.module != "json"

    @property
    def shows_shapes(self) -> bool:
        """Whether shapes stand in it: all but a spec have them."""
        return self.module != "text"

    def write(self, trace: Trace, page: Page) -> Iterable[str]:
        """Write a trace, a part at a time."""
        page = page._replace(view=page.view.counting(trace))
        name, written = self.module, self.function
        if page.view.counts and self.pictured:
            name, written = "bars", self.pictured
        module = import_module(f"shapecalc.render.{name}")
        function: Callable[[Trace, Page], Iterable[str]] = getattr(module, written)
        return function(trace, page)

    def write_all(self, traces: Sequence[Trace], pages: Sequence[Page]) -> Iterator[str]:
        """Write traces one after the other, of several each under its name; of JSON a list."""
        several = len(traces) > 1
        listed = several and self.name == "json"
        yield "[\n" if listed else self.frame[0]
        for place, (trace, page) in enumerate(zip(traces, pages, strict=True)):
            if several and not listed and self.naming:
                yield self.naming.format(page.name) + "\n"
            yield ",\n" if listed and place else ""
            yield from self.write(trace, page)
        yield "]\n" if listed else self.frame[1]


#: How the tables of a page look.
_STYLE: Final = """\
body { font-family: sans-serif; margin: 2em; }
table.shapecalc { border-collapse: collapse; font-size: 0.9em; }
.shapecalc caption { caption-side: bottom; padding-top: 1em; text-align: left; }
.shapecalc th, .shapecalc td { padding: 0.25em 0.75em; text-align: left; vertical-align: top; }
.shapecalc thead { border-bottom: 2px solid; }
.shapecalc tbody tr { border-bottom: 1px solid #ddd; }
"""

_PAGE: Final = (
    f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>shapecalc</title>
<style>
{_STYLE}</style>
</head>
<body>
""",
    "</body>\n</html>\n",
)

_ALL: Final = (
    Format(
        "table",
        "rows in a box, for people",
        "table",
        "table",
        has_rows=True,
        folds=True,
        fits_terminal=True,
        naming="{}",
    ),
    Format("tsv", "a line for each row, with tabs", "separated", "tsv", has_rows=True),
    Format("csv", "a line for each row, with commas", "separated", "csv", has_rows=True),
    Format("json", "one object with everything that is known", "json", "json"),
    Format("jsonl", "an object for each row", "json", "jsonl", has_rows=True, naming=""),
    Format(
        "markdown",
        "a table of GitHub's",
        "markup",
        "markdown",
        has_rows=True,
        folds=True,
        naming="## {}",
    ),
    Format(
        "latex",
        "a table of booktabs",
        "markup",
        "latex",
        has_rows=True,
        folds=True,
        naming="% {}",
    ),
    Format(
        "html",
        "a page with a table",
        "markup",
        "html",
        has_rows=True,
        folds=True,
        pictured="html",
        is_markup=True,
        frame=_PAGE,
        naming="<h2>{}</h2>",
    ),
    Format(
        "svg",
        "a picture of the table",
        "table",
        "svg",
        has_rows=True,
        folds=True,
        pictured="svg",
        is_markup=True,
        naming="<!-- {} -->",
    ),
    Format(
        "mermaid",
        "a flowchart with shapes on its edges",
        "graph",
        "mermaid",
        folds=True,
        naming="%% {}",
    ),
    Format("dot", "the same graph for Graphviz", "graph", "dot", folds=True, naming="// {}"),
    Format("spec", "the spec in its canonical form", "text", "spec"),
)

#: The formats by name, in the order in which they are listed.
FORMATS: Final = {each.name: each for each in _ALL}


def can_write(text: str, encoding: str) -> bool:
    """Return whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def usual(*, terminal: bool) -> str:
    """Return the name of the format that is written unless another is asked for."""
    return "table" if terminal else "tsv"
