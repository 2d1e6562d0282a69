"""Networks to code and back, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from networks import numbered, to

from shapecalc.errors import SpecError
from shapecalc.exporters.code import code_of
from shapecalc.exporters.keras.operations import is_operation
from shapecalc.importers.python.program import program
from shapecalc.network import Network
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from shapecalc.tracing.rows import Row, Trace


def read_back(code: str, trace: Trace) -> Trace:
    """What the source reader makes of code, for the inputs of a trace."""
    shapes: Any = {number: shape for number, (_, shape) in enumerate(trace.inputs)}
    (*_, (_, network)) = program(code.encode(), "model.py", "model").networks(shapes, {})
    return trace_network(network)


def keras_row(row: Row) -> tuple[Any, ...]:
    """A row without what code cannot say: operations have no names in Keras."""
    data = row.to_dict()
    shapes = (data["inputs"], data["outputs"], data["params"])
    if is_operation(row.node) or (row.node.title or "").startswith("ops."):
        return shapes
    config = {key: value for key, value in data["config"].items() if key != "name"}
    return (data["name"], data["layer"], config, *shapes)


def plain_row(row: Row) -> tuple[Any, ...]:
    """What a layer gets and gives, and its parameters."""
    data = row.to_dict()
    return (data["inputs"], data["outputs"], data["params"])


def is_read_in_parts(row: Row) -> bool:
    """Whether source has a row for each part of a module, as hooks of PyTorch see them."""
    return type(row.model).__name__.startswith("Transformer")


def comes_back(network: Network) -> bool:
    """Write a network as code, and read it; False for what cannot be written."""
    framework = to(network)
    trace, values = numbered(network)
    try:
        text = code_of(trace, framework, values=values)
    except SpecError:
        return False
    # Where letters in arguments have become numbers, the shapes tell.
    row = keras_row if framework == "keras" and not values else plain_row
    again = read_back(text, trace)
    if not any(is_read_in_parts(each) for each in trace.layers):
        assert [row(each) for each in again.layers] == [row(each) for each in trace.layers], text
    assert again.outputs == trace.outputs, text
    assert (again.params, again.buffers) == (trace.params, trace.buffers), text
    return True
