"""Models of Keras as code, one within the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.exporters.document import (
    Assign,
    Call,
    Evaluate,
    Expression,
    Statement,
    listed,
    loop,
    quoted,
    tupled,
)
from shapecalc.exporters.graph import Graph
from shapecalc.exporters.keras.arguments import layer_call
from shapecalc.exporters.keras.calls import called
from shapecalc.exporters.keras.calls import target as target_of
from shapecalc.exporters.keras.naming import Counts, named
from shapecalc.exporters.keras.operations import LISTS, is_operation, operation
from shapecalc.exporters.keras.turns import (
    Header,
    alike,
    are_named_alike,
    header,
    loops_of,
    unrolled,
)
from shapecalc.exporters.loops import Loop, Loops
from shapecalc.exporters.names import state_name
from shapecalc.exporters.variables import Repeated, Variables, Written
from shapecalc.network import Input, Tensor
from shapecalc.tracing.nested import Model
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from shapecalc.dims import Shape
    from shapecalc.exporters.loops import Item
    from shapecalc.exporters.names import Names
    from shapecalc.exporters.sizes import Letters
    from shapecalc.exporters.variables import Statement as Step
    from shapecalc.layers.layer import Layer


class Models:
    """Writes models; what they share are the names of variables, and those that Keras gives."""

    def __init__(self, names: Names, letters: Letters) -> None:
        self.names = names
        self.letters = letters
        self.counts = Counts()
        self.uses: set[str] = set()

    def written(
        self, graph: Graph, name: str | None = None, *, functional: bool = False
    ) -> tuple[list[Statement], Expression]:
        """Return the statements that make a model, and the expression that it is."""
        return _Writer(self, graph).model(name, functional=functional)


def is_sequential(graph: Graph) -> bool:
    """Return whether a model is a stack of layers."""
    return graph.is_straight and not any(is_operation(graph.node(each)) for each in graph.steps)


def is_left_out(graph: Graph, place: int) -> bool:
    """Return whether the source does not say what comes in, which a Sequential need not either."""
    node = graph.input(place)
    said = node.origin is not None or node.name is not None
    return not said and graph.shapes(place)[0] == node.shape and is_sequential(graph)


class _Writer:
    """Writes one model."""

    def __init__(self, models: Models, graph: Graph) -> None:
        self._models = models
        self._graph = graph
        # Keras takes no name with a slash, which those of TensorFlow had.
        graph.names = [name.replace("/", "_") for name in graph.names]
        self._pending: list[Statement] = []
        self._variables: dict[int, str] = {}
        self._inner: dict[int, Expression] = {}
        items = Loops(graph, self._key, lambda turns: are_named_alike(graph, turns)).items()
        trial = named(graph, models.counts.copy(), alike(items))
        self._items = unrolled(items, trial)
        self._named = named(graph, models.counts, alike(self._items))
        self._headers = {
            each.key: header(graph, each, self._named) for each in loops_of(self._items)
        }
        self._names: dict[int, Expression] = {
            place: quoted(graph.names[place]) for place in self._named
        }
        for each in self._headers.values():
            self._names |= each.names
            models.names.reserve(each.target)

    def _key(self, place: int) -> Hashable:
        """Return the kind of a step; of a model within the model, it alone."""
        is_model = isinstance(self._graph.layer(place), Model)
        return place if is_model else self._graph.kind(place)

    def model(self, name: str | None, *, functional: bool) -> tuple[list[Statement], Expression]:
        """Return the statements and the expression of the model."""
        if is_sequential(self._graph) and not functional:
            return self._sequential(name)
        return self._functional(name)

    def _sequential(self, name: str | None) -> tuple[list[Statement], Expression]:
        keywords = [] if name is None else [("name", quoted(name))]
        entry = self._entry(self._graph.inputs[0])
        first = [] if entry is None else [entry]
        if not any(isinstance(item, Loop) for item in self._items):
            layers = [*first, *map(self._made, self._places(self._items))]
            return self._pending, Call("keras.Sequential", [listed(*layers)], keywords)
        variable = "model" if name is None else self._models.names.new(name)
        body: list[Statement] = [Assign(variable, Call("keras.Sequential", [], keywords))]
        body += [Evaluate(Call(f"{variable}.add", [each])) for each in first]
        return [*body, *self._added(self._items, variable)], variable

    def _added(self, items: Sequence[Item], variable: str) -> list[Statement]:
        """Return the layers of a Sequential, each added in a line."""
        found: list[Statement] = []
        for item in items:
            if isinstance(item, Loop):
                found.append(self._loop(item, self._added(item.body, variable)))
            else:
                line = Evaluate(Call(f"{variable}.add", [self._made(item)]))
                found += [*self._taken(), line]
        return found

    def _places(self, items: Sequence[Item]) -> list[int]:
        return [item for item in items if not isinstance(item, Loop)]

    def _loop(self, item: Loop, body: Sequence[Statement]) -> Statement:
        head: Header = self._headers[item.key]
        return loop(head.target, head.iterable, body)

    def _taken(self) -> list[Statement]:
        """Return the statements that stand before the next one."""
        taken, self._pending = self._pending, []
        return taken

    def _entry(self, place: int, *, always: bool = False) -> Expression | None:
        """Return the call of ``keras.Input``; None where the source leaves the input out."""
        node = self._graph.input(place)
        if not always and is_left_out(self._graph, place):
            return None
        letters, shape = self._models.letters, self._graph.shapes(place)[0]
        sizes = [letters.input_size(size, axis, node.unknown) for axis, size in enumerate(shape)]
        given = [("name", self._names[place])] if place in self._names else []
        if sizes and sizes[0] != "None":
            return Call("keras.Input", [], [("batch_shape", tupled(*sizes)), *given])
        return Call("keras.Input", [tupled(*sizes[1:])], given)

    def _made(self, place: int) -> Expression:
        """Return the expression that makes a layer."""
        layer = self._graph.layer(place)
        if isinstance(layer, Model):
            shapes = self._graph.row(place).inputs
            return self._nested(layer, shapes, self._graph.names[place])
        self._models.uses.add("layers")
        held = _Held(self, self._graph.row(place).inputs)
        try:
            return layer_call(layer, self._names.get(place), held.written)
        except SpecError as error:
            origin = self._graph.node(place).origin
            raise error.replaced(place=None if origin is None else origin.code) from None

    def _nested(self, layer: Model, shapes: Sequence[Shape], name: str | None) -> Expression:
        """Return the expression of a model within the model; what it needs stands before it."""
        inputs = layer.network.inputs
        names = [
            n
            for n, each in zip(_names(layer.network), layer.network.nodes, strict=True)
            if isinstance(each, Input)
        ]
        given: Mapping[str | None, Any] = dict(zip(names, shapes, strict=True)) if inputs else {}
        graph = Graph(trace_network(layer.network, inputs=given))
        statements, model = self._models.written(
            graph, name, functional=layer.class_name != "Sequential"
        )
        self._pending += statements
        return model

    def _functional(self, name: str | None) -> tuple[list[Statement], Expression]:
        graph, names = self._graph, self._models.names
        inputs = {}
        body: list[Statement] = []
        for place in graph.inputs:
            plain = place not in self._names and len(graph.inputs) == 1
            inputs[place] = names.new("inputs" if plain else graph.names[place])
        for place in sorted(graph.shared):
            if not is_operation(graph.node(place)):
                self._variables[place] = names.new(graph.names[place])
        for place, variable in inputs.items():
            entry = self._entry(place, always=True)
            assert entry is not None  # noqa: S101  (it is asked for)
            body.append(Assign(variable, entry))
        held = {Tensor(place): variable for place, variable in inputs.items()}
        variables = Variables(graph, self._items, names, held, self._wanted)
        body += self._steps(variables.steps)
        ends = variables.outputs
        arguments = [_one_or_list(list(inputs.values())), _one_or_list(ends)]
        keywords = [] if name is None else [("name", quoted(name))]
        return body, Call("keras.Model", arguments, keywords)

    def _wanted(self, tensor: Tensor) -> str | None:
        """Return the name of a tensor that is kept: its label, where not every layer has one."""
        place, graph = tensor.node, self._graph
        name = graph.names[place] if place in self._named and not self._all_named else None
        if not tensor.port:
            return name
        if graph.layer(place).reads_states:
            return state_name(graph.layer(place), tensor.port, name)
        return None if name is None else f"{name}_{tensor.port}"

    @property
    def _all_named(self) -> bool:
        """Whether the source names every layer, as a model file does."""
        nodes = [self._graph.node(place) for place in self._graph.steps]
        return len(nodes) > 1 and all(node.label or node.title for node in nodes)

    def _steps(self, steps: Sequence[Step]) -> list[Statement]:
        found: list[Statement] = []
        for step in steps:
            if isinstance(step, Repeated):
                found += [Assign(*step.before)] if step.before else []
                body = self._steps(step.body)
                body += [Assign(*step.after)] if step.after else []
                found.append(self._loop(step.loop, body))
            elif isinstance(step, Written):
                line = self._step(step)
                found += [*self._taken(), line]
        return found

    def _step(self, step: Written) -> Statement:
        graph = self._graph
        node, layer = graph.node(step.place), graph.layer(step.place)
        if is_operation(node):
            target = ", ".join(step.targets)
            if type(layer).__name__ in LISTS and len(step.targets) == 1:
                target = f"({target},)"
            value = operation(layer, step.reads)
            text = str(value)
            if "ops." in text:
                self._models.uses.add("ops")
            return Assign(target, value)
        owner = graph.owners[step.place]
        func: Expression
        if owner not in graph.shared:
            func = self._made(step.place)
        else:
            func = self._variables[owner]
            if owner == step.place:
                made = self._made(owner)
                self._pending.append(Assign(func, made))
        return Assign(target_of(layer, step.targets), called(func, node, layer, step.reads))


class _Held:
    """Writes the layers that a layer holds, of which a model needs statements of its own."""

    def __init__(self, writer: _Writer, shapes: Sequence[Shape]) -> None:
        self._writer = writer
        self._shapes = shapes

    def written(self, layer: Layer) -> Expression:
        if isinstance(layer, Model):
            without = [(*shape[:1], *shape[2:]) for shape in self._shapes]
            return self._writer._nested(layer, without, layer.name)  # noqa: SLF001
        name = None if layer.name is None else quoted(layer.name)
        return layer_call(layer, name, self.written)


def _names(network: Any) -> list[str]:  # noqa: ANN401
    from shapecalc.tracing.naming import node_names

    return node_names(network)


def _one_or_list(variables: Sequence[str]) -> Expression:
    return variables[0] if len(variables) == 1 else listed(*variables)
