"""A layer that only arranges axes anew, on the wrong side of another one: edits that swap them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from shapecalc.network import Apply, Edit, Replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.network import Node
    from shapecalc.repair.failure import Failure


def flattened_earlier(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Flatten before the failing layer what is flattened behind it."""
    nodes, place = failure.network.nodes, failure.place(failure.row)
    readers = [n for n, node in enumerate(nodes) if isinstance(node, Apply) and _reads(node, place)]
    flatten = type(failure.made("Flatten"))
    if len(readers) == 1 and isinstance(getattr(nodes[readers[0]], "layer", None), flatten):
        yield from _swapped(failure, place, readers[0])


def arranged_later(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Apply what arranges the axes before the failing layer behind it."""
    place = failure.place(failure.row)
    before = failure.row.node.inputs[0].node
    if _arranges(failure.network.nodes[before]):
        yield from _swapped(failure, before, place)


def _reads(node: Apply, place: int) -> bool:
    return any(tensor.node == place for tensor in node.inputs)


def _arranges(node: Node) -> bool:
    return isinstance(node, Apply) and node.layer.moves and not node.layer.keeps_rank


def _alone(node: Node) -> TypeGuard[Apply]:
    """Return whether a node is a layer that reads one tensor, with weights of its own."""
    return isinstance(node, Apply) and len(node.inputs) == 1 and node.shares is None


def _swapped(failure: Failure, first: int, second: int) -> Iterator[Sequence[Edit]]:
    one, other = failure.network.nodes[first], failure.network.nodes[second]
    if _alone(one) and _alone(other):
        yield [Replace(first, other.layer), Replace(second, one.layer)]
