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


class Step(NamedTuple):
    """One call of a layer, or of a model within the model."""

    name: str
    call: int
    what: Layer | Part
    #: What it reads: what it works on, then the masks that ``called`` names.
    sources: tuple[Place, ...]
    called: Called = PLAINLY


class Part(NamedTuple):
    """A model as its file has it, in an order in which each step reads only earlier ones."""

    name: str
    inputs: tuple[tuple[str, tuple[int | None, ...] | None], ...]
    steps: tuple[Step, ...]
    outputs: tuple[Place, ...]


class FileOrigin(Origin):
    """Where a node stands in a file: the names of the models around it, and its own."""

    __slots__ = ("path",)

    def __init__(self, *path: str) -> None:
        self.path = path


class FileSource:
    """The model that a network was read from; edits are made in the spec that says the same."""

    text = None
    letters: frozenset[str] = frozenset()

    def __init__(self, part: Part, notes: Sequence[str], max_layers: int, dialect: Dialect) -> None:
        self.part = part
        self.dialect = dialect
        self.notes = [SpecError(note) for note in notes]
        self._max_layers = max_layers

    def place(self, node: Node) -> Span | None:  # noqa: ARG002  (it has no text)
        """Return None: a file has no text to show."""
        return None

    def read(self, inputs: object, values: object) -> Network:  # noqa: ARG002  (the same for all)
        """Return the network in which models within the model stand open."""
        return networks(self.part, self.dialect, expand=True, max_layers=self._max_layers)

    def edited(self, edits: Sequence[Edit]) -> Source:
        """Make edits in the network, and write it as a spec; raises `SpecError` where it cannot."""
        return self._made.edited(edits)

    def __str__(self) -> str:
        """Write the model as a spec, in which models within it stand open."""
        return str(self._made)

    @cached_property
    def _made(self) -> MadeSource:
        from shapecalc.language.source import MadeSource

        return MadeSource(self.read(None, None), self._max_layers)


def networks(
    part: Part,
    dialect: Dialect,
    *,
    expand: bool,
    notes: Sequence[str] = (),
    max_layers: int,
    declared: bool = False,
) -> Network:
    """Make the network of a model; raises `TooManyError` where it is too much to lay open."""
    if expand:
        closed = networks(part, dialect, expand=False, max_layers=max_layers)
        Budget(max_layers, closed.layers).check()
    placer = _Placer(dialect, expand=expand, max_layers=max_layers)
    entry = []
    for name, known in part.inputs:
        shape = _one_batch(known or (), dialect.letters.batch)
        placer.nodes.append(Input(shape, name, FileOrigin(name)))
        entry.append(Tensor(len(placer.nodes) - 1))
    outputs = placer.place(part, entry, ())
    made = 0 if len(part.inputs) == 1 and part.inputs[0][1] is None else None
    name_inputs(placer.nodes, made, set(), dialect.letters)
    source = FileSource(part, notes, max_layers, dialect)
    return Network(placer.nodes, outputs, source, dialect, declared=declared)


def _one_batch(shape: tuple[int | None, ...], letter: str) -> tuple[Any, ...]:
    """All inputs of a model come in batches of the same size."""
    return (Dim(letter), *shape[1:]) if shape and shape[0] is None else shape


class _Placer:
    """Puts the steps of models into one list of nodes."""

    def __init__(self, dialect: Dialect, *, expand: bool, max_layers: int) -> None:
        self.dialect = dialect
        self.expand = expand
        self.max_layers = max_layers
        self.nodes: list[Node] = []
        self._owners: dict[tuple[str, ...], int] = {}
        self._models: dict[int, Model] = {}

    def place(self, part: Part, entry: Sequence[Tensor], path: tuple[str, ...]) -> list[Tensor]:
        """Place a model that reads these tensors; gives its outputs.

        ``path`` are the names of the models around it, and its own.
        """
        if len(entry) != len(part.inputs):
            called = "/".join(path) or part.name
            raise SpecError(f"{called} takes {len(part.inputs)} tensors, not {len(entry)}")
        made: dict[tuple[str, int], Sequence[Tensor] | int] = {
            (name, 0): [tensor] for (name, _), tensor in zip(part.inputs, entry, strict=True)
        }
        for step in part.steps:
            inputs = [_tensor(made, source) for source in step.sources]
            if not inputs:
                raise SpecError(f"{step.name} reads no tensor")
            own = (*path, step.name)
            if isinstance(step.what, Part) and self.expand:
                worked = inputs[: len(inputs) - len(step.called.masks)]
                made[step.name, step.call] = self.place(step.what, worked, own)
            else:
                made[step.name, step.call] = self._apply(step, own, tuple(inputs))
        return [_tensor(made, output) for output in part.outputs]

    def _apply(self, step: Step, path: tuple[str, ...], inputs: tuple[Tensor, ...]) -> int:
        layer = self._model(step.what) if isinstance(step.what, Part) else step.what
        owner = self._owners.setdefault(path, len(self.nodes))
        shares = None if owner == len(self.nodes) else owner
        origin = FileOrigin(*path)
        self.nodes.append(Apply(layer, inputs, "/".join(path), origin, shares, step.called))
        return len(self.nodes) - 1

    def _model(self, part: Part) -> Model:
        if id(part) not in self._models:
            network = networks(part, self.dialect, expand=self.expand, max_layers=self.max_layers)
            name = "Functional" if part.name == "Model" else part.name
            self._models[id(part)] = Model(class_name=name, network=network)
        return self._models[id(part)]


def _tensor(made: dict[tuple[str, int], Sequence[Tensor] | int], place: Place) -> Tensor:
    name, call, port = place
    found = made.get((name, call))
    if found is None:
        raise SpecError(f"{name}, call {call}, is read before it is there")
    if isinstance(found, int):
        return Tensor(found, port)
    if not 0 <= port < len(found):
        raise SpecError(f"{name} gives {len(found)} tensors, there is no {port}")
    return found[port]
