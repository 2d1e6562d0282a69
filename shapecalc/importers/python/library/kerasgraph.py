"""A model of Keras between tensors: what lies between them, as a network and applied again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import equal
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.importers.python.layers import flat, run_layer
from shapecalc.importers.python.library.freezing import is_frozen
from shapecalc.importers.python.library.kerastensors import shape_of
from shapecalc.importers.python.rewrites import for_each_step
from shapecalc.importers.python.values import UNKNOWN, Class, Instance, Tensor, Value
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.substitution import with_values
from shapecalc.network import Apply, Input, Network
from shapecalc.network import Tensor as Port
from shapecalc.tracing.walk import entering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.tape import Tape
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Node


class Graph:
    """A model between tensors: what comes in and what comes out."""

    def __init__(self, inputs: Value, outputs: Value) -> None:
        self.inputs = flat(inputs)
        self.outputs = outputs

    @property
    def tape(self) -> Tape | None:
        """Where it is recorded."""
        return next((each.tape for each in flat(self.outputs) if each.tape is not None), None)

    def places(self) -> list[int]:
        """Return the nodes between inputs and outputs, in order."""
        tape = self.tape
        if tape is None:
            return []
        stops = {each.port.node for each in self.inputs if each.port is not None}
        found = set(stops)
        waiting = [each.port.node for each in flat(self.outputs) if each.port is not None]
        while waiting:
            place = waiting.pop()
            if place in found:
                continue
            found.add(place)
            node = tape.network.nodes[place]
            if isinstance(node, Apply):
                waiting += [port.node for port in node.inputs]
        return sorted(found)

    def unconnected(self) -> str | None:
        """Return what an output depends on that is not an input; None where all are."""
        tape = self.tape
        if tape is None:
            return None
        stops = {each.port.node for each in self.inputs if each.port is not None}
        for place in self.places():
            if place not in stops and isinstance(tape.network.nodes[place], Input):
                return tape.tracer.naming.names[place]
        return None

    def network(self, *, frozen: bool = False) -> Network:
        """Return the network that it is, with weights that are first used in it.

        With ``frozen`` none of them is trained.
        """
        tape = self.tape
        if tape is None:
            raise SpecError("the model has no outputs that are known")
        moved: dict[int, int] = {}
        owners: dict[int, int] = {}
        nodes: list[Node] = []
        entries = {each.port.node: each for each in self.inputs if each.port is not None}
        # Who calls it gives its inputs in their order, whichever of them was made first.
        for place in [*entries, *(each for each in self.places() if each not in entries)]:
            node = tape.network.nodes[place]
            moved[place] = len(nodes)
            if place in entries and not isinstance(node, Input):
                nodes.append(Input(entries[place].shape))
            elif isinstance(node, Apply):
                owner = tape.owner_at.get(place)
                shares = None if owner is None else owners.get(id(owner))
                if owner is not None and shares is None:
                    owners[id(owner)] = len(nodes)
                ports = tuple(Port(moved[port.node], port.port) for port in node.inputs)
                still = None if frozen or is_frozen(owner) else node.frozen
                nodes.append(node.replaced(inputs=ports, shares=shares, tied=(), frozen=still))
            else:
                nodes.append(node)
        nodes += unread(tape, dict.fromkeys(filter(None, map(tape.group_at.get, moved))))
        outputs = [Port(moved[e.port.node], e.port.port) for e in flat(self.outputs) if e.port]
        return Network(nodes, tuple(dict.fromkeys(outputs)), None, KERAS, declared=True)

    def applied(
        self,
        m: Machine,
        inputs: Sequence[Tensor],
        call: Call,
        owner_of: Callable[[Value], Value] | None = None,
    ) -> Value:
        """Apply the model to other tensors: all that lies in it, with the same weights.

        Or with those of other layers, where ``owner_of`` says which one takes the place of each.
        """
        tape = self.tape
        if tape is None:
            return UNKNOWN
        if len(inputs) != len(self.inputs):
            count = len(self.inputs)
            text = f"the model takes {count} input{'s' * (count != 1)}, but gets {len(inputs)}"
            m.fail("ValueError", text, call.position, rule="argument")
        known: dict[Port, Tensor] = {}
        for mine, other in zip(self.inputs, inputs, strict=True):
            taken = _adjusted(mine, other)
            self.check(m, mine, taken, call)
            if mine.port is not None:
                known[mine.port] = taken
        entries = {each.port.node for each in self.inputs if each.port is not None}
        own = [(each.shape, known[each.port].shape) for each in self.inputs if each.port]
        values = entering(*zip(*own, strict=True)) if own else {}
        for place in self.places():
            node = tape.network.nodes[place]
            if place in entries or not isinstance(node, Apply):
                continue
            made = getattr(node.origin, "made", None)
            layer = _reading(m, node.layer, values, call) if values else node.layer
            outputs = run_layer(
                m, layer, [known[port] for port in node.inputs], call.position,
                library="keras", made=made, label=node.label, call=node.call, title=node.title,
                owner=(owner_of or _itself)(tape.owner_at.get(place)),
            )  # fmt: skip
            if owner_of is not None:
                self._settle(place, outputs, owner_of)
            for number, each in enumerate(outputs):
                known[Port(place, number)] = each
        return _mapped(self.outputs, known)

    def _settle(
        self, place: int, outputs: Sequence[Tensor], owner_of: Callable[[Value], Value]
    ) -> None:
        """Tell a layer that took the place of another one what it gave."""
        tape, made = self.tape, outputs[0].tape
        assert tape is not None  # noqa: S101  (it was walked through)
        group = tape.group_at.get(place)
        owner = owner_of(tape.owner_at.get(place) if group is None else group)
        if not isinstance(owner, Instance):
            return
        owner.attrs["?output"] = outputs[0] if len(outputs) == 1 else list(outputs)
        port = outputs[0].port
        if group is not None and made is not None and port is not None:
            before = port.node - 1
            follows = made.group_at.get(before) is owner
            made.group_at[port.node] = owner
            made.group_begin[port.node] = made.group_begin[before] if follows else port.node

    def check(self, m: Machine, mine: Tensor, other: Tensor, call: Call) -> None:
        """Refuse an input of another shape than the model was made for."""
        wanted, got = shape_of(mine), shape_of(other)
        fits = len(wanted) == len(got) and all(
            a is None or b is None or equal(a, b) is not False
            for a, b in zip(wanted, got, strict=True)
        )
        if not fits:
            text = f"the model was made for {_text(wanted)}, but gets {_text(got)}"
            rule = "rank" if len(wanted) != len(got) else "merge"
            steps = len(got) == len(wanted) + 1 and got[2:] == wanted[1:]
            mended = for_each_step(call.position) if steps else []
            m.fail("ValueError", text, call.position, rule=rule, rewrites=mended)


def _reading(m: Machine, layer: Layer, values: Mapping[str, Size], call: Call) -> Layer:
    """Return a layer that has what comes in instead of letters of the model's inputs."""
    try:
        return with_values(layer, values, KERAS.catalogue)
    except ShapecalcError as error:
        return m.refuse(error, call.position)


