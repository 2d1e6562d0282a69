"""``match``: its patterns, and the case that is run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from shapecalc.importers.python.branches import loses_names
from shapecalc.importers.python.operators import compare, truth
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.values import (
    UNKNOWN,
    Class,
    Instance,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine


def matches(m: Machine, pattern: ast.pattern, value: Value, frame: Frame) -> bool | None:
    """Say whether a value has a pattern, and bind its names; None where that is not known."""
    where = Position(frame.module, pattern)
    if isinstance(pattern, ast.MatchAs):
        inner = True if pattern.pattern is None else matches(m, pattern.pattern, value, frame)
        if inner and pattern.name:
            frame.bind(pattern.name, value)
        return inner
    if isinstance(value, Unknown):
        return None
    if isinstance(pattern, ast.MatchValue | ast.MatchSingleton):
        known = (
            m.evaluate(pattern.value, frame)
            if isinstance(pattern, ast.MatchValue)
            else pattern.value
        )
        return truth(m, compare(m, "Eq", value, known, where))
    if isinstance(pattern, ast.MatchOr):
        found = [matches(m, each, value, frame) for each in pattern.patterns]
        return True if True in found else None if None in found else False
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(m, pattern, value, frame)
    if isinstance(pattern, ast.MatchClass) and not pattern.patterns and not pattern.kwd_patterns:
        cls = m.evaluate(pattern.cls, frame)
        if isinstance(value, Instance) and isinstance(cls, Class | LibraryClass):
            return value.is_a(cls)
    return None


def _sequence(m: Machine, pattern: ast.MatchSequence, value: Value, frame: Frame) -> bool | None:
    if not isinstance(value, list | tuple):
        return False
    if any(isinstance(each, ast.MatchStar) for each in pattern.patterns):
        return None
    if len(value) != len(pattern.patterns):
        return False
    found = [
        matches(m, each, part, frame) for each, part in zip(pattern.patterns, value, strict=True)
    ]
    return False if False in found else None if None in found else True


def run_match(m: Machine, node: ast.Match, frame: Frame) -> None:
    """Run the first case that matches; where that is not known, forget what any may change."""
    subject = m.evaluate(node.subject, frame)
    for case in node.cases:
        known = matches(m, case.pattern, subject, frame)
        if known and case.guard is not None:
            known = truth(m, m.evaluate(case.guard, frame))
        if known is None:
            for each in node.cases:
                for name in loses_names(each):
                    frame.bind(name, UNKNOWN)
            return
        if known:
            m.execute(case.body, frame)
            return
