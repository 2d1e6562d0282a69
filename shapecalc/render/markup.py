"""Tables for documents: Markdown, LaTeX and HTML."""

from __future__ import annotations

import html as standard
import re
from typing import TYPE_CHECKING, Final

from shapecalc.render.grid import Grid
from shapecalc.render.mathematics import mathematics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.render.formats import Page
    from shapecalc.render.view import Column
    from shapecalc.tracing.trace import Trace

#: Marks that mean something in Markdown.
_MARKDOWN: Final = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\|`*_[]<>#~"} | {"\n": "<br>", "\r": " "}
)
_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "%": r"\%",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "'": r"\textquotesingle{}",
    }
)


_MAY_BREAK: Final = re.compile(r"\\_|[=(.]|(?<=[a-z0-9])(?=[A-Z])")


def _texts(grid: Grid) -> Iterator[list[str]]:
    """Yield the cells of each row, with line feeds between their lines."""
    for cells, *_ in grid.lines():
        yield ["\n".join(lines) for lines in cells]


def markdown(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a table of GitHub's Markdown, which always has a header.

    Then a list of what comes out.
    """
    grid = Grid(trace, page.view)
    titles = grid.titles if page.header is not False else [""] * len(grid.titles)
    yield _line(titles)
    yield _line(["---:" if right else "---" for right in grid.right])
    for cells in _texts(grid):
        yield _line([text.translate(_MARKDOWN) for text in cells])
    yield "\n"
    for name, said in grid.summary:
        yield f"- **{name.translate(_MARKDOWN)}**: {said.translate(_MARKDOWN)}\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


#: What a document that has one of these must load.
_PACKAGES: Final = "% \\usepackage{booktabs,tabularx}\n"


def latex(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a table of the packages booktabs and tabularx, as wide as the column of text.

    What a reader of a paper can spare is left out unless it was asked for.
    """
    view = page.view
    if not page.chosen:
        view = view._replace(columns=tuple(each for each in view.columns if not each.is_spare))
    grid = Grid(trace, view, choose=False)
    wraps = any(map(_breaks, grid.columns))
    kind = "tabularx" if wraps else "tabular"
    yield f"{_PACKAGES}{{\\noindent\\footnotesize\\tabcolsep=4pt\n\\begin{{{kind}}}"
    yield "{\\columnwidth}" if wraps else ""
    yield f"{{@{{}}{''.join(map(_latex_column, grid.columns))}@{{}}}}\n\\toprule\n"
    if page.header is not False:
        yield " & ".join(title.translate(_LATEX) for title in grid.titles) + " \\\\\n\\midrule\n"
    for cells in _texts(grid):
        shown = zip(cells, grid.columns, strict=True)
        yield " & ".join(_latex_cell(text, column) for text, column in shown) + " \\\\\n"
    yield "\\bottomrule\n"
    for name, said in grid.summary:
        text = f"{name.translate(_LATEX)}: {mathematics(said) or said.translate(_LATEX)}"
        width = "@{}p{\\columnwidth}@{}" if wraps else "@{}l@{}"
        yield f"\\multicolumn{{{len(grid.columns)}}}{{{width}}}{{{text}}} \\\\\n"
    yield f"\\end{{{kind}}}}}\n"


def _latex_column(column: Column) -> str:
    """Return how a column is set: names and calls break where the line ends."""
    if _breaks(column):
        return ">{\\raggedright\\arraybackslash}X"
    return "r" if column.is_number else "l"


def _breaks(column: Column) -> bool:
    return column.is_call or column.name == "name"


def _latex_cell(text: str, column: Column) -> str:
    sizes = column.has_shapes or column.is_number
    lines = [
        (mathematics(line) if sizes else None) or line.translate(_LATEX)
        for line in text.split("\n")
    ]
    if _breaks(column):
        # Behind these marks a line may end, as it does at a blank.
        return _MAY_BREAK.sub(r"\g<0>\\allowbreak{}", "\n".join(lines))
    if len(lines) == 1:
        return lines[0]
    inside = r" \\ ".join(lines)
    return f"\\begin{{tabular}}[t]{{@{{}}l@{{}}}}{inside}\\end{{tabular}}"


def html(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a table element: the caption says what comes out and when it holds."""
    grid = Grid(trace, page.view)
    said = "<br>".join(f"<b>{_html(name)}</b> {_html(text)}" for name, text in grid.summary)
    yield f'<table class="shapecalc">\n<caption>{said}</caption>\n'
    if page.header is not False:
        titles = "".join(_cell("th", *each) for each in zip(grid.titles, grid.right, strict=True))
        yield f"<thead><tr>{titles}</tr></thead>\n"
    yield "<tbody>\n"
    for cells in _texts(grid):
        parts = [_cell("td", *each) for each in zip(cells, grid.right, strict=True)]
        yield f"<tr>{''.join(parts)}</tr>\n"
    yield "</tbody>\n</table>\n"


def _cell(tag: str, text: str, right: bool) -> str:  # noqa: FBT001  (one of a pair)
    style = ' style="text-align: right"' if right else ""
    return f"<{tag}{style}>{_html(text)}</{tag}>"


def _html(text: str) -> str:
    return standard.escape(text).replace("\n", "<br>")
