"""The functional model that a network of PyTorch becomes."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

from shapecalc.dims import letters
from shapecalc.errors import ShapeError
from shapecalc.exporters.document import Assign, Call, Evaluate, quoted, size_code, tupled
from shapecalc.exporters.names import Names, identifier
from shapecalc.exporters.port.applied import write
from shapecalc.exporters.port.from_torch.applied import Applied
from shapecalc.exporters.port.from_torch.families import writer_of
from shapecalc.exporters.port.from_torch.values import Out, Value
from shapecalc.network import Tensor
from shapecalc.tracing.rows import subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression, Statement
    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.sizes import Letters
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Apply

_TAKEN: Final = ("keras", "layers", "ops", "np", "model", "build", "source", "layer")
#: The names that variables get, in order, before those of rows.
_PLAIN: Final = ("x", "y", "z")
_WHOLE_NUMBERS: Final = frozenset({"Embedding", "EmbeddingBag", "OneHot"})


class Model:
    """Writes the nodes of a network one after the other.

    Attributes:
        body: the statements that make the model.
        copies: the calls that carry weights over.
        snippets: the functions that these calls need.
        sources: the names of the modules whose weights are carried over.
        modules: what is imported of Keras.
    """

    def __init__(self, graph: Graph, sizes: Letters) -> None:
        self.graph = graph
        self.sizes = sizes
        self.body: list[Statement] = []
        self.copies: list[Statement] = []
        self.snippets: dict[str, None] = {}
        self.sources: dict[str, None] = {}
        self.modules: set[str] = set()
        self._names = Names((*_TAKEN, *sizes.needed))
        self._layer_names: dict[str, str] = {}
        self._made: dict[str, str] = {}
        self._live: list[Value] = []
        self._copied: set[tuple[str, ...]] = set()
        self._node: Apply | None = None

    def write(self) -> None:
        """Write all nodes, and the model."""
        given: dict[int, list[Value]] = {}
        inputs = []
        for place in self.graph.inputs:
            given[place] = [self._input(place)]
            inputs.append(given[place][0].name)
        for place in self.graph.steps:
            given[place] = self._step(place, given)
        outputs = []
        for tensor in self.graph.outputs:
            value = given[tensor.node][tensor.port]
            value.reads -= 1
            outputs.append(self.plain(value))
        ends = [names[0] if len(names) == 1 else _listed(names) for names in (inputs, outputs)]
        self.body.append(Assign("model", Call("keras.Model", ends)))

    def _input(self, place: int) -> Value:
        node, (shape,) = self.graph.input(place), self.graph.shapes(place)
        name, reads = self.graph.names[place], self._reads(place, 0)
        alone = len(self.graph.inputs) == 1
        variable = "inputs" if alone else self._names.new(name)
        sizes = [self._input_size(size) for size in shape[1:]]
        keywords: list[tuple[str, Expression]] = []
        if self._is_whole(place):
            keywords.append(("dtype", quoted("int32")))
        if node.name is not None:
            keywords.append(("name", quoted(identifier(node.name))))
        self.body.append(Assign(variable, Call("keras.Input", (tupled(*sizes),), keywords)))
        value = Value(variable, shape, reads=reads + 1)
        self._live.append(value)
        if not alone:
            return value
        return Value("inputs", shape, reads=reads)

    def _input_size(self, size: Size) -> str:
        known = isinstance(size, int) or all(name in self.sizes.needed for name in letters(size))
        return size_code(size) if known else "None"

    def _is_whole(self, place: int) -> bool:
        """Return whether an input has whole numbers."""
        return any(
            type(self.graph.layer(step)).__name__ in _WHOLE_NUMBERS
            for step in self.graph.steps
            if Tensor(place) in self.graph.worked(step)
        )

    def _reads(self, place: int, port: int) -> int:
        return self.graph.readers[Tensor(place, port)]

    def _step(self, place: int, given: dict[int, list[Value]]) -> list[Value]:
        graph = self.graph
        node, row = graph.node(place), graph.row(place)
        self._node = node
        layer, name = graph.layer(place), graph.names[graph.owners[place]]
        if node.call.masks:
            self.refuse(layer, row.name, "is called with a mask, which is not supported")
        if name not in self._layer_names:
            self._layer_names[name] = identifier(name)
        applied = Applied(
            self,
            layer,
            [given[tensor.node][tensor.port] for tensor in graph.worked(place)],
            row.outputs,
            self._layer_names[name],
            name,
            dict(node.call.values),
            [self._reads(place, port) for port in range(len(row.outputs))],
        )
        return self._apply(applied, node.label)

    def _apply(self, applied: Applied, label: str | None) -> list[Value]:
        writer = writer_of(type(applied.layer).__name__)
        return write(applied, writer, "Keras", partial(self._keep, applied), label)

    def _keep(self, applied: Applied, out: Out, count: int, label: str | None) -> Value:
        if isinstance(out.value, Value):
            out.value.reads += count
            self._live.append(out.value)
            return out.value
        if count == 0:
            return Value("_", ())
        name = self._variable(applied.values[0], label or "", applied.name)
        self.body.append(Assign(name, out.value))
        value = Value(name, (), out.last, count)
        self._live.append(value)
        return value

    def _variable(self, source: Value, label: str, row: str) -> str:
        if label:
            return self._names.new(label)
        inputs = self._live[: len(self.graph.inputs)]
        rest = [value for value in self._live[len(inputs) :] if value.reads > 0]
        self._live = [*inputs, *rest]
        held = {value.name for value in self._live if value.reads > 0}
        wanted = [source.name] if source.name in _PLAIN else []
        for name in (*wanted, *_PLAIN, source.name):
            if name not in held and name != "inputs":
                self._names.reserve(name)
                return name
        return self._names.new(row)

    def refuse(self, layer: Layer, name: str, why: str) -> NoReturn:
        """Raise an error that names a module and its place."""
        network = self.graph.network
        failed = ShapeError(f"{subject(layer, network.dialect)} {why}", layer=name)
        raise failed if self._node is None else network.placed(failed, self._node)

    # What writers ask for.

    def plain(self, value: Value) -> str:
        """Give a tensor the axes that it has in PyTorch; return its variable."""
        if value.last:
            self._move(value, "-1, 1")
            value.last = False
        return value.name

    def moved(self, value: Value) -> str:
        """Put the channels of a tensor at the end; return its variable."""
        if not value.last and len(value.shape) > 2:  # noqa: PLR2004  (batch and features)
            self._move(value, "1, -1")
            value.last = True
        return value.name

    def _move(self, value: Value, axes: str) -> None:
        self.uses("ops")
        name = value.name
        if name == "inputs" or name in self._input_names():
            value.name = self._variable(value, "", name)
            self._live.append(value)
        self.body.append(Assign(value.name, f"ops.moveaxis({name}, {axes})"))

    def _input_names(self) -> set[str]:
        """Return the variables of inputs, which the model is made of at the end."""
        return {value.name for value in self._live[: len(self.graph.inputs)]}

    def number(self, size: Size) -> str:
        """Return a size as a number; its letters are arguments."""
        return size_code(size)

    def fresh(self, name: str) -> str:
        """Return a variable for an intermediate result."""
        return self._names.new(name)

    def hold(self, value: Value) -> None:
        """Count a tensor among those whose variables are not given to others."""
        self._live.append(value)

    def uses(self, module: str) -> None:
        """Import a module of Keras."""
        self.modules.add(module)

    def layer(self, name: str, made: Call) -> Expression:
        """Return a layer; one that is used again is made in a variable, and found there."""
        if name in self._made:
            return self._made[name]
        if self._is_shared(name):
            variable = self._made[name] = self._names.new(re.sub(r"^(\d)", r"layer_\1", name))
            self.body.append(Assign(variable, made))
            return variable
        return made

    def _is_shared(self, name: str) -> bool:
        shared = {self.graph.names[place] for place in self.graph.shared}
        return any(name.startswith(self._layer_names.get(each, each)) for each in shared)

    def copy(self, how: str, module: str, arguments: Sequence[Expression]) -> None:
        """Carry the weights of a module over once."""
        key = (how, module, *map(str, arguments))
        if key not in self._copied:
            self._copied.add(key)
            self.sources[module] = None
            self.snippets[how] = None
            path = f"module[{quoted(module)}]"
            self.copies.append(Evaluate(Call(how, (path, *arguments))))


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"
