"""Edits made in a network itself, without its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shapecalc.errors import SpecError
from shapecalc.network.edits import Append, Edit, Insert, Joined, LeaveOut, Read, Replace, Reshape
from shapecalc.network.graph import Network
from shapecalc.network.nodes import Apply, Input, Node, Requirement, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.layer import Layer


def edited(network: Network, edits: Sequence[Edit]) -> Network:
    """Return a network with edits made in it; raises `SpecError` where one cannot be made."""
    return _Editor(network, edits).network()


class _Editor:
    """Copies nodes one after the other, each with the edits of it."""

    def __init__(self, network: Network, edits: Sequence[Edit]) -> None:
        self._network = network
        self._edits: dict[int, list[Edit]] = {}
        for edit in edits:
            self._edits.setdefault(edit.node, []).append(edit)
        self._nodes: list[Node] = []
        #: The first output of each node as it is now.
        self._moved: list[Tensor] = []
        #: The places of layers that others share, by the places that they had.
        self._owners: dict[int, int] = {}
        self._left_out: set[int] = set()

    def network(self) -> Network:
        for place, node in enumerate(self._network.nodes):
            edits = self._edits.get(place, ())
            behind = [edit for edit in edits if isinstance(edit, Append)]
            others = [edit for edit in edits if not isinstance(edit, Append)]
            if isinstance(node, Apply):
                tensor = self._apply(place, node, others)
            else:
                tensor = Tensor(len(self._nodes))
                self._nodes.append(self._other(node, others))
            for edit in behind:
                tensor = self._append(tensor, edit.layers)
            self._moved.append(tensor)
        outputs = dict.fromkeys(map(self._tensor, self._network.outputs))
        return Network(self._nodes, tuple(outputs), dialect=self._network.dialect)

    def _tensor(self, tensor: Tensor) -> Tensor:
        moved = self._moved[tensor.node]
        if tensor.port == 0:
            return moved
        if tensor.node in self._left_out:
            raise SpecError("a layer cannot be left out of which another output is read")
        return moved._replace(port=tensor.port)

    def _other(self, node: Input | Requirement, edits: Sequence[Edit]) -> Input | Requirement:
        """Copy a node that is not a layer."""
        for edit in edits:
            if not isinstance(edit, Reshape) or not isinstance(node, Input):
                raise SpecError(f"{type(edit).__name__} is an edit of another kind of node")
            node = Input(edit.shape, node.name, node.origin)
        if isinstance(node, Requirement):
            return Requirement(self._tensor(node.tensor), node.pattern, node.origin)
        return node

    def _append(self, tensor: Tensor, layers: Sequence[Layer]) -> Tensor:
        for layer in layers:
            self._nodes.append(Apply(layer, (tensor,)))
            tensor = Tensor(len(self._nodes) - 1)
        return tensor

    def _apply(self, place: int, node: Apply, edits: Sequence[Edit]) -> Tensor:
        """Copy a layer, unless it is left out; return the tensor that it gives."""
        inputs = [self._tensor(tensor) for tensor in node.inputs]
        owner = place if node.shares is None else node.shares
        layer = node.layer
        for edit in self._edits.get(owner, ()):
            layer = edit.layer if isinstance(edit, Replace) else layer
        for edit in edits:
            if isinstance(edit, LeaveOut):
                self._left_out.add(place)
                return inputs[0]
            if isinstance(edit, Insert):
                self._insert(node, inputs, edit)
            elif isinstance(edit, Read):
                inputs[1:] = [self._read(tensor) for tensor in edit.tensors]
            elif isinstance(edit, Reshape):
                raise SpecError("only an input has a shape to change")
        shares = self._owners.setdefault(owner, len(self._nodes))
        here = len(self._nodes)
        changes = {"layer": layer, "inputs": tuple(inputs)}
        if type(layer) is not type(node.layer):
            changes |= {"label": self._label(node), "title": None}
        shared = None if shares == here else shares
        self._nodes.append(node.replaced(shares=shared, **changes))
        return Tensor(here)

    def _read(self, tensor: Tensor | Joined) -> Tensor:
        """Return a tensor as it is now, or the one that a new merge makes."""
        if isinstance(tensor, Tensor):
            return self._tensor(tensor)
        inputs = tuple(map(self._tensor, tensor.inputs))
        self._nodes.append(Apply(tensor.layer, inputs, tensor.label))
        return Tensor(len(self._nodes) - 1)

    def _label(self, node: Apply) -> str | None:
        """Return the label that is kept where another class comes: not the name of the old one."""
        default = self._network.dialect.row_name(node.layer.called)
        plain = re.fullmatch(re.escape(default) + r"(_\d+)?", node.label or "")
        return None if plain else node.label

    def _insert(self, node: Apply, inputs: list[Tensor], edit: Insert) -> None:
        """Insert layers before an input of a layer, which may read that input more than once."""
        before = inputs[edit.read]
        tensor = self._append(before, edit.layers)
        for place, read in enumerate(inputs):
            if place == edit.read or (read == before and not node.layer.merges):
                inputs[place] = tensor
