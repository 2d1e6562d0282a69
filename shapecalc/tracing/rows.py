"""What a trace records: a row for each layer, what comes in and out, what must hold."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims import Facts, Shape, Size, letters, product, shape_text
from shapecalc.errors import Failure, ShapecalcError, SpecError
from shapecalc.language.inputs import channel_axes
from shapecalc.layers.layer import Layer, plain
from shapecalc.layers.result import Result, sum_of
from shapecalc.network import Apply, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.result import Weight
    from shapecalc.network import Tensor
    from shapecalc.tracing.costs import Costs, Peak
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
        names: Sequence[str],
        outputs: Sequence[tuple[Shape, ...]],
        facts: Facts,
    ) -> None:
        self.network = network
        self.names = names
        self.outputs = outputs
        self.facts = facts

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

    __slots__ = ("index", "inputs", "name", "node", "required", "result", "shares", "walk")

    def __init__(
        self,
        index: int,
        name: str,
        node: Apply,
        walk: Walk,
        inputs: tuple[Shape, ...],
        result: Result,
        shares: str | None = None,
    ) -> None:
        self.index = index
        self.name = name
        self.node = node
        self.walk = walk
        self.inputs = inputs
        self.result = result
        self.shares = shares
        self.required: Sequence[object] = ()

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
    def conditions(self) -> list[str]:
        """What this layer requires of letters, each once, in its own words."""
        return list(dict.fromkeys(map(str, self.required)))

    @property
    def layer(self) -> str:
        """The class, with what it wraps in parentheses."""
        return self.node.title or title(self.model)

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
        return (
            self.walk.facts.simplify(sum_of(map(product, self.outputs))) if self.outputs else None
        )

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


class Missed(NamedTuple):
    """A tensor that has not the shape that is required of it, None in which matches any size.

    ``node`` is the place of the requirement; None where it is one of an output.
    """

    tensor: Tensor
    shape: Shape
    pattern: tuple[Size | None, ...]
    node: int | None = None


class Stop(Failure):
    """Where a trace stopped: what was traced before, and what failed.

    That is a row, or a shape that was missed; neither where it is not a matter of shapes.
    """

    __slots__ = ("missed", "row", "trace")

    def __init__(self, trace: Trace, row: Row | None = None, missed: Missed | None = None) -> None:
        self.trace = trace
        self.row = row
        self.missed = missed


def stop_of(error: ShapecalcError) -> Stop | None:
    """Return where the trace stopped that an error is of; None where nothing was traced."""
    return error.failure if isinstance(error.failure, Stop) else None


class Trace:
    """What a network does to its input shapes.

    Attributes:
        layers: a `Row` for each layer, in the order of the spec.
        inputs: the name and the shape of each input.
        named_outputs: the name and the shape of each output.
        conditions: what must hold for these shapes, as Python expressions.
        assumptions: conditions that are sufficient, where the exact ones are not known.
        warnings: what fits, but is likely a mistake.
        fixed: letters that the framework needs as numbers, since shapes of weights have them.
        facts: what is known about the letters.
    """

    def __init__(self, network: Network, facts: Facts, given: Facts) -> None:
        self.network = network
        self.facts = facts
        self.layers: list[Row] = []
        self.inputs: list[tuple[str, Shape]] = []
        self.named_outputs: list[tuple[str, Shape]] = []
        #: All letters that have a meaning, and what those stand for that others name too.
        self.letters: AbstractSet[str] = set()
        self.meanings: Mapping[str, Size] = {}
        #: The letters of input shapes that were given beside the network.
        self.said: frozenset[str] = frozenset()
        self.assumptions: list[str] = []
        self.given = given
        #: The error that ended the walk, where only a part is known.
        self.failure: ShapecalcError | None = None

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        return self.network.dialect.name

    @property
    def conditions(self) -> list[str]:
        """What must hold for these shapes, beyond the facts that were given."""
        order = [name for _, shape in self.inputs for size in shape for name in _ordered(size)]
        return self.facts.exact.conditions(order, given=self.given)

    @property
    def fixed(self) -> list[str]:
        """The letters that must be numbers when the framework builds the layers.

        Shapes of weights have them, and they are not the channels of an input.
        """
        return list(self.fixed_by)

    @property
    def fixed_by(self) -> dict[str, tuple[Row, Weight]]:
        """The letters that must be numbers, each with the first weight that has it."""
        found: dict[str, tuple[Row, Weight]] = {}
        seen: set[int] = set()
        for row in self.layers:
            if id(row.result) in seen:
                continue
            seen.add(id(row.result))
            for weight in row.weights:
                for size in weight.shape:
                    for name in () if isinstance(size, int) else _ordered(size):
                        found.setdefault(name, (row, weight))
        if not found:
            return found
        shapes = [shape for _, shape in self.inputs]
        channels = channel_axes(self.network.nodes, [len(shape) for shape in shapes])
        free = {
            name
            for shape, axis in zip(shapes, channels, strict=True)
            if axis is not None and axis < len(shape)
            for name in letters(shape[axis])
        }
        order = [name for shape in shapes for size in shape for name in _ordered(size)]
        return {
            n: found[n] for n in dict.fromkeys([*order, *found]) if n in found and n not in free
        }

    @property
    def warnings(self) -> Sequence[ShapecalcError]:
        """What fits, but is likely a mistake."""
        from shapecalc.tracing.warnings import warnings_of

        return warnings_of(self)

    @property
    def outputs(self) -> list[Shape]:
        """The shapes that come out."""
        return [shape for _, shape in self.named_outputs]

    @property
    def output(self) -> Shape:
        """The shape that comes out; of several, the last tensor's."""
        return self.named_outputs[0][1]

    @property
    def params(self) -> Size | None:
        """How many numbers the weights of all layers hold; None where some are unknown."""
        return self.least_params if self.is_counted else None

    @property
    def trainable_params(self) -> Size | None:
        """How many of them training changes; None where some weights are unknown."""
        return self._total(lambda result: result.trainable_params) if self.is_counted else None

    @property
    def buffers(self) -> Size | None:
        """How many numbers the buffers of all layers hold; None where some are unknown."""
        return self._total(lambda result: result.buffers) if self.is_counted else None

    @property
    def is_counted(self) -> bool:
        """Whether the weights of all layers are known."""
        return all(row.result.counted for row in self.layers)

    @property
    def least_params(self) -> Size:
        """How many numbers those weights hold that are known."""
        return self._total(lambda result: result.params)

    @property
    def macs(self) -> Size | None:
        """The multiply-accumulates of a forward pass; None where those of a layer are unknown."""
        return self._costs.total

    @property
    def flops(self) -> Size | None:
        """Twice as many; None where they are unknown."""
        return None if self.macs is None else 2 * self.macs

    @property
    def peak(self) -> Peak | None:
        """The most numbers that are alive at once, and the rows at which that is so."""
        return self._costs.peak

    @property
    def _costs(self) -> Costs:
        from shapecalc.tracing.costs import Costs  # which stands on this module

        return Costs(self)

    def _total(self, count: Callable[[Result], Size]) -> Size:
        return sum_of(count(row.result) for row in self.layers)

    def _spec(self) -> str | None:
        """Return the spec; None for a model that none can say."""
        try:
            return str(self.network)
        except SpecError:
            return None

    def _warnings(self) -> list[dict[str, Any]]:
        return [warning.to_dict() for warning in self.warnings]

    def to_dict(self, *, layers: bool = True, costs: bool | Costs = False) -> dict[str, Any]:
        """Return the trace as plain data, as JSON version 1 has it; optionally without its layers.

        With ``costs`` each layer and the whole say what they cost, plainly or in these terms.
        """
        counted = self._costs if costs is True else costs or None
        return {
            "version": 1,
            "spec": self._spec(),
            "dialect": self.dialect,
            "inputs": [{"name": n, "shape": plain_shape(shape)} for n, shape in self.inputs],
            "layers": [row.to_dict(counted) for row in self.layers] if layers else [],
            "outputs": [
                {"name": n, "shape": plain_shape(shape)} for n, shape in self.named_outputs
            ],
            "params": plain_total(self),
            **({} if counted is None else counted.of_all()),
            "conditions": self.conditions,
            "assumptions": self.assumptions,
            "fixed": self.fixed,
            **({"warnings": found} if (found := self._warnings()) else {}),
            **({} if self.failure is None else {"error": self.failure.to_dict()}),
        }


def plain_total(trace: Trace) -> dict[str, int | str | None]:
    """Say the parameters of all layers as JSON does."""
    total, trainable = trace.params, trace.trainable_params
    buffers = {"buffers": plain(trace.buffers)} if trace.network.dialect.has_buffers else {}
    if total is None or trainable is None:
        unknown = dict.fromkeys(("total", "trainable", "non_trainable", *buffers))
        return {**unknown, "at_least": plain(trace.least_params)}
    return {
        "total": plain(total),
        "trainable": plain(trainable),
        "non_trainable": plain(total - trainable),
        **buffers,
    }


def _ordered(size: Size) -> list[str]:
    return sorted(letters(size))
