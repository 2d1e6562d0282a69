"""How layers of Keras are called on tensors."""

from __future__ import annotations

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
        given = states[0] if len(states) == 1 else listed(*states)
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
