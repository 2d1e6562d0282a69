"""Commands end as promised: exit codes, what stands on which stream, no traceback."""

from __future__ import annotations

import random

import pytest
from commands import WORDS, command, typed


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_commands_end_as_promised(word: str) -> None:
    draw = random.Random(word)  # noqa: S311  (no secret)
    cases = [case for case in (command(draw) for _ in range(120)) if case.word == word]
    ended = [typed(case) for case in cases[:8]]
    assert set(ended) <= {"fits", "refused"}
