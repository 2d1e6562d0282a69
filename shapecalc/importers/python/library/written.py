"""Parts of libraries that are written as programs, which are read as any other."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.values import Module

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.values import Value


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def names_of(m: Machine, home: str, source: str) -> dict[str, Value]:
    """Return what a program of a library defines; it is read once in a run.

    ``home`` is the module that it stands for. Its places are never shown.
    """
    known: dict[str, dict[str, Value]] = m.state.setdefault("written", {})
    if source not in known:
        module = Module(home, f"<{home}>", "")
        tape, m.tape = m.tape, None
        try:
            m.execute(_tree(source).body, Frame(module))
        finally:
            m.tape = tape
        known[source] = module.attrs
    return known[source]
