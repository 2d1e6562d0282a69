"""A line that says how far a long run is, drawn over itself on a terminal."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from shapecalc.render.formats import can_write

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

#: How long a run may take before it is said how far it is, and how long a line stays, in seconds.
DELAY: Final = 0.5
PAUSE: Final = 0.1
#: How long the bar is, in letters.
LENGTH: Final = 30
#: Go back to the beginning of the line, and clear it.
CLEAR: Final = "\r\x1b[K"


class Bar:
    """Draws itself when it is notified of progress: it has no thread, so that it may fork."""

    def __init__(
        self,
        stream: TextIO | None,
        total: int | None,
        *,
        width: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Write to a stream, None for none; without a total there is only a count."""
        self._stream = stream
        self._total = total
        self._width = width
        self._clock = clock
        self._begun = clock()
        self._due = self._begun + DELAY
        self._size = 0
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hide()

    def show(self, size: int, good: int, bad: int) -> None:
        """Go on by a size, and say how many there are now."""
        self._size += size
        now = self._clock()
        if self._stream is None or now < self._due:
            return
        self._due = now + PAUSE
        self._is_drawn = True
        self._write(CLEAR + self._line(f"{good:,} fit, {bad:,} do not", now))

    def hide(self) -> None:
        """Clear the line, so that something else can be written there."""
        if self._is_drawn:
            self._is_drawn = False
            self._write(CLEAR)

    def _line(self, counts: str, now: float) -> str:
        """Return the bar, the counts, and how long it will take; as much of it as there is room."""
        if not self._total or not self._size:
            return counts[: self._width - 1]
        done = min(self._size / self._total, 1.0)
        left = round((now - self._begun) * (1 - done) / done)
        text = f"{counts}, {left // 60}:{left % 60:02} left"
        length = min(LENGTH, self._width - len(text) - 2)
        if length <= 0:
            return text[: self._width - 1]
        full = int(length * done)
        marks = (
            "━─" if can_write("━─", getattr(self._stream, "encoding", None) or "ascii") else "#-"
        )
        return f"{marks[0] * full}{marks[1] * (length - full)} {text}"

    def _write(self, text: str) -> None:
        """Write to the stream; that it is closed is no reason to end the run."""
        try:
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
        except (OSError, ValueError):
            self._stream = None
