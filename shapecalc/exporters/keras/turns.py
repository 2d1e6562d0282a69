"""Loops in code of Keras: what they count by, and the names of layers in their turns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from shapecalc.exporters.document import listed, quoted, tupled
from shapecalc.exporters.keras.naming import pattern
from shapecalc.exporters.loops import Loop
from shapecalc.layers.keras.names import snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.loops import Item, Turns


class Header(NamedTuple):
    """The variable of a loop, what it goes through, and the names of layers by place."""

    target: str
    iterable: Expression
    names: dict[int, Expression]


def header(graph: Graph, loop: Loop, named: set[int]) -> Header:
    """Return the head of a loop, in whose turns some layers have names."""
    places = {place: offset for offset, place in enumerate(loop.turns[0]) if place in named}
    if not places:
        return Header("_", f"range({loop.count})", {})
    names = {
        place: [graph.names[turn[offset]] for turn in loop.turns]
        for place, offset in places.items()
    }
    split = {place: pattern(each) for place, each in names.items()}
    tokens = next(iter(split.values()))[1]
    if any(each != tokens for _, each, _ in split.values()):
        rows = [tupled(*map(quoted, row)) for row in zip(*names.values(), strict=True)]
        numbers = {place: f"names[{number}]" for number, place in enumerate(names)}
        return Header("names", listed(*rows), dict(numbers))
    if all(before == after == "" for before, _, after in split.values()):
        return Header("name", tupled(*map(quoted, tokens)), dict.fromkeys(names, "name"))
    first = int(tokens[0]) if tokens[0].isdecimal() else None
    counted = first is not None and tokens == [str(first + n) for n in range(loop.count)]
    target = "i" if counted else "suffix"
    written: dict[int, Expression] = {
        place: f'f"{before}{{{target}}}{after}"' for place, (before, _, after) in split.items()
    }
    if not counted:
        return Header(target, tupled(*map(quoted, tokens)), written)
    start, end = first or 0, (first or 0) + loop.count
    return Header(target, f"range({start}, {end})" if start else f"range({end})", written)


def are_named_alike(graph: Graph, turns: Turns) -> bool:
    """Return whether names differ between turns in one place, by one text for each turn.

    Names that Keras may give by itself say nothing.
    """
    found: list[str] | None = None
    for places in zip(*turns, strict=True):
        names = [graph.names[place] for place in places]
        base = snake_case(type(graph.layer(places[0])).__name__)
        if all(re.fullmatch(rf"{base}(_\d+)?", name) for name in names):
            continue
        _, tokens, _ = pattern(names)
        found = tokens if found is None else found
        if tokens != found:
            return False
    return True


def unrolled(items: Sequence[Item], named: set[int], depth: int = 0) -> list[Item]:
    """Return items without the loops within loops whose layers have names."""
    found: list[Item] = []
    for item in items:
        if not isinstance(item, Loop):
            found.append(item)
        elif depth and named & {place for turn in item.turns for place in turn}:
            found += [place for turn in item.turns for place in turn]
        else:
            body = unrolled(item.body, named, depth + 1)
            found.append(Loop(item.turns, body, item.entry, item.carried, item.reading))
    return found


def alike(items: Sequence[Item]) -> dict[int, frozenset[int]]:
    """Return for each place in a loop all places that one line makes."""
    found: dict[int, frozenset[int]] = {}
    for item in items:
        if isinstance(item, Loop):
            for places in zip(*item.turns, strict=True):
                found |= dict.fromkeys(places, frozenset(places))
    return found


def loops_of(items: Sequence[Item]) -> Iterator[Loop]:
    """Return all loops, those within others too."""
    for item in items:
        if isinstance(item, Loop):
            yield item
            yield from loops_of(item.body)
