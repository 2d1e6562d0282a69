"""A network: inputs, layers and checks, and which reads what, in a dialect; its edits.

All is plain data. It says nothing of text and nothing of what the shapes become. Nodes stand in an
order in which each reads only earlier ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from shapecalc import dialects
from shapecalc.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.dims import Shape, Size
    from shapecalc.errors import Place, ShapecalcError, Span
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


#: Instead of a port: all outputs but the first, which are the states of a recurrent layer.
STATES: Final = -1


class Tensor(NamedTuple):
    """An output of a node: the node's place in the network, and which of its outputs."""

    node: int
    port: int = 0


class Origin:
    """Where a node came from: a place in its source, of which each kind has a kind of its own."""

    __slots__ = ()

    @property
    def line(self) -> int | None:
        """The line of source code in which it is called; None where it came from none."""
        return None

    @property
    def span(self) -> Span | None:
        """The part of the source's text that was read to the node, where it has a text."""
        return None

    @property
    def code(self) -> Place | None:
        """The part of source code in which it is called; None where it came from none."""
        return None


class Input:
    """Where a tensor comes in; without a name it gets Keras's default one.

    ``unknown`` are the axes whose letters were made for sizes that were not given. An input that
    the source leaves out has no origin.
    """

    __slots__ = ("name", "origin", "shape", "unknown")

    def __init__(self, shape: Shape, name: str | None = None, origin: Origin | None = None) -> None:
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


class Called(NamedTuple):
    """What a layer is called with beside what it works on.

    ``masks`` are the names of the last of its inputs, ``values`` what is not a tensor, by name.
    """

    masks: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()


#: A call with nothing else.
PLAINLY: Final = Called()


class Apply:
    """A layer applied to tensors.

    ``origin`` says where it came from, for messages; ``shares`` is the place of the node whose
    weights it uses again; ``call`` is what else it is called with; ``title`` is the function by
    which source code calls it, where it is not a layer there; ``tied`` are the names of those of
    its weights that another node has.
    """

    __slots__ = ("call", "inputs", "label", "layer", "origin", "shares", "tied", "title")

    def __init__(
        self,
        layer: Layer,
        inputs: tuple[Tensor, ...],
        label: str | None = None,
        origin: Origin | None = None,
        shares: int | None = None,
        call: Called = PLAINLY,
        title: str | None = None,
        tied: tuple[str, ...] = (),
    ) -> None:
        self.call = call
        self.title = title
        self.tied = tied
        self.layer = layer
        self.inputs = inputs
        self.label = label
        self.origin = origin
        self.shares = shares

    @property
    def wiring(self) -> tuple[Any, ...]:
        """What it is beside its layer."""
        return (self.inputs, self.label, self.shares, self.call, self.tied)

    @property
    def worked(self) -> tuple[Tensor, ...]:
        """The tensors that it works on: its inputs but for the masks."""
        return self.inputs[: len(self.inputs) - len(self.call.masks)]

    @property
    def masks(self) -> list[tuple[str, Tensor]]:
        """The masks with which it is called, each with its name."""
        names = self.call.masks
        return list(zip(names, self.inputs[len(self.worked) :], strict=True))

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
        self, tensor: Tensor, pattern: tuple[Size | None, ...], origin: Origin | None = None
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
    """Return whether two nodes are equal; layers that many nodes apply are compared once."""
    if isinstance(a, Apply) and isinstance(b, Apply):
        pair = (id(a.layer), id(b.layer))
        if pair not in known and a.layer != b.layer:
            return False
        known.add(pair)
        return a.wiring == b.wiring
    return a == b


class Network:
    """Nodes in order, and the tensors that come out.

    ``source`` is what it was read from (for printing, messages and edits), and is not part of what
    it is: networks are equal where their nodes, their outputs and their dialects are. One that was
    made has none. ``declared`` tells whether the dialect was said, rather than that of what says
    none.
    """

    __slots__ = ("declared", "dialect", "nodes", "outputs", "source")

    def __init__(
        self,
        nodes: Sequence[Node],
        outputs: Sequence[Tensor],
        source: Source | None = None,
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
        if self.source is None:
            raise SpecError("a network that was built, not read, has no text")
        return f"{self.heading}{self.source}"


class Source(Protocol):
    """What a network was read from: the text of a spec, a model file, or a program."""

    @property
    def is_run(self) -> bool:
        """Whether it is read anew for other inputs and values, and has taken them in then."""

    @property
    def text(self) -> str | None:
        """The text in which nodes have their places; None where it has none."""

    @property
    def letters(self) -> AbstractSet[str]:
        """The letters that stand in arguments."""

    @property
    def notes(self) -> Sequence[ShapecalcError]:
        """What is not an error, but may be a mistake."""

    def place(self, node: Node) -> Span | None:
        """Return the part of the text that was read to a node."""

    def read(
        self,
        inputs: Mapping[str | None, tuple[Size | None, ...]],
        values: Mapping[str, Size],
    ) -> Network:
        """Read the network to which edits can be made, for these inputs and values of letters."""

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Return the source with edits of nodes written into it, and everything else unchanged.

        Raises `SpecError` where one cannot be written, or where the result cannot be read.
        """

    def __str__(self) -> str: ...


class Replace(NamedTuple):
    """Replace a layer by another one: with other arguments, in a wrapper, or without one.

    All nodes that share the weights of the layer get it.
    """

    node: int
    layer: Layer


class Insert(NamedTuple):
    """Put layers before a node, into the tensor that it reads first, or into another one."""

    node: int
    layers: tuple[Layer, ...]
    read: int = 0


class Append(NamedTuple):
    """Put layers behind a node: what reads its first output reads theirs."""

    node: int
    layers: tuple[Layer, ...]


class LeaveOut(NamedTuple):
    """Leave out a layer: what read its output reads its first input."""

    node: int


class Reshape(NamedTuple):
    """Give an input another shape."""

    node: int
    shape: Shape


class Joined(NamedTuple):
    """A tensor that a new merge makes of others, and the label that it gets where it has one."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    label: str


class Read(NamedTuple):
    """Let a layer read other tensors beside the first: those that are there, or new ones."""

    node: int
    tensors: tuple[Tensor | Joined, ...]


Edit = Replace | Insert | Append | LeaveOut | Reshape | Read


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
        label = node.label if type(layer) is type(node.layer) else self._label(node)
        shared = None if shares == here else shares
        self._nodes.append(Apply(layer, tuple(inputs), label, node.origin, shared, node.call))
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
