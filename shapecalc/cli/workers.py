"""Work on many chunks, on one core or on several, with the answers in order.

Only a few chunks are under way at a time, so that memory stays the same however many come; an
answer is handed on as soon as those before it are.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.files import why

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

#: How many chunks are under way for each worker, those that wait to be written among them.
AHEAD: Final = 8

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


#: What is found in a chunk.
Found = TypeVar("Found")


class Ranked(NamedTuple):
    """The text of one spec, and what it is sorted by; None where it has none."""

    key: int | None
    text: str


class Answer(NamedTuple):
    """What became of a chunk: its text, and how many specs worked and failed."""

    text: str
    good: int
    bad: int
    size: int
    #: How many gave no answer to a question, and why.
    unasked: int = 0
    #: The text spec by spec, where that is to be sorted.
    ranked: tuple[Ranked, ...] = ()
    #: Why the whole question has no answer.
    refusal: ShapecalcError | None = None


class Supply(Protocol):
    """Where chunks come from."""

    #: What must be readable before there is more; None where there always is.
    descriptor: int | None

    def take(self) -> list[Any] | None:
        """Return more chunks; None at the end."""


def answers(
    supply: Supply, work: Callable[[Any], Found], jobs: int
) -> Generator[Found, None, None]:
    """Yield the answer to each chunk, in order."""
    if jobs > 1 and hasattr(os, "fork"):
        with _Pool(work, jobs) as pool:
            yield from pool.answers(supply)
        return
    while (chunks := supply.take()) is not None:
        yield from map(work, chunks)


class _Worker(NamedTuple):
    process: ForkProcess
    pipe: Connection


class _Slot:
    """The place of an answer in the order."""

    def __init__(self, chunk: Any) -> None:  # noqa: ANN401
        self.chunk = chunk
        self.answer: Any = None


class _Pool(Generic[Found]):
    """Processes that share what is loaded, each with a chunk at a time."""

    def __init__(self, work: Callable[[Any], Found], jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._busy: dict[Any, tuple[_Worker, _Slot]] = {}
        self._order: deque[_Slot] = deque()
        self._waiting: deque[_Slot] = deque()
        self._failure: ShapecalcError | None = None

    def __enter__(self) -> Self:
        self._ended = _terminated_by(self._kill)
        self._ended.__enter__()
        try:
            for number in range(self._jobs):
                self._start(number)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        for worker in self._workers:
            worker.pipe.close()
        self._ended.__exit__(None, None, None)

    def _start(self, number: int) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        try:
            ours, theirs = context.Pipe()
            inherited = [ours, *(worker.pipe for worker in self._workers)]
            work = (theirs, inherited, self._work)
            process = context.Process(target=_serve, args=work, daemon=True)
            with _unheard_signals():
                process.start()
                self._workers.append(_Worker(process, ours))
        except OSError as error:
            raise SpecError(
                f"no more than {number} workers can be started: {why(error)}",
                help="--jobs N with a smaller N",
            ) from None
        theirs.close()

    def _kill(self) -> None:
        """End all workers and wait for them."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()

    def answers(self, supply: Supply) -> Iterator[Found]:
        from multiprocessing.connection import wait

        idle = list(self._workers)
        more = True
        while more or self._order:
            while idle and self._waiting:
                self._send(idle.pop(), self._waiting.popleft())
            while self._order and self._order[0].answer is not None:
                yield self._order.popleft().answer
            room = more and len(self._order) < AHEAD * self._jobs
            if room and supply.descriptor is None:
                more = self._take(supply)
                continue
            watched = [*self._busy, *([supply.descriptor] if room else [])]
            for ready in wait(watched) if watched else ():
                if ready in self._busy:
                    idle.append(self._receive(ready))
                else:
                    more = self._take(supply)
        if self._failure is not None:
            raise self._failure

    def _take(self, supply: Supply) -> bool:
        try:
            chunks = supply.take()
        except ShapecalcError as error:
            # What was read before is answered first.
            self._failure, chunks = error, None
        slots = [_Slot(chunk) for chunk in chunks or ()]
        self._order += slots
        self._waiting += slots
        return chunks is not None

    def _send(self, worker: _Worker, slot: _Slot) -> None:
        try:
            worker.pipe.send(slot.chunk)
        except OSError:
            raise ShapecalcError("a worker ended before its work") from None
        slot.chunk = None
        self._busy[worker.pipe] = (worker, slot)

    def _receive(self, pipe: Any) -> _Worker:  # noqa: ANN401
        worker, slot = self._busy.pop(pipe)
        try:
            slot.answer = pipe.recv()
        except (EOFError, OSError):
            raise ShapecalcError("a worker ended before its work") from None
        return worker


def _serve(pipe: Connection, inherited: list[Connection], work: Callable[[Any], Any]) -> None:
    """Answer chunks until the pipe ends, which it does too where the sender is killed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    for connection in inherited:
        connection.close()
    try:
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, OSError):
        return


@contextmanager
def _unheard_signals() -> Iterator[None]:
    """Hold signals back until a new worker is known, and has its own ways with them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _terminated_by(clean: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM end this process as ever, but clean up before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: object) -> None:
        clean()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
