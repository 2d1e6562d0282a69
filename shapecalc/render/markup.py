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


#: Where a line may end, in words (which may then be hyphenated) and in mathematics.
_SPACE: Final = r"\hspace{0pt}"
_BREAK: Final = r"\allowbreak{}"
_MAY_BREAK: Final = re.compile(r"\\_|[=(.]|(?<=[a-z])(?=[A-Z])")

_PIECES: Final = re.compile(rf"{re.escape(_SPACE)}|{re.escape(_BREAK)}| ")
#: What LaTeX sets as one mark or as none.
_COMMAND: Final = re.compile(r"\\([a-z]+(\{\})?|.)|[${}]")
#: A shape of at most as many marks stays on one line.
_SHORT: Final = 14


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
    lines = [tuple(cells) for cells in _texts(grid)]
    broken = _broken(grid.columns, lines)
    wraps = any(broken)
    rows = [list(map(_latex_cell, cells, grid.columns, broken)) for cells in lines]
    titles = [title.translate(_LATEX) for title in grid.titles]
    columns = map(_latex_column, grid.columns, _shares(broken, [titles, *rows]))
    kind = "tabularx" if wraps else "tabular"
    yield f"{_PACKAGES}{{\\noindent\\footnotesize\\tabcolsep=4pt\n\\begin{{{kind}}}"
    yield "{\\columnwidth}" if wraps else ""
    yield f"{{@{{}}{''.join(columns)}@{{}}}}\n\\toprule\n"
    if page.header is not False:
        yield f"{' & '.join(titles)} \\\\\n\\midrule\n"
    for cells in rows:
        yield f"{' & '.join(cells)} \\\\\n"
    yield "\\bottomrule\n"
    for name, said in grid.summary:
        text = f"{name.translate(_LATEX)}: {mathematics(said) or said.translate(_LATEX)}"
        width = "@{}p{\\columnwidth}@{}" if wraps else "@{}l@{}"
        yield f"\\multicolumn{{{len(grid.columns)}}}{{{width}}}{{{text}}} \\\\\n"
    yield f"\\end{{{kind}}}}}\n"


def _broken(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[bool]:
    """Say which columns break where the line ends: names, calls, and beside them long shapes."""
    words = [column.is_call or column.name == "name" for column in columns]
    lines = [
        [line for row in rows for line in row[place].split("\n")] for place in range(len(words))
    ]
    return [
        word or (any(words) and column.has_shapes and max(map(len, texts), default=0) > _SHORT)
        for word, column, texts in zip(words, columns, lines, strict=True)
    ]


def _shares(broken: Sequence[bool], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return how wide each column that breaks is, 1 being the mean; 0 for the others.

    The longest text counts, and twice the longest piece that cannot be broken.
    """
    needs = []
    for place, breaks in enumerate(broken):
        pieces = [_PIECES.split(row[place]) for row in rows]
        cells = [[len(_COMMAND.sub("x", piece)) for piece in each] for each in pieces]
        needs.append(max(map(sum, cells)) + 2 * max(map(max, cells)) if breaks else 0)
    return [need * sum(broken) / max(sum(needs), 1) for need in needs]


def _latex_column(column: Column, share: float) -> str:
    if share:
        width = "" if share == 1 else f"\\hsize={share:.2f}\\hsize"
        return f">{{{width}\\raggedright\\arraybackslash{_SPACE}}}X"
    return "r" if column.is_number else "l"


def _latex_cell(text: str, column: Column, breaks: bool) -> str:  # noqa: FBT001  (of a column)
    sizes = column.has_shapes or column.is_number
    lines = [
        (mathematics(line) if sizes else None) or line.translate(_LATEX)
        for line in text.split("\n")
    ]
    if breaks and column.has_shapes:
        lines = [line.replace(", ", f", {_BREAK}") for line in lines]
    elif breaks:
        # Behind these marks a line may end, as it does at a blank.
        return _MAY_BREAK.sub(rf"\g<0>\{_SPACE}", "\n".join(lines))
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
