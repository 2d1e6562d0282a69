"""The names of nodes: those that the source gives, and else the framework's default ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.network import Apply, Input, Network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Node


def node_names(network: Network) -> list[str]:
    """Return the name of every node of a network."""
    return named_nodes(network).names


def named_nodes(network: Network) -> Naming:
    """Name every node of a network, each with the name that its source gives, if it gives one."""
    return Naming(network.dialect, network=network)


def given_names(network: Network) -> set[str]:
    """Return the names that the source of a network gives, which no other node gets."""
    return {name for node in network.nodes if (name := _given_name(node))}


class Naming:
    """Names nodes as they come: by label, by the name that it was given, or as the dialect does.

    No two names are equal, but for a check, which has the name of the tensor that it looks at.
    """

    def __init__(
        self, dialect: Dialect, reserved: Iterable[str] = (), network: Network | None = None
    ) -> None:
        """Reserve the names that nodes are given which are still to come.

        Those of a network that is there are named once a name is asked for.
        """
        self._dialect = dialect
        self._waiting = network
        self._names: list[str] = []
        self._reserved = set(reserved)
        self._used: set[str] = set()
        self._counts: dict[str, int] = {}

    @property
    def names(self) -> list[str]:
        """The names of all nodes, by their place."""
        if self._waiting is not None:
            network, self._waiting = self._waiting, None
            self._reserved |= given_names(network)
            for node in network.nodes:
                self.add(node)
        return self._names

    def add(self, node: Node) -> str:
        """Name the next node."""
        if isinstance(node, Apply):
            given = node.label or node.layer.name
            name = self._free(given, given or self._default(node))
        elif isinstance(node, Input):
            name = self._free(node.name, node.name or self._dialect.input_name)
        else:
            name = self._names[node.tensor.node]
        self._names.append(name)
        return name

    def keep(self, count: int) -> None:
        """Forget the names of all nodes but the first ones, which are free again."""
        if len(self.names) > count:
            self._used.difference_update({*self.names[count:]} - {*self.names[:count]})
            del self.names[count:]

    def _default(self, node: Apply) -> str:
        if node.title is not None:
            return node.title.rpartition(".")[2]
        return self._dialect.row_name(type(node.layer).__name__)

    def _free(self, given: str | None, base: str) -> str:
        """Return a new name: the first is bare, the others are numbered."""
        name = base
        if name != given or name in self._used:
            count = self._counts.get(base, 0)
            name = f"{base}_{count}" if count else base
            while name in self._used or name in self._reserved:
                count += 1
                name = f"{base}_{count}"
            self._counts[base] = count + 1
        self._used.add(name)
        return name


def _given_name(node: Node) -> str | None:
    if isinstance(node, Apply):
        return node.label or node.layer.name
    return node.name if isinstance(node, Input) else None
