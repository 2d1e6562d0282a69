"""Letters in code: arguments of the function that builds a model, and sizes made of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from shapecalc.dims import Condition, Size, is_letter, letters
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.exporters.document import size_code
from shapecalc.language.arguments import letters_in
from shapecalc.language.inputs import letters_in_order
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.exporters.graph import Graph
    from shapecalc.language.shapes import GivenShape

#: What letters stand for that the framework needs as numbers: the first that fits is taken.
_TRIED: Final = (16, 32, 64, 128, 224, 256, 512, *range(1, 16), 28, 48, 96, 100, 299)


class Letters:
    """The letters of a graph, as arguments of a function.

    A letter of an input alone is None unless it is given. One that stands in the arguments of a
    layer, or in the shape of a weight, has to be a number, which is one that fits.
    """

    def __init__(
        self,
        graph: Graph,
        made: Callable[[int], bool] | None = None,
        *,
        of_inputs: bool = True,
        equated: bool = False,
    ) -> None:
        """Take a graph.

        ``made`` tells which steps need numbers, and not for their weights. Without ``of_inputs``
        the code does not say what comes in, and the letters of that are none of it. With
        ``equated`` the framework cannot compute a size that an equality gives, and needs its
        letters as numbers too.
        """
        self._graph = graph
        self._made = made
        self._of_inputs = of_inputs
        self._equated = equated

    @cached_property
    def arguments(self) -> dict[str, int | None]:
        """The arguments, each with its default, in the order of the inputs."""
        needed = self.needed
        shapes = [shape for _, shape in self._graph.trace.inputs]
        free = {
            name
            for place, shape in zip(self._graph.inputs, shapes, strict=True)
            for axis, size in enumerate(shape)
            if self._of_inputs and axis and axis not in self._graph.input(place).unknown
            if (name := is_letter(size)) is not None
        }
        return {
            name: self.numbers.get(name)
            for name in dict.fromkeys([*letters_in_order(shapes), *needed])
            if name in free or name in needed
        }

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The letters that have to be numbers, each with one that fits."""
        return self._numbers(self.needed) if self.needed else {}

    @cached_property
    def needed(self) -> dict[str, str]:
        """The letters that have to be numbers, each with what needs it."""
        found: dict[str, str] = {}
        for place in self._graph.steps:
            if self._made is not None and not self._made(place):
                continue
            row = self._graph.row(place)
            for name in sorted(letters_in(self._graph.layer(place).given())):
                found.setdefault(name, f"an argument of {row.name}")
            for weight in row.weights if self._made is None and self._of_inputs else ():
                for name in sorted({each for size in weight.shape for each in letters(size)}):
                    found.setdefault(name, f"the {weight.name} of {row.name}")
        for condition in self._graph.trace.facts.general if self._equated else ():
            if isinstance(condition, Condition) and condition.exact:
                for name in sorted(condition.letters):
                    found.setdefault(name, f"{condition}")
        return found

    def _numbers(self, needed: dict[str, str]) -> dict[str, int]:
        """Return numbers for the letters with which the network works."""
        trace = self._graph.trace
        given: dict[str | None, GivenShape] = dict(trace.inputs)
        for number in _TRIED:
            values = {**self._graph.values, **dict.fromkeys(needed, number)}
            try:
                trace_network(self._graph.network, inputs=given, values=values)
            except ShapecalcError:
                continue
            return dict.fromkeys(needed, number)
        named = ", ".join(needed)
        raise SpecError(f"{named} must be numbers in code", help=f"-s {next(iter(needed))}=128")

    def input_size(self, size: Size, axis: int, unknown: frozenset[int]) -> str:
        """Return the size of an axis of an input; None where it is open."""
        if isinstance(size, int):
            return str(size)
        name = is_letter(size)
        if name is not None:
            return name if name in self.arguments else "None"
        known = all(self.arguments.get(each) is not None for each in letters(size))
        return size_code(size) if known and axis not in unknown else "None"

    def is_open(self, size: Size) -> bool:
        """Return whether a size of an input is not known while the model is built."""
        return any(name not in self.arguments for name in letters(size))
