"""Which variable holds which tensor: few, that are used again as soon as nothing reads them.

What only the next step reads is ``x``; what is kept beside it is ``y``, or has the label that the
source gives it. A loop has a variable that each turn begins with and leaves for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.exporters.loops import Loop
from shapecalc.network import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.loops import Item
    from shapecalc.exporters.names import Names

#: The variables that have no name of their own.
LETTERS: Final = ("x", "y", "z", "u", "v", "w")
#: What is not read.
UNREAD: Final = "_"


class Carried(NamedTuple):
    """What a turn of a loop begins with; ``key`` is that of the loop."""

    key: tuple[int, int]


Value = Tensor | Carried


@dataclass(frozen=True, slots=True)
class Written:
    """A step with the variables that it reads, and those that its outputs are put into."""

    place: int
    reads: Sequence[str]
    targets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Turned:
    """A loop as one step: what it reads (first what its turns start from), and what it gives."""

    loop: Loop
    reads: Sequence[str]
    target: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A loop with its steps, and the variables that are copied before it and at its end."""

    loop: Loop
    before: tuple[str, str] | None
    body: Sequence[Statement]
    after: tuple[str, str] | None


Statement = Written | Repeated | Turned


class Variables:
    """Gives variables to the tensors of a graph, step by step.

    ``inputs`` are the variables of what comes in; those that are ``free`` may be used again.
    ``wanted`` is the name that a tensor should have where it is kept; None for any. ``outputs``
    are what is read at the end: those of the graph. With ``closed`` a loop is one step.
    """

    def __init__(
        self,
        graph: Graph,
        items: Sequence[Item],
        names: Names,
        inputs: Mapping[Tensor, str],
        wanted: Callable[[Tensor], str | None],
        outputs: Sequence[Tensor] | None = None,
        *,
        free: Collection[str] = (),
        closed: bool = False,
    ) -> None:
        self._graph = graph
        self._names = names
        self._wanted = wanted
        self._outputs = graph.outputs if outputs is None else outputs
        self._times = _Times(graph, items, self._outputs, closed=closed)
        self._held: dict[Value, str] = {}
        self._held.update(inputs.items())
        self._free = [names.new(each) for each in LETTERS if not names.is_taken(each)]
        self._letters = [*free, *self._free]
        self._now = 0
        self._carrying: dict[tuple[int, int], str] = {}
        self.steps = self._walk(items, ())

    @property
    def outputs(self) -> list[str]:
        """The variables that hold the outputs."""
        return [self._held[self._times.value(tensor)] for tensor in self._outputs]

    def _walk(self, items: Sequence[Item], loops: tuple[Loop, ...]) -> list[Statement]:
        found: list[Statement] = []
        for item in items:
            if not isinstance(item, Loop):
                found.append(self._step(item, loops))
            elif self._times.closed:
                found.append(self._turned(item))
            else:
                found.append(self._loop(item, loops))
        return found

    def _turned(self, loop: Loop) -> Turned:
        self._now += 1
        reads = [self._held[value] for value in self._times.outside(loop)]
        self._release()
        return Turned(loop, reads, self._target(loop.carried, (), reads, alone=True))

    def _step(self, place: int, loops: tuple[Loop, ...]) -> Written:
        self._now += 1
        values = self._times.reads(place, loops)
        reads = [self._held[value] for value in values]
        self._release()
        count = len(self._graph.shapes(place))
        targets = [
            self._target(Tensor(place, port), loops, reads, alone=count == 1)
            for port in range(count)
        ]
        return Written(place, reads, targets)

    def _target(
        self, tensor: Tensor, loops: tuple[Loop, ...], reads: Sequence[str], *, alone: bool
    ) -> str:
        """Return the variable for an output: that of the loop, its own name, or a free one."""
        last = self._times.last.get(tensor)
        if last is None:
            return UNREAD
        for loop in reversed(loops):
            name = self._carrying[loop.key]
            if loop.carried == tensor and name in self._free:
                return self._hold(tensor, name)
        wanted = self._wanted(tensor) if last > self._now + 1 or not alone else None
        if wanted is not None:
            self._held[tensor] = self._names.new(wanted)
            return self._held[tensor]
        outlives = {self._carrying[loop.key] for loop in loops if last > self._times.end[loop.key]}
        free = [name for name in self._free if name not in outlives]
        again = [name for name in reads if name in free]
        return self._hold(tensor, again[0] if again else free[0] if free else self._another())

    def _another(self) -> str:
        """Return one more variable, where all are in use."""
        name = self._names.new(self._letters[0] if self._letters else LETTERS[0])
        self._letters.append(name)
        self._free.append(name)
        return name

    def _hold(self, value: Value, name: str) -> str:
        self._free.remove(name)
        self._held[value] = name
        return name

    def _release(self) -> None:
        """Free the variables of what is no longer read."""
        for value, name in list(self._held.items()):
            if self._times.last.get(value, 0) <= self._now and name in self._letters:
                del self._held[value]
                self._free.append(name)
        self._free.sort(key=self._letters.index)

    def _loop(self, loop: Loop, loops: tuple[Loop, ...]) -> Repeated:
        self._now += 1
        (entry,) = set(self._times.entries(loop, loops))
        source = self._held[entry]
        self._release()
        before = None
        if source in self._free:
            name = source
        else:
            name = self._free[0] if self._free else self._another()
            before = (name, source)
        self._carrying[loop.key] = self._hold(Carried(loop.key), name)
        body = self._walk(loop.body, (*loops, loop))
        self._now += 1
        after = None
        carried = self._times.value(loop.carried)
        result = self._held[carried]
        if result != name:
            after = (name, result)
            self._held[carried] = name
            if result in self._letters:
                self._free.append(result)
            if name in self._free:
                self._free.remove(name)
        self._release()
        return Repeated(loop, before, body, after)


