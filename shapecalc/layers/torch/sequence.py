"""Sequences: steps of features, with a batch in the middle, or first with batch_first, or none."""

from __future__ import annotations

from typing import Final

from shapecalc.dims import Shape, Size, shape_text
from shapecalc.errors import RankError

#: How many axes a sequence has that has a batch.
BATCHED: Final = 3


def sequence_letters(*, batch_first: bool) -> tuple[str, ...]:
    """Return the letters of a sequence."""
    return ("N", "L", "F") if batch_first else ("L", "N", "F")


def sequence_names(*, batch_first: bool) -> str:
    """Return what messages say that a sequence is."""
    return f"({', '.join(sequence_letters(batch_first=batch_first))}) or, without a batch, (L, F)"


def other_sequence(x: Shape, features: Size | None, *, batch_first: bool) -> tuple[str | Size, ...]:
    """Return a sequence of other steps in the batch of one, with as many features unless told."""
    steps = 1 if batch_first and len(x) == BATCHED else 0
    size = x[-1] if features is None else features
    return (*x[:steps], "S", *x[steps + 1 : -1], size)


def split_sequence(x: Shape, *, batch_first: bool) -> tuple[Shape, Size, Size]:
    """Return the batch, which may be empty, the steps and the features; raises `RankError`."""
    if len(x) == BATCHED:
        batch, steps = (x[0], x[1]) if batch_first else (x[1], x[0])
        return (batch,), steps, x[2]
    if len(x) != BATCHED - 1:
        names = sequence_names(batch_first=batch_first)
        raise RankError(f"needs {names}, but gets {shape_text(x)}")
    return (), x[0], x[1]


def batch_axis(x: Shape, *, batch_first: bool) -> int | None:
    """Return the axis of the batch; None where a sequence has none."""
    return None if len(x) < BATCHED else 0 if batch_first else 1
