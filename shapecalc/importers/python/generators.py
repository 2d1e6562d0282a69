"""Generators: run when something is asked of them, and as far as that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.signals import Enough, Raised, Return
from shapecalc.importers.python.values import UNKNOWN, Builtin, Instance, LibraryClass, Value

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: How many values a generator gives before it counts as endless, and how many where only the next
#: ones are asked for.
_MOST: Final = 2000
_FEW: Final = 16


class _Run:
    """A generator: what it gave so far, and whether that is all."""

    def __init__(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        self.body = body
        self.frame = frame
        self.values: list[Value] = []
        self.limit = _MOST
        self.taken = 0
        self.is_lost = False
        self.started = False
        self.error: Raised | None = None
        frame.names["?generator"] = self


def generator(body: Sequence[ast.stmt], frame: Frame) -> Instance:
    """Return the generator that a call of a function gives; nothing of it is run yet."""
    made = Instance(GENERATOR, None)
    made.payload = _Run(body, frame)
    return made


def given(m: Machine, frame: Frame, value: Value, where: Position) -> None:
    """Keep a value that is yielded; raises `Enough` where no more are asked for."""
    run: _Run = frame.find("?generator")
    run.values.append(value)
    m.limit(len(run.values), where)
    if len(run.values) >= run.limit:
        run.is_lost = True
        raise Enough


def lost(frame: Frame) -> None:
    """Say that it is not known what a generator gives."""
    frame.find("?generator").is_lost = True


def first(m: Machine, instance: Instance) -> Value:
    """Run a generator to its first yield, and return what it gives there."""
    run: _Run = instance.payload
    _start(m, run, 1)
    if run.error is not None:
        raise run.error
    return run.values[0] if run.values else UNKNOWN


def _start(m: Machine, run: _Run, limit: int) -> None:
    if run.started:
        return
    run.started, run.limit = True, limit
    try:
        m.execute(run.body, run.frame)
    except (Return, Enough):
        pass
    except Raised as error:
        run.error = error
    if run.frame.returned:
        # It is not known whether it ended early.
        run.is_lost = True


def _all(m: Machine, instance: Instance, _call: Call) -> Value:
    run: _Run = instance.payload
    _start(m, run, _MOST)
    if run.error is not None:
        raise run.error
    left, run.taken = run.values[run.taken :], len(run.values)
    return UNKNOWN if run.is_lost else left


def _next(m: Machine, instance: Instance, call: Call) -> Value:
    run: _Run = instance.payload
    _start(m, run, _FEW)
    if run.taken < len(run.values):
        run.taken += 1
        return run.values[run.taken - 1]
    if run.error is not None:
        raise run.error
    return UNKNOWN if run.is_lost else m.fail("StopIteration", "", call.position)


def _method(function: Any) -> Any:  # noqa: ANN401
    return lambda _m, instance: Builtin("generator", lambda m, call: function(m, instance, call))


GENERATOR: Final = LibraryClass(
    "generator",
    attributes={
        "__iter__": _method(_all),
        "__next__": _method(_next),
        "close": _method(lambda _m, _instance, _call: None),
    },
)
