"""Rows: what a trace records of each layer, and what it costs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from shapecalc.dims import Facts, Shape, Size, shape_text, sum_of
from shapecalc.layers.layer import Layer, plain
from shapecalc.layers.result import Result, count_in
from shapecalc.network import Apply, Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Truth
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.result import Weight
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.naming import Naming
    from shapecalc.tracing.receptive import Field, Fields


def title(layer: Layer) -> str:
    """Return the class of a layer, with what it wraps in parentheses."""
    name = layer.called
    held = getattr(layer, layer.holds) if layer.holds else ()
    inner = [title(each) for each in (held if isinstance(held, (list, tuple)) else [held])]
    return f"{name}({', '.join(inner)})" if inner else name


def subject(layer: Layer, dialect: Dialect) -> str:
    """Return what messages call a layer: its name in specs, behind its prefixes."""
    cls = type(layer).__name__
    prefix = dialect.prefix_of(cls)
    if prefix:
        return f"{prefix}-{subject(getattr(layer, layer.holds), dialect)}"
    return dialect.catalogue.spec_name(cls)


class Walk:
    """The state that all rows of a trace share.

    That is its network, the names of all nodes and the shapes that they gave, and what is known.
    """

    def __init__(
        self,
        network: Network,
        naming: Naming,
        outputs: Sequence[tuple[Shape, ...]],
        facts: Facts,
    ) -> None:
        self.network = network
        self.naming = naming
        self.outputs = outputs
        self.facts = facts
        #: Every statement on letters with the row, from 0, that made it, once all are known.
        self.required: Sequence[tuple[object, Truth]] = ()
        self._required_by: dict[object, list[Truth]] = {}

    def required_by(self, row: int) -> Sequence[Truth]:
        """Return the statements of a row."""
        if self.required and not self._required_by:
            for by, truth in self.required:
                self._required_by.setdefault(by, []).append(truth)
        return self._required_by.get(row, ())

    @property
    def names(self) -> Sequence[str]:
        """The names of all nodes, by their place."""
        return self.naming.names

    @cached_property
    def fields(self) -> Fields:
        """What the outputs see of the inputs."""
        from shapecalc.tracing.receptive import Fields

        return Fields(self.network, self.names, self.outputs, self.facts)


class Row:
    """A layer as it was applied: what it read, what it gave, its weights.

    Where it uses the weights of an earlier row again, ``shares`` is the name of that row, and its
    own weights are none, so that the parameters of all rows add up to the total.
    """

    __slots__ = ("_named", "index", "inputs", "node", "result", "shares", "walk")

    def __init__(
        self,
        index: int,
        named: int | str,
        node: Apply,
        walk: Walk,
        inputs: tuple[Shape, ...],
        result: Result,
        shares: str | None = None,
    ) -> None:
        """Take its number, and the place of its node, by which it is named, or its name."""
        self.index = index
        self._named = named
        self.node = node
        self.walk = walk
        self.inputs = inputs
        self.result = result
        self.shares = shares

    @property
    def name(self) -> str:
        """What it is called."""
        named = self._named
        return named if isinstance(named, str) else self.walk.names[named]

    @property
    def model(self) -> Layer:
        """The layer with its arguments."""
        return self.node.layer

    @property
    def dialect(self) -> Dialect:
        """The dialect of the network."""
        return self.walk.network.dialect

    @property
    def origin(self) -> object:
        """Where it was written."""
        return self.node.origin

    @property
    def line(self) -> int | None:
        """The line of source code in which it is called; None where it came from none."""
        return None if self.node.origin is None else self.node.origin.line

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the layers and inputs that it read."""
        return tuple(self.walk.names[tensor.node] for tensor in self.node.inputs)

    @property
    def required(self) -> Sequence[Truth]:
        """What this layer requires of letters, as often as it does."""
        return self.walk.required_by(self.index - 1)

    @property
    def conditions(self) -> list[str]:
        """What this layer requires of letters, each once, in its own words."""
        return list(dict.fromkeys(map(str, self.required)))

    @property
    def layer(self) -> str:
        """The class, with what it wraps in parentheses; one of the program with its base."""
        named = self.node.title or title(self.model)
        own = None if self.node.origin is None else self.node.origin.own_class
        return named if own is None else f"{own}({named})"

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that differ from the framework's defaults."""
        return self.model.settled(self.inputs).config()

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The shapes that it gave."""
        return self.result.outputs

    @property
    def weights(self) -> tuple[Weight, ...]:
        """Its weights, with their shapes."""
        return self.result.weights

    @property
    def params(self) -> Size | None:
        """How many numbers its weights hold; None where its weights are unknown."""
        return self.result.params if self.result.counted else None

    @property
    def trainable_params(self) -> Size | None:
        """How many of them training changes; None where its weights are unknown."""
        return self.result.trainable_params if self.result.counted else None

    @property
    def buffers(self) -> Size | None:
        """How many numbers its buffers hold; None where its weights are unknown."""
        return self.result.buffers if self.result.counted else None

    @property
    def macs(self) -> Size | None:
        """The multiply-accumulates of one forward pass; None where they are unknown."""
        macs = self.result.macs
        return None if macs is None else self.walk.facts.simplify(macs)

    @property
    def flops(self) -> Size | None:
        """Twice as many; None where they are unknown."""
        return None if self.macs is None else 2 * self.macs

    @property
    def memory(self) -> Size | None:
        """How many numbers its outputs hold; None where those are unknown."""
        if not self.outputs:
            return None
        return self.walk.facts.simplify(sum_of(map(count_in, self.outputs)))

    @property
    def receptive(self) -> list[dict[str, Any]]:
        """What one place of its output sees along each spatial axis, as JSON says it."""
        named = len(self.walk.network.inputs) > 1
        return [field.to_dict(named=named) for field in self.fields]

    @property
    def fields(self) -> list[Field]:
        """The same, by axis and input."""
        return self.walk.fields.of(self.node) if self.outputs else []

    def __repr__(self) -> str:
        outputs = ", ".join(map(shape_text, self.outputs))
        return f"<Row {self.index} {self.name}: {self.layer} -> {outputs}>"

    def to_dict(self, costs: Costs | None = None) -> dict[str, Any]:
        """Return it as plain data, as JSON has it, with its costs where these are given."""
        return {
            "index": self.index,
            "name": self.name,
            "layer": self.layer,
            **({} if self.line is None else {"line": self.line}),
            "config": self.config,
            "from": list(self.sources),
            "inputs": [plain_shape(shape) for shape in self.inputs],
            "outputs": [plain_shape(shape) for shape in self.outputs] or None,
            "weights": [_plain_weight(weight) for weight in self.weights],
            "params": plain(self.params) if self.outputs else None,
            "trainable_params": plain(self.trainable_params) if self.outputs else None,
            **self._buffers(),
            **({} if costs is None else costs.of_row(self)),
        }

    def _buffers(self) -> dict[str, Any]:
        if not self.dialect.has_buffers:
            return {}
        return {"buffers": plain(self.buffers) if self.outputs else None}


def joined(conditions: Sequence[str]) -> str:
    """Join conditions into one Python expression, which is true where all of them are.

    ``A and B or C`` reads ``(A and B) or C`` in Python, so a condition with an ``or`` gets
    parentheses, unless it stands alone.
    """
    if len(conditions) == 1:
        return conditions[0]
    return " and ".join(f"({each})" if " or " in each else each for each in conditions)


def _plain_weight(weight: Weight) -> dict[str, Any]:
    """Say a weight as JSON does; a buffer says that it is one."""
    kind = {"kind": "buffer"} if weight.buffer else {}
    shape = plain_shape(weight.shape)
    return {"name": weight.name, "shape": shape, "trainable": weight.trainable} | kind


def plain_shape(shape: Shape) -> list[int | str]:
    """Say a shape as JSON does."""
    return [size if isinstance(size, int) else str(size) for size in shape]
