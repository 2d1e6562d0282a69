"""Which steps are a module of their own: the turns of repeats, and what a Sequential held."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.exporters.loops import Loop
from shapecalc.exporters.torch.arguments import is_module_class
from shapecalc.network import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.loops import Item

#: The attribute of a module that a Sequential holds: the path of that, and a number.
_NUMBERED: Final = re.compile(r"(.+)\.(\d+)")


def is_module(graph: Graph, place: int) -> bool:
    """Return whether a step is a module, rather than a function."""
    node = graph.node(place)
    return node.title in (None, "Sequential") and is_module_class(node.layer)


def unrolled(graph: Graph, items: Sequence[Item]) -> list[Item]:
    """Return items without the loops that no block can do: each turn holds all that it uses."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, int):
            found.append(item)
        elif _is_block(graph, item):
            body = unrolled(graph, item.body)
            found.append(Loop(item.turns, body, item.entry, item.carried, item.reading))
        else:
            found += [place for turn in item.turns for place in turn]
    return found


def _is_block(graph: Graph, loop: Loop) -> bool:
    last, inside = loop.turns[-1], {place for turn in loop.turns for place in turn}
    result = Tensor(last[loop.turns[0].index(loop.carried.node)], loop.carried.port)
    others = [place for place in graph.steps if place not in inside]
    read = {tensor for place in others for tensor in graph.reads(place)} | set(graph.outputs)
    if any(tensor.node in inside and tensor != result for tensor in read):
        return False
    if any(graph.owners[place] in inside for place in others):
        return False
    for place in loop.turns[0]:
        if graph.owners[place] not in loop.turns[0]:
            return False
        for number, tensor in enumerate(graph.reads(place)):
            if tensor == loop.entry and (place, number) not in loop.reading:
                return False
    return True


def is_straight(graph: Graph, loop: Loop) -> bool:
    """Return whether each step of a turn reads the one before it alone."""
    before = loop.entry
    for place in loop.turns[0]:
        if graph.reads(place) != [before]:
            return False
        before = Tensor(place)
    return before == loop.carried


def grouped(graph: Graph) -> list[Item]:
    """Return the steps, where those that stood in a Sequential are one: a loop of one turn."""
    found: list[Item] = []
    rest = list(graph.steps)
    while rest:
        count = _held_together(graph, rest)
        turn, rest = rest[: max(count, 1)], rest[max(count, 1) :]
        if count > 1:
            entry = graph.reads(turn[0])[0]
            reading = frozenset({(turn[0], 0)})
            found.append(Loop([turn], list(turn), entry, Tensor(turn[-1]), reading))
        else:
            found += turn
    return found


def _held_together(graph: Graph, steps: Sequence[int]) -> int:
    """Return how many of the next steps are all the modules of one Sequential."""
    first = _NUMBERED.fullmatch(graph.node(steps[0]).label or "")
    if first is None or first[2] != "0" or len(graph.reads(steps[0])) != 1:
        return 0
    count = 0
    for place in steps:
        match = _NUMBERED.fullmatch(graph.node(place).label or "")
        if match is None or match[1] != first[1] or match[2] != str(count):
            break
        if count and graph.reads(place) != [Tensor(steps[count - 1])]:
            return 0
        if not is_module(graph, place) or len(graph.shapes(place)) != 1 or place in graph.shared:
            return 0
        count += 1
    between = steps[: count - 1]
    others = [place for place in graph.steps if place not in steps[:count]]
    labels = [graph.node(place).label or "" for place in others]
    if any(label.startswith(f"{first[1]}.") for label in labels):
        return 0
    return count if all(graph.readers[Tensor(place)] == 1 for place in between) else 0


def path(graph: Graph, loop: Loop) -> str:
    """Return the attribute of the Sequential that a loop of one turn was."""
    label = graph.node(loop.turns[0][0]).label or ""
    return label.rpartition(".")[0]