class _Times:
    """When each value is read last: steps are counted as they are written."""

    def __init__(
        self, graph: Graph, items: Sequence[Item], outputs: Sequence[Tensor], *, closed: bool
    ) -> None:
        self._graph = graph
        self.closed = closed
        #: By each step in a loop that of the first turn.
        self._first: dict[int, int] = {}
        self._note(items)
        self._now = 0
        self.end: dict[tuple[int, int], int] = {}
        self._uses: list[tuple[Value, int, tuple[Loop, ...]]] = []
        self._inside: dict[Value, tuple[Loop, ...]] = {}
        self._walk(items, ())
        never = self._now + 2
        self._uses += [(self.value(tensor), never, ()) for tensor in outputs]
        self.last: dict[Value, int] = {}
        for value, time, loops in self._uses:
            # What comes in from outside is read again in the next turn.
            inside = self._inside.get(value, ())
            outer = next((loop for loop in loops if loop not in inside), None)
            until = time if outer is None else self.end[outer.key]
            self.last[value] = max(until, self.last.get(value, 0))

    def _note(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Loop):
                for turn in item.turns[1:]:
                    self._first.update(zip(turn, item.turns[0], strict=True))
                self._note(item.body)

    def value(self, tensor: Tensor) -> Tensor:
        """Return the tensor of the first turn that is written for a tensor."""
        place = tensor.node
        while place in self._first:
            place = self._first[place]
        return Tensor(place, tensor.port)

    def reads(self, place: int, loops: tuple[Loop, ...]) -> list[Value]:
        """Return what a step reads."""
        tensors = enumerate(self._graph.reads(place))
        return [self._resolved(place, number, tensor, loops) for number, tensor in tensors]

    def entries(self, loop: Loop, loops: tuple[Loop, ...]) -> Iterator[Value]:
        """Return what the first turn of a loop begins with."""
        for place, number in loop.reading:
            yield self._resolved(place, number, loop.entry, loops)

    def outside(self, loop: Loop) -> list[Value]:
        """Return what a loop reads: what its turns start from, then what they all read."""
        inside = set(loop.turns[0])
        found = dict.fromkeys([self.value(loop.entry)])
        for place in loop.turns[0]:
            for tensor in map(self.value, self._graph.reads(place)):
                if tensor.node not in inside:
                    found[tensor] = None
        return list(found)

    def _resolved(self, place: int, number: int, tensor: Tensor, loops: tuple[Loop, ...]) -> Value:
        for loop in reversed(loops):
            if (place, number) in loop.reading:
                return Carried(loop.key)
        return self.value(tensor)

    def _walk(self, items: Sequence[Item], loops: tuple[Loop, ...]) -> None:
        for item in items:
            self._now += 1
            if not isinstance(item, Loop):
                self._uses += [(value, self._now, loops) for value in self.reads(item, loops)]
                for port in range(len(self._graph.shapes(item))):
                    self._inside[Tensor(item, port)] = loops
                continue
            if self.closed:
                self._uses += [(value, self._now, ()) for value in self.outside(item)]
                continue
            self._uses += [(value, self._now, loops) for value in self.entries(item, loops)]
            within = (*loops, item)
            self._inside[Carried(item.key)] = within
            self._walk(item.body, within)
            self._now += 1
            self._uses.append((self.value(item.carried), self._now, within))
            self.end[item.key] = self._now
