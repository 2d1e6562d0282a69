"""From steps to a network: prefixes unfold, labels bind, tensors flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.heading import WORD
from shapecalc.language.inputs import name_inputs
from shapecalc.language.labels import Group, Labels
from shapecalc.language.resolve import Resolver
from shapecalc.language.source import SpecSource
from shapecalc.language.syntax import Prefix, Stack, Step
from shapecalc.language.written import axes, is_word, least_layers
from shapecalc.layers.budget import TooManyError
from shapecalc.network import (
    PLAINLY,
    Apply,
    Called,
    Input,
    Network,
    Node,
    Requirement,
    Tensor,
    first_output,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.errors import Span
    from shapecalc.language.arguments import Read
    from shapecalc.language.syntax import Form
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


def place_of(error: ShapecalcError) -> int:
    """Return where in the spec an error is."""
    return error.span[0] if error.span else 0


class Builder:
    """Makes the nodes of a network, one after the other."""

    def __init__(
        self,
        text: str,
        dialect: Dialect,
        max_layers: int,
        filled: Mapping[tuple[Form, Span], Any] | None = None,
    ) -> None:
        self.resolver = Resolver(text, dialect, filled)
        self.dialect = dialect
        self.max_layers = max_layers
        self.nodes: list[Node] = []
        self.current: Tensor | None = None
        self.labels = Labels(self.resolver)
        self.notes: list[SpecError] = []
        #: The layers that only read the current tensor, by the form of their steps.
        self._plain: dict[Form, Layer] = {}
        self._made: Input | None = None
        self._made_place = 0
        self._repeats = 0
        self._steps = 0
        self._once = False

    def check(self, stack: Stack) -> None:
        """Look up every layer, only to find what is wrong."""
        self._once = True
        for step in stack:
            try:
                self._step(step, step.form.prefixes, ())
            except SpecError as error:
                self.resolver.report(error)

    def network(self, stack: Stack, *, declared: bool) -> Network:
        """Make the network of a whole spec."""
        try:
            self._stack(stack, ())
        except SpecError as error:
            self.resolver.report(error)
        if not self.resolver.errors and not any(isinstance(n, Apply) for n in self.nodes):
            text = self.resolver.text
            self.resolver.report(
                SpecError("there is no layer in this spec", span=(0, len(text)) if text else None)
            )
        if self.resolver.errors:
            unique = {(e.span, e.message): e for e in self.resolver.errors}
            raise SpecError.join(sorted(unique.values(), key=place_of))
        made = self._made_place if self._made else None
        name_inputs(self.nodes, made, self.resolver.letters, self.dialect.letters)
        source = SpecSource(stack, self.resolver, self.notes, self.max_layers)
        source.nodes, source.outputs = self.nodes, self._outputs()
        return Network(self.nodes, source.outputs, source, self.dialect, declared=declared)

    def _stack(self, stack: Stack, wraps: tuple[str, ...]) -> None:
        for step in stack:
            try:
                self._step(step, step.form.prefixes, wraps)
            except TooManyError:
                raise
            except SpecError as error:
                self.resolver.report(error)

    def _step(self, step: Step, prefixes: Sequence[Prefix], wraps: tuple[str, ...]) -> None:
        """Unfold the prefixes from left to right, then do what the step says."""
        form = step.form
        layer = self._plain.get(form)
        if layer is not None and not prefixes and not wraps and step.label is None:
            self._append(step, layer, (self.current or self._tensor(),))
            return
        for place, prefix in enumerate(prefixes) if prefixes else ():
            if isinstance(prefix.kind, int):
                self._repeat(step, prefixes[place + 1 :], wraps, prefix.kind)
                return
            if prefix.kind == "bi" and place + 1 < len(prefixes):
                span = step.place(prefixes[place + 1].span)
                raise self.resolver.fail("bi takes a recurrent layer", span)
            wraps = (*wraps, prefix.kind)
        if form.plain:
            self._layer(step, wraps)
        elif form.ref is not None:
            self._go_to(step)
        elif form.name is None and not (wraps and wraps[-1] == "bi"):
            self._group(step, wraps)
        elif is_word(form, "in", "is", "use", WORD):
            self._reserved(step, form.name.text.lower() if form.name else "", wraps)
        else:
            self._layer(step, wraps)

    def _repeat(
        self, step: Step, rest: Sequence[Prefix], wraps: tuple[str, ...], count: int
    ) -> None:
        """Do a step several times; of what is too much anyway, once, for what else is wrong."""
        first = not self._repeats and not self._once
        many = first and self._steps + count * least_layers(step, rest) > self.max_layers
        self._once = self._once or many
        self._repeats += 1
        for _ in range(1 if self._once else count):
            before = len(self.nodes), len(self.resolver.errors)
            self._step(step, rest, wraps)
            if before == (len(self.nodes), len(self.resolver.errors)) or self.resolver.errors:
                break
        self._repeats -= 1
        if many and not self.resolver.errors:
            raise self._too_many(step)

    def _group(self, step: Step, wraps: tuple[str, ...]) -> None:
        branches = step.branches or []
        if len(branches) > 1:
            raise self.resolver.fail(
                "branches are only allowed in a merge",
                step.span,
                "write add(…|…), concat(…|…) or another merge",
            )
        if step.form.args:
            raise self.resolver.fail("a group takes no arguments", step.span)
        entry = self._entry(branches[0]) if step.label else None
        start = len(self.nodes)
        self._stack(branches[0], wraps)
        self._bind(step, start, entry)

    def _entry(self, stack: Stack) -> Tensor | None:
        """Return the tensor that a labeled group begins with, unless it starts its own."""
        form = stack[0].form if stack else None
        own = form is not None and (form.ref is not None or is_word(form, "in"))
        return self.current if own else self._tensor()

    def _layer(self, step: Step, wraps: tuple[str, ...]) -> None:
        layer = self.resolver.layer(step, wraps)
        if layer is None:
            return
        elsewhere = step.label or layer.merges or layer.reads or self.resolver.call(step)[0]
        if step.form.plain and not elsewhere:
            self._append(step, layer, (self._tensor(),))
            if not wraps:
                self._plain[step.form] = layer
            return
        entry = self._entry(step.branches[0]) if step.branches else self._tensor()
        start = len(self.nodes)
        inputs = self._joined(layer, step) if layer.merges else self._read(layer, step)
        call, masks = self._called(step, PLAINLY, ())
        self._append(step, layer, (*inputs, *masks), call)
        if step.label:
            self._bind(step, start, entry)
        elif inputs == (entry,) and call is PLAINLY and not wraps and not layer.merges:
            self._plain[step.form] = layer

    def _append(
        self, step: Step, layer: Layer, inputs: tuple[Tensor, ...], call: Called = PLAINLY
    ) -> None:
        self._steps += 1
        if self._repeats:
            self._refuse_many(step)
        label = None if step.label is None else step.label.text
        self.current = first_output(len(self.nodes))
        self.nodes.append(Apply(layer, inputs, label, step, None, call))

    def _refuse_many(self, step: Step) -> None:
        """Refuse what a short spec makes too many of: in repeats, or by using groups again."""
        if self._steps > self.max_layers:
            raise self._too_many(step)

    def _too_many(self, step: Step) -> SpecError:
        error = TooManyError(f"the repeats make more than {self.max_layers} layers")
        return error.replaced(span=step.span, source=self.resolver.text)

    def _joined(self, layer: Layer, step: Step) -> tuple[Tensor, ...]:
        """Return the tensors that a merge joins: the current one, or those of its branches.

        And labels.
        """
        tensors: list[Tensor] = []
        start = self.current
        if step.branches is None:
            tensors.append(self._tensor())
        for branch in step.branches or []:
            self.current = start
            self._stack(branch, ())
            tensors.append(self._tensor())
        tensors += [
            self.labels.tensor(read.ref, step.place(read.span))
            for read in self.resolver.reads(step)
        ]
        if len(set(tensors)) < len(tensors):
            name = self.dialect.catalogue.spec_name(type(layer).__name__)
            self.notes.append(self.resolver.fail(f"{name} joins a tensor with itself", step.span))
        return tuple(tensors)

    def _read(self, layer: Layer, step: Step) -> tuple[Tensor, ...]:
        """Return the current tensor, and those that the layer reads by name."""
        current = self._tensor()
        reads = self.resolver.reads(step)
        if "value" in layer.reads:
            return self._attended(layer, current, step, reads)
        if not reads:
            return (current,)
        states = len(reads) == 1 and layer.reads_states and not self._is_state(layer, reads[0])
        return (
            current,
            *(self.labels.tensor(read.ref, step.place(read.span), states=states) for read in reads),
        )

    def _is_state(self, layer: Layer, read: Read) -> bool:
        """Return whether a label is that of an input, the only state that a layer reads."""
        place = self.labels.node(read.ref)
        return layer.arity == (1, 2) and place is not None and isinstance(self.nodes[place], Input)

    def _attended(
        self, layer: Layer, query: Tensor, step: Step, reads: Sequence[Read]
    ) -> tuple[Tensor, ...]:
        """Query, value, and key in the order of the layer; the key may be left out that is one."""
        found = {read.key: self.labels.tensor(read.ref, step.place(read.span)) for read in reads}
        both = found.get("kv", query)
        value = found.get("value", both)
        key = found.get("key", both if "kv" in found else value)
        if key == value and len(layer.reads) >= layer.arity[0]:
            return (query, value)
        return (query, *({"value": value, "key": key}[name] for name in layer.reads))

    def _called(
        self, step: Step, before: Called, masks: Sequence[Tensor]
    ) -> tuple[Called, tuple[Tensor, ...]]:
        """Return what a layer is called with, and the masks.

        What a step does not say is as before.
        """
        values, reads = self.resolver.call(step)
        if not values and not reads:
            return before, tuple(masks)
        told = dict(before.values) | dict(values)
        given = {read.key for read in reads} | values.keys()
        pairs = zip(before.masks, masks, strict=True)
        found = [(name, tensor) for name, tensor in pairs if name not in given]
        found += [
            (str(read.key), self.labels.tensor(read.ref, step.place(read.span))) for read in reads
        ]
        kept = tuple((name, value) for name, value in told.items() if value)
        names = tuple(name for name, _ in found)
        return Called(names, kept), tuple(tensor for _, tensor in found)

    def _tensor(self) -> Tensor:
        """Return the current tensor; a spec that begins without one gets an input."""
        if self.current is None:
            if self._made is None:
                self._made = Input(())
                self.nodes.append(self._made)
                self._made_place = len(self.nodes) - 1
            self.current = Tensor(self._made_place)
        return self.current

    def _bind(self, step: Step, start: int | None = None, entry: Tensor | None = None) -> None:
        if step.label is None or self.current is None:
            return
        group = Group(start, len(self.nodes), entry, self.current) if start is not None else None
        self.labels.bind(step.label, self.current, group, again=self._repeats > 0)

    def _go_to(self, step: Step) -> None:
        value = step.form.ref
        assert value is not None  # noqa: S101  (asked by the caller)
        self.current = self.labels.tensor(value.value, step.place(value.span))

    def _use(self, step: Step) -> None:
        """Apply a labeled layer or group again, with the same weights."""
        values = [argument.value for argument in step.form.args]
        if not values or values[0].kind != "ref":
            raise self.resolver.fail("use: takes one label", step.span, "use:@tower")
        span = step.place(values[0].span)
        label = values[0].value.label
        self.labels.tensor(values[0].value, span)
        group = self.labels.groups.get(label)
        nodes = self.nodes[group.start : group.end] if group else []
        if group is None or any(isinstance(node, Input) for node in nodes):
            raise self.resolver.fail(f"@{label} is neither a layer nor a group of layers", span)
        if len(values) > 1:
            if len(nodes) != 1 or not isinstance(nodes[0], Apply):
                raise self.resolver.fail(f"@{label} is not a single layer to call", step.span)
            self.resolver.again(step, nodes[0].layer)
        self._steps += len(nodes)
        self._refuse_many(step)
        moved = {group.entry: self._tensor()}
        start = len(self.nodes)

        def place(tensor: Tensor) -> Tensor:
            if tensor.node in range(group.start, group.end):
                return Tensor(tensor.node - group.start + start, tensor.port)
            return moved.get(tensor, tensor)

        for old, node in enumerate(nodes, group.start):
            if isinstance(node, Apply):
                inputs = tuple(map(place, node.inputs))
                owner = old if node.shares is None else node.shares
                worked = inputs[: len(node.worked)]
                call, masks = self._called(step, node.call, inputs[len(worked) :])
                again = Apply(node.layer, (*worked, *masks), node.label, step, owner, call)
                self.nodes.append(again)
            elif isinstance(node, Requirement):
                self.nodes.append(Requirement(place(node.tensor), node.pattern, node.origin))
        self.current = place(group.output)
        self._bind(step, start, moved[group.entry])

    def _reserved(self, step: Step, name: str, wraps: tuple[str, ...]) -> None:
        if name == WORD:
            fact = f"{WORD}: must stand alone at the beginning of a spec"
            raise self.resolver.fail(fact, step.span)
        if wraps:
            raise self.resolver.fail(f"{name} is not allowed in {wraps[-1]}", step.span)
        if step.branches is not None:
            raise self.resolver.fail(f"{name} takes no block", step.span)
        if name == "in":
            self._input(step)
        elif name == "is":
            self._check(step)
        else:
            self._use(step)

    def _input(self, step: Step) -> None:
        if self._repeats:
            raise self.resolver.fail("an input is not allowed in a repeat", step.span)
        shape = tuple(axes(step, self.resolver, unknown="?"))
        if not shape:
            raise self.resolver.fail("in: needs a shape", step.span, "in:B:T:10")
        label = step.label.text if step.label else None
        self.nodes.append(Input(shape, label, step))  # type: ignore[arg-type]
        self.current = Tensor(len(self.nodes) - 1)
        self._bind(step)

    def _check(self, step: Step) -> None:
        pattern = tuple(axes(step, self.resolver, unknown="_"))
        if not pattern:
            raise self.resolver.fail("is: needs a shape", step.span, "is:B:T:10")
        self._steps += 1
        if self._repeats:
            self._refuse_many(step)
        self.nodes.append(Requirement(self._tensor(), pattern, step))
        self._bind(step)

    def _outputs(self) -> list[Tensor]:
        """Return the last tensor, then every layer that nothing reads, in order."""
        read = {place for node in self.nodes if isinstance(node, Apply) for place, _ in node.inputs}
        last = self.current if self.current is not None else Tensor(len(self.nodes) - 1)
        outputs = [last]
        for place in sorted({*range(len(self.nodes))} - read - {last.node}):
            node = self.nodes[place]
            if isinstance(node, Requirement):
                continue
            if isinstance(node, Input):
                span = node.origin.span if isinstance(node.origin, Step) else None
                raise SpecError("nothing reads this input", span=span, source=self.resolver.text)
            outputs.append(Tensor(place))
        return outputs
