"""The networks that are written as code in tests: specs, model files, stacks and source code."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapecalc
from shapecalc.dims import letters
from shapecalc.errors import ShapecalcError
from shapecalc.exporters.graph import Graph
from shapecalc.exporters.keras.models import is_left_out
from shapecalc.exporters.keras.operations import is_operation
from shapecalc.exporters.sizes import Letters
from shapecalc.exporters.torch.blocks import is_module
from shapecalc.importers.keras.files import read_model
from shapecalc.importers.python.program import program
from shapecalc.layers.torch.dialect import TORCH
from shapecalc.network import Apply, Input, Network, Tensor
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.dims import Shape
    from shapecalc.tracing.trace import Trace

DATA = Path(__file__).parent / "data"
APPLICATIONS = ("DenseNet121", "ResNet50", "VGG16")
#: Sizes that letters are tried with.
TRIED = (2, 3, 8, 16, 32, 64, 224, 1, 4, 5, 6, 10, 12, 28, 48, 96, 100, 128, 299)


def lines(name: str) -> Iterator[Any]:
    """The entries of a file of JSON lines."""
    path = DATA / name
    data = path.read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    yield from map(json.loads, text.splitlines())


@cache
def specs() -> tuple[str, ...]:
    """The specs, of both frameworks."""
    text = (DATA / "code_specs.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def networks() -> Iterator[tuple[str, Network]]:
    """All networks, each with a name."""
    for kind, found in KINDS.items():
        yield from ((f"{kind}: {name}", network) for name, network in found())


def parsed() -> Iterator[tuple[str, Network]]:
    """The specs as networks."""
    yield from ((text, shapecalc.parse(text)) for text in specs())


def files() -> Iterator[tuple[str, Network]]:
    """Model files that Keras 3 can make."""
    for name in ("small", "called"):
        for entry in lines(f"models/{name}.jsonl.gz"):
            yield entry["id"], read_model(entry["json"])


def applications() -> Iterator[tuple[str, Network]]:
    """Some of keras.applications, as files."""
    for entry in lines("models/applications.jsonl.gz"):
        if entry["id"] in APPLICATIONS:
            yield entry["id"], read_model(entry["json"])


def stacks() -> Iterator[tuple[str, Network]]:
    """Stacks of modules."""
    for entry in lines("torch_sequential.jsonl"):
        if entry.get("error") or not entry.get("output_shapes"):
            continue
        layers = [TORCH.layer(each["layer"], **each["config"]) for each in entry["modules"]]
        nodes = [Apply(layer, (Tensor(place),)) for place, layer in enumerate(layers)]
        entered = Input(tuple(entry["input_shape"]))
        yield entry["id"], Network([entered, *nodes], [Tensor(len(nodes))], None, TORCH)


def sources() -> Iterator[tuple[str, Network]]:
    """Source code of PyTorch that is understood."""
    for entry in lines("python_source.jsonl.gz"):
        if entry["framework"] != "torch" or entry["verdict"] == "refused":
            continue
        try:
            found = program(entry["text"].encode(), "model.py").networks({}, {})
        except ShapecalcError:
            continue
        yield from ((f"{entry['name']}:{name}", network) for name, network in found)


KINDS = {
    "spec": parsed,
    "file": files,
    "application": applications,
    "stack": stacks,
    "source": sources,
}


def to(network: Network) -> str:
    """The framework of a network."""
    return network.dialect.catalogue.framework


def numbered(network: Network) -> tuple[Trace, dict[str, int]]:
    """The trace with numbers for letters, as far as code has to have them, and the numbers."""
    trace = trace_network(network)
    graph = Graph(trace)
    if to(network) == "keras":
        left_out = any(is_left_out(graph, place) for place in graph.inputs)
        values: dict[str, int] = Letters(graph, of_inputs=not left_out).numbers
        if left_out:
            sizes = [size for row in trace.layers for each in row.weights for size in each.shape]
            values = dict.fromkeys((name for size in sizes for name in letters(size)), 8)
        return trace_network(network, values=values) if values else trace, values
    return concrete(trace)


def concrete(trace: Trace) -> tuple[Trace, dict[str, int]]:
    """The trace with a number for every letter, and the numbers."""
    graph = Graph(trace)
    fixed = Letters(graph, lambda place: is_module(graph, place)).numbers
    free = {name for _, shape in trace.inputs for size in shape for name in letters(size)}
    for row in trace.layers:
        free |= {name for shape in row.outputs for size in shape for name in letters(size)}
    for number in TRIED if free else (0,):
        values = {name: fixed.get(name, 2 if name == "N" else number) for name in free}
        try:
            return trace_network(trace.network, values=values), values
        except ShapecalcError:
            continue
    raise AssertionError(f"no number fits {free}")


def open_shape(shape: Shape) -> list[int | None]:
    """A shape as frameworks have it, None in the place of what is open."""
    return [size if isinstance(size, int) else None for size in shape]


def expected(network: Network) -> dict[str, Any]:
    """What the code of a network gives: rows in order, outputs and parameters."""
    trace, _ = numbered(network)
    graph = Graph(trace, whole=to(network) == "torch")
    rows = []
    for place in graph.steps:
        owner = graph.owners[place]
        named = not is_operation(graph.node(place)) if to(network) == "keras" else None
        if to(network) == "torch" and not is_module(graph, place):
            continue
        rows.append(
            {
                "name": graph.names[owner] if named else None,
                "outputs": [open_shape(shape) for shape in graph.row(place).outputs],
                "params": params if isinstance(params := graph.row(owner).params, int) else None,
            }
        )
    return {
        "inputs": [open_shape(shape) for _, shape in trace.inputs],
        "rows": rows,
        "outputs": [open_shape(graph.shape(tensor)) for tensor in graph.outputs],
        "params": trace.params if isinstance(trace.params, int) else None,
    }
