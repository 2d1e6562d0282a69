"""Comprehensions: of lists, sets and dicts, and what generators would give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.operators import truth
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.repeats import Repeat, repeated, repeats_in
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.signals import MAX_LENGTH
from shapecalc.importers.python.values import UNKNOWN, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.machine import Machine


def comprehension(
    m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame
) -> Value:
    """Evaluate a comprehension of a list or a set, or what a generator would give."""
    inner = _inside(frame)
    found = []
    for times in _turns(m, node.generators, inner, frame):
        value = m.evaluate(node.elt, inner)
        found.append(value if times is None else repeated(m, value, times))
    if inner.names.get("?") is not None:
        # Of turns that are alike it is not known which are left out.
        where = Position(frame.module, node)
        return Unknown("a list of some turns of a loop", where) if m.repeats else UNKNOWN
    if isinstance(node, ast.SetComp):
        if m.repeats and repeats_in(found):
            return UNKNOWN
        m.go_through(found, Position(frame.module, node))
        try:
            return set(found)
        except TypeError:
            return UNKNOWN
    return found


def dict_comprehension(m: Machine, node: ast.DictComp, frame: Frame) -> Value:
    """Evaluate a comprehension of a dict."""
    inner = _inside(frame)
    found = {}
    for times in _turns(m, node.generators, inner, frame):
        if times is not None:
            return UNKNOWN
        key = m.evaluate(node.key, inner)
        if isinstance(key, Unknown):
            # It may be any key, or that of another value.
            return UNKNOWN
        m.go_through(key, Position(frame.module, node.key))
        try:
            found[key] = m.evaluate(node.value, inner)
        except TypeError:
            return UNKNOWN
    return UNKNOWN if inner.names.get("?") is not None else found


def _inside(frame: Frame) -> Frame:
    inner = Frame(frame.module, frame, {})
    inner.cls, inner.owner = frame.cls, frame.owner
    return inner


def _turns(
    m: Machine, generators: Sequence[ast.comprehension], frame: Frame, around: Frame
) -> Iterator[Size | None]:
    """Bind the names of a comprehension turn by turn; ``?`` says that not all are known.

    Yields how many turns are alike where a letter says it. What the first one goes over is
    evaluated ``around`` it.
    """
    from shapecalc.importers.python.statements import assign

    first, *rest = generators
    where = Position(frame.module, first.iter)
    over = m.evaluate(first.iter, around)
    share = m.share()
    turns = (over.stop - over.start) // over.step if isinstance(over, range) else 0
    too_many = m.is_endless(turns, where, share, MAX_LENGTH)
    values = None if too_many else iterate(m, over, where)
    if values is None:
        frame.names["?"] = True
        return
    for count, value in enumerate(values):
        if m.is_endless(count, where, share, MAX_LENGTH):
            frame.names["?"] = True
            return
        times = value.count if isinstance(value, Repeat) else None
        assign(m, first.target, value.element if isinstance(value, Repeat) else value, frame)
        known = [truth(m, m.evaluate(test, frame)) for test in first.ifs]
        if None in known:
            frame.names["?"] = True
        elif all(known):
            for more in _turns(m, rest, frame, frame) if rest else (None,):
                yield more if times is None else times * (1 if more is None else more)
