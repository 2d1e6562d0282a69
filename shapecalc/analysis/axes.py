"""The axes of each tensor: batch, steps, height, width, channels, features.

A layer that is made for one kind of input names its axes, and so those of what comes before and
behind it, as far as layers keep them. Of other tensors nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.layers.layout import Names
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Axes:
    """The names of the axes that each row of a trace reads and gives, where they are known.

    Attributes:
        read: by the name of a row, the axes of its first input.
        given: by the name of a row or an input, the axes of its first output.
    """

    def __init__(self, trace: Trace) -> None:
        """Follow the rows backwards, for what they want of their inputs; then forwards."""
        self.read: dict[str, Names] = {}
        self.given: dict[str, Names] = {}
        self._wanted: dict[str, Names] = {}
        # What a program holds and does not call reads nothing, and a constant neither.
        rows = [row for row in trace.layers if row.inputs and row.outputs]
        for row in reversed(rows):
            self._follow_back(row)
        for name, shape in trace.inputs:
            self._give(name, self._wanted.get(name), shape)
        for row in rows:
            self._follow(row)

    def _follow_back(self, row: Row) -> None:
        names = _declared(row)
        if names is None and row.model.keeps_rank:
            names = self._wanted.get(row.name)
        if names is not None and row.node.inputs[0].port == 0:
            self._wanted.setdefault(row.sources[0], names)

    def _follow(self, row: Row) -> None:
        shape, made = row.outputs[0], None
        names = _declared(row) or self._before(row)
        if names is not None:
            if len(names) == len(row.inputs[0]):
                self.read[row.name] = names
            made = row.model.output_axes(names, len(shape))
            made = made if made is not None and len(made) == len(shape) else None
        self._give(row.name, made or self._wanted.get(row.name), shape)

    def _before(self, row: Row) -> Names | None:
        """Return what the axes are by the sources of the input, all of which must agree."""
        tensors = zip(row.sources, row.node.inputs, row.inputs, strict=False)
        each = [
            self.given.get(name) if tensor.port == 0 else None
            for name, tensor, shape in tensors
            if not row.model.merges or len(shape) == len(row.outputs[0])
        ]
        found = set(each if row.model.merges else each[:1])
        return found.pop() if len(found) == 1 else None

    def _give(self, name: str, names: Names | None, shape: Shape) -> None:
        if names is not None and len(names) == len(shape):
            self.given[name] = names


def _declared(row: Row) -> Names | None:
    """Return the axes of the input of a row, where its layer is made for such."""
    natural, known = row.model.input_letters(), row.dialect.letters.names
    if natural is None or not row.model.names_axes:
        return None
    if len(natural) != len(row.inputs[0]) or not known.keys() >= set(natural):
        return None
    return tuple(known[letter] for letter in natural)
