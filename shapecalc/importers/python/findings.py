"""What is wrong with a program, as an error with its place."""

from __future__ import annotations

from typing import Final

from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.importers.python.signals import OverBudget, Raised
from shapecalc.importers.python.values import Class

#: The kinds of findings, each with what it is about.
RULES: Final = {
    "rank": "a tensor has too few or too many axes",
    "features": "a layer gets a number of features that it does not take",
    "channels": "a layer gets a number of channels that it does not take",
    "window": "a kernel or a window is larger than its input",
    "merge": "tensors that are joined do not fit",
    "reshape": "a reshape does not hold as many numbers as it gets",
    "groups": "channels cannot be split into groups",
    "heads": "an embedding cannot be split into heads",
    "argument": "a constructor or a function does not take its arguments",
    "states": "the states of a recurrent layer do not fit",
    "index": "a table has fewer rows than an index says",
    "name": "a library has nothing of a name",
    "labels": "the target of a loss does not fit",
    "unpack": "a tuple is unpacked to another number of names",
    "cost": "a model exceeds a budget",
    "python": "Python raises an exception",
    "spec": "a spec cannot be read",
    "unused-ignore": "a comment silences nothing",
    "budget": "the program takes too many steps to be followed",
}


def finding(error: Raised | OverBudget | RecursionError | MemoryError) -> ShapecalcError:
    """Return the error that an exception of the program is."""
    if isinstance(error, RecursionError):
        return SpecError("the program nests too deeply to be followed", rule="budget")
    if isinstance(error, MemoryError):
        return SpecError("the program takes more memory than there is", rule="budget")
    place = error.position.place if error.position is not None else None
    if isinstance(error, OverBudget):
        return SpecError(error.message, place=place, rule="budget")
    kind = error.kind.name if isinstance(error.kind, Class) else str(error.kind)
    made = error.made
    notes = []
    if made is not None and error.position is not None and made.line != error.position.line:
        where = made.place
        notes.append(f"{where.path}:{where.line}: created here: {where.text.strip()}")
    helper = (None if made is None else made.helper) or error.helper
    if helper is not None and helper.place.line != (place and place.line):
        where = helper.place
        notes.append(f"{where.path}:{where.line}: called here: {where.text.strip()}")
    if error.error is not None:
        found = error.error
        if not isinstance(found, ShapeError) or isinstance(found, SpecError):
            found = ShapeError(found.message, layer=found.layer, notes=found.notes, help=found.help)
        return found.replaced(place=place, rule=error.rule, notes=[*found.notes, *notes])
    message = (
        f"{kind}: {error.message}"
        if error.rule in {"python", "argument", "unpack", "index", "name"}
        else error.message
    )
    return ShapeError(message, place=place, rule=error.rule, notes=notes)
