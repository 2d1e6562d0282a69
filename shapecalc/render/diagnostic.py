"""An error as a person reads it: the fact, the place, the reason, the repair."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.render.breaking import LEAST, WIDTH, broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.errors import Place, ShapecalcError, Span

_STYLES: Final = {
    "error": "1;31",
    "note": "1;33",
    "warning": "1;33",
    "help": "1;32",
    "caret": "1;31",
}
MAX_MESSAGE: Final = 600
#: Words that are not a line of code or of a spec.
_SENTENCE: Final = re.compile(r"(?!shapecalc )[\w.:-]+ [a-z]+ [a-z_]+\b(?! ?[=(:])")
#: How many errors are written where there are more.
MAX_SHOWN: Final = 10


def diagnostic(
    error: ShapecalcError, *, width: int | None = None, color: bool = False, kind: str = "error"
) -> str:
    """Write an error, or the first of several, each as four kinds of lines.

    A ``note`` is written in the same way, for what is not an error but may be a mistake. Text
    breaks at words where there is a width; what is to be copied stays whole.
    """
    lines = [
        line for each in error.errors[:MAX_SHOWN] for line in _lines(each, width, kind, color=color)
    ]
    left = len(error.errors) - MAX_SHOWN
    if left > 0:
        lines.append(f"{left:,} more {kind}{'s' * (left > 1)}")
    return "".join(line + "\n" for line in lines)


def _lines(error: ShapecalcError, width: int | None, kind: str, *, color: bool) -> Iterator[str]:
    if error.place is not None:
        yield from _placed(error, error.place, width, kind, color=color)
        return
    first, *others = broken(f"{kind}: ", brief(visible(error.message)), width)
    yield from (_styled(f"{kind}:", kind, color=color) + first[len(kind) + 1 :], *others)
    if error.source and error.span:
        yield from _place(error.source, error.span, width or WIDTH, color=color)
    for note in error.notes:
        yield from broken("  ", visible(note), width)
    yield from _help(error, width, color=color)


def _help(error: ShapecalcError, width: int | None, *, color: bool) -> Iterator[str]:
    """Yield what to write instead, which stays whole unless it is a sentence."""
    if error.help:
        said = visible(error.help)
        room = width if _SENTENCE.match(said) else None
        first, *others = broken("help: ", said, room)
        yield from (_styled("help:", "help", color=color) + first[len("help:") :], *others)


def _placed(
    error: ShapecalcError, place: Place, width: int | None, kind: str, *, color: bool
) -> Iterator[str]:
    """Yield an error of source code as ruff writes it; what is not an error is a line."""
    if kind == "note":
        where = visible(f"{place.path}:{place.line}:")
        yield f"{where} {_styled(kind + ':', kind, color=color)} {brief(visible(error.message))}"
    else:
        plain, styled = headline(error, kind), headline(error, kind, color=color)
        # The place and the word before the text have no blank at which they would break.
        start = len(plain.partition(": ")[0]) + len(f": {kind}:")
        first, *others = broken("", plain, width)
        yield from (styled[: start + len(styled) - len(plain)] + first[start:], *others)
        yield from code_lines(place, width or WIDTH, color=color)
    for note in error.notes:
        yield from broken("   ", visible(note), width)
    yield from _help(error, width, color=color)


def headline(error: ShapecalcError, kind: str = "error", *, color: bool = False) -> str:
    """Write the place, the fact and the kind of finding in a line."""
    said = _styled(f"{kind}:", kind, color=color)
    rule = f"  [{error.rule}]" if error.rule else ""
    return f"{visible(str(error.place))}: {said} {brief(visible(error.message))}{rule}"


def code_lines(place: Place, width: int = WIDTH, *, color: bool = False) -> Iterator[str]:
    """Write a line of code with its number, and carets under the part that is meant."""
    if not place.text.strip():
        return
    text = place.text.rstrip()
    start = min(place.column, len(text))
    stop = place.end_column if place.end_line == place.line else len(text)
    stop = min(max(stop, start + 1), max(len(text), start + 1))
    number = f"{place.line:>5}"
    left, right = _window(len(text), start, stop, max(width - len(number) - 5, LEAST))
    before = ("…" if left else "") + _spread(text[left:start])
    part = _spread(text[start : min(stop, right)])
    after = _spread(text[min(stop, right) : right]) + ("…" if right < len(text) else "")
    yield f"{number} | {before}{part}{after}"
    carets = _styled("^" * max(len(part), 1), "caret", color=color)
    yield f"{' ' * len(number)} | {' ' * len(before)}{carets}"


def _spread(text: str) -> str:
    """Return a part of a line in which every mark is as wide as it is long."""
    return visible(text.replace("\t", "    "))


def brief(message: str) -> str:
    """Return a message without the middle of what it quotes at length."""
    if len(message) <= MAX_MESSAGE:
        return message
    half = MAX_MESSAGE // 2
    return f"{message[:half]} … {message[-half:]}"


def _styled(text: str, style: str, *, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text


def visible(text: str) -> str:
    """Return a text that is safe on a terminal: invisible characters are escaped."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text
    )


def _place(source: str, span: Span, width: int, *, color: bool) -> Iterator[str]:
    """Yield the line of the spec with carets under the part, shortened around the part."""
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
    """Return the shown part of a long line, with as much context on both sides as fits."""
    if length <= room:
        return (0, length)
    spare = max(room - (stop - start) - 2, 0)
    left = max(0, min(start - spare // 2, length - room))
    return (left, min(length, max(left + room, left + 20)))
