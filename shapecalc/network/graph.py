"""A network: its nodes and outputs in a dialect, and the source that it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shapecalc import dialects
from shapecalc.errors import SpecError
from shapecalc.network.nodes import Apply, Input, Node, Tensor
from shapecalc.network.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.dims import Size
    from shapecalc.errors import AnyError, ShapecalcError, Span
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer
    from shapecalc.network.edits import Edit


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

    __slots__ = ("_said", "declared", "dialect", "nodes", "outputs", "source")

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
        self._said: Said | Callable[[], Said] = Said()

    @property
    def said(self) -> Said:
        """What was read of the training of the model; it is looked for when it is first asked."""
        if not isinstance(self._said, Said):
            self._said = self._said()
        return self._said

    def say(self, said: Said | Callable[[], Said]) -> None:
        """Keep what was read of the training of the model, or what finds it."""
        self._said = said

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

    def placed(self, error: AnyError, node: Node) -> AnyError:
        """Return an error with where in the source a node is; as it is where there is none."""
        if self.source is None:
            return error
        place = None if node.origin is None else node.origin.code
        if place is not None:
            return error.replaced(place=place)
        return error.replaced(span=self.source.place(node), source=self.source.text)

    def under(self, dialect: Dialect | None) -> Network:
        """Return the network in a dialect that is given, if it says none of its own.

        Raises `SpecError` where it does, or where its layers are not of that dialect.
        """
        if dialect is None or dialect == self.dialect:
            return self
        if self.declared or dialect.catalogue is not self.dialect.catalogue:
            raise dialects.disagreement(self.dialect.name, dialect.name)
        found = Network(self.nodes, self.outputs, self.source, dialect, declared=True)
        found.say(self._said)
        return found

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

    def __repr__(self) -> str:
        layers = sum(isinstance(node, Apply) for node in self.nodes)
        return f"<Network of {layers} {'layer' if layers == 1 else 'layers'}, {self.dialect.name}>"

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

    def written(self, edits: Sequence[Edit]) -> str | None:
        """Return the text of `edited`, which is not read; None where that is the same work.

        Raises `SpecError` where an edit cannot be written.
        """

    def __str__(self) -> str: ...
