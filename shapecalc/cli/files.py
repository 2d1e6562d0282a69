"""Work on many files, on several cores where that pays."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.cli.streams import Streams

Found = TypeVar("Found")

#: How many files go together, and from how many on a second core pays.
CHUNK: Final = 4
MANY: Final = 16
MOST_JOBS: Final = 8


class _Chunks:
    """Files, a few at a time."""

    descriptor: int | None = None

    def __init__(self, files: Sequence[str]) -> None:
        self._left = [list(files[n : n + CHUNK]) for n in range(0, len(files), CHUNK)][::-1]

    def take(self) -> list[Any] | None:
        """Return the next few files; None at the end."""
        return [self._left.pop()] if self._left else None


def over_files(
    files: Sequence[str],
    work: Callable[[Sequence[str]], list[Found]],
    fits: Callable[[Found], bool | None],
    streams: Streams,
    jobs: int | None,
) -> list[Found]:
    """Return what the work finds in each file; a progress bar at a terminal.

    ``fits`` says what the bar counts: good, bad, or None for neither.
    """
    from shapecalc.cli.workers import answers

    if jobs is None:
        jobs = min(os.cpu_count() or 1, MOST_JOBS) if len(files) >= MANY else 1
    if jobs > 1:
        # What every file needs is loaded once, before the workers are made of this process.
        import shapecalc.answers.programs
        import shapecalc.importers.python.program  # noqa: F401
    found: list[Found] = []
    good = bad = 0
    with (
        closing(answers(_Chunks(files), work, jobs)) as parts,
        streams.bar(len(files), shown=len(files) >= MANY) as bar,
    ):
        for part in parts:
            found += part
            verdicts = [fits(each) for each in part]
            good, bad = good + verdicts.count(True), bad + verdicts.count(False)
            bar.show(len(part), good, bad)
    return found
