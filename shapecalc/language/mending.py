"""Arguments that a layer refuses in a spec, written as those near to them that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.language.edits import argument
from shapecalc.language.refused import Splice
from shapecalc.layers.nearby import OMITTED, nearby

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.language.arguments import Assignment
    from shapecalc.language.syntax import Argument, Step


def mended(assignment: Assignment, step: Step) -> Iterator[Sequence[Splice]]:
    """Yield the parts of a step with which its layer takes all arguments, likeliest first."""
    cls, places = assignment.cls, assignment.places
    for changes in nearby(cls, assignment.config, places, assignment.subject):
        try:
            parts = [_written(assignment, step, change) for change in changes.items()]
        except SpecError:
            continue
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            yield known


def _written(assignment: Assignment, step: Step, change: tuple[str, Any]) -> Splice | None:
    """Write a changed argument; None where it cannot be left out, since others stand behind it."""
    name, value = change
    if value is not OMITTED:
        return argument(step, assignment.cls, change, assignment.places, assignment.dialect)
    begin, stop = assignment.places[name]
    last = max((each.span[1] for each in step.form.args if _is_positional(each)), default=0)
    inside = (each for each in step.form.args if begin <= each.span[0] and each.span[1] <= stop)
    if last > stop and any(map(_is_positional, inside)):
        return None
    start, end = step.place((begin, stop))
    # With the colon before it.
    return Splice(start - 1, end, "")


def _is_positional(argument: Argument) -> bool:
    return argument.key is None and argument.value.kind != "word"
