"""Models within a model laid open: each stands as the layers that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.language.arguments import argument_letters
from shapecalc.layers.budget import MAX_LAYERS, Budget
from shapecalc.layers.substitution import with_values
from shapecalc.network import Apply, Input, Network, Requirement, Tensor
from shapecalc.tracing.naming import node_names
from shapecalc.tracing.nested import Model
from shapecalc.tracing.walk import entering, trace_network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Shape
    from shapecalc.network import Node

#: A model, and the models around it, by the nodes that use their weights first.
_Path = tuple[int, ...]


def opened(network: Network, max_layers: int = MAX_LAYERS) -> Network:
    """Return a network in which the layers of models within it stand instead of them.

    Their names are behind those of their models: ``encoder/dense``. Raises `TooManyError` where
    that is too much.
    """
    if not any(isinstance(layer, Model) for layer in network.layers):
        return network
    budget = Budget(max_layers, lambda: network.layers)
    budget.check()
    opening = _Opening()
    outputs = opening.place(network, None, (), "", frozen=False)
    found = Network(
        opening.nodes, outputs, network.source, network.dialect, declared=network.declared
    )
    found.say(network.said)
    return found


class _Opening:
    """Puts the nodes of networks into one list."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._owners: dict[_Path, int] = {}

    def place(
        self,
        network: Network,
        entry: Sequence[Tensor] | None,
        path: _Path,
        prefix: str,
        *,
        frozen: bool,
    ) -> list[Tensor]:
        """Place a network that reads these tensors, or its own inputs; return its outputs."""
        known: dict[Tensor, Tensor] = {}
        names = node_names(network)
        network = _bound(network)
        entering = iter(entry or ())
        for place, node in enumerate(network.nodes):
            if isinstance(node, Requirement):
                self.nodes.append(Requirement(known[node.tensor], node.pattern, node.origin))
            elif not isinstance(node, Apply):
                known[Tensor(place)] = self._add(node) if entry is None else next(entering)
            else:
                self._apply(node, place, (path, prefix + names[place], frozen), known)
        return [_of(known, each) for each in network.outputs]

    def _add(self, node: Node) -> Tensor:
        self.nodes.append(node)
        return Tensor(len(self.nodes) - 1)

    def _apply(
        self, node: Apply, place: int, around: tuple[_Path, str, bool], known: dict[Tensor, Tensor]
    ) -> None:
        """Place a layer, or what a model holds, under its name."""
        path, name, frozen = around
        own = (*path, place if node.shares is None else node.shares)
        inputs = tuple(_of(known, each) for each in node.inputs)
        if isinstance(node.layer, Model):
            worked = inputs[: len(inputs) - len(node.call.masks)]
            frozen = frozen or node.frozen is None
            made = self.place(node.layer.network, worked, own, f"{name}/", frozen=frozen)
            known.update((Tensor(place, port), each) for port, each in enumerate(made))
            return
        label = node.label if not path and node.label is None else name
        owner = self._owners.setdefault(own, len(self.nodes))
        shares = None if owner == len(self.nodes) else owner
        changes = {"frozen": None} if frozen else {}
        applied = node.replaced(inputs=inputs, label=label, shares=shares, **changes)
        known[Tensor(place)] = self._add(applied)


def _bound(network: Network) -> Network:
    """Return a network of which the models read the sizes that come in, not letters for them."""
    if not any(isinstance(each, Model) and _has_letters(each) for each in network.layers):
        return network
    shapes = {id(row.node): row.inputs for row in trace_network(network).layers}
    nodes = [
        node.replaced(layer=_reading(node.layer, shapes[id(node)]))
        if isinstance(node, Apply) and isinstance(node.layer, Model)
        else node
        for node in network.nodes
    ]
    return Network(nodes, network.outputs, None, network.dialect, declared=network.declared)


def _has_letters(model: Model) -> bool:
    """Return whether letters stand in the arguments of layers in a model, however deep."""
    network: Network = model.network
    if argument_letters(network):
        return True
    return any(isinstance(each, Model) and _has_letters(each) for each in network.layers)


def _reading(model: Model, shapes: Sequence[Shape]) -> Model:
    """Return a model whose layers have what comes in instead of the letters of its inputs."""
    network: Network = model.network
    values = entering([node.shape for node in network.inputs], shapes)
    entry = iter(shapes)
    nodes: list[Node] = []
    for node in network.nodes:
        if isinstance(node, Input):
            nodes.append(Input(next(entry), node.name, node.origin))
        elif isinstance(node, Apply) and values:
            layer = with_values(node.layer, values, network.dialect.catalogue)
            nodes.append(node.replaced(layer=layer))
        else:
            nodes.append(node)
    made = Network(nodes, network.outputs, None, network.dialect, declared=network.declared)
    return Model(class_name=model.class_name, network=made)


def _of(known: Mapping[Tensor, Tensor], tensor: Tensor) -> Tensor:
    """Return what a tensor is now; all outputs of a layer come from where it is."""
    if tensor in known:
        return known[tensor]
    return Tensor(known[Tensor(tensor.node)].node, tensor.port)
