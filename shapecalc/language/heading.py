"""The step ``dialect:keras1``, with which a spec may begin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc import dialects
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from shapecalc.errors import Span
    from shapecalc.language.syntax import Stack, Step
    from shapecalc.layers.dialect import Dialect

#: The word of the step.
WORD: Final = "dialect"

_TEXT: Final = (
    r"(?i)(?P<gap>(?:[ \t\r\n,]|#[^\n]*+)*+)"
    r"dialect[ \t]*:[ \t]*(?P<name>[A-Za-z0-9_]+)[ \t\r]*(?:,|(?=[\n#])|$)"
)


class Heading(NamedTuple):
    """The dialect of a spec, whether that was said, and the steps behind what says it."""

    dialect: Dialect
    declared: bool
    stack: Stack


def read_heading(stack: Stack, text: str, given: Dialect | None) -> Heading:
    """Take the step off a spec; ``given`` is the dialect that is said beside it.

    Raises `SpecError` where there is no such dialect, or where they differ.
    """
    if not stack or not is_heading(stack[0]):
        return Heading(given or dialects.default(), given is not None, stack)
    step, *rest = stack
    said = _said(step, text, given)
    return Heading(said, True, rest)


def is_heading(step: Step) -> bool:
    """Return whether a step says the dialect, as it can at the beginning of a spec."""
    form = step.form
    named = form.name is not None and form.name.text.lower() == WORD
    return named and not form.prefixes and step.branches is None and step.label is None


def _said(step: Step, text: str, given: Dialect | None) -> Dialect:
    arguments = step.form.args
    if len(arguments) != 1:
        fact = "needs the name of a dialect" if not arguments else "takes one name"
        names = " or ".join(f"{WORD}:{name}" for name in dialects.DIALECTS)
        raise SpecError(f"{WORD}: {fact}", span=step.span, source=text, help=names)
    start, end = step.place(arguments[0].span)
    return agreed(text[start:end], given, (start, end), text)


def agreed(name: str, given: Dialect | None, span: Span, text: str) -> Dialect:
    """Return the dialect that a spec says; raises `SpecError` where another one is given."""
    if given is not None and given.name == name:
        return given
    try:
        said = dialects.find(name)
    except SpecError as error:
        raise error.replaced(span=span, source=text) from None
    if given is not None:
        raise dialects.disagreement(name, given.name).replaced(span=span, source=text)
    return said


def says_dialect(text: str) -> bool:
    """Return whether a spec says its dialect itself."""
    return re.match(_TEXT, text) is not None


def join(texts: list[str], given: Dialect | None) -> str:
    """Join specs to one; those that say a dialect must agree with what is given, and each other.

    The first says it for those behind it, which need not.
    """
    first, *others = texts
    if not others:
        return first
    found = re.match(_TEXT, first)
    known = agreed(found["name"], given, found.span("name"), first) if found else given
    kept = [first]
    for text in others:
        said = re.match(_TEXT, text)
        if said:
            agreed(said["name"], known or dialects.default(), said.span("name"), text)
            text = said["gap"] + text[said.end() :]  # noqa: PLW2901  (without its heading)
        kept.append(text)
    lines = any("\n" in text or "#" in text for text in kept)
    return ("\n" if lines else ",").join(kept)
