"""Repeats in a network, as loops: equal runs of steps, each of which goes on from the last one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.network import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from shapecalc.exporters.graph import Graph

#: The most steps a turn of a loop has.
LONGEST: Final = 200
#: The least number of lines that a loop not written in the source must save.
_SPARED: Final = 2


#: The places of the steps of each turn.
Turns = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Loop:
    """Steps that are repeated.

    Attributes:
        turns: the places of the steps of each turn.
        body: the steps of the first turn, of which some may be loops.
        entry: the tensor from which the first turn starts.
        carried: the tensor of the first turn from which the second one goes on.
        reading: the places of the first turn, and which of their reads, that read the tensor from
            which the turn starts.
    """

    turns: Turns
    body: Sequence[Item]
    entry: Tensor
    carried: Tensor
    reading: frozenset[tuple[int, int]]

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from others, also from one that begins with the same step."""
        return self.turns[0][0], len(self.turns[0])

    @property
    def count(self) -> int:
        """How many turns there are."""
        return len(self.turns)


Item = int | Loop


class Handed(NamedTuple):
    """What one turn hands to the next: see `Loop`."""

    entry: Tensor
    carried: Tensor
    reading: frozenset[tuple[int, int]]


class Loops:
    """Finds the loops of a graph.

    ``key`` says of a step what it is, so that steps with equal keys can be written by one line;
    ``fits`` tells whether the steps of some turns can be written so.
    """

    def __init__(
        self,
        graph: Graph,
        key: Callable[[int], Hashable],
        fits: Callable[[Turns], bool] = lambda _: True,
    ) -> None:
        self.graph = graph
        self._fits = fits
        self.keys = {place: key(place) for place in graph.steps}
        self._reads = {place: graph.reads(place) for place in graph.steps}
        #: The steps that read each step, or use its weights; the last one also the end.
        self._last_use = self._last_uses()
        self._origins = {place: self._origin(place) for place in graph.steps}
        counts = Counter(self._origins.values())
        #: The steps that came from one place of the source with others, as those of a repeat do.
        self._repeats = {place for place, each in self._origins.items() if counts[each] > 1}

    def _last_uses(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for place in self.graph.steps:
            for tensor in self._reads[place]:
                found[tensor.node] = place
            owner = self.graph.owners[place]
            found[owner] = max(place, found.get(owner, place))
        end = len(self.graph.network.nodes)
        return found | {tensor.node: end for tensor in self.graph.outputs}

    def items(self, steps: Sequence[int] | None = None, least: int = 1) -> list[Item]:
        """Return steps with loops where they repeat; a loop has at least so many steps a turn."""
        steps = self.graph.steps if steps is None else steps
        found: list[Item] = []
        at = 0
        while at < len(steps):
            loop = self._best(steps, at, least)
            if loop is None:
                found.append(steps[at])
                at += 1
            else:
                found.append(loop)
                at += len(loop.turns[0]) * loop.count
        return found

    def _best(self, steps: Sequence[int], at: int, least: int) -> Loop | None:
        """Return the loop that begins here and spares the most."""
        best: tuple[int, int, int, Handed] | None = None
        first = self.keys[steps[at]]
        for length in range(least, min(LONGEST, (len(steps) - at) // 2) + 1):
            if self.keys[steps[at + length]] != first or not self._goes_together(
                steps[at : at + 2 * length]
            ):
                continue
            if best is not None and len(steps) - at - length <= best[0]:
                break  # no longer turn can spare more
            if not self._fits(_turns(steps, at, length, 2)):
                continue
            count, handed = self._count(steps, at, length)
            spared = (count - 1) * length
            if handed is None or (best is not None and spared <= best[0]):
                continue
            if not self._fits(_turns(steps, at, length, count)):
                continue
            if spared >= _SPARED or steps[at] in self._repeats:
                best = spared, length, count, handed
        if best is None:
            return None
        _, length, count, handed = best
        turns = _turns(steps, at, length, count)
        inner = self.items(turns[0]) if length > 1 else list(turns[0])
        return Loop(turns, inner, *handed)

    def _origin(self, place: int) -> int:
        """Return the place of the source where a step is written; one of its own where none is."""
        origin = self.graph.node(place).origin
        return -place if origin is None else id(origin)

    def _goes_together(self, steps: Sequence[int]) -> bool:
        """Return whether two turns are those of a repeat in the source, or of none.

        A turn that begins within a repeat, or before it, is not one that a person would write.
        """
        half = len(steps) // 2
        if self._repeats.isdisjoint(steps):
            return True
        origins = [self._origins[place] for place in steps]
        return origins[:half] == origins[half:]

    def _count(self, steps: Sequence[int], at: int, length: int) -> tuple[int, Handed | None]:
        """Return how many equal turns of a length begin here, and what they hand on."""
        first = steps[at : at + length]
        keys = [self.keys[place] for place in first]
        handed: Handed | None = None
        count = 1
        while True:
            start = at + count * length
            turn = steps[start : start + length]
            if [self.keys[place] for place in turn] != keys:
                break
            found = self._handed(first, turn, steps[start - length : start])
            if found is None or (handed is not None and found != handed):
                break
            handed, count = found, count + 1
        count = self._unread_from(steps, at, length, count)
        return count, handed if count > 1 else None

    def _unread_from(self, steps: Sequence[int], at: int, length: int, count: int) -> int:
        """Return after how many turns at most the loop ends, of whose last one more is read.

        What comes behind a loop can read its last turn only.
        """
        for number in range(count - 1):
            start = at + number * length
            last = steps[start + 2 * length - 1]
            turn = steps[start : start + length]
            if any(self._last_use.get(place, place) > last for place in turn):
                return number + 1
        return count

    def _handed(
        self, first: Sequence[int], turn: Sequence[int], before: Sequence[int]
    ) -> Handed | None:
        """Return what is handed from turn to turn.

        None where a turn is not wired as the first one.
        """
        here, there, earlier = map(_offsets, (first, turn, before))
        entries: set[Tensor] = set()
        carried: set[Tensor] = set()
        reading: set[tuple[int, int]] = set()
        for a, b in zip(first, turn, strict=True):
            same = len(self._reads[a]) == len(self._reads[b])
            if not same or not self._same_owner(a, b, here, there):
                return None
            for number, (x, y) in enumerate(zip(self._reads[a], self._reads[b], strict=True)):
                if x.node in here:
                    if there.get(y.node) != here[x.node] or x.port != y.port:
                        return None
                elif y.node in earlier:
                    entries.add(x)
                    carried.add(Tensor(first[earlier[y.node]], y.port))
                    reading.add((a, number))
                elif x != y:
                    return None
        if len(entries) != 1 or len(carried) != 1:
            return None
        return Handed(entries.pop(), carried.pop(), frozenset(reading))

    def _same_owner(
        self, a: int, b: int, here: Mapping[int, int], there: Mapping[int, int]
    ) -> bool:
        """Return whether both have weights of their own turn, or those of one step outside."""
        one, other = self.graph.owners[a], self.graph.owners[b]
        if one in here:
            return there.get(other) == here[one]
        return one == other


def _turns(steps: Sequence[int], at: int, length: int, count: int) -> Turns:
    return [steps[at + n * length : at + (n + 1) * length] for n in range(count)]


def _offsets(turn: Sequence[int]) -> dict[int, int]:
    return {place: offset for offset, place in enumerate(turn)}
