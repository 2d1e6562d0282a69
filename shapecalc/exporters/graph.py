"""A traced network as those who write code ask about it: what is applied, to what, how often."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from shapecalc.layers.substitution import with_values
from shapecalc.network import STATES, Apply, Input, Tensor

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Network
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Graph:
    """The nodes of a traced network, by their places in it.

    Attributes:
        trace: what is known about the shapes.
        network: the network.
        names: the name of each node, which is that of its row.
        inputs: the places where tensors come in, in order.
        steps: the places of the layers on which outputs depend, in order.
        owners: by step the place of the step whose weights it uses; its own, where they are.
    """

    def __init__(
        self, trace: Trace, values: Mapping[str, Size] | None = None, *, whole: bool = False
    ) -> None:
        """Take a trace, and the sizes that letters are set to in it.

        With ``whole`` what no output depends on is a step too, where it reads something.
        """
        self.trace = trace
        self.network: Network = trace.network
        nodes = self.network.nodes
        self.inputs = [place for place, node in enumerate(nodes) if isinstance(node, Input)]
        self._rows = dict(zip(_applied(nodes), trace.layers, strict=True))
        self.names: Sequence[str] = (
            trace.layers[0].walk.names if trace.layers else [name for name, _ in trace.inputs]
        )
        self.values = values or {}
        self._layers: dict[int, Layer] = {}
        self.steps = self._needed(whole=whole)
        self.owners = {place: self._owner(place) for place in self.steps}

    def _owner(self, place: int) -> int:
        shares = self.node(place).shares
        return place if shares is None else shares

    def _needed(self, *, whole: bool) -> list[int]:
        """Return the layers that the outputs depend on, and what uses or holds weights for them."""
        nodes = enumerate(self.network.nodes)
        waiting = [
            place for place, node in nodes if whole and isinstance(node, Apply) and node.inputs
        ]
        waiting += [tensor.node for tensor in self.network.outputs]
        found: set[int] = set()
        while waiting:
            place = waiting.pop()
            node = self.network.nodes[place]
            if place in found or not isinstance(node, Apply):
                continue
            found.add(place)
            waiting += [tensor.node for tensor in node.inputs]
            waiting += [] if node.shares is None else [node.shares]
        return sorted(found)

    def node(self, place: int) -> Apply:
        """Return a layer as it is applied."""
        node = self.network.nodes[place]
        assert isinstance(node, Apply)  # noqa: S101  (asked of layers only)
        return node

    def input(self, place: int) -> Input:
        """Return where a tensor comes in."""
        node = self.network.nodes[place]
        assert isinstance(node, Input)  # noqa: S101  (asked of inputs only)
        return node

    def row(self, place: int) -> Row:
        """Return what a layer got and gave."""
        return self._rows[place]

    def layer(self, place: int) -> Layer:
        """Return a layer with the sizes that were set, and those that its input decides."""
        found = self._layers.get(place)
        if found is None:
            layer = self.node(place).layer
            if self.values:
                layer = with_values(layer, self.values, self.network.dialect.catalogue)
            found = self._layers[place] = layer.settled(self.row(place).inputs)
        return found

    def kind(self, place: int) -> Hashable:
        """Return what a step is, but for its name and what it reads."""
        node, layer = self.node(place), self.layer(place)
        return (type(layer), repr(layer.config() | {"name": None}), node.call, node.title)

    def shapes(self, place: int) -> tuple[Shape, ...]:
        """Return the shapes that a node gives."""
        if place in self._rows:
            return self._rows[place].outputs
        return (self.trace.inputs[self.inputs.index(place)][1],)

    def shape(self, tensor: Tensor) -> Shape:
        """Return the shape of a tensor."""
        return self.shapes(tensor.node)[tensor.port]

    def reads(self, place: int) -> list[Tensor]:
        """Return the tensors that a layer works on, states one by one, then the masks."""
        found: list[Tensor] = []
        for tensor in self.node(place).inputs:
            if tensor.port == STATES:
                count = len(self.shapes(tensor.node))
                found += [Tensor(tensor.node, port) for port in range(1, count)]
            else:
                found.append(tensor)
        return found

    def worked(self, place: int) -> list[Tensor]:
        """Return the tensors that a layer works on, states one by one."""
        reads = self.reads(place)
        return reads[: len(reads) - len(self.node(place).call.masks)]

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The tensors that come out, in order."""
        return self.network.outputs

    @cached_property
    def readers(self) -> Counter[Tensor]:
        """How often each tensor is read: by layers, and as an output."""
        counts = Counter(tensor for place in self.steps for tensor in self.reads(place))
        return counts + Counter(self.outputs)

    @cached_property
    def shared(self) -> frozenset[int]:
        """The steps whose weights are used by more than one step."""
        counts = Counter(self.owners.values())
        return frozenset(place for place, count in counts.items() if count > 1)

    @cached_property
    def is_straight(self) -> bool:
        """Whether each step reads the one before it alone, from the only input to the output."""
        if len(self.inputs) != 1 or not self.steps or self.shared:
            return False
        before = [Tensor(self.inputs[0]), *map(Tensor, self.steps)]
        return self.outputs == (before[-1],) and all(
            self.reads(place) == [tensor]
            and not self.node(place).call.values
            and len(self.shapes(place)) == 1
            for place, tensor in zip(self.steps, before, strict=False)
        )


def _applied(nodes: Sequence[object]) -> list[int]:
    return [place for place, node in enumerate(nodes) if isinstance(node, Apply)]
