"""Recorded models of real Keras, and how to compare shapes with them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size

DATA = Path(__file__).parents[2] / "data" / "models"


@cache
def recorded(name: str) -> dict[str, dict[str, Any]]:
    """The models of a file by their id, which is read once; nobody changes them."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as stream:
        return {record["id"]: record for record in map(json.loads, stream)}


def same_shapes(ours: Sequence[Shape], theirs: Sequence[list[int | None]]) -> bool:
    """Whether shapes agree: a known size is that number, an unknown one is not a number."""
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(_same_size, a, b)) for a, b in zip(ours, theirs, strict=True)
    )


def _same_size(ours: Size, theirs: int | None) -> bool:
    return not isinstance(ours, int) if theirs is None else ours == theirs
