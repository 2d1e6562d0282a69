"""The graph of a network, with the shapes on its edges: Mermaid and Graphviz's dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import shape_text
from shapecalc.network import STATES, Apply, Input
from shapecalc.render.cells import call_text, summary_of
from shapecalc.render.diagnostic import visible
from shapecalc.render.folding import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.render.formats import Page
    from shapecalc.render.view import View
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Edge(NamedTuple):
    """A tensor, from the node that gives it to one that reads it."""

    start: str
    end: str
    shape: str


class Block(NamedTuple):
    """Nodes that repeat, of which those of the first turn are shown."""

    keys: Sequence[str]
    turns: int


class Graph:
    """Nodes with what is written in them, edges, shared weights, blocks that repeat."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.nodes: dict[str, tuple[str, ...]] = {}
        self.inputs: set[str] = set()
        self.edges: list[Edge] = []
        #: The node whose weights are used, and the one that uses them again.
        self.shared: list[tuple[str, str]] = []
        self.blocks: list[Block] = []
        #: What must hold, and what is taken for granted.
        self.notes = [
            f"{name} {said}"
            for name, said in summary_of(trace, view)
            if name in {"holds when", "assumes", "built with"}
        ]
        self._view = view
        self._rows: dict[str, str] = {}
        self._fill(trace)
        if view.times:
            self._fold(trace.layers)

    def _fill(self, trace: Trace) -> None:
        inputs, rows = iter(trace.inputs), iter(trace.layers)
        given: list[tuple[str, tuple[str, ...]]] = []
        weighted: set[str] = set()
        for node in trace.network.nodes:
            if isinstance(node, Input):
                name, shape = next(inputs)
                key = self._add((name, self._text(shape)), is_input=True)
                given.append((key, (self._text(shape),)))
            elif isinstance(node, Apply):
                row = next(rows)
                key = self._rows[row.name] = self._add((row.name, call_text(row.model)))
                for tensor in node.inputs:
                    self._join(*given[tensor.node], tensor.port, key)
                weighted |= {row.name} if row.weights else set()
                if row.shares is not None and row.shares in weighted:
                    self.shared.append((self._rows[row.shares], key))
                given.append((key, tuple(map(self._text, row.outputs)) or ("?",)))
            else:
                given.append(given[node.tensor.node])
        for number, tensor in enumerate(trace.network.outputs):
            start, shapes = given[tensor.node]
            key = self._add(("output" if not number else f"output {number}",))
            self._join(start, shapes, tensor.port, key)

    def _fold(self, rows: Sequence[Row]) -> None:
        """Leave out all turns of a block but the first, which stands for them."""
        for_first: dict[str, str] = {}
        for start, length, turns in repeated(rows, lambda row: call_text(row.model)):
            keys = [self._rows[row.name] for row in rows[start : start + length * turns]]
            if turns > 1:
                self.blocks.append(Block(keys[:length], turns))
            for_first |= {key: keys[place % length] for place, key in enumerate(keys)}
        left_out = {key for key, first in for_first.items() if key != first}
        self.nodes = {key: lines for key, lines in self.nodes.items() if key not in left_out}
        edges = [
            edge._replace(start=for_first.get(edge.start, edge.start))
            for edge in self.edges
            if edge.end not in left_out
        ]
        self.edges = list(dict.fromkeys(edges))
        self.shared = [pair for pair in self.shared if left_out.isdisjoint(pair)]

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
        left, right = ("([", "])") if key in graph.inputs else ("[", "]")
        yield f"    {key}{left}{_quoted(lines)}{right}\n"
    for number, block in enumerate(graph.blocks):
        yield f"    subgraph block{number} [{_quoted([f'{page.view.times}{block.turns}'])}]\n"
        yield "".join(f"        {key}\n" for key in block.keys) + "    end\n"
    for edge in graph.edges:
        yield f"    {edge.start} -->|{_quoted([edge.shape])}| {edge.end}\n"
    for owner, user in graph.shared:
        yield f'    {owner} -.-|"same weights"| {user}\n'
    if graph.notes:
        yield f"    notes>{_quoted(graph.notes)}]\n"


def _quoted(lines: Sequence[str]) -> str:
    return f'"{"<br>".join(line.translate(_MERMAID) for line in lines)}"'


def dot(trace: Trace, page: Page) -> Iterator[str]:
    """Yield a digraph from top to bottom."""
    graph = Graph(trace, page.view)
    yield "digraph shapecalc {\n"
    yield '    node [shape=box, style=rounded, fontname="monospace"];\n'
    yield '    edge [fontname="monospace", fontsize=10];\n'
    if graph.notes:
        text = "\\l".join(map(_dot, graph.notes))
        yield f'    label="{text}\\l"; labelloc=b; labeljust=l; fontname="monospace";\n'
    for key, lines in graph.nodes.items():
        text = "\\n".join(map(_dot, lines))
        oval = ", shape=oval" if key in graph.inputs else ""
        yield f'    {key} [label="{text}"{oval}];\n'
    for number, block in enumerate(graph.blocks):
        yield f'    subgraph cluster_{number} {{ label="{page.view.times}{block.turns}"; '
        yield "".join(f"{key}; " for key in block.keys) + "}\n"
    for edge in graph.edges:
        yield f'    {edge.start} -> {edge.end} [label=" {_dot(edge.shape)}"];\n'
    for owner, user in graph.shared:
        yield f'    {owner} -> {user} [label=" same weights", style=dashed, dir=none, '
        yield "constraint=false];\n"
    yield "}\n"


def _dot(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