def _itself(owner: Value) -> Value:
    return owner


def unread(tape: Tape, owners: Iterable[Instance]) -> Iterator[Node]:
    """Yield the weights that layers of the program made and do not read: they are there too."""
    seen: set[int] = set()
    for owner in owners:
        for tensor in _weights(owner, seen):
            if not tape.has(tensor):
                from shapecalc.layers.coded import Parameter

                frozen = None if is_frozen(owner) else tape.frozen(tensor)
                layer = Parameter(shape=tensor.shape, buffer=tape.is_buffer(tensor))
                yield Apply(layer, (), tensor.held, frozen=frozen)


def _weights(owner: Instance, seen: set[int]) -> Iterator[Tensor]:
    """Yield the weights that a layer of the program has, and those that it holds."""
    waiting: list[Value] = [owner]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Tensor):
            if value.held is not None and id(value) not in seen:
                seen.add(id(value))
                yield value
        elif isinstance(value, Instance | list | tuple | dict) and id(value) not in seen:
            seen.add(id(value))
            if isinstance(value, Instance):
                is_own = isinstance(value.cls, Class) and value.payload is None
                waiting += [v for k, v in value.attrs.items() if is_own and not k.startswith("?")]
            else:
                waiting += value.values() if isinstance(value, dict) else value


def _adjusted(mine: Tensor, other: Tensor) -> Tensor:
    """Add or take a last axis of 1 of data, as Keras does."""
    wanted, got = shape_of(mine), shape_of(other)
    if other.tape is not None:
        return other
    if len(got) == len(wanted) - 1 and wanted[-1] == 1:
        return Tensor((*other.shape, 1), other.library, whole=other.whole)
    if len(got) == len(wanted) + 1 and got[-1] == 1:
        return Tensor(other.shape[:-1], other.library, whole=other.whole)
    return other


def _text(shape: Sequence[Value]) -> str:
    return f"({', '.join(map(str, shape))})"


def _mapped(value: Value, known: dict[Port, Tensor]) -> Value:
    if isinstance(value, Tensor):
        return known.get(value.port, UNKNOWN) if value.port is not None else UNKNOWN
    if isinstance(value, list | tuple):
        return type(value)(_mapped(each, known) for each in value)
    if isinstance(value, dict):
        return {key: _mapped(each, known) for key, each in value.items()}
    return value
