"""The shapes of inputs: letters for unknown sizes, and the input that a spec leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import letters
from shapecalc.layers.letters import free_letter, name_unknown
from shapecalc.network import Apply, Input

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            node.shape = name_unknown(node.shape, used)


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
