"""Layers of other packages, which they offer under the entry points ``shapecalc.layers``.

An entry point names a module, whose layer classes are all taken, or one class in it
(``module:Class``). A class is a `Layer` with a rule, as in this package; it adds to the catalogue
of its ``framework``: ``Layer`` of `shapecalc.layers.base` is for Keras, ``Module`` there, whose
``framework`` is ``"torch"``, for ``-d torch``. One module may hold both. What cannot be used is
warned of once, and left out.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import PluginWarning
from shapecalc.layers.catalogue import Entry, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.catalogue import Catalogue
    from shapecalc.layers.layer import Layer

GROUP: Final = "shapecalc.layers"


class Plugins(NamedTuple):
    """The layers of plugins for a catalogue: by folded name, by class, and with their names."""

    names: dict[str, Entry]
    classes: dict[str, type[Layer]]
    listed: list[tuple[Entry, tuple[str, ...]]]


class Found(NamedTuple):
    """A layer class of a plugin, and where it is from."""

    cls: type[Layer]
    origin: str
    point: EntryPoint


def added_to(catalogue: Catalogue) -> Plugins:
    """Return what plugins add to a catalogue, whose own names stay."""
    found = Plugins({}, {}, [])
    for each in discover():
        if each.cls.framework == catalogue.framework:
            _add(found, each, catalogue)
    return found


@cache
def discover() -> tuple[Found, ...]:
    """Import all plugins, once; `PluginWarning` for each that cannot be used."""
    found: list[Found] = []
    for point in entry_points(group=GROUP):
        origin = point.dist.name if point.dist else point.value
        # Whatever a third-party module does wrong, this one goes on.
        try:
            classes = list(_classes(point.load()))
        except Exception as error:  # noqa: BLE001
            _warn(point, origin, f"{type(error).__name__}: {error}")
            continue
        if not classes:
            _warn(point, origin, "it defines no layer with a rule")
        found += [Found(cls, origin, point) for cls in classes]
    return tuple(found)


def _classes(target: Any) -> Iterator[type[Layer]]:  # noqa: ANN401
    """Yield the layer classes that an entry point leads to."""
    from shapecalc.layers.layer import Layer

    given = [target] if isinstance(target, type) else vars(target).values()
    for cls in given:
        ours = isinstance(cls, type) and issubclass(cls, Layer) and cls is not Layer
        if ours and (cls is target or cls.__module__ == target.__name__) and hasattr(cls, "infer"):
            yield cls


def _add(found: Plugins, new: Found, catalogue: Catalogue) -> None:
    cls, origin, point = new
    names = cls.names.split() or [fold(cls.__name__)]
    free = []
    for name in dict.fromkeys([*names, cls.__name__]):
        taken = catalogue.index.get(fold(name)) or found.names.get(fold(name))
        if taken is not None:
            _warn(point, origin, f"the name {name} already belongs to {taken.cls}")
        elif name in names:
            free.append(name)
    if fold(cls.__name__) in catalogue.index or cls.__name__ in found.classes:
        return
    entry = Entry(cls.__name__, origin, free[0] if free else fold(cls.__name__))
    for name in (cls.__name__, *free):
        found.names[fold(name)] = entry
    found.classes[cls.__name__] = cls
    found.listed.append((entry, tuple(free)))


def _warn(point: EntryPoint, origin: str, reason: str) -> None:
    message = f"plugin {point.name} of {origin}: {' '.join(reason.split())}"
    warnings.warn(PluginWarning(message), stacklevel=3)
