"""Cells of Keras that a program calls by itself: what they give, and their first states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim
from shapecalc.importers.python.values import Instance, Tensor, Unknown, Value
from shapecalc.layers.keras.cells import Cell, StackedRNNCells

if TYPE_CHECKING:
    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer


def given_by_cell(cell: Layer, outputs: list[Tensor], states: Value) -> Value:
    """Return what a cell of Keras gives: its output, and its states as they came in."""
    output, *new = outputs
    if isinstance(cell, StackedRNNCells):
        several = states if isinstance(states, list | tuple) else []
        nested: list[Value] = []
        for each, given in zip(cell.cells, several, strict=False):
            count = len(each.state_sizes())
            own, new = new[:count], new[count:]
            nested.append(own if isinstance(given, list | tuple) else own[0])
        return (output, nested)
    alone = len(new) == 1 and not isinstance(states, list | tuple)
    return (output, new[0] if alone else new)


def initial_states(_m: Machine, instance: Instance, call: Call) -> Value:
    """``get_initial_state``: zeros for each state."""
    cell, batch = instance.payload, call.get(0, "batch_size")
    if not isinstance(cell, Cell) or not isinstance(batch, int | Dim):
        return Unknown("get_initial_state", call.position)
    return _zeros(cell, batch)


def _zeros(cell: Cell, batch: Size) -> list[Value]:
    if isinstance(cell, StackedRNNCells):
        return [_zeros(each, batch) for each in cell.cells]
    return [Tensor((batch, size), "keras") for size in cell.state_sizes()]
