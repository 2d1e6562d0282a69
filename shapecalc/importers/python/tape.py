"""Records what a model does while its program runs: a network that is traced as it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.importers.python.positions import CodeOrigin, Position
from shapecalc.importers.python.values import Class, Instance, Tensor
from shapecalc.layers.budget import Budget
from shapecalc.layers.scope import Scope
from shapecalc.network import PLAINLY, Apply, Called, Input, Network
from shapecalc.network import Tensor as Port
from shapecalc.tracing.naming import Naming
from shapecalc.tracing.symbols import Symbols
from shapecalc.tracing.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape
    from shapecalc.importers.python.sizes import Given
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


class Tape:
    """A network that grows, and the letters of sizes that the framework does not know.

    ``owners`` are the nodes that applied an object first, whose weights it has.
    """

    def __init__(
        self, dialect: Dialect, library: str, given: Given, *, training: bool = False
    ) -> None:
        self.dialect = dialect
        self.library = library
        self.network = Network([], (), None, dialect, declared=True)
        symbols = Symbols(self.network, (), given.values, given.facts)
        self.scope = Scope(symbols.facts, dialect, values=symbols.values)
        self.scope.used = symbols.used
        self.scope.trains = training
        self.scope.budget = Budget()
        self.tracer = Tracer(self.network, Naming(dialect), self.scope, symbols)
        given.tapes.append(self)
        self.owners: dict[int, int] = {}
        #: The object that each node applied.
        self.owner_at: dict[int, object] = {}
        #: The layer of the program in whose call each node stands, and where that call begins.
        self.group_at: dict[int, Instance] = {}
        self.group_begin: dict[int, int] = {}
        #: The tensors that come in.
        self.entries: dict[int, Tensor] = {}
        self.unknown: set[str] = set()
        #: The size of the batch, where no shape of an input was given.
        self.batch = given.batch
        self._entered: dict[int, tuple[Tensor, Port]] = {}

    def input(
        self,
        shape: Shape,
        name: str | None = None,
        position: Position | None = None,
        *,
        unknown: frozenset[int] = frozenset(),
        whole: bool | None = None,
    ) -> Tensor:
        """Let a tensor come in."""
        node = Input(shape, name, None if position is None else CodeOrigin(position))
        node.unknown = unknown
        (made,) = self.tracer.add(node)
        port = Port(len(self.network.nodes) - 1)
        tensor = Tensor(made, self.library, tape=self, port=port, whole=whole)
        self.entries[port.node] = tensor
        return tensor

    def group(self, begin: int, owner: Instance) -> None:
        """Note that the nodes from a place on are what a layer of the program did in a call."""
        for place in range(begin, len(self.network.nodes)):
            self.group_at[place], self.group_begin[place] = owner, begin

    def ended(self, outputs: Sequence[Tensor]) -> Network:
        """Return the network as it is now, with these outputs."""
        ports = [t.port for t in outputs if t.tape is self and t.port is not None]
        # A node without outputs is there for its weights, and none is one of the network.
        return Network(
            self.network.nodes, tuple(dict.fromkeys(ports)), None, self.dialect, declared=True
        )

    def forget(self, count: int) -> None:
        """Forget all that is recorded but for the first nodes."""
        self.tracer.keep(count)
        self.owners = {key: place for key, place in self.owners.items() if place < count}
        self.owner_at = {place: each for place, each in self.owner_at.items() if place < count}
        entered = self._entered.items()
        self._entered = {key: known for key, known in entered if known[1].node < count}

    def has(self, tensor: Tensor) -> bool:
        """Return whether a tensor that was made outside is recorded."""
        return id(tensor) in self._entered

    def is_buffer(self, tensor: Tensor) -> bool:
        """Return whether a weight is none of the parameters: in Keras all are."""
        return not tensor.trained and self.library != "keras"

    def frozen(self, tensor: Tensor) -> tuple[str, ...] | None:
        """Return which of the weights that a tensor is are not trained: None for all."""
        kept = tensor.held is not None and self.library == "keras" and not tensor.trained
        return None if tensor.frozen or kept else ()

    def port(self, tensor: Tensor, position: Position | None) -> Port:
        """Return where a tensor is recorded; one that is not yet is so from now on."""
        if tensor.tape is self and tensor.port is not None:
            return tensor.port
        known = self._entered.get(id(tensor))
        if known is not None:
            return known[1]
        from shapecalc.layers.coded import Constant, Parameter

        layer: Layer
        if tensor.held is not None or tensor.trained:
            layer = Parameter(shape=tensor.shape, buffer=self.is_buffer(tensor))
        else:
            layer = Constant(shape=tensor.shape)
        origin = None if position is None else CodeOrigin(position)
        self.tracer.add(Apply(layer, (), tensor.held, origin, frozen=self.frozen(tensor)))
        port = Port(len(self.network.nodes) - 1)
        self._entered[id(tensor)] = (tensor, port)
        return port

    def apply(
        self,
        layer: Layer,
        inputs: Sequence[Tensor],
        position: Position | None,
        *,
        made: Position | None = None,
        label: str | None = None,
        owner: object = None,
        call: Called = PLAINLY,
        title: str | None = None,
        tied: tuple[str, ...] = (),
        frozen: tuple[str, ...] | None = (),
    ) -> list[Tensor]:
        """Apply a layer; raises `ShapeError` where the shapes do not fit."""
        ports = tuple(self.port(tensor, position) for tensor in inputs)
        shares = self.owners.get(id(owner)) if owner is not None else None
        cls = owner.cls if isinstance(owner, Instance) else None
        own = cls.name if isinstance(cls, Class) and not cls.module.is_hidden else None
        origin = None if position is None else CodeOrigin(position, made, own)
        node = Apply(layer, ports, label, origin, shares, call, title, tied, frozen)
        shapes = self.tracer.add(node)
        place = len(self.network.nodes) - 1
        if owner is not None:
            self.owner_at[place] = owner
            self.owners.setdefault(id(owner), place)
        return [
            Tensor(shape, self.library, tape=self, port=Port(place, number))
            for number, shape in enumerate(shapes)
        ]
