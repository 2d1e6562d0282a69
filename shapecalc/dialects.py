"""The dialects: the name of each, and the module of its value.

A value is imported when it is asked for, so that the names alone load no catalogue.
"""

from __future__ import annotations

import copyreg
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.layers.dialect import Dialect

#: A line for each dialect: its name, and where its value is.
PLACES: Final = {
    "keras": "shapecalc.layers.keras.dialect:KERAS",
    "keras1": "shapecalc.layers.keras.dialect:KERAS1",
    "torch": "shapecalc.layers.torch.dialect:TORCH",
}
#: The names, of which the first is the default one.
DIALECTS: Final = tuple(PLACES)
DEFAULT: Final = DIALECTS[0]


def find(name: str) -> Dialect:
    """Return the dialect of a name; raises `SpecError` where there is none."""
    place = PLACES.get(name) if isinstance(name, str) else None
    if place is None:
        *others, last = DIALECTS
        hint = did_you_mean(str(name), DIALECTS) or f"it is {', '.join(others)} or {last}"
        raise SpecError(f"there is no dialect {name}", help=hint)
    return _value(place)


def disagreement(said: str, given: str) -> SpecError:
    """Return the error for a source that is of another dialect than is said beside it."""
    return SpecError(
        f"this is in the dialect {said}, not {given}",
        help="the step dialect:, -d and all joined specs must agree",
    )


def hint(dialect: Dialect, word: str, has: Callable[[Dialect], bool]) -> str | None:
    """Return what to write here for a word of another dialect, and which dialect knows it.

    ``has`` is asked of those whose layers are others. None where nothing is known.
    """
    from shapecalc.layers.catalogue import fold

    parts = [known] if (known := dialect.counterparts.get(fold(word))) else []
    for name in PLACES:
        other = find(name)
        if other.catalogue is not dialect.catalogue and has(other):
            parts.append(f"{name} has it: -d {name}")
            break
    return "; ".join(parts) or None


def default() -> Dialect:
    """Return the dialect of what says nothing else."""
    return find(DEFAULT)


@cache
def _value(place: str) -> Dialect:
    module, _, attribute = place.partition(":")
    found: Dialect = getattr(import_module(module), attribute)
    # What is pickled or copied names its dialect, rather than to hold the catalogue.
    copyreg.pickle(type(found), _by_name)
    return found


def _by_name(dialect: Dialect) -> tuple[Callable[[str], Dialect], tuple[str]]:
    return find, (dialect.name,)
