"""The graph of a network, with the shapes on its edges: Mermaid and Graphviz's dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import shape_text
from shapecalc.network import STATES, Apply, Input
from shapecalc.render.cells import call_text
from shapecalc.render.diagnostic import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.render.columns import View
    from shapecalc.render.formats import Page
    from shapecalc.tracing.rows import Trace


class Edge(NamedTuple):
    """A tensor, from the node that gives it to one that reads it."""

    start: str
    end: str
    shape: str


class Graph:
    """Nodes with what is written in them, and edges."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.nodes: dict[str, tuple[str, ...]] = {}
        self.inputs: set[str] = set()
        self.edges: list[Edge] = []
        self._view = view
        self._fill(trace)

    def _fill(self, trace: Trace) -> None:
        inputs, rows = iter(trace.inputs), iter(trace.layers)
        given: list[tuple[str, tuple[str, ...]]] = []
        for node in trace.network.nodes:
            if isinstance(node, Input):
                name, shape = next(inputs)
                key = self._add((name, self._text(shape)), is_input=True)
                given.append((key, (self._text(shape),)))
            elif isinstance(node, Apply):
                row = next(rows)
                key = self._add((row.name, call_text(row.model)))
                for tensor in node.inputs:
                    self._join(*given[tensor.node], tensor.port, key)
                given.append((key, tuple(map(self._text, row.outputs)) or ("?",)))
            else:
                given.append(given[node.tensor.node])
        for number, tensor in enumerate(trace.network.outputs):
            start, shapes = given[tensor.node]
            key = self._add(("output" if not number else f"output {number}",))
            self._join(start, shapes, tensor.port, key)

    def _join(self, start: str, shapes: tuple[str, ...], port: int, end: str) -> None:
        carried = shapes[1:] if port == STATES else shapes[port : port + 1] or ("?",)
        self.edges += [Edge(start, end, shape) for shape in carried]

    def _add(self, lines: tuple[str, ...], *, is_input: bool = False) -> str:
        key = f"n{len(self.nodes)}"
        self.nodes[key] = tuple(map(visible, lines))
        if is_input:
            self.inputs.add(key)
        return key

    def _text(self, shape: tuple[object, ...]) -> str:
        return shape_text(self._view.shape(shape))  # type: ignore[arg-type]


#: What Mermaid would take for marks of its own within quotes, by number.
_MERMAID: Final = str.maketrans({mark: f"#{ord(mark)};" for mark in '"#<>&`'})


def mermaid(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a flowchart from top to bottom."""
    graph = Graph(trace, page.view)
    yield "flowchart TD\n"
    for key, lines in graph.nodes.items():
        text = "<br>".join(line.translate(_MERMAID) for line in lines)
        left, right = ("([", "])") if key in graph.inputs else ("[", "]")
        yield f'    {key}{left}"{text}"{right}\n'
    for edge in graph.edges:
        yield f'    {edge.start} -->|"{edge.shape.translate(_MERMAID)}"| {edge.end}\n'


def dot(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a digraph from top to bottom."""
    graph = Graph(trace, page.view)
    yield "digraph shapecalc {\n"
    yield '    node [shape=box, style=rounded, fontname="monospace"];\n'
    yield '    edge [fontname="monospace", fontsize=10];\n'
    for key, lines in graph.nodes.items():
        text = "\\n".join(map(_dot, lines))
        oval = ", shape=oval" if key in graph.inputs else ""
        yield f'    {key} [label="{text}"{oval}];\n'
    for edge in graph.edges:
        yield f'    {edge.start} -> {edge.end} [label=" {_dot(edge.shape)}"];\n'
    yield "}\n"


def _dot(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
