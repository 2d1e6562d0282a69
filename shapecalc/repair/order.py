"""Two layers in the wrong order: edits that let them change places.

One of the two only arranges numbers anew, or makes maps larger or smaller; or each declares what
the other one should read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from shapecalc.layers.parameters import parameters
from shapecalc.network import Apply, Edit, Insert, LeaveOut, Replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.network import Node
    from shapecalc.repair.failure import Failure

#: Arguments that say by which factor a layer without weights makes maps larger or smaller.
SCALES: Final = {"size", "scale_factor", "pool_size"}


def moved_forward(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Apply the layer behind the failing one before it: a Flatten, a Permute."""
    nodes, place = failure.network.nodes, failure.place(failure.row)
    found = _behind(nodes, place)
    if found is None:
        return
    behind, node = found
    layer, before = failure.row.model, nodes[failure.row.node.inputs[0].node]
    arranges, theirs = _arranges(nodes[place]), _arranges(node)
    # Beside another one that arranges the numbers it would only undo it.
    apart = arranges is not theirs and not (theirs and _arranges(before))
    x = failure.row.inputs[0]
    axis = layer.declared_axis
    reads = layer.declared is not None and -len(x) <= axis < len(x)
    if apart or (reads and node.layer.declared == x[axis]):
        yield from _swapped(failure, place, behind)


def moved_back(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Apply what arranges the numbers before the failing layer behind it."""
    nodes, place = failure.network.nodes, failure.place(failure.row)
    before, behind = failure.row.node.inputs[0].node, _behind(nodes, place)
    if _arranges(nodes[before]) and not (behind and _arranges(behind[1])):
        yield from _swapped(failure, before, place)


def moved_into_merge(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let what follows a merge, and arranges or scales, work on one of its tensors."""
    nodes, place = failure.network.nodes, failure.place(failure.row)
    found = _behind(nodes, place)
    if found is None:
        return
    behind, node = found
    layer = node.layer
    if _arranges(node) or SCALES & parameters(type(layer)).keys():
        for read in range(len(failure.row.inputs)):
            yield [Insert(place, (layer,), read), LeaveOut(behind)]


def _behind(nodes: Sequence[Node], place: int) -> tuple[int, Apply] | None:
    """Return the one layer that reads another one, and its place, where it reads nothing else."""
    found = [
        (n, node)
        for n, node in enumerate(nodes)
        if isinstance(node, Apply) and any(tensor.node == place for tensor in node.inputs)
    ]
    return found[0] if len(found) == 1 and _alone(found[0][1]) else None


def _arranges(node: Node) -> bool:
    return isinstance(node, Apply) and node.layer.moves and not node.layer.keeps_rank


def _alone(node: Node) -> TypeGuard[Apply]:
    """Return whether a node is a layer that reads one tensor, with weights of its own."""
    return isinstance(node, Apply) and len(node.inputs) == 1 and node.shares is None


def _swapped(failure: Failure, first: int, second: int) -> Iterator[Sequence[Edit]]:
    one, other = failure.network.nodes[first], failure.network.nodes[second]
    if _alone(one) and _alone(other):
        yield [Replace(first, other.layer), Replace(second, one.layer)]
