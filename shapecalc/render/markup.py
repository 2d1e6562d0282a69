"""Tables for documents: Markdown, LaTeX and HTML."""

from __future__ import annotations

import html as standard
from typing import TYPE_CHECKING, Final

from shapecalc.dims import shape_text
from shapecalc.render.columns import UNFIT, View
from shapecalc.render.diagnostic import visible
from shapecalc.render.people import (
    RIGHT,
    TITLES,
    cell,
    places_of,
    shown_rows,
    summary_of,
    turns_text,
    with_sources,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.rows import Trace

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


class Grid:
    """The cells of a trace as people read them, with the titles above and what stands below."""

    def __init__(self, trace: Trace, view: View) -> None:
        shown = with_sources(trace.layers, view)
        self.columns = [*shown.columns, *(at.title for at in shown.at)]
        self.columns += [shown.times] if shown.times else []
        self.titles = [TITLES.get(column, column) for column in self.columns]
        self.right = [column in RIGHT for column in self.columns]
        self.summary = [(visible(name), said) for name, said in summary_of(trace, shown)]
        self._trace = trace
        self._view = shown

    def rows(self) -> Iterator[list[str]]:
        """The cells of each row; in them only line feeds are left of what cannot be seen."""
        places = places_of(self._trace.layers)
        for row, count in shown_rows(self._trace.layers, self._view):
            cells = [cell(column, row, self._view, places) for column in self._view.columns]
            for at in self._view.at:
                outputs = at.outputs[row.index - 1]
                texts = [UNFIT] if outputs is None else map(self._shape, outputs)
                cells.append("\n".join(texts))
            cells += [turns_text(row, count, self._view)] if self._view.times else []
            yield ["\n".join(map(visible, each.split("\n"))) for each in cells]

    def _shape(self, shape: tuple[object, ...]) -> str:
        return shape_text(self._view.shape(shape))  # type: ignore[arg-type]


def markdown(trace: Trace, view: View, *, header: bool) -> Iterator[str]:
    """A table of GitHub's Markdown, which always has a header; then a list of what comes out."""
    grid = Grid(trace, view)
    titles = grid.titles if header else [""] * len(grid.titles)
    yield _line(titles)
    yield _line(["---:" if right else "---" for right in grid.right])
    for cells in grid.rows():
        yield _line([text.translate(_MARKDOWN) for text in cells])
    yield "\n"
    for name, said in grid.summary:
        yield f"- **{name.translate(_MARKDOWN)}**: {said.translate(_MARKDOWN)}\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def latex(trace: Trace, view: View, *, header: bool) -> Iterator[str]:
    """A tabular of the package booktabs; cells of several lines are tables of their own."""
    grid = Grid(trace, view)
    yield f"\\begin{{tabular}}{{{''.join('r' if right else 'l' for right in grid.right)}}}\n"
    yield "\\toprule\n"
    if header:
        yield " & ".join(title.translate(_LATEX) for title in grid.titles) + " \\\\\n\\midrule\n"
    for cells in grid.rows():
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


def html(trace: Trace, view: View, *, header: bool) -> Iterator[str]:
    """A table element: the caption says what comes out and when it holds."""
    grid = Grid(trace, view)
    said = "<br>".join(f"<b>{_html(name)}</b> {_html(text)}" for name, text in grid.summary)
    yield f'<table class="shapecalc">\n<caption>{said}</caption>\n'
    if header:
        titles = "".join(f"<th>{_html(title)}</th>" for title in grid.titles)
        yield f"<thead><tr>{titles}</tr></thead>\n"
    yield "<tbody>\n"
    for cells in grid.rows():
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


FORMATS: Final = {"markdown": markdown, "latex": latex, "html": html}
