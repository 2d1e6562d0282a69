"""The calls of a functional model: how a file names and numbers them, and their order."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.importers.keras.calls import Read, read_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.importers.keras.custom_classes import RecordedShape
    from shapecalc.importers.keras.nodes import LayerCall

#: The classes of models that files hold.
MODELS: Final = frozenset({"Sequential", "Functional", "Model"})


def places_of(value: Any) -> Iterator[Read]:  # noqa: ANN401
    """Yield the tensors of a structure of ``[layer, call, port]``."""
    if isinstance(value, dict):
        for each in value.values():
            yield from places_of(each)
    elif isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str):  # noqa: PLR2004
        yield read_of(value[0], value[1], value[2])
    elif isinstance(value, list):
        for each in value:
            yield from places_of(each)


#: The calls of models that files number otherwise than they stand there: what is meant by each.
Renumbered = dict[tuple[str, int], int]


def renumbered_calls(layers: Mapping[str, Mapping[str, Any]], refs: Sequence[Read]) -> Renumbered:
    """Return the calls of models as they stand there: Keras 2 counts the making of a model as one.

    Where it does, no call is 0, or at least one has the number of all calls.
    """
    used: dict[str, set[int]] = {}
    for read in refs:
        used.setdefault(read.layer, set()).add(read.call)
    found: Renumbered = {}
    for name, numbers in used.items():
        if name not in layers or layers[name]["class_name"] not in MODELS:
            continue
        count = len(layers[name].get("inbound_nodes") or [])
        if count in numbers:
            moved = {count} if 0 in numbers else numbers
            found |= {(name, number): number - 1 for number in moved}
    return found


def moved(read: Read, renumbered: Renumbered) -> tuple[str, int, int]:
    """Return the tensor that is read, with the call as it stands there."""
    call = renumbered.get((read.layer, read.call), read.call)
    return (read.layer, call, read.port)


def recorded_shapes(
    refs: Sequence[Read], renumbered: Renumbered
) -> dict[tuple[str, int], dict[int, RecordedShape]]:
    """Return the shapes of tensors that those who read them record."""
    found: dict[tuple[str, int], dict[int, RecordedShape]] = {}
    for read in refs:
        if read.shape is not None:
            name, call, port = moved(read, renumbered)
            found.setdefault((name, call), {})[port] = read.shape
    return found


def in_order(made: Sequence[LayerCall], entries: Sequence[str]) -> list[LayerCall]:
    """Calls in an order in which each reads only earlier ones, else as they stand."""
    places = {(applied.name, applied.number): place for place, applied in enumerate(made)}
    waiting = []
    readers: dict[int, list[int]] = {}
    for place, applied in enumerate(made):
        sources = {(name, call) for name, call, _ in applied.sources if name not in entries}
        for source in sources:
            if source not in places:
                raise SpecError(
                    f"{applied.name} reads {source[0]}, call {source[1]}, which does not exist"
                )
            readers.setdefault(places[source], []).append(place)
        waiting.append(len(sources))
    ready = [place for place, count in enumerate(waiting) if not count]
    heapify(ready)
    found = []
    while ready:
        place = heappop(ready)
        found.append(made[place])
        for reader in readers.get(place, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, reader)
    if len(found) < len(made):
        stuck = next(applied.name for applied, count in zip(made, waiting, strict=True) if count)
        raise SpecError(f"{stuck} depends on its own output")
    return found
