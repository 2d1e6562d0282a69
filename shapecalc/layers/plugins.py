"""Layers of other packages, which they offer under the entry points ``shapecalc.layers``.

An entry point names a module, whose layer classes are all taken, or one class in it
(``module:Class``). A class is a `Layer` with a rule, as in this package. What cannot be used is
warned of once, and left out.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import PluginWarning
from shapecalc.layers.catalog import Entry, fold, index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.layer import Layer

GROUP: Final = "shapecalc.layers"


class Plugins(NamedTuple):
    """The layers of plugins: by folded name, by class, and with their names in order."""

    names: dict[str, Entry]
    classes: dict[str, type[Layer]]
    listed: list[tuple[Entry, tuple[str, ...]]]


@cache
def discover() -> Plugins:
    """Import all plugins, once; `PluginWarning` for each that cannot be used."""
    found = Plugins({}, {}, [])
    for point in entry_points(group=GROUP):
        origin = point.dist.name if point.dist else point.value
        # Whatever the module of somebody else does wrong, ours goes on.
        try:
            classes = list(_classes(point.load()))
        except Exception as error:  # noqa: BLE001
            _warn(point, origin, f"{type(error).__name__}: {error}")
            continue
        if not classes:
            _warn(point, origin, "it holds no layer with a rule")
        for cls in classes:
            _add(found, cls, origin, point)
    return found


def _classes(target: Any) -> Iterator[type[Layer]]:  # noqa: ANN401
    """The layer classes that an entry point leads to."""
    from shapecalc.layers.layer import Layer

    given = [target] if isinstance(target, type) else vars(target).values()
    for cls in given:
        ours = isinstance(cls, type) and issubclass(cls, Layer) and cls is not Layer
        if ours and (cls is target or cls.__module__ == target.__name__) and hasattr(cls, "infer"):
            yield cls


def _add(found: Plugins, cls: type[Layer], origin: str, point: EntryPoint) -> None:
    names = cls.names.split() or [fold(cls.__name__)]
    free = []
    for name in dict.fromkeys([*names, cls.__name__]):
        taken = index().get(fold(name)) or found.names.get(fold(name))
        if taken is not None:
            _warn(point, origin, f"the name {name} is that of {taken.cls}, which stays")
        elif name in names:
            free.append(name)
    if fold(cls.__name__) in index() or cls.__name__ in found.classes:
        return
    entry = Entry(cls.__name__, origin, free[0] if free else fold(cls.__name__))
    for name in (cls.__name__, *free):
        found.names[fold(name)] = entry
    found.classes[cls.__name__] = cls
    found.listed.append((entry, tuple(free)))


def _warn(point: EntryPoint, origin: str, reason: str) -> None:
    message = f"plugin {point.name} of {origin}: {' '.join(reason.split())}"
    warnings.warn(PluginWarning(message), stacklevel=3)
