"""Programs as text, and what becomes of their names and models."""

from __future__ import annotations

import ast
from textwrap import dedent
from typing import Any

from shapecalc.dims import field_text
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.machine import Machine
from shapecalc.importers.python.program import Program
from shapecalc.importers.python.sizes import Given
from shapecalc.importers.python.values import Module
from shapecalc.language.shapes import read_shape
from shapecalc.tracing.walk import trace_network


def names(text: str, **letters: Any) -> dict[str, Any]:
    """Run a program, and return what its names stand for."""
    module = Module("__main__", "model.py", dedent(text))
    module.attrs.update(letters)
    Machine(Given()).execute(ast.parse(module.source).body, Frame(module))
    return module.attrs


def shapes(text: str, *inputs: str) -> str:
    """Trace the last model of a program, and return its outputs as ``N,10; N,3``."""
    trace = traced(text, *inputs)
    return "; ".join(field_text(shape) for shape in trace.outputs)


def traced(text: str, *inputs: str) -> Any:
    """Trace the last model of a program."""
    given: dict[Any, Any] = {place: read_shape(each) for place, each in enumerate(inputs)}
    _, network = Program(dedent(text), "model.py").networks(given, {})[-1]
    return trace_network(network)
