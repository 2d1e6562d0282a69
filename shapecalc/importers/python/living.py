"""Leaves out of a network what nothing comes of: a spec would take it for an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.network import Apply, Network, Tensor
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from shapecalc.network import Node


def living(network: Network) -> Network:
    """Return a network without the layers whose outputs nothing reads, but for whose weights count.

    Weights that a layer first uses which is left out are those of the next one that uses them.
    """
    alive = _alive(network)
    homes = {place: _home(network, place) for place, _ in _applied(network)}
    kept_homes = {homes[place] for place in alive if place in homes}
    held = {id(row.node) for row in trace_network(network).layers if row.weights}
    gone = {
        place
        for place, node in _applied(network)
        if place not in alive and (homes[place] in kept_homes or id(node) not in held)
    }
    gone = {place for place in gone if not _is_read(network, place, gone)}
    return _without(network, gone, homes) if gone else network


def _applied(network: Network) -> list[tuple[int, Apply]]:
    return [
        (place, node)
        for place, node in enumerate(network.nodes)
        if isinstance(node, Apply) and node.inputs
    ]


def _home(network: Network, place: int) -> int:
    """Return the node that uses the weights of a node first."""
    node = network.nodes[place]
    return place if not isinstance(node, Apply) or node.shares is None else node.shares


def _alive(network: Network) -> set[int]:
    waiting = [tensor.node for tensor in network.outputs]
    found: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            node = network.nodes[place]
            waiting += [tensor.node for tensor in getattr(node, "inputs", ())]
    return found


def _is_read(network: Network, place: int, gone: set[int]) -> bool:
    """Return whether a node that stays reads a node."""
    return any(
        tensor.node == place
        for other, node in enumerate(network.nodes)
        if other not in gone
        for tensor in getattr(node, "inputs", ())
    )


def _without(network: Network, gone: set[int], homes: dict[int, int]) -> Network:
    moved: dict[int, int] = {}
    first: dict[int, int] = {}
    nodes: list[Node] = []
    for place, node in enumerate(network.nodes):
        if place in gone:
            continue
        moved[place] = len(nodes)
        if not isinstance(node, Apply):
            nodes.append(node)
            continue
        home = homes.get(place, place)
        shares = first.get(home)
        first.setdefault(home, len(nodes))
        inputs = tuple(Tensor(moved[each.node], each.port) for each in node.inputs)
        nodes.append(node.replaced(inputs=inputs, shares=shares, frozen=()))
    outputs = [Tensor(moved[each.node], each.port) for each in network.outputs]
    return Network(nodes, outputs, network.source, network.dialect, declared=network.declared)
