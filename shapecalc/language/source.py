"""What networks are read from, or could be: the text of a spec, in which edits can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.language.arguments import argument_letters
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.network import Network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.errors import Span, SpecError
    from shapecalc.language.resolve import Resolver
    from shapecalc.language.syntax import Stack
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Edit, Node, Source, Tensor


class SpecSource:
    """The spec that a network was read from; as a text it has the canonical form."""

    is_run = False

    def __init__(
        self, stack: Stack, resolver: Resolver, notes: Sequence[SpecError], max_layers: int
    ) -> None:
        self.text = resolver.text
        self.notes = notes
        self.nodes: Sequence[Node] = ()
        self.outputs: Sequence[Tensor] = ()
        self._stack = stack
        self._resolver = resolver
        self._max_layers = max_layers

    @property
    def letters(self) -> set[str]:
        """The letters that stand in arguments."""
        return self._resolver.letters

    def place(self, node: Node) -> Span | None:
        """Return the part of the text that was read to a node."""
        return node.origin.span if node.origin else None

    def read(self, inputs: object, values: object) -> Network:  # noqa: ARG002  (the same for all)
        """Return the network that was read."""
        return Network(self.nodes, self.outputs, self, self._resolver.dialect, declared=True)

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Write edits into the text as it was written.

        A step from which several nodes came, such as one in a repeat, is edited for all of them.
        Raises `SpecError` where an edit cannot be written, or where the result cannot be read.
        """
        return _read(self.written(edits), self._resolver.dialect, self._max_layers)

    def written(self, edits: Sequence[Edit]) -> str:
        """Return the text with edits, which is not read; raises `SpecError`."""
        from shapecalc.language.edits import Editor

        resolver = self._resolver
        editor = Editor(self.text, self._stack, self.nodes, resolver.dialect, resolver.reads)
        return editor.edited(edits)

    def __str__(self) -> str:
        from shapecalc.language.printer import print_stack

        return print_stack(self._stack, self._resolver)


class MadeSource:
    """A network that was not read from a spec, as a source: it is written as one when edited."""

    text = None
    is_run = False
    notes: Sequence[SpecError] = ()

    def __init__(self, network: Network, max_layers: int = MAX_LAYERS) -> None:
        self._network = network
        self._max_layers = max_layers

    @property
    def letters(self) -> AbstractSet[str]:
        """The letters that stand in arguments."""
        return argument_letters(self._network)

    def place(self, node: Node) -> Span | None:  # noqa: ARG002  (it has no text)
        """Return None."""
        return None

    def read(self, inputs: object, values: object) -> Network:  # noqa: ARG002  (the same for all)
        """Return the network."""
        return self._network

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Make edits in the network, and write it as a spec.

        Raises `SpecError` where it cannot be written, or where the result cannot be read.
        """
        return _read(self.written(edits), self._network.dialect, self._max_layers)

    def written(self, edits: Sequence[Edit]) -> str:
        """Return the spec with edits, which is not read; raises `SpecError`."""
        from shapecalc.language.writer import write_network
        from shapecalc.network.editing import edited

        return write_network(edited(self._network, edits))

    def __str__(self) -> str:
        from shapecalc.language.writer import write_network

        return write_network(self._network)


def _read(text: str, dialect: Dialect, max_layers: int) -> Source:
    from shapecalc.language.build import parse

    source = parse(text, dialect=dialect, max_layers=max_layers).source
    assert source is not None  # noqa: S101  (what is read has one)
    return source
