"""Walks a network once, in order, and records what each layer got and gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    Shape,
    Size,
    TooLargeError,
    Truth,
    equal,
    letters,
    shape_text,
    substitute,
)
from shapecalc.errors import ShapeError, SpecError, did_you_mean
from shapecalc.layers.base import (
    ContradictionError,
    Layer,
    Result,
    Scope,
    apply,
    name_unknown,
)
from shapecalc.layers.budget import MAX_LAYERS, Budget
from shapecalc.network import STATES, Apply, Check, Input, Network
from shapecalc.patterns import Matcher, pattern_text
from shapecalc.rows import Names, Row, Trace, subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


#: The dialects, of which the first is the default.
DIALECTS = ("keras", "keras1")

#: How many earlier statements are looked at to find the one that contradicts.
MAX_BLAMED: Final = 2000


class Tracer:
    """One walk over one network."""

    def __init__(
        self,
        network: Network,
        shapes: Sequence[Shape],
        values: Mapping[str, Size],
        dialect: str,
        facts: Facts,
        given: Facts,
    ) -> None:
        self.network = network
        self.values = values
        self.given = given
        self.trace = Trace(network, dialect, facts, given)
        self.scope = Scope(facts, dialect)
        self.matcher = Matcher(self.trace.letters)
        self._shapes = iter(shapes)
        self._names = Names()
        self._layers: dict[int, Layer] = {}
        self._given: list[tuple[Shape, ...]] = []
        self._owners: dict[int, tuple[str, Result]] = {
            node.shares: ("", Result())
            for node in network.nodes
            if isinstance(node, Apply) and node.shares is not None
        }
        self._node_names: list[str] = []

    def run(self, known: set[str]) -> Trace:
        """Walk; raises `ShapeError` with the place, and with the rows before it."""
        self.trace.letters |= known
        self.scope.used |= known
        for node in self.network.nodes:
            if isinstance(node, Apply):
                self._apply(node)
            elif isinstance(node, Input):
                shape = next(self._shapes)
                name = self._names.take(node.name, _InputLayer)
                self._node_names.append(name)
                self._given.append((shape,))
                self.trace.inputs.append((name, shape))
            else:
                self._check(node)
        self._finish()
        return self.trace

    def _apply(self, node: Apply) -> None:
        inputs = self._inputs(node)
        layer = self._with_values(node.layer) if self.values else node.layer
        key = (id(layer), inputs)
        result = self.scope.results.get(key)
        shares = None
        try:
            if result is None:
                letters_before = len(self.scope.used)
                self.scope.asker = len(self.trace.layers)
                result = apply(layer, inputs, self.scope)
                if len(self.scope.used) == letters_before:
                    self.scope.results[key] = result
            if node.shares is not None:
                shares = self._owners[node.shares][0]
                result = self._shared(result, node.shares)
        except ShapeError as error:
            raise self._located(error, node, inputs) from None
        names, given, rows = self._node_names, self._given, self.trace.layers
        name = self._names.take(node.label or layer.name, type(layer))
        if len(given) in self._owners:
            self._owners[len(given)] = (name, result)
        names.append(name)
        given.append(result.outputs)
        rows.append(Row(len(rows) + 1, name, node, names, inputs, result, shares))

    def _inputs(self, node: Apply) -> tuple[Shape, ...]:
        given = self._given
        shapes: list[Shape] = []
        for place, port in node.inputs:
            outputs = given[place]
            if port == 0:
                shapes.append(outputs[0])
            elif port == STATES:
                if len(outputs) == 1:
                    raise self._no_output(
                        node, f"{self._node_names[place]} gives no states", "state"
                    )
                shapes += outputs[1:]
            elif port < len(outputs):
                shapes.append(outputs[port])
            else:
                count = f"{len(outputs)} tensor{'s' * (len(outputs) > 1)}, numbered from 0"
                raise self._no_output(node, f"{self._node_names[place]} gives {count}, not .{port}")
        return tuple(shapes)

    def _no_output(self, node: Apply, message: str, flag: str | None = None) -> SpecError:
        return SpecError(
            message,
            span=getattr(node.origin, "span", None),
            source=getattr(self.network.source, "text", None),
            help=f"the flag {flag} makes it give them" if flag else None,
        )

    def _shared(self, result: Result, owner: int) -> Result:
        """The result of a layer whose weights are there already, and must fit here too."""
        name, first = self._owners[owner]
        why = "shares the weights of {}, whose {} is {}, but needs {} here"
        if len(result.weights) != len(first.weights):
            raise ShapeError(f"shares the weights of {name}, but needs others here")
        for weight, known in zip(result.weights, first.weights, strict=True):
            parts = (name, known.name, known.shape, weight.shape)
            self.scope.require(len(weight.shape) == len(known.shape), why, *parts)
            for size, wanted in zip(weight.shape, known.shape, strict=True):
                self.scope.require(equal(size, wanted), why, *parts)
        return Result(*result.outputs)

    def _with_values(self, layer: Layer) -> Layer:
        """The layer with its letters replaced by what they were set to."""
        changed = self._layers.get(id(layer))
        if changed is None:
            changed = self._layers[id(layer)] = _substituted(layer, self.values)
        return changed

    def _located(self, error: ShapeError, node: Apply, inputs: tuple[Shape, ...]) -> ShapeError:
        """Say which layer it is, where it stands, and what was known before it."""
        name = self._names.take(node.label or node.layer.name, type(node.layer))
        error.message = f"{subject(node.layer)} {error.message}"
        error.args = (error.message,)
        error.layer = name
        error.span = getattr(node.origin, "span", None)
        error.source = getattr(self.network.source, "text", None)
        if isinstance(error, ContradictionError):
            error.notes += self._asked_before(error.statement)
        failed = Row(len(self.trace.layers) + 1, name, node, self._node_names, inputs, Result())
        self._simplify([*self.trace.layers, failed])
        error.context = (self.trace, failed)
        return error

    def _asked_before(self, statement: Truth) -> list[str]:
        """Name the earlier layer that asks for what cannot hold beside a statement."""
        if isinstance(statement, bool):
            return []
        asks = f"this asks for {statement}"
        if contradicts(self.given, [statement]):
            return [f"{asks}, which the given facts rule out"]
        for asker, truth in self.scope.asked[:-MAX_BLAMED:-1]:
            if contradicts(self.given, [truth, statement]):
                name = self.trace.layers[asker].name if isinstance(asker, int) else asker
                return [f"{asks}, but {name} for {truth}"]
        return [f"{asks}, which the layers before it together rule out"]

    def _check(self, node: Check) -> None:
        shape = self._given[node.tensor.node][node.tensor.port]
        self._given.append((shape,))
        self._node_names.append(self._node_names[node.tensor.node])
        pattern = tuple(
            None if size is None else substitute(size, self.values) for size in node.pattern
        )
        try:
            for _, truth in self.matcher.compare(pattern, shape):
                if truth is not True:
                    self.scope.facts.require(truth)
                    self.scope.asked.append((f"is: {pattern_text(pattern)}", truth))
        except (ShapeError, Contradiction) as reason:
            shown = shape_text([self.scope.facts.simplify(size) for size in shape])
            error = ShapeError(
                f"is: wants {pattern_text(pattern)}, but the shape is {shown}",
                span=getattr(node.origin, "span", None),
                source=getattr(self.network.source, "text", None),
            )
            error.context = (self.trace, None)
            if isinstance(reason, Contradiction) and not isinstance(reason.statement, bool):
                error.notes.append(f"this asks for {reason.statement}, which cannot hold here")
            raise error from None

    def _finish(self) -> None:
        """Name the outputs, and show all sizes as they are under the conditions."""
        trace, facts = self.trace, self.scope.facts
        trace.assumptions = list(self.scope.assumptions)
        for asker, truth in self.scope.asked:
            if isinstance(asker, int):
                row = trace.layers[asker]
                row.asked = [*row.asked, truth]
        if not facts.plain:
            self._simplify(trace.layers)
            trace.inputs = [(name, _simplified(shape, facts)) for name, shape in trace.inputs]
        for tensor in self.network.outputs:
            outputs = self._given[tensor.node]
            if tensor.port >= len(outputs):
                name = self._node_names[tensor.node]
                raise SpecError(f"{name} gives {len(outputs)} tensors, there is no .{tensor.port}")
            shape = outputs[tensor.port]
            trace.named_outputs.append((self._node_names[tensor.node], _simplified(shape, facts)))

    def _simplify(self, rows: Sequence[Row]) -> None:
        """Write all sizes as they are where the conditions hold."""
        facts = self.scope.facts
        if facts.plain:
            return
        shown: dict[int, Result] = {}
        for row in rows:
            row.inputs = tuple([_simplified(shape, facts) for shape in row.inputs])
            key = id(row.result)
            if key not in shown:
                shown[key] = _simplified_result(row.result, facts)
            row.result = shown[key]


def contradicts(given: Facts, truths: Sequence[Truth]) -> bool:
    """Whether statements cannot hold together beside the given facts."""
    facts = given.copy()
    try:
        for truth in truths:
            facts.require(truth)
    except Contradiction:
        return True
    return False


class _InputLayer:
    """Names inputs as Keras does."""


_InputLayer.__name__ = "InputLayer"


def _simplified(shape: Shape, facts: Facts) -> Shape:
    return tuple([facts.simplify(size) for size in shape])


def _simplified_result(result: Result, facts: Facts) -> Result:
    weights = [w._replace(shape=_simplified(w.shape, facts)) for w in result.weights]
    return Result(*[_simplified(shape, facts) for shape in result.outputs], weights=weights)


def _substituted(layer: Layer, values: Mapping[str, Size]) -> Layer:
    """Put values in the place of the letters of a layer's arguments."""

    def replaced(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Dim):
            return substitute(value, values)
        if isinstance(value, Layer):
            return _substituted(value, values)
        if isinstance(value, (tuple, list)):
            return type(value)(replaced(item) for item in value)
        return value

    changed = {
        name: new
        for name in layer.model_fields_set
        if (new := replaced(old := getattr(layer, name))) is not old and new != old
    }
    return layer.model_copy(update=changed) if changed else layer


