"""Damaged files end no command with a traceback, nor leave half a result."""

from __future__ import annotations

import random

from mutants import given, mutant


def test_no_damaged_file_makes_it_crash() -> None:
    draw = random.Random(0)  # noqa: S311  (no secret)
    ended = [given(mutant(draw)) for _ in range(12)]
    assert set(ended) == {"fits", "refused"}
