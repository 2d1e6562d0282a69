"""What the axes of each tensor are: batch, steps, height, width, channels, features.

A layer that is made for one kind of input names its axes, and so those of what comes before and
behind it, as far as layers keep them. Of other tensors nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.layers.catalog import find

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.layers.layer import Layer
    from shapecalc.tracing.rows import Row, Trace

Names = tuple[str, ...]

#: The axes that hold what is known of one place.
FEATURES: Final = ("channels", "features")

_BY_LETTER: Final = {
    "B": "batch",
    "T": "steps",
    "S": "steps",
    "D": "depth",
    "H": "height",
    "W": "width",
    "C": "channels",
    "F": "features",
}
#: Families whose layers leave each axis what it is.
_KEEPING: Final = frozenset(
    {
        "adaptive",
        "attention",
        "augmentation",
        "color",
        "convolution",
        "images",
        "merging",
        "normalization",
        "pooling",
        "regularization",
        "resizing",
        "transposed",
    }
)
#: Layers whose natural input is only one that would do.
_LETTERS_SAY_NOTHING: Final = frozenset({"Permute", "EinsumDense", "Dot"})


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
        for row in reversed(trace.layers):
            self._follow_back(row)
        for name, shape in trace.inputs:
            self._give(name, self._wanted.get(name), shape)
        for row in trace.layers:
            self._follow(row)

    def _follow_back(self, row: Row) -> None:
        names = _declared(row.model, row.inputs[0])
        if names is None and row.model.transparent:
            names = self._wanted.get(row.name)
        if names is not None and row.node.inputs[0].port == 0:
            self._wanted.setdefault(row.sources[0], names)

    def _follow(self, row: Row) -> None:
        shape, made = row.outputs[0], None
        names = _declared(row.model, row.inputs[0]) or self._before(row)
        if names is not None:
            if len(names) == len(row.inputs[0]):
                self.read[row.name] = names
            made = after(row.model, names, len(shape))
        self._give(row.name, made or self._wanted.get(row.name), shape)

    def _before(self, row: Row) -> Names | None:
        """What the axes are by those who made the input; all that are joined must agree."""
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


def _declared(layer: Layer, shape: Shape) -> Names | None:
    """The axes of an input of this shape, where the layer is made for such."""
    natural = layer.natural_input()
    if type(layer).__name__ in _LETTERS_SAY_NOTHING or natural is None:
        return None
    if len(natural) != len(shape) or not _BY_LETTER.keys() >= set(natural):
        return None
    return tuple(_BY_LETTER[letter] for letter in natural)


def after(layer: Layer, names: Names, rank: int) -> Names | None:
    """The axes of what a layer makes, which has so many; None where nothing is known of them."""
    made = _after(layer, names, rank)
    return made if made is not None and len(made) == rank else None


def _after(layer: Any, names: Names, rank: int) -> Names | None:  # noqa: ANN401
    name = type(layer).__name__
    entry = find(name)
    if name == "TimeDistributed":
        step = after(layer.layer, names[:1] + names[2:], rank - 1)
        return step and (step[0], names[1], *step[1:])
    if name in {"Bidirectional", "SpectralNormalization"}:
        return after(layer.layer, names, rank)
    if getattr(layer, "recurrent", False):
        return names if layer.return_sequences else (names[0], *names[2:])
    if name.startswith("Global") and rank < len(names):
        return (names[0], "channels")
    made = {
        "Dense": (*names[:-1], "features"),
        "Embedding": (*names, "features"),
        "Flatten": (names[0], "features"),
        "RepeatVector": (names[0], "steps", *names[1:]),
    }.get(name)
    if made is not None:
        return made
    if name == "Permute":
        return (names[0], *(names[axis] for axis in layer.dims))
    keeps = layer.transparent or (entry is not None and entry.family in _KEEPING)
    return names if keeps and name != "Dot" else None
