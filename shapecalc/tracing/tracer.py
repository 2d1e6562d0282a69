"""Traces nodes one by one: what each layer got and gave, and what must hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from shapecalc.dims import (
    Contradiction,
    Dim,
    TooLargeError,
    condition_text,
    equal,
    is_letter,
    letters,
    shape_text,
)
from shapecalc.dims import substitute as substitute_size
from shapecalc.errors import ShapecalcError, ShapeError, SpecError, SubstitutionError
from shapecalc.language.arguments import letters_in
from shapecalc.layers.built import UnbuiltError, require_built
from shapecalc.layers.layer import apply, called
from shapecalc.layers.result import Result
from shapecalc.layers.scope import ContradictionError
from shapecalc.network import PLAINLY, STATES, Apply, Input
from shapecalc.tracing.channels import UnknownAxes
from shapecalc.tracing.contradictions import earlier_requirement
from shapecalc.tracing.patterns import Matcher, pattern_text
from shapecalc.tracing.rows import Row, Walk, subject, title
from shapecalc.tracing.sizes import (
    cut_off,
    require_size,
    simplified,
    simplify_rows,
    substitute,
    too_large,
)
from shapecalc.tracing.trace import Missed, Stop, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size, Truth
    from shapecalc.errors import AnyError
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.scope import Scope
    from shapecalc.network import Called, Network, Node, Requirement, Tensor
    from shapecalc.tracing.naming import Naming
    from shapecalc.tracing.symbols import Symbols


class Tracer:
    """Traces a network that is there, or one that grows.

    Who has the whole network names its nodes and calls `run`. Who builds it adds node after node,
    which gives the shapes of its outputs at once, and ends with `finish`.
    """

    def __init__(
        self,
        network: Network,
        naming: Naming,
        scope: Scope,
        symbols: Symbols,
        shapes: Sequence[Shape] = (),
    ) -> None:
        """Begin a trace; ``shapes`` are those of the inputs of a whole network."""
        self.network = network
        self.shapes = shapes
        self.naming = naming
        self.symbols = symbols
        self.scope = scope
        self.trace = Trace(network, naming, scope.facts, symbols.given)
        self.trace.letters = scope.used
        self.matcher = Matcher(symbols, symbols.met)
        self._layers: dict[int, Layer] = {}
        #: By node the shapes that it gave, and the result of its layer.
        self._outputs: list[tuple[Shape, ...]] = []
        self._results: list[Result | None] = []
        self._walk = Walk(network, naming, self._outputs, scope.facts)
        #: The places of nodes, and the keys of results, that rest on what is assumed.
        self._assuming: set[object] = set()
        self._inherited = scope.relative
        self._unknown_axes = UnknownAxes(scope)

    def require_values(self) -> None:
        """Require that what was put in for letters is at least 1."""
        for name, value in self.symbols.values.items():
            self._require_size(value, value, f"{name}=", f"the value of {name}")

    def require_sizes(self, node: Input, written: Shape, shape: Shape) -> None:
        """Require that the axes of an input are at least 1."""
        try:
            for size, before in zip(shape, written, strict=True):
                self._require_size(size, before, "in:", node.name or "the input")
        except ShapecalcError as error:
            raise (self.network.placed(error, node) if written is node.shape else error) from None

    def _require_size(self, size: Size, written: Size, noun: str, required_by: str) -> None:
        try:
            require_size(size, written, self.scope, noun, required_by)
        except ContradictionError as error:
            raise error.noted(self._earlier_requirement(error.statement)) from None

    def add(self, node: Node) -> tuple[Shape, ...]:
        """Add a node to the network, and return the shapes of its outputs.

        Raises `ShapeError` with the place, and with the rows before it. The node that was refused
        stays, for who asks what failed, until the next one takes its place.
        """
        del self.network.nodes[len(self._outputs) :]
        self.naming.keep(len(self._outputs))
        self.network.nodes.append(node)
        self.naming.add(node)
        if isinstance(node, Input):
            shape = substitute(node.shape, self.symbols.values)
            self.scope.used.update(name for size in shape for name in letters(size))
            self._unknown_axes.add_input(len(self._outputs), node)
            self.require_sizes(node, node.shape, shape)
            self._enter(shape)
        elif isinstance(node, Apply):
            layer = node.layer
            self.scope.used |= letters_in(layer.given())
            self.scope.budget.add(layer)
            self._unknown_axes.add_layer(len(self._outputs), node)
            self._apply(node)
        else:
            self._require(node)
        return self._outputs[-1]

    def keep(self, count: int) -> None:
        """Forget all nodes but the first ones, and what they gave."""
        rows = sum(isinstance(node, Apply) for node in self.network.nodes[:count])
        del self.network.nodes[count:], self._outputs[count:], self._results[count:]
        del self.trace.rows[rows:]
        self._assuming = {e for e in self._assuming if not isinstance(e, int) or e < count}
        self.naming.keep(count)

    def trace_all(self) -> Trace:
        """Trace the whole network."""
        inputs = iter(self.shapes)
        for node in self.network.nodes:
            if isinstance(node, Apply):
                self._apply(node)
            elif isinstance(node, Input):
                self._enter(next(inputs))
            else:
                self._require(node)
        return self.finish(self.network.outputs)

    def _enter(self, shape: Shape) -> None:
        if any(isinstance(size, Dim) and is_letter(size) is None for size in shape):
            self.scope.compound = True
        self.trace.entering.append((len(self._outputs), shape))
        self._outputs.append((shape,))
        self._results.append(None)

    def _apply(self, node: Apply) -> None:
        scope, rows, outputs = self.scope, self.trace.rows, self._outputs
        inputs = self._inputs(node)
        layer = self._with_values(node) if self.symbols.values else node.layer
        call, used, assumed = node.call, len(scope.used), len(scope.assumptions)
        if assumed:
            scope.relative = self._rests_on_assumptions(node)
        key = (id(layer), inputs, None if call is PLAINLY else call)
        result, shares = scope.results.get(key), None
        try:
            if result is None:
                if scope.compound:
                    inputs = cut_off(inputs, scope)
                scope.required_by = len(rows)
                result = (
                    apply(layer, inputs, scope)
                    if call is PLAINLY
                    else self._called(layer, inputs, call)
                )
                if scope.unknown:
                    require_built(result, scope)
                if len(scope.used) == used:
                    scope.results[key] = result
            if node.shares is not None or node.tied or node.frozen != () or node.turns != 1:
                result, shares = self._as_used(result, node)
        except ShapeError as error:
            raise self._refused(error, node, inputs) from None
        if scope.relative or scope.assumptions:
            self._note_assuming(len(outputs), key, assumed)
        rows.append(Row(len(rows) + 1, len(outputs), node, self._walk, inputs, result, shares))
        outputs.append(result.outputs)
        self._results.append(result)
        if len(scope.used) > used:
            self._release(node)

    def _note_assuming(self, place: int, key: tuple[object, ...], before: int) -> None:
        """Note what rests on assumptions, of which there were so many before."""
        if self.scope.relative or len(self.scope.assumptions) > before:
            self._assuming.update((place, key))
        elif key in self._assuming:
            self._assuming.add(place)

    def _as_used(self, result: Result, node: Apply) -> tuple[Result, str | None]:
        """Return a result with the weights that are a node's own, and used in each turn.

        Beside it the name of the row whose weights it uses again.
        """
        shares = None if node.shares is None else self.naming.names[node.shares]
        if node.shares is not None:
            result = self._shared(result, node.shares)
        if node.turns.__class__ is not int:
            result = result.times(substitute_size(node.turns, self.symbols.values))
        return result.without_weights(node.tied).frozen(node.frozen), shares

    def _called(self, layer: Layer, inputs: tuple[Shape, ...], call: Called) -> Result:
        count = len(inputs) - len(call.masks)
        masks: dict[str, list[Shape]] = {}
        for name, shape in zip(call.masks, inputs[count:], strict=True):
            masks.setdefault(name, []).append(shape)
        outer = self.scope.call
        alone = {name: each[0] if len(each) == 1 else each for name, each in masks.items()}
        # Of what a model around it is called with, only the mode is that of its layers.
        mode = {name: value for name, value in outer.items() if name == "training"}
        self.scope.call = {**mode, **dict(call.values), **alone}
        try:
            return called(layer, inputs[:count], self.scope)
        finally:
            self.scope.call = outer

    def _rests_on_assumptions(self, node: Apply) -> bool:
        """Return whether the shapes that a layer reads are so only where what is assumed holds."""
        return self._inherited or any(tensor.node in self._assuming for tensor in node.inputs)

    def _inputs(self, node: Apply) -> tuple[Shape, ...]:
        given, tensors = self._outputs, node.inputs
        if len(tensors) == 1:
            place, port = tensors[0]
            outputs = given[place]
            if port == 0 and len(outputs) == 1:
                return outputs
        shapes: list[Shape] = []
        for place, port in tensors:
            outputs = given[place]
            if port == 0:
                shapes.append(outputs[0])
            elif port == STATES:
                if len(outputs) == 1:
                    hint = "the flag state makes it return them"
                    if node.layer.reads_in_order:
                        hint = f"name each of them: {node.layer.reads[0]}=(@h,@c)"
                    raise self._no_output(
                        node, f"{self.naming.names[place]} returns no states", hint
                    )
                shapes += outputs[1:]
            elif port < len(outputs):
                shapes.append(outputs[port])
            else:
                count = f"{len(outputs)} tensor{'s' * (len(outputs) > 1)}, numbered from 0"
                name = self.naming.names[place]
                raise self._no_output(node, f"{name} gives {count}, not .{port}")
        return tuple(shapes)

    def _no_output(self, node: Apply, message: str, hint: str | None = None) -> SpecError:
        return self.network.placed(SpecError(message, help=hint), node)

    def _shared(self, result: Result, owner: int) -> Result:
        """Return the result of a layer whose weights are there already, and must fit here too."""
        name, first = self.naming.names[owner], self._results[owner] or Result()
        why = "shares the weights of {}, whose {} is {}, but needs {} here"
        if len(result.weights) != len(first.weights):
            raise ShapeError(f"shares the weights of {name}, but needs others here")
        for weight, known in zip(result.weights, first.weights, strict=True):
            parts = (name, known.name, known.shape, weight.shape)
            self.scope.require(len(weight.shape) == len(known.shape), why, *parts)
            for size, expected in zip(weight.shape, known.shape, strict=True):
                self.scope.require(equal(size, expected), why, *parts)
        return result.without_weights()

    def _with_values(self, node: Apply) -> Layer:
        """Return the layer with its letters replaced by what they were set to."""
        changed = self._layers.get(id(node.layer))
        if changed is None:
            from shapecalc.layers.substitution import with_values

            catalogue = self.network.dialect.catalogue
            try:
                changed = with_values(node.layer, self.symbols.values, catalogue)
            except SubstitutionError as error:
                raise self._stopped(error, node) from None
            except TooLargeError as error:
                raise self._stopped(too_large(error), node) from None
            self._layers[id(node.layer)] = changed
        return changed

    def _require(self, node: Requirement) -> None:
        shape = self._outputs[node.tensor.node][node.tensor.port]
        if node.tensor.node in self._assuming:
            self._assuming.add(len(self._outputs))
        self._outputs.append((shape,))
        self._results.append(None)
        try:
            pattern = tuple(
                None if size is None else substitute_size(size, self.symbols.values)
                for size in node.pattern
            )
        except TooLargeError as error:
            raise self._stopped(too_large(error), node) from None
        try:
            for truth in self.matcher.compare(pattern, shape):
                if truth is not True:
                    relative = node.tensor.node in self._assuming
                    self.scope.facts.require(truth, relative=relative)
                    self.scope.required.append((f"is: {pattern_text(pattern)}", truth))
        except SpecError as unknown:
            raise self.network.placed(unknown, node) from None
        except (ShapeError, Contradiction) as reason:
            known = tuple([self.scope.facts.simplify(size) for size in shape])
            fact = f"is: requires {pattern_text(pattern)}, but the shape is {shape_text(known)}"
            notes = []
            if isinstance(reason, Contradiction) and not isinstance(reason.statement, bool):
                notes.append(
                    f"this requires {condition_text(reason.statement)}, which cannot hold here"
                )
            self._leave_unwritten()
            missed = Missed(node.tensor, known, pattern, len(self._outputs) - 1)
            stop = Stop(self.trace, missed=missed)
            raise self.network.placed(ShapeError(fact, notes=notes, failure=stop), node) from None
        self._release(node)

    def _release(self, node: Apply | Requirement) -> None:
        """Let the facts hold whose letters all have a meaning now."""
        try:
            self.symbols.release()
        except ShapeError as error:
            raise self._stopped(error, node) from None

    def _refused(self, error: ShapeError, node: Apply, inputs: tuple[Shape, ...]) -> ShapeError:
        """Say which layer it is, where it stands, and what was known before it."""
        rows, names = self.trace.rows, self.naming.names
        name = names[len(self._outputs)]
        failed = Row(len(rows) + 1, name, node, self._walk, inputs, Result())
        notes = error.notes
        if isinstance(error, ContradictionError):
            notes += self._earlier_requirement(error.statement)
        if isinstance(error, UnbuiltError):
            notes += self._unknown_sizes(error.letters)
        self._leave_unwritten()
        simplify_rows([failed], self.scope)
        message = f"{self._subject(node)} {error.message}"
        named = error.replaced(message=message, layer=name, notes=notes)
        return self._stopped(named, node, failed)

    def _subject(self, node: Apply) -> str:
        """Return the name of a layer in messages: as in specs, or of source code the class."""
        if node.origin is None or node.origin.line is None:
            return subject(node.layer, self.network.dialect)
        return (node.title or title(node.layer)).rpartition(".")[2]

    def _earlier_requirement(self, statement: Truth) -> list[str]:
        return earlier_requirement(statement, self.scope, self.symbols.given, self.trace.rows)

    def _unknown_sizes(self, letters: Sequence[str]) -> list[str]:
        """Say which sizes of inputs are unknown, and must not be."""
        return [
            f"{size} is axis {axis} of {name}: a number there works"
            for name, shape in self.trace.inputs
            for axis, size in enumerate(shape)
            if str(size) in letters
        ]

    def _stopped(self, error: AnyError, node: Node, row: Row | None = None) -> AnyError:
        """Say where in the source it is, and what was traced before it."""
        return self.network.placed(error, node).replaced(failure=Stop(self.trace, row))

    def _leave_unwritten(self) -> None:
        """Let the sizes of rows be written as the conditions make them once they are asked for."""
        self.trace.unwritten = partial(simplify_rows, self.trace.rows, self.scope)

    def finish(self, outputs: Sequence[Tensor]) -> Trace:
        """End with these outputs; return the trace, with all sizes as the conditions make them.

        Raises `SpecError` where a value or a fact is about a letter that is nowhere.
        """
        trace, facts = self.trace, self.scope.facts
        self.network.outputs = tuple(outputs)
        trace.assumptions = [
            text
            for text, truth in self.scope.assumptions.items()
            if facts.firm.decide(truth) is not True
        ]
        trace.letters, trace.meanings = self.symbols.known, self.symbols.meanings
        self._walk.required = self.scope.required
        self._leave_unwritten()
        if not facts.plain:
            trace.entering = [(place, simplified(shape, facts)) for place, shape in trace.entering]
        for place, port in outputs:
            given = self._outputs[place]
            if port >= len(given):
                name = self.naming.names[place]
                raise SpecError(f"{name} gives {len(given)} tensors, there is no .{port}")
            trace.leaving.append((place, simplified(given[port], facts)))
        self.symbols.check()
        return trace
