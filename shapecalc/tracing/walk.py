"""Walks a network once, in order, and records what each layer got and gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dialects import DIALECTS
from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    Shape,
    Size,
    TooLargeError,
    Truth,
    at_least,
    check_digits,
    equal,
    is_letter,
    letters,
    shape_text,
    substitute,
)
from shapecalc.errors import (
    AnyError,
    ShapecalcError,
    ShapeError,
    SpecError,
    SubstitutionError,
)
from shapecalc.language.inputs import input_shapes
from shapecalc.layers.budget import MAX_LAYERS, Budget
from shapecalc.layers.built import UnbuiltError, require_built
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import ContradictionError, Scope
from shapecalc.network import STATES, Apply, Input, Network, Node, Requirement
from shapecalc.tracing.patterns import Matcher, pattern_text
from shapecalc.tracing.rows import Row, Stop, Trace, node_names, subject
from shapecalc.tracing.symbols import Symbols

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.language.facts import GivenFacts


#: How often a network is walked, with fewer assumptions each time.
MAX_ATTEMPTS: Final = 6

#: How many earlier statements are looked at to find the one that contradicts.
MAX_BLAMED: Final = 2000


class Tracer:
    """One walk over one network."""

    def __init__(
        self,
        network: Network,
        names: list[str],
        shapes: Sequence[Shape],
        scope: Scope,
        symbols: Symbols,
    ) -> None:
        self.network = network
        self.symbols = symbols
        self.scope = scope
        self.trace = Trace(network, scope.dialect, scope.facts, symbols.given)
        self.trace.letters = scope.used
        self.matcher = Matcher(symbols, symbols.met)
        self._shapes = iter(shapes)
        self._layers: dict[int, Layer] = {}
        self._given: list[tuple[Shape, ...]] = []
        self._owners: dict[int, tuple[str, Result]] = {
            node.shares: ("", Result())
            for node in network.nodes
            if isinstance(node, Apply) and node.shares is not None
        }
        self._node_names = names
        #: The places of nodes, and the keys of results, that rest on what is assumed.
        self._assuming: set[object] = set()
        self._inherited = scope.relative

    def require_sizes(self, written: Sequence[Shape], placed: Sequence[Shape]) -> None:
        """Ask that the axes of inputs, and what was put in, are at least 1."""
        for name, value in self.symbols.values.items():
            self._require_size(value, value, f"{name}=", f"the value of {name}")
        for node, shape, sizes in zip(self.network.inputs, written, placed, strict=True):
            try:
                for size, before in zip(sizes, shape, strict=True):
                    self._require_size(size, before, "in:", node.name or "the input")
            except ShapecalcError as error:
                raise (self._placed(error, node) if shape is node.shape else error) from None

    def _require_size(self, size: Size, written: Size, noun: str, asker: str) -> None:
        try:
            check_digits(size)
        except TooLargeError as error:
            raise SpecError(f"a size is too large: {error}") from None
        if isinstance(size, int):
            if size < 1 and isinstance(written, Dim):
                raise SubstitutionError(f"a size is at least 1, but {written} is {size}")
            if size < 1:
                raise SpecError(f"a size is at least 1, but this is {size}")
        elif is_letter(size) is None:
            self.scope.asker = asker
            why = f"{noun} takes sizes of at least 1, but gets {{}}"
            try:
                self.scope.require(at_least(size, 1), why, size)
            except ContradictionError as error:
                raise error.noted(self._asked_before(error.statement)) from None

    def run(self) -> Trace:
        """Walk; raises `ShapeError` with the place, and with the rows before it."""
        for node in self.network.nodes:
            if isinstance(node, Apply):
                self._apply(node)
            elif isinstance(node, Input):
                shape = next(self._shapes)
                name = self._node_names[len(self._given)]
                self._given.append((shape,))
                self.trace.inputs.append((name, shape))
            else:
                self._check(node)
        self._finish()
        return self.trace

    def _apply(self, node: Apply) -> None:
        inputs = self._inputs(node)
        layer = self._with_values(node) if self.symbols.values else node.layer
        key = (id(layer), inputs)
        result = self.scope.results.get(key)
        shares = None
        letters_before = len(self.scope.used)
        assumed_before = len(self.scope.assumptions)
        if assumed_before:
            self.scope.relative = self._rests_on_assumptions(node)
        try:
            if result is None:
                self.scope.asker = len(self.trace.layers)
                result = apply(layer, inputs, self.scope)
                require_built(result, self.scope)
                if len(self.scope.used) == letters_before:
                    self.scope.results[key] = result
            if node.shares is not None:
                shares = self._owners[node.shares][0]
                result = self._shared(result, node.shares)
        except ShapeError as error:
            raise self._refused(error, node, inputs) from None
        names, given, rows = self._node_names, self._given, self.trace.layers
        place = len(given)
        name = names[place]
        if place in self._owners:
            self._owners[place] = (name, result)
        if self.scope.relative or len(self.scope.assumptions) > assumed_before:
            self._assuming.update((place, key))
        elif assumed_before and key in self._assuming:
            self._assuming.add(place)
        given.append(result.outputs)
        rows.append(Row(len(rows) + 1, name, node, names, inputs, result, shares))
        if len(self.scope.used) > letters_before:
            self._release(node)

    def _rests_on_assumptions(self, node: Apply) -> bool:
        """Whether the shapes that a layer reads are so only where what is assumed holds."""
        return self._inherited or any(tensor.node in self._assuming for tensor in node.inputs)

    def _inputs(self, node: Apply) -> tuple[Shape, ...]:
        given = self._given
        if len(node.inputs) == 1:
            place, port = node.inputs[0]
            if port == 0 and len(given[place]) == 1:
                return given[place]
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
        hint = f"the flag {flag} makes it give them" if flag else None
        return self._placed(SpecError(message, help=hint), node)

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

    def _with_values(self, node: Apply) -> Layer:
        """The layer with its letters replaced by what they were set to."""
        changed = self._layers.get(id(node.layer))
        if changed is None:
            from shapecalc.layers.substitution import with_values

            try:
                changed = with_values(node.layer, self.symbols.values)
            except SubstitutionError as error:
                raise self._stopped(error, node) from None
            except TooLargeError as error:
                raise self._stopped(_too_large(error), node) from None
            self._layers[id(node.layer)] = changed
        return changed

    def _refused(self, error: ShapeError, node: Apply, inputs: tuple[Shape, ...]) -> ShapeError:
        """Say which layer it is, where it stands, and what was known before it."""
        name = self._node_names[len(self._given)]
        failed = Row(len(self.trace.layers) + 1, name, node, self._node_names, inputs, Result())
        notes = error.notes
        if isinstance(error, ContradictionError):
            notes += self._asked_before(error.statement)
        if isinstance(error, UnbuiltError):
            notes += self._unknown_axes(error.letters)
        self._simplify([*self.trace.layers, failed])
        message = f"{subject(node.layer)} {error.message}"
        named = error.replaced(message=message, layer=name, notes=notes)
        return self._stopped(named, node, failed)

    def _unknown_axes(self, letters: Sequence[str]) -> list[str]:
        """Say which sizes of inputs are unknown, and must not be."""
        return [
            f"{size} is axis {axis} of {name}: a number in its place works"
            for name, shape in self.trace.inputs
            for axis, size in enumerate(shape)
            if str(size) in letters
        ]

    def _asked_before(self, statement: Truth) -> list[str]:
        """Name the earlier layer that asks for what cannot hold beside a statement."""
        if isinstance(statement, bool):
            return []
        asks = f"this asks for {statement}"
        if contradicts(self.symbols.given, [statement]):
            return [f"{asks}, which the given facts rule out"]
        for asker, truth in self.scope.asked[:-MAX_BLAMED:-1]:
            if contradicts(self.symbols.given, [truth, statement]):
                rows = self.trace.layers
                if asker == len(rows):
                    return [f"{asks}, but it asks for {truth} too"]
                name = rows[asker].name if isinstance(asker, int) else asker
                return [f"{asks}, but {name} for {truth}"]
        return [f"{asks}, which the layers before it together rule out"]

    def _check(self, node: Requirement) -> None:
        shape = self._given[node.tensor.node][node.tensor.port]
        if node.tensor.node in self._assuming:
            self._assuming.add(len(self._given))
        self._given.append((shape,))
        try:
            pattern = tuple(
                None if size is None else substitute(size, self.symbols.values)
                for size in node.pattern
            )
        except TooLargeError as error:
            raise self._stopped(_too_large(error), node) from None
        try:
            for truth in self.matcher.compare(pattern, shape):
                if truth is not True:
                    relative = node.tensor.node in self._assuming
                    self.scope.facts.require(truth, relative=relative)
                    self.scope.asked.append((f"is: {pattern_text(pattern)}", truth))
        except SpecError as unknown:
            raise self._placed(unknown, node) from None
        except (ShapeError, Contradiction) as reason:
            shown = shape_text([self.scope.facts.simplify(size) for size in shape])
            fact = f"is: wants {pattern_text(pattern)}, but the shape is {shown}"
            notes = []
            if isinstance(reason, Contradiction) and not isinstance(reason.statement, bool):
                notes.append(f"this asks for {reason.statement}, which cannot hold here")
            raise self._stopped(ShapeError(fact, notes=notes), node) from None
        self._release(node)

    def _release(self, node: Apply | Requirement) -> None:
        """Let the facts hold whose letters all have a meaning now."""
        try:
            self.symbols.release()
        except ShapeError as error:
            raise self._stopped(error, node) from None

    def _stopped(self, error: AnyError, node: Node, row: Row | None = None) -> AnyError:
        """Say where in the source it is, and what was traced before it."""
        return self._placed(error, node).replaced(failure=Stop(self.trace, row))

    def _placed(self, error: AnyError, node: Node) -> AnyError:
        """Say where in the source it is."""
        span = getattr(node.origin, "span", None)
        return error.replaced(span=span, source=getattr(self.network.source, "text", None))

    def _finish(self) -> None:
        """Name the outputs, and show all sizes as they are under the conditions."""
        trace, facts = self.trace, self.scope.facts
        trace.assumptions = [
            text
            for text, truth in self.scope.assumptions.items()
            if facts.exact.decide(truth) is not True
        ]
        trace.letters, trace.meanings = self.symbols.known, self.symbols.meanings
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


def _simplified(shape: Shape, facts: Facts) -> Shape:
    return tuple([facts.simplify(size) for size in shape])


def _simplified_result(result: Result, facts: Facts) -> Result:
    weights = [w._replace(shape=_simplified(w.shape, facts)) for w in result.weights]
    outputs = [_simplified(shape, facts) for shape in result.outputs]
    return result.replace(outputs=outputs, weights=weights)


def trace_network(
    network: Network,
    *,
    inputs: Mapping[str | None, tuple[Size | None, ...]] | None = None,
    values: Mapping[str, Size] | None = None,
    facts: GivenFacts | None = None,
    dialect: str = "keras",
    max_layers: int = MAX_LAYERS,
) -> Trace:
    """Trace a network; ``inputs`` replaces shapes by input name, None being the only input.

    Raises `ShapeError` where the shapes do not fit, `SpecError` where a name, a letter or the
    dialect is unknown.
    """
    if dialect not in DIALECTS:
        raise SpecError(f"there is no dialect {dialect}", help=f"it is {' or '.join(DIALECTS)}")
    names = node_names(network)
    shapes, unknown = input_shapes(network, names, inputs or {})
    known = {name for shape in shapes for size in shape for name in letters(size)}
    known |= getattr(network.source, "letters", set())
    refuted: frozenset[str] = frozenset()
    for attempt in range(MAX_ATTEMPTS):
        symbols = Symbols(network, known, values, facts)
        placed = [_with_numbers(shape, symbols.values) for shape in shapes]
        scope = Scope(symbols.facts, dialect, values=symbols.values)
        scope.used, scope.unknown, scope.refuted = symbols.used, set(unknown), refuted
        scope.budget = Budget(max_layers, network.layers)
        tracer = Tracer(network, names, placed, scope, symbols)
        try:
            tracer.require_sizes(shapes, placed)
            trace = tracer.run()
        except ShapeError as error:
            assumed = list(scope.assumptions)
            if not assumed or attempt == MAX_ATTEMPTS - 1:
                missing = symbols.missing()
                notes = [f"there is no letter {name} up to here" for name in missing]
                raise error.noted(notes) from None
            # What was assumed last is taken back first; where that does not help, all is.
            refuted |= set(assumed[-1:] if attempt < MAX_ATTEMPTS // 2 else assumed)
        else:
            symbols.check()
            return trace
    raise AssertionError("the last attempt returns or raises")


def _with_numbers(shape: Shape, values: Mapping[str, Size]) -> Shape:
    """An input shape with values in the place of letters."""
    try:
        return tuple(substitute(size, values) for size in shape)
    except ZeroDivisionError as error:
        raise SubstitutionError(f"{shape_text(shape)} cannot be: {error}") from None
    except TooLargeError as error:
        raise _too_large(error) from None


def _too_large(error: TooLargeError) -> ShapeError:
    return ShapeError(f"what is put in makes too large a size: {error}")


def walk_inside(network: Network, shapes: Sequence[Shape], scope: Scope) -> Trace:
    """Walk a network within the walk of another one, of which it shares what is known."""
    inner, symbols = scope.within(), Symbols(network)
    symbols.used = scope.used
    trace = Tracer(network, node_names(network), shapes, inner, symbols).run()
    scope.asked += [(scope.asker, truth) for _, truth in inner.asked]
    return trace
