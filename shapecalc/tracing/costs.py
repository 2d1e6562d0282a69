"""What a trace costs: multiply-accumulates, memory, and the most that is alive at once."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate, count, repeat, takewhile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import (
    TooLargeError,
    at_least,
    evaluated,
    letters,
    substitute,
    sum_of,
    sum_text,
)
from shapecalc.layers.layer import plain
from shapecalc.layers.result import count_in
from shapecalc.network import STATES, Apply, Input, Requirement, Tensor
from shapecalc.tracing.numbers import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Size
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

#: How many times the least that a letter can be is large.
LARGE: Final = 1009
#: The largest of more sizes than this is too long to say.
MOST: Final = 16
#: What is counted, as shown under every total.
CONVENTION: Final = (
    "one multiply-accumulate: each kernel value at each position where it is used, and each pair "
    "in a product of tensors, over the whole batch, padding and masked pairs included; bias, "
    "activation, softmax, normalization, pooling, element-wise work, look-ups, resizing and the "
    "FFT are not counted"
)


class Peak(NamedTuple):
    """The most numbers that are alive at once, and the rows at which that is so.

    The name of an input stands in ``layers`` where it is so before the first row.
    """

    size: Size
    layers: tuple[str, ...]


class Costs:
    """What a trace costs, in the terms that were asked for.

    Attributes:
        trace: what is counted.
        dtype: the type in whose bytes memory is; None where it is in numbers.
        training: whether the products of the way back count too.
    """

    def __init__(self, trace: Trace, dtype: str | None = None, *, training: bool = False) -> None:
        """Count nothing yet."""
        self.trace = trace
        self.dtype = dtype
        self.training = training
        self.width = 1 if dtype is None else WIDTHS[dtype]

    def of(self, trace: Trace) -> Costs:
        """Return what another trace costs, in the same terms."""
        return Costs(trace, self.dtype, training=self.training)

    def require_short(self) -> None:
        """Count each row; raises `ShapeError` for a number that is too long to write."""
        for row in self.trace.layers:
            self._parts(row)
            for shape in row.outputs:
                count_in(shape)

    def macs(self, *rows: Row) -> Size | None:
        """Return the multiply-accumulates of rows; None where they are unknown."""
        parts: list[Size] = []
        for row in rows:
            found = self._parts(row)
            if found is None:
                return None
            parts += found
        return self.trace.facts.simplify(sum_of(parts)) if rows else None

    def macs_text(self, row: Row, times: int = 1) -> str | None:
        """Return the same so many times, as a text: of a sum the shorter form."""
        parts = self._parts(row)
        return None if parts is None else self._text(parts, times)

    def memory(self, row: Row | None = None) -> Size | None:
        """Return the numbers, or the bytes, in what a row gives; None where that is unknown."""
        return None if row is None or row.memory is None else row.memory * self.width

    @cached_property
    def total(self) -> Size | None:
        """The multiply-accumulates of all rows; None where some are unknown."""
        parts = self._all
        return None if parts is None else self.trace.facts.simplify(sum_of(parts))

    def total_text(self, times: int = 1) -> str | None:
        """Return the same so many times, as a text."""
        return None if self._all is None else self._text(self._all, times)

    @cached_property
    def peak(self) -> Peak | None:
        """The most that is alive at once; None where not all shapes are known."""
        found = peak(self.trace)
        return None if found is None else found._replace(size=found.size * self.width)

    @property
    def within(self) -> dict[Size, list[str]]:
        """The numbers of each tensor made and read inside a layer, with the rows that do so."""
        found: dict[Size, list[str]] = {}
        for row in self.trace.layers:
            for size in dict.fromkeys(row.result.within):
                found.setdefault(self.trace.facts.simplify(size * self.width), []).append(row.name)
        return found

    def of_row(self, row: Row) -> dict[str, Any]:
        """Say what a row costs as JSON does."""
        return {
            "macs": _plain(self.macs_text(row)),
            "flops": _plain(self.macs_text(row, 2)),
            "memory": plain(self.memory(row)),
            "receptive": row.receptive if row.outputs else None,
        }

    def of_all(self) -> dict[str, Any]:
        """Say what all rows cost as JSON does."""
        top = self.peak
        return {
            "macs": _plain(self.total_text()),
            "flops": _plain(self.total_text(2)),
            "peak": top and {"size": plain(top.size), "layers": list(top.layers)},
        }

    def _text(self, parts: Sequence[Size], times: int) -> str:
        return sum_text([self.trace.facts.simplify(part * times) for part in parts])

    def _parts(self, row: Row) -> list[Size] | None:
        """Return the products of a row."""
        result = row.result
        if not row.outputs or not result.counted or result.varies:
            return None
        if not self.training:
            return result.multiplied
        wanted = any(tensor.node in self._learning for tensor in row.node.inputs)
        return result.multiplied + result.back(wanted=wanted)

    @property
    def _all(self) -> list[Size] | None:
        rows = [self.macs(row) for row in self.trace.layers]
        known = [macs for macs in rows if macs is not None]
        return known if len(known) == len(rows) else None

    @cached_property
    def _learning(self) -> set[int]:
        """The places of the nodes whose outputs rest on what training changes."""
        rows = iter(self.trace.layers)
        found: set[int] = set()
        for place, node in enumerate(self.trace.network.nodes):
            if isinstance(node, Apply):
                row = next(rows, None)
                if row is None:
                    # The trace stopped here.
                    break
                if row.result.learns or any(tensor.node in found for tensor in node.inputs):
                    found.add(place)
            elif isinstance(node, Requirement) and node.tensor.node in found:
                found.add(place)
        return found


def _plain(text: str | None) -> int | str | None:
    """Return a count as JSON has it: a number is one."""
    return int(text) if text is not None and text.isdigit() else text


def peak(trace: Trace) -> Peak | None:
    """Find where most numbers are alive at once; None where it is not known, or too long to say.

    Inputs exist from the start, an output of a layer from its own step, each through the last step
    that reads it, and an output of the network through the last step.
    """
    if trace.failure is not None or not trace.inputs:
        return None
    facts = trace.facts
    steps = [facts.simplify(size) for size in live(trace)]
    # What is large for large letters comes first, so that few are compared with each.
    names = frozenset().union(*map(letters, steps))
    large = {name: LARGE * facts.possible(name).low for name in names}
    sizes = sorted(set(steps), key=lambda size: _number(substitute(size, large)), reverse=True)
    samples = facts.samples(names)
    at = {size: [evaluated(size, each) for each in samples] for size in sizes}

    def exceeds(one: Size, other: Size, by: int) -> bool:
        """Return whether a size is always so much larger; numbers tell soonest where it is not."""
        numbers = zip(at[one], at[other], strict=True)
        possible = all(first >= second + by for first, second in numbers)
        return possible and facts.decide(at_least(one, other + by)) is True

    top: list[Size] = []
    for size in sizes:
        if not any(exceeds(other, size, 0) for other in top):
            top.append(size)
        if len(top) > MOST:
            return None
    beaten = {size for size in sizes if any(exceeds(other, size, 1) for other in top)}
    rows = [trace.inputs[0][0], *(row.name for row in trace.layers)]
    layers = [name for name, size in zip(rows, steps, strict=True) if size not in beaten]
    try:
        return Peak(facts.largest(top), tuple(layers))
    except TooLargeError:
        return None


def _number(size: Size) -> int:
    return size if isinstance(size, int) else 0


def live(trace: Trace) -> list[Size]:
    """Return how many numbers are alive before the first row, and at each row."""
    inputs, rows = iter(trace.inputs), iter(trace.layers)
    step = 0
    sizes: dict[Tensor, Size] = {}
    ends: dict[Tensor, int] = {}
    same: dict[int, Tensor] = {}
    changes: list[Size] = [0] * (len(trace.layers) + 2)
    for place, node in enumerate(trace.network.nodes):
        if isinstance(node, Requirement):
            same[place] = same.get(node.tensor.node, node.tensor)
            continue
        shapes = (next(inputs)[1],) if isinstance(node, Input) else next(rows).outputs
        if isinstance(node, Apply):
            step += 1
            for tensor in node.inputs:
                ends |= dict.fromkeys(_read(same.get(tensor.node, tensor), sizes), step)
        for port, shape in enumerate(shapes):
            tensor, born = Tensor(place, port), step if isinstance(node, Apply) else 0
            sizes[tensor], ends[tensor] = count_in(shape), born
            changes[born] = changes[born] + sizes[tensor]
    ends |= {same.get(tensor.node, tensor): step for tensor in trace.network.outputs}
    for tensor, end in ends.items():
        changes[end + 1] = changes[end + 1] - sizes[tensor]
    return list(accumulate(changes[:-1]))


def _read(tensor: Tensor, known: Mapping[Tensor, Size]) -> list[Tensor]:
    """Return the tensors that one stands for: all states of its layer, or itself."""
    if tensor.port != STATES:
        return [tensor]
    states = map(Tensor, repeat(tensor.node), count(1))
    return list(takewhile(known.__contains__, states))