def trace_network(
    network: Network,
    *,
    inputs: Mapping[str | None, tuple[Size | None, ...]] | None = None,
    values: Mapping[str, Size] | None = None,
    facts: Facts | None = None,
    dialect: str = "keras",
    max_layers: int = MAX_LAYERS,
) -> Trace:
    """Trace a network; ``inputs`` replaces shapes by input name, None being the only input.

    Raises `ShapeError` where the shapes do not fit, `SpecError` where a name, a letter or the
    dialect is unknown.
    """
    if dialect not in DIALECTS:
        raise SpecError(f"there is no dialect {dialect}", help=f"it is {' or '.join(DIALECTS)}")
    values = values or {}
    shapes = _input_shapes(network, inputs or {})
    known = {name for shape in shapes for size in shape for name in letters(size)}
    known |= getattr(network.source, "letters", set())
    for name in values:
        if name not in known:
            hint = did_you_mean(name, known) or f"the letters are {', '.join(sorted(known))}"
            raise SpecError(f"there is no letter {name}", help=hint if known else None)
    _check_letters(facts, known)
    known |= {name for size in values.values() for name in letters(size)}
    given = facts or Facts()
    try:
        placed = [tuple(substitute(size, values) for size in shape) for shape in shapes]
        tracer = Tracer(network, placed, values, dialect, given.copy(), given)
        tracer.scope.budget = Budget(max_layers, network.layers)
        return tracer.run(known)
    except TooLargeError as error:
        # What a rule makes says which layer it is; this is about what was put in.
        raise ShapeError(f"what is put in makes too large a size: {error}") from None


