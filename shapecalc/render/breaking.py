"""Text in lines, which break at words and not within shapes."""

from __future__ import annotations

import re
from typing import Final

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
