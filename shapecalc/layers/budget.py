"""Limits on the layers of a trace: a short text can name more than can ever be walked."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shapecalc.layers.layer import Layer

#: How many layers repeats, and layers within layers, may make by default.
MAX_LAYERS: Final = 100_000


class TooManyError(SpecError):
    """There are more layers than allowed; the trace stops there."""

    def __init__(self, message: str) -> None:
        super().__init__(message, help="--max-layers N allows more")


class Budget:
    """Watches the layers that hold others, such as models: each is walked once for a shape.

    Where one comes again with another shape, all that lies in the layers of the whole trace is
    counted, once for each use beyond the first; this is known without walking it.
    """

    __slots__ = ("_again", "_known", "_layers", "_walked", "limit")

    def __init__(
        self, limit: int = MAX_LAYERS, known: Callable[[], Iterable[Layer]] | None = None
    ) -> None:
        """Take the limit, and what returns the layers that are known before."""
        self.limit = limit
        self._known = known
        self._layers: list[Layer] = []
        self._walked: set[int] = set()
        self._again: int | None = None

    def add(self, layer: Layer) -> None:
        """Count one more layer of the whole trace."""
        self._layers.append(layer)
        self._again = None

    def enter(self, layer: Layer) -> None:
        """Begin to walk what a layer holds; raises `TooManyError` where that is too much."""
        if id(layer) in self._walked:
            self.check()
        self._walked.add(id(layer))

    def repeat(self, count: int) -> None:
        """Raise `TooManyError` for a layer that makes more layers of itself than are allowed."""
        if count > self.limit:
            raise TooManyError(f"there are more than {self.limit} layers within layers")

    def check(self) -> None:
        """Refuse layers within layers that are more than are allowed, if all are walked."""
        if self._again is None:
            if self._known is not None:
                self._layers, self._known = [*self._known(), *self._layers], None
            known: dict[int, int] = {}
            outer = {id(layer) for layer in self._layers}
            inner = sum(_count(layer, known) - 1 for layer in self._layers)
            self._again = inner - len(known.keys() - outer)
        self.repeat(self._again)


def _count(layer: Layer, known: dict[int, int]) -> int:
    """Count a layer and those within it, as often as they are used; each is looked at once."""
    if id(layer) not in known:
        known[id(layer)] = 1 + sum(_count(inner, known) for inner in layer.inside())
    return known[id(layer)]


def layer_limit(value: Any) -> int:  # noqa: ANN401
    """Take the number of layers allowed; raises `SpecError` where it is none."""
    try:
        number = 0 if isinstance(value, bool) else index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise SpecError("max_layers is a whole number of at least 1")
    return number
