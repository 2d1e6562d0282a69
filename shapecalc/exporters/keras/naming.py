"""Which layers need their names written: those that Keras would call otherwise by itself.

Keras counts the layers of each class that are made without a name, those within others too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from shapecalc.layers.keras.names import snake_case
from shapecalc.tracing.nested import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.exporters.graph import Graph
    from shapecalc.layers.layer import Layer

#: What layers make when they are called for the first time, by class.
_MADE_INSIDE: Final = {"MultiHeadAttention": ("Softmax",), "GroupQueryAttention": ("Softmax",)}


class Counts:
    """How many layers of each class were made without a name."""

    def __init__(self, known: Mapping[str, int] = {}) -> None:
        self._counts = Counter(known)

    def copy(self) -> Counts:
        """Return counts that go on from these."""
        return Counts(self._counts)

    def take(self, other: Counts) -> None:
        """Go on from other counts."""
        self._counts = other._counts

    def next(self, cls: str) -> str:
        """Return the name that the next layer of a class gets."""
        base = snake_case(cls)
        count = self._counts[base]
        return f"{base}_{count}" if count else base

    def add(self, cls: str) -> None:
        """Count a layer that is made without a name."""
        self._counts[snake_case(cls)] += 1

    def add_inside(self, layer: Layer) -> None:
        """Count the layers that a layer holds, which are made before it."""
        if not layer.holds or isinstance(layer, Model):
            return
        also = layer.also_inside()
        for each in [*layer.inside(), *([] if also is None else [also])]:
            self.add_inside(each)
            if each.name is None:
                self.add(type(each).__name__)

    def add_built(self, layer: Layer) -> None:
        """Count the layers that a layer makes when it is called."""
        for cls in _MADE_INSIDE.get(type(layer).__name__, ()):
            self.add(cls)
        if type(layer).__name__ in _MADE_INSIDE and layer.given().get("dropout"):
            self.add("Dropout")


def named(graph: Graph, counts: Counts, alike: Mapping[int, frozenset[int]]) -> set[int]:
    """Return the places of the layers that need their names, and count the others.

    ``alike`` are the places that one line of code makes, of which all or none get a name.
    """
    found: set[int] = set()
    while True:
        now = counts.copy()
        more = _missing(graph, now, alike, found)
        if not more:
            counts.take(now)
            return found
        found |= more


def _missing(
    graph: Graph, counts: Counts, alike: Mapping[int, frozenset[int]], found: set[int]
) -> set[int]:
    """The first layers whose name is not the one that Keras gives."""
    from shapecalc.exporters.keras.operations import is_operation

    for place in graph.steps:
        if graph.owners[place] != place:
            continue
        layer = graph.layer(place)
        if is_operation(graph.node(place)):
            counts.add(layer.called)
            continue
        counts.add_inside(layer)
        if isinstance(layer, Model):
            continue
        if place not in found:
            if counts.next(type(layer).__name__) == graph.names[place]:
                counts.add(type(layer).__name__)
            else:
                group = alike.get(place, frozenset({place}))
                if place != min(group):
                    return set(group)
                found |= group
        counts.add_built(layer)
    return set()


def pattern(names: Iterable[str]) -> tuple[str, list[str], str]:
    """Split names into what they begin with, what differs, and what they end with."""
    each = list(names)
    before, after = _common(each), _common([name[::-1] for name in each])[::-1]
    before = before.rstrip("0123456789")
    shortest = min(map(len, each)) - len(before)
    after = after[-shortest:] if shortest else ""
    after = after.lstrip("0123456789")
    end = len(after)
    return before, [name[len(before) : len(name) - end] for name in each], after


def _common(names: list[str]) -> str:
    first, last = min(names), max(names)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first if length is None else first[:length]
