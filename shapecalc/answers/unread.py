"""What works instead of a spec that cannot be read: what may be meant, traced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.trace import fitting
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.refused import Refused, meant_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question


def readable(error: ShapecalcError, question: Question) -> Iterator[str]:
    """Find specs that can be read and work, instead of the one that an error is about."""
    for text in meant_texts(error):
        try:
            fitting(question._replace(source=text))
        except ShapecalcError:
            continue
        yield text


def with_repair(error: SpecError, question: Question) -> SpecError:
    """Return an error that ends with a spec that works, where only what is taken is said."""
    *before, last = error.errors
    if not (isinstance(last.failure, Refused) and last.failure.is_listed):
        return error
    found = next(readable(error, question), None)
    if found is None:
        return error
    said = [] if last.help is None else [last.help]
    mended = last.noted(said).replaced(help=found, others=())
    joined = SpecError.join([*before, mended])
    return joined if isinstance(joined, SpecError) else error
