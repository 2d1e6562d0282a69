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

#: The layers that make others when they are called for the first time, and what they make.
_BUILDERS: Final = frozenset({"MultiHeadAttention", "GroupQueryAttention"})
_BUILT: Final = ("Softmax", "Dropout")
#: The classes that Keras names otherwise than by the name under which they are found.
_RENAMED: Final = frozenset({"GroupQueryAttention"})


class Counts:
    """How many layers of each class were made without a name.

    What attention makes inside is counted apart: readers of source do not see it.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._built: Counter[str] = Counter()
        #: What Keras calls those that it calls as it likes.
        self.liked: set[str] = set()

    def copy(self) -> Counts:
        """Return counts that go on from these."""
        found = Counts()
        found.take(self)
        return found

    def take(self, other: Counts) -> None:
        """Go on from other counts."""
        self._counts, self._built = other._counts.copy(), other._built.copy()
        self.liked = set(other.liked)

    def gives(self, cls: str, name: str) -> bool:
        """Return whether the next layer of a class gets a name by itself."""
        if cls in _RENAMED:
            return False
        base = snake_case(cls)
        counts = {self._counts[base], self._counts[base] + self._built[base]}
        return (counts == {0} and name == base) or counts == {_number(name, base)}

    def add(self, cls: str) -> None:
        """Count a layer that is made without a name."""
        self._counts[snake_case(cls)] += 1

    def add_unnamed(self, cls: str) -> None:
        """Count what Keras calls as it likes, as it does operations."""
        base = snake_case(cls)
        number = self._counts[base]
        self.liked.add(f"{base}_{number}" if number else base)
        self.add(cls)

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
        if type(layer).__name__ in _BUILDERS:
            self._built.update(map(snake_case, _BUILT))


def _number(name: str, base: str) -> int:
    """Return the number that a name has behind what all names of a class begin with.

    -1 for none.
    """
    head, _, number = name.rpartition("_")
    return int(number) if head == base and number.isdecimal() else -1


def named(graph: Graph, counts: Counts, alike: Mapping[int, frozenset[int]]) -> set[int]:
    """Return the places of the layers that need their names, and count the others.

    ``alike`` are the places that one line of code makes, of which all or none get a name.
    """
    free: set[int] = set()
    while True:
        found: set[int] = set()
        now = counts.copy()
        while more := _missing(graph, now, alike, found, free):
            found |= more
            now = counts.copy()
        clashing = {place for place in found if graph.names[place] in now.liked} - free
        if not clashing:
            counts.take(now)
            return found
        # Keras calls something else so, and takes no name twice.
        free |= {each for place in clashing for each in alike.get(place, {place})}


def _missing(
    graph: Graph,
    counts: Counts,
    alike: Mapping[int, frozenset[int]],
    found: set[int],
    free: set[int],
) -> set[int]:
    """Return the first layers whose name is not the one that Keras gives.

    Those that are ``free`` are called as Keras calls them.
    """
    from shapecalc.exporters.keras.operations import is_operation

    _count_inputs(graph, counts, found)
    for place in graph.steps:
        if graph.owners[place] != place:
            continue
        layer = graph.layer(place)
        if is_operation(graph.node(place)):
            counts.add_unnamed(layer.called)
            continue
        counts.add_inside(layer)
        if isinstance(layer, Model):
            continue
        if place not in found:
            if place in free:
                counts.add_unnamed(type(layer).__name__)
            elif counts.gives(type(layer).__name__, graph.names[place]):
                counts.add(type(layer).__name__)
            else:
                group = alike.get(place, frozenset({place}))
                if place != min(group):
                    return set(group)
                found |= group
        counts.add_built(layer)
    return set()


def _count_inputs(graph: Graph, counts: Counts, found: set[int]) -> None:
    for place in graph.inputs:
        name = graph.input(place).name
        if name is None or counts.gives("InputLayer", name):
            counts.add("InputLayer")
        else:
            found.add(place)


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
