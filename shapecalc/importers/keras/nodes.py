"""From what was read of a model to the nodes of a network; inner models whole or laid open."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.language.inputs import name_inputs
from shapecalc.layers.budget import Budget
from shapecalc.network import PLAINLY, Apply, Called, Input, Network, Node, Origin, Tensor
from shapecalc.tracing.nested import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.errors import Span
    from shapecalc.language.source import MadeSource
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit, Source

#: A tensor of a model: the layer, which of its calls, which output.
Place = tuple[str, int, int]


class LayerCall(NamedTuple):
    """One call of a layer, or of a model within the model."""

    name: str
    number: int
    what: Layer | ModelGraph
    #: What it reads: what it works on, then the masks that ``called`` names.
    sources: tuple[Place, ...]
    called: Called = PLAINLY


class ModelGraph(NamedTuple):
    """A model as its file has it, in an order in which each call reads only earlier ones."""

    name: str
    inputs: tuple[tuple[str, tuple[int | None, ...] | None], ...]
    calls: tuple[LayerCall, ...]
    outputs: tuple[Place, ...]


class FileOrigin(Origin):
    """Where a node stands in a file: the names of the models around it, and its own."""

    __slots__ = ("path",)

    def __init__(self, *path: str) -> None:
        self.path = path


class FileSource:
    """The model that a network was read from; edits are made in the spec that says the same."""

    text = None
    is_run = False
    letters: frozenset[str] = frozenset()

    def __init__(
        self, graph: ModelGraph, notes: Sequence[str], max_layers: int, dialect: Dialect
    ) -> None:
        self.graph = graph
        self.dialect = dialect
        self.notes = [SpecError(note) for note in notes]
        self._max_layers = max_layers

    def place(self, node: Node) -> Span | None:  # noqa: ARG002  (it has no text)
        """Return None: a file has no text to show."""
        return None

    def read(self, inputs: object, values: object) -> Network:  # noqa: ARG002  (the same for all)
        """Return the network in which models within the model stand open."""
        return networks(self.graph, self.dialect, expand=True, max_layers=self._max_layers)

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Make edits in the network, and write it as a spec; raises `SpecError` where it cannot."""
        return self._made.edited(edits)

    def written(self, edits: Sequence[Edit]) -> str | None:
        """Return the spec of the network with edits, which is not read."""
        return self._made.written(edits)

    def __str__(self) -> str:
        """Write the model as a spec, in which models within it stand open."""
        return str(self._made)

    @cached_property
    def _made(self) -> MadeSource:
        from shapecalc.language.source import MadeSource

        return MadeSource(self.read(None, None), self._max_layers)


def networks(
    graph: ModelGraph,
    dialect: Dialect,
    *,
    expand: bool,
    notes: Sequence[str] = (),
    max_layers: int,
    declared: bool = False,
) -> Network:
    """Make the network of a model; raises `TooManyError` where it is too much to lay open."""
    if expand:
        closed = networks(graph, dialect, expand=False, max_layers=max_layers)
        Budget(max_layers, lambda: closed.layers).check()
    placer = _Placer(dialect, expand=expand, max_layers=max_layers)
    entry = []
    for name, known in graph.inputs:
        shape = _one_batch(known or (), dialect.letters.batch)
        placer.nodes.append(Input(shape, name, FileOrigin(name)))
        entry.append(Tensor(len(placer.nodes) - 1))
    outputs = placer.place(graph, entry, ())
    made = 0 if len(graph.inputs) == 1 and graph.inputs[0][1] is None else None
    name_inputs(placer.nodes, made, set(), dialect.letters)
    source = FileSource(graph, notes, max_layers, dialect)
    return Network(placer.nodes, outputs, source, dialect, declared=declared)


def _one_batch(shape: tuple[int | None, ...], letter: str) -> tuple[Any, ...]:
    """Give all inputs of a model the same batch."""
    return (Dim(letter), *shape[1:]) if shape and shape[0] is None else shape


class _Placer:
    """Puts the layers of models into one list of nodes."""

    def __init__(self, dialect: Dialect, *, expand: bool, max_layers: int) -> None:
        self.dialect = dialect
        self.expand = expand
        self.max_layers = max_layers
        self.nodes: list[Node] = []
        self._owners: dict[tuple[str, ...], int] = {}
        self._models: dict[int, Model] = {}

    def place(
        self, graph: ModelGraph, entry: Sequence[Tensor], path: tuple[str, ...]
    ) -> list[Tensor]:
        """Place a model that reads these tensors; gives its outputs.

        ``path`` are the names of the models around it, and its own.
        """
        if len(entry) != len(graph.inputs):
            called = "/".join(path) or graph.name
            raise SpecError(f"{called} takes {len(graph.inputs)} tensors, not {len(entry)}")
        made: dict[tuple[str, int], Sequence[Tensor] | int] = {
            (name, 0): [tensor] for (name, _), tensor in zip(graph.inputs, entry, strict=True)
        }
        for applied in graph.calls:
            inputs = [_tensor(made, source) for source in applied.sources]
            if not inputs:
                raise SpecError(f"{applied.name} reads no tensor")
            own = (*path, applied.name)
            if isinstance(applied.what, ModelGraph) and self.expand:
                worked = inputs[: len(inputs) - len(applied.called.masks)]
                made[applied.name, applied.number] = self.place(applied.what, worked, own)
            else:
                made[applied.name, applied.number] = self._apply(applied, own, tuple(inputs))
        return [_tensor(made, output) for output in graph.outputs]

    def _apply(self, applied: LayerCall, path: tuple[str, ...], inputs: tuple[Tensor, ...]) -> int:
        layer = self._model(applied.what) if isinstance(applied.what, ModelGraph) else applied.what
        owner = self._owners.setdefault(path, len(self.nodes))
        shares = None if owner == len(self.nodes) else owner
        origin = FileOrigin(*path)
        self.nodes.append(Apply(layer, inputs, "/".join(path), origin, shares, applied.called))
        return len(self.nodes) - 1

    def _model(self, graph: ModelGraph) -> Model:
        if id(graph) not in self._models:
            network = networks(graph, self.dialect, expand=self.expand, max_layers=self.max_layers)
            name = "Functional" if graph.name == "Model" else graph.name
            self._models[id(graph)] = Model(class_name=name, network=network)
        return self._models[id(graph)]


def _tensor(made: dict[tuple[str, int], Sequence[Tensor] | int], place: Place) -> Tensor:
    name, call, port = place
    found = made.get((name, call))
    if found is None:
        raise SpecError(f"{name}, call {call}, is used before it exists")
    if isinstance(found, int):
        return Tensor(found, port)
    if not 0 <= port < len(found):
        raise SpecError(f"{name} gives {len(found)} tensors, there is no {port}")
    return found[port]
