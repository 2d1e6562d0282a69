"""The layers of a model of Keras, in the order in which ``model.layers`` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.values import Instance, LibraryClass, Value
from shapecalc.network import Apply, Input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.importers.python.library.kerasgraph import Graph
    from shapecalc.importers.python.tape import Tape


def layers_of(graph: Graph, input_layer: LibraryClass) -> list[Value]:
    """Return the layers between inputs and outputs, those furthest from an output first.

    Of layers that are as far, that comes first which is met first on the way back from the
    outputs. An input is a layer too.
    """
    tape = graph.tape
    if tape is None:
        return []
    calls = _Calls(graph, tape)
    far: dict[Instance | int, int] = {}
    depth: dict[int, int] = {}
    for call in reversed(calls.done):
        operation = calls.operation(call)
        depth[call] = far[operation] = max(depth.get(call, 0), far.get(operation, 0))
        for before in calls.before(call):
            depth[before] = max(depth.get(before, 0), depth[call] + 1)
    for tensor in graph.inputs:
        if tensor.port is not None and isinstance(tape.network.nodes[tensor.port.node], Input):
            operation = calls.operation(tensor.port.node)
            far.setdefault(operation, 0)
            calls.met.setdefault(operation, -1)
    ordered = sorted(far, key=lambda operation: (-far[operation], calls.met[operation]))
    made: list[Value] = []
    for operation in ordered:
        if isinstance(operation, Instance):
            made.append(operation)
        elif isinstance(tape.network.nodes[operation], Input):
            made.append(_entry(tape, operation, input_layer))
    return made


class _Calls:
    """The calls of layers in a graph, from the outputs back; a layer of the program is one.

    Attributes:
        done: the calls, each behind those that it reads.
        met: when each operation was met first.
    """

    def __init__(self, graph: Graph, tape: Tape) -> None:
        self._tape = tape
        self._known = set(graph.places())
        self._stops = {each.port.node for each in graph.inputs if each.port is not None}
        self.done: list[int] = []
        self.met: dict[Instance | int, int] = {}
        for tensor in flat(graph.outputs):
            if tensor.port is not None:
                self._follow(self._first(tensor.port.node))

    def operation(self, call: int) -> Instance | int:
        """Return the layer that is called, or the place of what is none."""
        owner = self._tape.group_at.get(call, self._tape.owner_at.get(call))
        return owner if isinstance(owner, Instance) else call

    def before(self, call: int) -> Iterator[int]:
        """Yield the calls that one reads, in the order of its inputs."""
        seen = set()
        for place in self._places(call):
            node = self._tape.network.nodes[place]
            for port in node.inputs if isinstance(node, Apply) else ():
                other = self._first(port.node)
                if other != call and other not in seen and self._enters(other):
                    seen.add(other)
                    yield other

    def _enters(self, place: int) -> bool:
        nodes = self._tape.network.nodes
        return place not in self._stops or isinstance(nodes[place], Input)

    def _first(self, place: int) -> int:
        """Return the first place of the call that a place is part of."""
        return self._tape.group_begin.get(place, place)

    def _places(self, call: int) -> Iterator[int]:
        yield call
        if call in self._tape.group_at:
            place = call + 1
            while self._tape.group_begin.get(place) == call:
                if place in self._known:
                    yield place
                place += 1

    def _follow(self, call: int) -> None:
        """Go back from a call, depth first."""
        finished = set(self.done)
        if call in finished or not self._enters(call):
            return
        waiting: list[tuple[int, Iterator[int]]] = []
        self._meet(call, waiting)
        while waiting:
            here, others = waiting[-1]
            after = next((each for each in others if each not in finished), None)
            if after is None:
                waiting.pop()
                finished.add(here)
                self.done.append(here)
            else:
                self._meet(after, waiting)

    def _meet(self, call: int, waiting: list[tuple[int, Iterator[int]]]) -> None:
        self.met.setdefault(self.operation(call), len(self.met))
        waiting.append((call, self.before(call)))


def _entry(tape: Tape, place: int, cls: LibraryClass) -> Instance:
    """Return the layer that an input is."""
    known = tape.owner_at.get(place)
    if isinstance(known, Instance):
        return known
    made = Instance(cls, None)
    tensor = tape.entries[place]
    made.attrs.update(name=tape.tracer.naming.names[place])
    made.attrs.update({"?output": tensor, "?read": tensor, "?input": list(tensor.shape)})
    tape.owner_at[place] = made
    return made