def walk_inside(network: Network, shapes: Sequence[Shape], scope: Scope) -> Trace:
    """Walk a network within the walk of another one, of which it shares what is known."""
    tracer = Tracer(network, shapes, {}, scope.dialect, scope.facts, Facts())
    inner = tracer.scope
    inner.used, inner.assumptions = scope.used, scope.assumptions
    inner.budget, inner.results = scope.budget, scope.results
    trace = tracer.run(set())
    scope.asked += [(scope.asker, truth) for _, truth in inner.asked]
    return trace


def _check_letters(facts: Facts | None, known: set[str]) -> None:
    """Refuse facts on letters that are nowhere printed; new ones may stand for known ones."""
    if facts is None:
        return
    defined = {name for letter in known for name in letters(facts.simplify(Dim(letter)))}
    for name in facts.named:
        if name not in known | defined:
            hint = did_you_mean(name, known) or f"the letters are {', '.join(sorted(known))}"
            raise SpecError(f"there is no letter {name}", help=hint)


def _input_shapes(
    network: Network, given: Mapping[str | None, tuple[Size | None, ...]]
) -> list[Shape]:
    """The shapes of the inputs, in order, with those that were given put in their place."""
    nodes = network.inputs
    names = [
        node.name or ("input_layer" if not i else f"input_layer_{i}")
        for i, node in enumerate(nodes)
    ]
    used: set[str] = set(getattr(network.source, "letters", ()))
    for shape in given.values():
        used.update(name for size in shape if size is not None for name in letters(size))
    for name in given:
        if name is None and len(nodes) != 1:
            raise SpecError(
                f"there are {len(nodes)} inputs, and this shape names none",
                help=" ".join(f"-i {each}=SHAPE" for each in names),
            )
        if name is not None and name not in names:
            hint = did_you_mean(name, names) or f"the inputs are {', '.join(names)}"
            raise SpecError(f"there is no input {name}", help=hint)
    shapes = []
    for name, node in zip(names, nodes, strict=True):
        replaced = given[name] if name in given else given.get(None)
        shapes.append(node.shape if replaced is None else name_unknown(replaced, used))
    return shapes
