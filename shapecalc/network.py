"""A network: inputs, layers and checks, and which reads what, in a dialect; plain data.

It says nothing of text and nothing of what the shapes become. Nodes stand in an order in which
each reads only earlier ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc import dialects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


#: In the place of a port: all outputs but the first, which are the states of a recurrent layer.
STATES: Final = -1


class Tensor(NamedTuple):
    """An output of a node: the node's place in the network, and which of its outputs."""

    node: int
    port: int = 0


class Input:
    """Where a tensor comes in; without a name it gets Keras's default one.

    ``unknown`` are the axes whose letters were made up for sizes that nobody gave.
    """

    __slots__ = ("name", "origin", "shape", "unknown")

    def __init__(self, shape: Shape, name: str | None = None, origin: object = None) -> None:
        self.shape = shape
        self.name = name
        self.origin = origin
        self.unknown: frozenset[int] = frozenset()

    def _parts(self) -> tuple[Any, ...]:
        return (self.shape, self.name, self.unknown)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Input) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())


class Apply:
    """A layer applied to tensors.

    ``origin`` says where it came from, for messages; ``shares`` is the place of the node whose
    weights it uses again.
    """

    __slots__ = ("inputs", "label", "layer", "origin", "shares")

    def __init__(
        self,
        layer: Layer,
        inputs: tuple[Tensor, ...],
        label: str | None = None,
        origin: object = None,
        shares: int | None = None,
    ) -> None:
        self.layer = layer
        self.inputs = inputs
        self.label = label
        self.origin = origin
        self.shares = shares

    @property
    def wiring(self) -> tuple[Any, ...]:
        """What it is beside its layer."""
        return (self.inputs, self.label, self.shares)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Apply) and self.wiring == other.wiring and self.layer == other.layer
        )

    def __hash__(self) -> int:
        return hash((self.inputs, self.label))


class Requirement:
    """A shape that is required of a tensor; None in it matches any size."""

    __slots__ = ("origin", "pattern", "tensor")

    def __init__(
        self, tensor: Tensor, pattern: tuple[Size | None, ...], origin: object = None
    ) -> None:
        self.tensor = tensor
        self.pattern = pattern
        self.origin = origin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Requirement):
            return False
        return self.tensor == other.tensor and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash((self.tensor, self.pattern))


Node = Input | Apply | Requirement


def _same(a: Node, b: Node, known: set[tuple[int, int]]) -> bool:
    """Whether two nodes are equal; layers that many nodes apply are compared once."""
    if isinstance(a, Apply) and isinstance(b, Apply):
        pair = (id(a.layer), id(b.layer))
        if pair not in known and a.layer != b.layer:
            return False
        known.add(pair)
        return a.wiring == b.wiring
    return a == b


class Network:
    """Nodes in order, and the tensors that come out.

    ``source`` is what it was made of (for printing and for messages), and is no part of what it
    is: networks are equal where their nodes, their outputs and their dialects are. ``declared``
    tells whether that dialect was said, rather than that of what says none.
    """

    __slots__ = ("declared", "dialect", "nodes", "outputs", "source")

    def __init__(
        self,
        nodes: Sequence[Node],
        outputs: Sequence[Tensor],
        source: Any = None,  # noqa: ANN401
        dialect: Dialect | None = None,
        *,
        declared: bool = False,
    ) -> None:
        self.nodes = list(nodes)
        self.outputs = tuple(outputs)
        self.source = source
        self.dialect = dialects.default() if dialect is None else dialect
        self.declared = declared

    @property
    def inputs(self) -> list[Input]:
        """The nodes where tensors come in."""
        return [node for node in self.nodes if isinstance(node, Input)]

    @property
    def layers(self) -> list[Layer]:
        """The layers, each as often as it is applied."""
        return [node.layer for node in self.nodes if isinstance(node, Apply)]

    @property
    def heading(self) -> str:
        """What stands before its text, where it is not of the default dialect."""
        return "" if self.dialect.name == dialects.DEFAULT else f"dialect:{self.dialect.name},"

    def under(self, dialect: Dialect | None) -> Network:
        """Return the network in a dialect that is given, if it says none of its own.

        Raises `SpecError` where it does, or where its layers are not of that dialect.
        """
        if dialect is None or dialect == self.dialect:
            return self
        if self.declared or dialect.catalogue is not self.dialect.catalogue:
            raise dialects.disagreement(self.dialect.name, dialect.name)
        return Network(self.nodes, self.outputs, self.source, dialect, declared=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network) or self.outputs != other.outputs:
            return False
        if self.dialect != other.dialect:
            return False
        known: set[tuple[int, int]] = set()
        return len(self.nodes) == len(other.nodes) and all(
            _same(a, b, known) for a, b in zip(self.nodes, other.nodes, strict=True)
        )

    def __hash__(self) -> int:
        return hash((len(self.nodes), self.outputs))

    def __str__(self) -> str:
        return f"{self.heading}{self.source}"
