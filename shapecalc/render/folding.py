"""Blocks of rows that repeat, each shown once with how often the block repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from shapecalc.tracing.rows import Row

#: The most rows a block has.
LONGEST: Final = 64


class Block(NamedTuple):
    """Rows that stand there ``turns`` times, one after the other."""

    start: int
    length: int
    turns: int


def repeated(rows: Sequence[Row], call: Callable[[Row], str]) -> list[Block]:
    """Cut rows into blocks, where those are the same that do the same with the same shapes."""
    return blocks([(call(row), row.inputs, row.outputs, row.shares is None) for row in rows])


def blocks(keys: Sequence[Hashable]) -> list[Block]:
    """Cut rows into blocks; at each place the one that leaves out most rows, else the shortest."""
    found: list[Block] = []
    place = 0
    while place < len(keys):
        best = Block(place, 1, 1)
        for length in range(1, min(LONGEST, (len(keys) - place) // 2) + 1):
            count = _turns(keys, place, length)
            if (count - 1) * length > (best.turns - 1) * best.length:
                best = Block(place, length, count)
        found.append(best)
        place += best.length * best.turns
    return found


def _turns(keys: Sequence[Hashable], place: int, length: int) -> int:
    """Return how often the block at a place follows itself."""
    end = place + length
    while end < len(keys) and keys[end] == keys[end - length]:
        end += 1
    return (end - place) // length
