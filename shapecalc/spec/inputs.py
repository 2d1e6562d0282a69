"""The shapes of inputs: letters for unknown sizes, channels, the input that a spec leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import letters
from shapecalc.layers.built import channel_axis
from shapecalc.layers.letters import free_letter, name_unknown
from shapecalc.network import Apply, Input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.network import Node


def name_inputs(nodes: Sequence[Node], made: int | None, taken: set[str]) -> None:
    """Give letters to unknown sizes, and a shape to the input at ``made``, which has none.

    They differ from those that are taken by arguments.
    """
    used = set(taken)
    inputs = [node for node in nodes if isinstance(node, Input)]
    used.update(name for node in inputs for size in node.shape if size for name in letters(size))
    for place, node in enumerate(nodes):
        if place == made and isinstance(node, Input):
            wanted = natural_input(nodes, place)
            node.shape = tuple(free_letter(letter, used) for letter in wanted)
        elif isinstance(node, Input):
            node.unknown = unknown_axes(node.shape)
            node.shape = name_unknown(node.shape, used)


def unknown_axes(shape: Sequence[Size | None]) -> frozenset[int]:
    """The axes whose size is not given."""
    return frozenset(axis for axis, size in enumerate(shape) if size is None)


def natural_input(nodes: Sequence[Node], start: int) -> tuple[str, ...]:
    """The letters of the input for which the first layer that fixes its axes is made."""
    reached = {start}
    for place in range(start + 1, len(nodes)):
        node = nodes[place]
        if not isinstance(node, Apply) or reached.isdisjoint(t.node for t in node.inputs):
            continue
        wanted = node.layer.natural_input()
        if wanted is not None:
            return wanted
        if not node.layer.transparent:
            break
        reached.add(place)
    return ("B", "F")


def channel_axes(nodes: Sequence[Node], ranks: Sequence[int]) -> list[int | None]:
    """The axis of the channels of each input, as the first layer that fixes its axes reads it.

    ``ranks`` may be those of the first inputs only.
    """
    first: dict[int, int] = {}
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if not isinstance(node, Apply):
            continue
        fixes = not node.layer.transparent or node.layer.natural_input() is not None
        reader = place if fixes else first.get(place)
        if reader is not None:
            for tensor in node.inputs:
                first[tensor.node] = min(reader, first.get(tensor.node, reader))
    found: list[int | None] = []
    places = (place for place, node in enumerate(nodes) if isinstance(node, Input))
    for place, rank in zip(places, ranks, strict=False):
        reader_node = nodes[first[place]] if place in first else None
        layer = reader_node.layer if isinstance(reader_node, Apply) else None
        found.append(channel_axis(layer.natural_input() if layer else None, rank))
    return found
