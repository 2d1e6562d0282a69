"""The line that says how far a long run is."""

from __future__ import annotations

import io

from shapecalc.render.progress import CLEAR, DELAY, Bar


class _Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def _lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().split(CLEAR)[1:]


def test_a_short_run_shows_nothing() -> None:
    stream, clock = io.StringIO(), _Clock()
    with Bar(stream, 10, width=80, clock=clock) as bar:
        for done in range(10):
            bar.show(1, done, 0)
    assert stream.getvalue() == ""


def test_a_long_run_says_how_far_it_is_and_is_gone_at_the_end() -> None:
    stream, clock = io.StringIO(), _Clock()
    with Bar(stream, 2000, width=80, clock=clock) as bar:
        clock.now = DELAY
        bar.show(500, 1499, 1)
        bar.show(1, 1500, 1)
        bar.hide()
        clock.now = 60.0
        bar.show(499, 1999, 1)
    first, hidden, second, end = _lines(stream)
    assert first == "#######----------------------- 1,499 fit, 1 do not, 0:02 left"
    assert second == "###############--------------- 1,999 fit, 1 do not, 1:00 left"
    assert (hidden, end) == ("", "")


def test_no_line_is_as_wide_as_the_terminal() -> None:
    for width in (20, 40, 60):
        for total in (None, 0, 1, 10**9):
            stream, clock = io.StringIO(), _Clock()
            with Bar(stream, total, width=width, clock=clock) as bar:
                clock.now = 9.0
                bar.show(1, 10**6, 10**6)
            assert all(len(line) < width for line in _lines(stream))
            assert stream.getvalue().endswith(CLEAR)


def test_a_stream_that_is_closed_ends_no_run() -> None:
    stream, clock = io.StringIO(), _Clock()
    with Bar(stream, 1, width=80, clock=clock) as bar:
        clock.now = 1.0
        stream.close()
        bar.show(1, 1, 0)
