"""How deep and how often the data of a model nests, known before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.layers.budget import TooManyError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How deep brackets may nest, and how deep layers may lie within layers.
MAX_DEPTH: Final = 400
MAX_NESTING: Final = 64
#: How many values data may hold: each takes many times the room of its text.
MAX_VALUES: Final = 2_000_000


class Extent(NamedTuple):
    """Of a part of the data: its deepest brackets, its deepest layers, all layers and values."""

    depth: int
    nesting: int
    layers: int
    values: int


def check_nesting(data: Mapping[str, Any], most: int) -> None:
    """Refuse data that nests too deeply, or in which an object stands in many places.

    What Python made can hold the same object again and again: short, and yet endless to read.
    """
    survey = _Survey()
    if survey.extent(dict(data), 1).layers - survey.layers > most:
        raise TooManyError(f"there are more than {most} layers within layers")


def check_values(data: Any) -> None:  # noqa: ANN401
    """Refuse data of too many values, counted wherever an object stands again."""
    if isinstance(data, (dict, list)) and _Survey().extent(data, 1).values > MAX_VALUES:
        raise too_many_values(MAX_VALUES)


def too_many_values(most: int) -> SpecError:
    """Return the refusal of data that would take too much room."""
    return SpecError(f"it has more than {most:,} values")


class _Survey:
    """Looks at each object once, wherever it stands."""

    def __init__(self) -> None:
        self.layers = 0
        self._known: dict[int, Extent] = {}

    def extent(self, value: Any, level: int) -> Extent:  # noqa: ANN401
        """Measure a dict or a list; raises `SpecError` where it nests too deeply."""
        if level > MAX_DEPTH:
            raise too_deep()
        depth = nesting = layers = 0
        values = len(value)
        for child in value.values() if isinstance(value, dict) else value:
            if isinstance(child, (dict, list, tuple)) and child:
                found = self._known.get(id(child)) or self.extent(child, level + 1)
                depth = max(depth, found.depth)
                nesting = max(nesting, found.nesting)
                layers += found.layers
                values += found.values
        if isinstance(value, dict) and "class_name" in value:
            self.layers += 1
            layers, nesting = layers + 1, nesting + 1
        if depth >= MAX_DEPTH or nesting > MAX_NESTING:
            raise too_deep()
        extent = self._known[id(value)] = Extent(depth + 1, nesting, layers, values)
        return extent


def too_deep() -> SpecError:
    """Return the refusal of data that nests so deep that reading it would break."""
    return SpecError(
        f"its models are nested too deeply: brackets nest deeper than {MAX_DEPTH}, "
        f"or layers deeper than {MAX_NESTING}"
    )
