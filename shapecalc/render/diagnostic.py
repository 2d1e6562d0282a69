"""An error as a person reads it: the fact, the place, the reason, the repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.errors import ShapecalcError, Span

_STYLES: Final = {
    "error": "1;31",
    "note": "1;33",
    "warning": "1;33",
    "help": "1;32",
    "caret": "1;31",
}
#: Room for the spec where the width of the terminal is unknown.
WIDTH: Final = 100
MAX_MESSAGE: Final = 600
#: How many errors are written where there are more.
MAX_SHOWN: Final = 10


def diagnostic(
    error: ShapecalcError, *, width: int | None = None, color: bool = False, kind: str = "error"
) -> str:
    """Write an error, or the first of several, each as four kinds of lines.

    A ``note`` is written in the same way, for what is no error but may be a mistake.
    """
    lines = [
        line
        for each in error.errors[:MAX_SHOWN]
        for line in _lines(each, width or WIDTH, kind, color=color)
    ]
    left = len(error.errors) - MAX_SHOWN
    if left > 0:
        lines.append(f"{left:,} more {kind}{'s' * (left > 1)}")
    return "".join(line + "\n" for line in lines)


def _lines(error: ShapecalcError, width: int, kind: str, *, color: bool) -> Iterator[str]:
    yield f"{_styled(kind + ':', kind, color=color)} {brief(visible(error.message))}"
    if error.source and error.span:
        yield from _place(error.source, error.span, width, color=color)
    for note in error.notes:
        yield f"  {visible(note)}"
    if error.help:
        yield f"{_styled('help:', 'help', color=color)} {visible(error.help)}"


def brief(message: str) -> str:
    """A message that quotes something without end leaves out its middle."""
    if len(message) <= MAX_MESSAGE:
        return message
    half = MAX_MESSAGE // 2
    return f"{message[:half]} … {message[-half:]}"


def _styled(text: str, style: str, *, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text


def visible(text: str) -> str:
    """A text in which nothing can act on a terminal: what cannot be seen is escaped."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text
    )


def _place(source: str, span: Span, width: int, *, color: bool) -> Iterator[str]:
    """The line of the spec with carets under the part, or what of it stands around the part."""
    begin = source.rfind("\n", 0, span[0]) + 1
    end = source.find("\n", span[0])
    line = source[begin : len(source) if end < 0 else end].rstrip("\r")
    start, stop = span[0] - begin, min(span[1] - begin, len(line))
    left, right = _window(len(line), start, max(stop, start + 1), width - 4)
    before = ("…" if left else "") + visible(line[left:start])
    part = visible(line[start : min(max(stop, start), right)])
    after = visible(line[min(max(stop, start), right) : right]) + ("…" if right < len(line) else "")
    number = f"line {source.count(chr(10), 0, begin) + 1}: " if "\n" in source.strip() else ""
    yield f"  {number}{before}{part}{after}"
    carets = _styled("^" * max(len(part), 1), "caret", color=color)
    yield f"  {' ' * (len(number) + len(before))}{carets}"


def _window(length: int, start: int, stop: int, room: int) -> Span:
    """What of a long line is shown: the part, with as much on both sides as there is room for."""
    if length <= room:
        return (0, length)
    spare = max(room - (stop - start) - 2, 0)
    left = max(0, min(start - spare // 2, length - room))
    return (left, min(length, max(left + room, left + 20)))
