"""A bar that says how far a long run is; beside the table the only file that imports rich."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO


class Bar:
    """Draws itself when it is notified of progress: it has no thread, so that it may fork."""

    def __init__(self, stream: TextIO, total: int | None, *, color: bool) -> None:
        """Write to a stream; without a total there is only a count."""
        console = Console(file=stream, force_terminal=True, no_color=not color)
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.fields[good]:,} fit, {task.fields[bad]:,} do not"),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, good=0, bad=0)
        self._drawn = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, size: int, good: int, bad: int) -> None:
        """Go on by a size, and say how many there are now."""
        self._progress.update(self._task, advance=size, good=good, bad=bad)
        now = self._progress.get_time()
        if now - self._drawn >= _PAUSE:
            self._drawn = now
            self._progress.refresh()


#: How long the bar stays as it is, in seconds.
_PAUSE = 0.1
