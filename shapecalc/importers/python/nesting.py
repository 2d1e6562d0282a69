"""How much is in a value, counted with everything that is in what is in it.

A list may stand in many places of another one, so that a short program makes what has more parts
than can be gone through. They are counted without that: each list is looked at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import Bound, Instance, Partial, Tensor

if TYPE_CHECKING:
    from collections.abc import Collection

#: What holds other values, which are gone through where it is compared, hashed, shown or passed.
CONTAINERS: Final = (list, tuple, dict, set, frozenset, Partial, Bound, Instance)
_SIMPLE: Final = frozenset({int, float, bool, str, type(None)})
#: A value of more parts than these is not shown in a message.
_SHOWN: Final = 1000
#: More than these are not told apart.
_MOST: Final = 10**18


def parts_of(value: Any, known: dict[int, tuple[int, int]]) -> tuple[int, int]:  # noqa: ANN401
    """Return the number of containers and of other values in a value, with repetitions.

    A tensor counts as a container; a container that holds itself counts once. ``known`` holds the
    counts of values that were counted before, by identity.

    Raises `RecursionError` for one that nests too deeply.
    """
    known[id(value)] = (0, 0)
    containers, others = 1, 0
    for each in _inside(value):
        if type(each) in _SIMPLE:
            others += 1
        elif isinstance(each, Tensor):
            containers += 1
        elif isinstance(each, CONTAINERS):
            found = known.get(id(each)) or parts_of(each, known)
            containers += found[0]
            others += found[1]
        else:
            others += 1
    known[id(value)] = made = (min(containers, _MOST), min(others, _MOST))
    return made


def is_huge(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value has more parts than a message can show."""
    return isinstance(value, CONTAINERS) and sum(parts_of(value, {})) > _SHOWN


def _inside(value: Any) -> Collection[Any]:  # noqa: ANN401
    if isinstance(value, dict):
        return (*value, *value.values())
    if isinstance(value, Instance):
        return [value.attrs[name] for name in value.attrs.get("?fields", ())]
    if isinstance(value, Partial):
        return (value.function, *value.args, *value.kwargs.values())
    if isinstance(value, Bound):
        return (value.function, value.owner)
    found: Collection[Any] = value
    return found
