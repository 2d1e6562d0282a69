"""What becomes of a program where it is not known which way it goes."""

from __future__ import annotations

import ast
from functools import reduce
from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.losing import Held, changed
from shapecalc.importers.python.signals import Break, Continue, Raised, Return
from shapecalc.importers.python.values import UNKNOWN, Number, Tensor, Value, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine

#: Methods that are called where a model is trained: such a loop does the same at every turn.
_TRAINING: Final = {"backward", "step", "zero_grad", "train_on_batch", "apply_gradients", "fit"}


def raises(body: Sequence[ast.stmt]) -> bool:
    """Return whether statements end in an exception."""
    return bool(body) and isinstance(body[-1], ast.Raise)


def trains(body: Sequence[ast.stmt]) -> bool:
    """Return whether a loop trains a model."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TRAINING
        for statement in body
        for node in ast.walk(statement)
    )


def loses_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that statements may give another value."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id


def agreed(a: Value, b: Value) -> Value:
    """Return what two values have in common: the value, or a tensor of the shape."""
    if a is b:
        return a
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a if a.shape == b.shape else UNKNOWN
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return _agreed_tuples(a, b, {})
    same = isinstance(a, int | float | str | Dim | type(None)) and type(a) is type(b) and a == b
    if same:
        return a
    # Of two fractions that differ it matters to no shape which one it is.
    whole = isinstance(a, Whole) or isinstance(b, Whole)
    fractions = isinstance(a, float | Number) and isinstance(b, float | Number)
    return Number() if fractions and not whole else UNKNOWN


def _agreed_tuples(
    a: tuple[Value, ...], b: tuple[Value, ...], known: dict[tuple[int, int], Value]
) -> Value:
    """Return what tuples have in common; two that stand in many places are looked at once."""
    found = []
    for x, y in zip(a, b, strict=True):
        if x is y or not (isinstance(x, tuple) and isinstance(y, tuple) and len(x) == len(y)):
            found.append(agreed(x, y))
            continue
        if (id(x), id(y)) not in known:
            known[id(x), id(y)] = _agreed_tuples(x, y, known)
        found.append(known[id(x), id(y)])
    return tuple(found)


def both(m: Machine, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], frame: Frame) -> None:
    """Go both ways, and keep what they agree on; one that raises is not gone."""
    before = dict(frame.names)
    ends: list[tuple[dict[str, Value], Return | None]] = []
    held = Held(changed([*body, *orelse], frame))
    left: Break | Continue | None = None
    failed: Raised | None = None
    for statements in (body, orelse):
        frame.names.clear()
        frame.names.update(before)
        held.begin()
        try:
            m.execute(statements, frame)
        except Return as returned:
            ends.append((dict(frame.names), returned))
        except (Break, Continue) as signal:
            left = signal
            ends.append((dict(frame.names), None))
            held.end()
        except Raised as error:
            failed = error
        else:
            ends.append((dict(frame.names), None))
            held.end()
    if not ends and failed is not None:
        raise failed
    _join(frame, ends)
    held.join()
    values = [each.value for _, each in ends if each is not None]
    if len(values) == len(ends) and values:
        raise Return(reduce(agreed, values))
    frame.returned += values
    if left is not None and len(ends) == 1:
        raise left


def _join(frame: Frame, ends: list[tuple[dict[str, Value], Return | None]]) -> None:
    """Keep those values of names on which the ways agree that go on."""
    going = [names for names, returned in ends if returned is None] or [ends[0][0]]
    frame.names.clear()
    first, *others = going
    for names in going:
        for name in names:
            frame.names.setdefault(name, UNKNOWN)
    for name in frame.names:
        value = first.get(name, UNKNOWN)
        for names in others:
            value = agreed(value, names.get(name, UNKNOWN))
        frame.names[name] = value
