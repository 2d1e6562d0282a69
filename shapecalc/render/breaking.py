"""Text in lines, which break at words and not within shapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How wide a line is where the width of the terminal is unknown.
WIDTH: Final = 100
#: The least room that text is broken in.
LEAST: Final = 20
#: A shape or a call of a few words, which does not break.
_WHOLE: Final = r"\((?:[^()]|\([^()]*\)){1,30}\)"


def broken(start: str, text: str, width: int | None) -> list[str]:
    """Return a text after its start, with the lines below the first indented."""
    if width is None or len(start) + len(text) <= width:
        return [f"{start}{text}"]
    from textwrap import wrap  # loaded for long lines only

    # textwrap does not break at this kind of blank.
    kept = re.sub(_WHOLE, lambda match: match[0].replace(" ", "\xa0"), text)
    lines = wrap(
        kept,
        max(width, LEAST),
        initial_indent=start,
        subsequent_indent=" " * (len(start) - len(start.lstrip()) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\xa0", " ") for line in lines]


def aligned(rows: Sequence[Sequence[str]], width: int | None, indent: str = "  ") -> Iterator[str]:
    """Yield columns as wide as they have to be; the last wraps, or stands below the others."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    before = len(indent) + sum(widths[:-1]) + 2 * len(widths[:-1])
    below = width is not None and width - before < min(LEAST, widths[-1])
    for *others, last in rows:
        cells = zip(others, widths, strict=False)
        start = indent + "".join(f"{cell:<{size}}  " for cell, size in cells)
        if below and last:
            yield from (
                f"{line}\n" for line in broken(indent, "  ".join(filter(None, others)), width)
            )
            start = f"{indent}    "
        first, *more = _wrapped(last, None if width is None else width - len(start))
        yield f"{start}{first}".rstrip() + "\n"
        for line in more:
            yield " " * len(start) + line + "\n"


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None or len(text) <= width:
        return [text]
    from textwrap import wrap

    return wrap(text, max(width, LEAST)) or [""]
