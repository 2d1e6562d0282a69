"""What a spec says that no layer takes, and what may be meant instead."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.errors import Failure, suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from shapecalc.errors import ShapecalcError, Span
    from shapecalc.language.syntax import Step

    #: Finds parts of a text, each with what may be meant there; likeliest first.
    Meant = Callable[[], Iterable[Sequence["Splice"]]]

#: How many texts of a part, and of the whole, are offered.
MOST_OF_PART: Final = 6
MOST: Final = 24


class Splice(NamedTuple):
    """A text that comes instead of a part."""

    start: int
    end: int
    text: str


class Refused(Failure):
    """A part of a spec that cannot be read, with what may be meant, found when asked for.

    ``is_listed`` tells that the message only lists what is taken, beside which a spec that works
    says more.
    """

    __slots__ = ("is_listed", "meant")

    def __init__(self, meant: Meant, *, is_listed: bool = False) -> None:
        self.meant = meant
        self.is_listed = is_listed


def misspelt(word: str, span: Span, known: Callable[[], Iterable[str]]) -> Refused:
    """Return the refusal of a word, instead of which one that is like it may be meant."""

    def meant() -> Iterator[Sequence[Splice]]:
        for near in suggestions(word, known()):
            yield [Splice(*span, near)]

    return Refused(meant)


def placed(refused: Failure | None, step: Step) -> Refused | None:
    """Return a refusal that counts from the beginning of a step as one of the text."""
    if not isinstance(refused, Refused):
        return None

    def meant() -> Iterator[Sequence[Splice]]:
        for parts in refused.meant():
            yield [Splice(*step.place((part.start, part.end)), part.text) for part in parts]

    return Refused(meant, is_listed=refused.is_listed)


def meant_texts(error: ShapecalcError) -> Iterator[str]:
    """Yield the texts that may be meant by a spec that cannot be read, likeliest first."""
    refused = [each.failure for each in error.errors]
    known = [each for each in dict.fromkeys(refused) if isinstance(each, Refused)]
    if error.source is None or not known or len(known) < len(set(refused)):
        return
    first, *others = (islice(each.meant(), MOST_OF_PART) for each in known)
    # Of one alone no more are looked for than are asked for.
    options = product(first, *others) if others else ((parts,) for parts in first)
    for chosen in islice(options, MOST):
        text = _spliced(error.source, [part for parts in chosen for part in parts])
        if text is not None:
            yield text


def _spliced(text: str, parts: Iterable[Splice]) -> str | None:
    """Return a text with other parts; None where two of them overlap."""
    end = len(text)
    for part in sorted(set(parts), reverse=True):
        if part.end > end:
            return None
        text, end = text[: part.start] + part.text + text[part.end :], part.start
    return text
