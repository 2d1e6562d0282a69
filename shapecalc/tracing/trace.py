"""What a trace records: its rows, what comes in and out, what must hold; where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims import Facts, Shape, Size, letters, shape_text, sum_of
from shapecalc.errors import Failure, ShapecalcError, SpecError
from shapecalc.language.inputs import channel_axes
from shapecalc.layers.layer import plain
from shapecalc.layers.result import Result
from shapecalc.network import Network
from shapecalc.tracing.rows import Row, plain_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from shapecalc.layers.result import Weight
    from shapecalc.network import Tensor
    from shapecalc.tracing.costs import Costs, Peak
    from shapecalc.tracing.naming import Naming


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
        conditions: what must hold for these shapes, as Python expressions.
        assumptions: conditions that are sufficient, where the exact ones are not known.
        warnings: what fits, but is likely a mistake.
        fixed: letters that the framework needs as numbers, since shapes of weights have them.
        facts: what is known about the letters.
    """

    def __init__(self, network: Network, naming: Naming, facts: Facts, given: Facts) -> None:
        self.network = network
        self.naming = naming
        self.facts = facts
        #: The rows as they were traced, and what writes their sizes as the conditions make them,
        #: once they are asked for: who tries many networks reads what comes out of most.
        self.rows: list[Row] = []
        self.unwritten: Callable[[], None] | None = None
        #: The shapes of inputs and outputs, each with the place of its node.
        self.entering: list[tuple[int, Shape]] = []
        self.leaving: list[tuple[int, Shape]] = []
        #: All letters that have a meaning, and what those stand for that others name too.
        self.letters: AbstractSet[str] = set()
        self.meanings: Mapping[str, Size] = {}
        #: The letters of input shapes that were given beside the network.
        self.said: frozenset[str] = frozenset()
        self.assumptions: list[str] = []
        self.given = given
        #: The error that ended the walk, where only a part is known.
        self.failure: ShapecalcError | None = None

    def __repr__(self) -> str:
        count = len(self.layers)
        outputs = ", ".join(shape_text(shape) for _, shape in self.leaving)
        return f"<Trace of {count} {'layer' if count == 1 else 'layers'} -> {outputs}>"

    @property
    def layers(self) -> list[Row]:
        """A row for each layer, in the order of the spec."""
        write, self.unwritten = self.unwritten, None
        if write is not None:
            write()
        return self.rows

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "rows": self.layers, "unwritten": None}

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        return self.network.dialect.name

    @property
    def inputs(self) -> list[tuple[str, Shape]]:
        """The name and the shape of each input."""
        return [(self.naming.names[place], shape) for place, shape in self.entering]

    @property
    def named_outputs(self) -> list[tuple[str, Shape]]:
        """The name and the shape of each output."""
        return [(self.naming.names[place], shape) for place, shape in self.leaving]

    @property
    def conditions(self) -> list[str]:
        """What must hold for these shapes, beyond the facts that were given."""
        order = [name for _, shape in self.entering for size in shape for name in _ordered(size)]
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
        shapes = [shape for _, shape in self.entering]
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
        return [shape for _, shape in self.leaving]

    @property
    def output(self) -> Shape:
        """The shape that comes out; of several, the last tensor's."""
        return self.leaving[0][1]

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
