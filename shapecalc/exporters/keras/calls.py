"""How layers of Keras are called on tensors."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from shapecalc.exporters.document import Call, Expression, listed, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.network import Apply


def called(func: Expression, node: Apply, layer: Layer, reads: Sequence[str]) -> Call:
    """Return the call of a layer on the tensors that are in some variables."""
    masks = node.call.masks
    worked = reads[: len(reads) - len(masks)]
    keywords = [(name, literal(value)) for name, value in node.call.values]
    keywords += _masks(masks, reads[len(worked) :])
    if layer.reads_states or "states" in layer.reads:
        first, *states = worked
        if not states:
            return Call(func, [first], keywords)
        nested = [each[0] if len(each) == 1 else listed(*each) for each in _by_cell(layer, states)]
        given = nested[0] if len(nested) == 1 else listed(*nested)
        return Call(func, [first], [(layer.reads[0], given), *keywords])
    if type(layer).__name__.endswith("QueryAttention") or type(layer).__name__ == _HEADS:
        return Call(func, worked, keywords)
    if layer.merges or layer.reads or len(worked) > 1:
        return Call(func, [listed(*worked)], keywords)
    return Call(func, worked, keywords)


_HEADS = "MultiHeadAttention"


def _masks(names: Sequence[str], reads: Sequence[str]) -> list[tuple[str, Expression]]:
    """Return the masks by name; several of one name are a list."""
    found: dict[str, list[str]] = {}
    for name, read in zip(names, reads, strict=True):
        found.setdefault(name, []).append(read)
    return [(name, each[0] if len(each) == 1 else listed(*each)) for name, each in found.items()]


def target(layer: Layer, targets: Sequence[str]) -> str:
    """Return the target of an assignment that takes apart what a layer gives."""
    first, *states = targets
    groups = [
        each[0] if len(each) == 1 else f"({', '.join(each)})" for each in _by_cell(layer, states)
    ]
    return ", ".join([first, *groups])


def _by_cell(layer: Layer, states: Sequence[str]) -> list[list[str]]:
    """Return states as Keras groups them: those of each cell, where there are several cells."""
    cells = [cell for each in layer.inside() for cell in (each.inside() or [each])]
    several = isinstance(getattr(layer, "cell", None), (list, tuple)) or (
        type(layer).__name__ == "RNN" and len(cells) > 1
    )
    if not several:
        return [[state] for state in states]
    rest = iter(states)
    counts = [2 if type(cell).__name__ == "LSTMCell" else 1 for cell in cells]
    return [found for count in counts if (found := list(islice(rest, count)))]
