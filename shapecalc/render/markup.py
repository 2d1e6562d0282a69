"""Tables for documents: Markdown, LaTeX and HTML."""

from __future__ import annotations

import html as standard
from typing import TYPE_CHECKING, Final

from shapecalc.render.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.formats import Page
    from shapecalc.tracing.rows import Trace

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
        "\n": r"\\",
    }
)


def _texts(grid: Grid) -> Iterator[list[str]]:
    """Yield the cells of each row, with line feeds between their lines."""
    for cells, _ in grid.lines():
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


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def latex(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a tabular of the package booktabs; cells of several lines are tables of their own."""
    grid = Grid(trace, page.view)
    yield f"\\begin{{tabular}}{{{''.join('r' if right else 'l' for right in grid.right)}}}\n"
    yield "\\toprule\n"
    if page.header is not False:
        yield " & ".join(title.translate(_LATEX) for title in grid.titles) + " \\\\\n\\midrule\n"
    for cells in _texts(grid):
        yield " & ".join(map(_latex_cell, cells)) + " \\\\\n"
    yield "\\bottomrule\n"
    for name, said in grid.summary:
        count = len(grid.columns)
        text = f"{name.translate(_LATEX)}: {said.translate(_LATEX)}"
        yield f"\\multicolumn{{{count}}}{{l}}{{{text}}} \\\\\n"
    yield "\\end{tabular}\n"


def _latex_cell(text: str) -> str:
    escaped = text.translate(_LATEX)
    if "\n" not in text:
        return escaped
    return f"\\begin{{tabular}}[t]{{@{{}}l@{{}}}}{escaped}\\end{{tabular}}"


def html(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a table element: the caption says what comes out and when it holds."""
    grid = Grid(trace, page.view)
    said = "<br>".join(f"<b>{_html(name)}</b> {_html(text)}" for name, text in grid.summary)
    yield f'<table class="shapecalc">\n<caption>{said}</caption>\n'
    if page.header is not False:
        titles = "".join(f"<th>{_html(title)}</th>" for title in grid.titles)
        yield f"<thead><tr>{titles}</tr></thead>\n"
    yield "<tbody>\n"
    for cells in _texts(grid):
        parts = [
            f'<td style="text-align: right">{_html(text)}</td>'
            if right
            else f"<td>{_html(text)}</td>"
            for text, right in zip(cells, grid.right, strict=True)
        ]
        yield f"<tr>{''.join(parts)}</tr>\n"
    yield "</tbody>\n</table>\n"


def _html(text: str) -> str:
    return standard.escape(text).replace("\n", "<br>")
