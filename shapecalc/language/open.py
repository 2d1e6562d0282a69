"""A spec with ``?`` in an argument: read once, then filled in with one value after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.build import parse
from shapecalc.language.builder import Builder
from shapecalc.language.heading import Heading, read_heading
from shapecalc.language.parser import Parser
from shapecalc.language.resolve import Resolver
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.network import Apply, Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.errors import Span
    from shapecalc.language.syntax import Argument, Form, Stack, Step, Value
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


class Open(NamedTuple):
    """An argument in which ``?`` stands: its step, and the steps in whose blocks that is."""

    path: tuple[Step, ...]
    argument: Argument
    marks: tuple[Value, ...]

    @property
    def step(self) -> Step:
        """The step whose argument it is."""
        return self.path[-1]


class OpenSpec:
    """A spec of which one argument has ``?`` in it, for a number each."""

    def __init__(self, text: str, heading: Heading, asked: Open) -> None:
        self.text = text
        self.asked = asked
        self._heading = heading
        self._network: Network | None = None
        self._dependent: list[tuple[Step, tuple[str, ...], Layer]] = []

    @property
    def alone(self) -> bool:
        """Whether ``?`` is the whole argument, so that a list may stand there too."""
        return self.asked.argument.value.kind == "unknown"

    def network(self, values: Sequence[Any]) -> Network:
        """Return the network with values instead of ``?``.

        Raises `SpecError` where the layer does not take them.
        """
        if self._network is None:
            return self._first(values)
        resolver = Resolver(self.text, self._heading.dialect, self._filled(values))
        new: dict[int, Layer] = {}
        for step, wraps, old in self._dependent:
            layer = resolver.layer(step, wraps)
            if layer is None:
                raise SpecError.join(resolver.errors)
            new[id(old)] = layer
        nodes = [
            node.replaced(layer=new[id(node.layer)])
            if isinstance(node, Apply) and id(node.layer) in new
            else node
            for node in self._network.nodes
        ]
        known = self._network
        return Network(nodes, known.outputs, known.source, known.dialect, declared=known.declared)

    def place(self, network: Network) -> int:
        """Return the place of the first node that depends on the values."""
        steps = {id(step) for step in self.asked.path}
        return next(
            (place for place, node in enumerate(network.nodes) if id(node.origin) in steps),
            len(network.nodes),
        )

    def whole(self, values: Sequence[Any]) -> Network:
        """Return the network with values filled in, whose source is the spec as it then is."""
        return self._finished(self._built(values))

    def refusal(self, error: ShapecalcError) -> SpecError | None:
        """Return what is wrong with a spec whatever the value is; None where it may be the value.

        That is all but what is said of the whole argument with ``?``, or of its layer.
        """
        step = self.asked.step
        start, end = step.place(self.asked.argument.span)
        found = [
            each
            for each in error.errors
            if isinstance(each, SpecError)
            and not (each.span and each.span[0] <= start and end <= each.span[1])
        ]
        if not found:
            return None
        # An error knows those that it was found with.
        joint = SpecError.join(found)
        assert isinstance(joint, SpecError)  # noqa: S101  (it is the first of them)
        return joint

    def _filled(self, values: Sequence[Any]) -> dict[tuple[Form, Span], Any]:
        marks = zip(self.asked.marks, values, strict=True)
        return {(self.asked.step.form, mark.span): value for mark, value in marks}

    def _built(self, values: Sequence[Any]) -> Builder:
        return Builder(self.text, self._heading.dialect, MAX_LAYERS, self._filled(values))

    def _finished(self, builder: Builder) -> Network:
        return builder.network(self._heading.stack, declared=self._heading.declared)

    def _first(self, values: Sequence[Any]) -> Network:
        """Make the network, and remember which layers depend on the values."""
        builder = self._built(values)
        network = self._finished(builder)
        forms = {step.form for step in self.asked.path}
        steps = {id(step.branches) if step.branches else None: step for step in self.asked.path}
        self._dependent = [
            (steps[branches], wraps, layer)
            for (form, wraps, branches), layer in builder.resolver.made()
            if form in forms
        ]
        self._network = network
        return network


def open_spec(text: str, dialect: Dialect | None = None) -> OpenSpec | None:
    """Read a spec with ``?`` in an argument; None where there is none.

    Raises `SpecError` for what cannot be read, and where several arguments have one.
    """
    parser = Parser(text)
    try:
        stack = parser.parse()
    except SpecError:
        parse(text, dialect=dialect)
        raise
    heading = read_heading(stack, text, dialect)
    found = list(_open_arguments(heading.stack, ()))
    if not found:
        return None
    if len(found) > 1:
        second = found[1]
        raise SpecError(
            "only one argument can be ?",
            span=second.step.place(second.marks[0].span),
            source=text,
            help="replace the others by numbers",
        )
    return OpenSpec(text, heading, found[0])


def _open_arguments(stack: Stack, path: tuple[Step, ...]) -> Iterator[Open]:
    for step in stack:
        name = step.form.name.text.lower() if step.form.name else ""
        here = (*path, step)
        if name not in {"in", "is"}:
            for argument in step.form.args:
                marks = tuple(_marks(argument.value))
                if marks:
                    yield Open(here, argument, marks)
        for branch in step.branches or []:
            yield from _open_arguments(branch, here)


def _marks(value: Value) -> Iterator[Value]:
    if value.kind == "unknown":
        yield value
    elif value.kind == "list":
        for item in value.value:
            yield from _marks(item)
