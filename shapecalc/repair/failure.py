"""Where a trace stopped: the layer that failed, those that lead to it, and which is to blame."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import shape_text
from shapecalc.errors import RankError, SpecError
from shapecalc.language.printer import layer_text
from shapecalc.layers.built import UnbuiltError
from shapecalc.layers.layout import Layout
from shapecalc.network import Append, Insert, Replace
from shapecalc.repair.layers import layout_of, sequences
from shapecalc.tracing.naming import node_names
from shapecalc.tracing.trace import stop_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.dims import Shape, Size

    #: Tensors on the way back to an input, with their shapes.
    Path = list[tuple[str, Shape]]
    from shapecalc.errors import ShapecalcError
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Missed, Trace

#: How many sizes of a path are shown.
MAX_SIZES: Final = 12


class Stopped:
    """A trace that stopped, and what leads to where it did.

    Attributes:
        trace: what was traced before, and of which network.
        sources: the names of the tensors that lead there.
        left: how much is left to repair: how many nodes come after the one that failed, how many
            axes are wrong there, and by how much.
    """

    def __init__(
        self, trace: Trace, sources: Sequence[str], left: int, missed: int = 0, by: int = 0
    ) -> None:
        self.network = trace.network
        self.trace = trace
        self.left = (left, missed, by)
        self.sources = sources

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(node): place for place, node in enumerate(self.network.nodes)}

    def place(self, row: Row) -> int:
        """Return the place of the node of a row."""
        return self._places[id(row.node)]

    def made(self, cls: str, **arguments: Any) -> Layer | None:  # noqa: ANN401
        """Make a layer of the dialect; None where there is none, or where it refuses arguments."""
        catalogue = self.network.dialect.catalogue
        if catalogue.find(cls) is None:
            return None
        try:
            return catalogue.layer(cls, **arguments)
        except SpecError:
            return None

    def wrapped(self, layer: Layer | None, times: int = 1) -> Layer | None:
        """Make a layer that applies one to every step, along so many axes of steps."""
        for _ in range(times):
            layer = self.made("TimeDistributed", layer=layer)
        return layer

    def pooling(self, rank: int) -> Iterator[Layer | None]:
        """Make layers that pool all of so many spatial axes: with channels last, and first."""
        name = f"GlobalAveragePooling{rank}D"
        yield self.made(name)
        yield self.made(name, data_format="channels_first")

    def replaced(self, row: Row, layer: Layer | None) -> Iterator[Sequence[Edit]]:
        """Yield the replacement of the layer of a row, if there is one and it differs."""
        if layer is not None and layer != row.model:
            yield [Replace(self.place(row), layer)]

    def inserted(self, row: Row, *layers: Layer | None, read: int = 0) -> Iterator[Sequence[Edit]]:
        """Put layers into a tensor that a row reads; nothing where one of them is none."""
        known = tuple(layer for layer in layers if layer is not None)
        if len(known) == len(layers):
            yield [Insert(self.place(row), known, read)]

    @cached_property
    def ancestors(self) -> Sequence[Row]:
        """The rows that lead to where it stopped, nearest first."""
        return list(ancestors(self.trace, self.sources))


class Failure(Stopped):
    """A trace that stopped at a layer.

    Attributes:
        row: the layer that failed, with what it got.
        unbuilt: whether a weight would be over an unknown size.
        rank: whether its input has another number of axes than it needs.
    """

    def __init__(self, trace: Trace, row: Row, error: ShapecalcError) -> None:
        nodes = trace.network.nodes
        place = next(n for n, node in enumerate(nodes) if node is row.node)
        missed = len(differing_axes(row)) if row.model.merges else 0
        super().__init__(trace, row.sources, len(nodes) - place - 1, missed)
        self.row = row
        self.unbuilt = isinstance(error, UnbuiltError)
        self.rank = isinstance(error, RankError)

    @property
    def lacks_axis(self) -> bool:
        """Whether its input has one axis too few, as far as known how many it needs."""
        natural = self.row.model.input_letters()
        return natural is not None and len(self.row.inputs[0]) + 1 == len(natural)


class Miss(Stopped):
    """A trace in which a tensor has not the shape that is required of it.

    Attributes:
        tensor: the tensor.
        shape: the shape that it has.
        pattern: the one that is required; None in it matches any size.
    """

    def __init__(self, trace: Trace, missed: Missed) -> None:
        count = len(trace.network.nodes)
        left = -1 if missed.node is None else count - missed.node - 1
        ranks = len(missed.shape), len(missed.pattern)
        pairs = list(zip(missed.shape, missed.pattern, strict=False))
        wrong = sum(required is not None and size != required for size, required in pairs)
        wrong += abs(ranks[0] - ranks[1]) * max(ranks)
        gaps = [size - required for size, required in pairs if required is not None]
        by = sum(abs(gap) for gap in gaps if isinstance(gap, int))
        name = node_names(trace.network)[missed.tensor.node]
        super().__init__(trace, [name], left, wrong, by)
        self.tensor, self.shape, self.pattern = missed.tensor, missed.shape, missed.pattern

    @cached_property
    def layout(self) -> Layout:
        """Where the axes of the tensor stand: with the channels last, if no layer says it."""
        # What a layer says of its axes ends where they are put into another order.
        behind = takewhile(
            lambda row: row.outputs == row.inputs or not reordered(row), self.ancestors
        )
        return layout_of(behind, self.shape) or Layout(len(self.shape) - 2)

    def appended(self, layer: Layer | None) -> Iterator[Sequence[Edit]]:
        """Put a layer behind the tensor; nothing where there is none."""
        if layer is not None:
            yield [Append(self.tensor.node, (layer,))]


def failure_of(error: ShapecalcError) -> Failure | Miss | None:
    """Return where a trace stopped; None where the error is not about shapes."""
    stop = stop_of(error)
    if stop is None:
        return None
    if stop.missed is not None:
        return Miss(stop.trace, stop.missed)
    return None if stop.row is None else Failure(stop.trace, stop.row, error)


def ancestors(trace: Trace, sources: Sequence[str]) -> Iterator[Row]:
    """Return the rows that lead to tensors, nearest first."""
    rows = {row.name: row for row in trace.layers}
    waiting = deque(sources)
    seen: set[str] = set()
    while waiting:
        name = waiting.popleft()
        if name in seen or name not in rows:
            continue
        seen.add(name)
        yield rows[name]
        waiting += rows[name].sources


def reordered(row: Row) -> bool:
    """Return whether a layer gives the sizes that it gets, perhaps in another order."""
    return len(row.inputs) == 1 and sorted(map(str, row.inputs[0])) == sorted(
        map(str, row.outputs[0])
    )


def shrinks(row: Row) -> bool:
    """Return whether a layer gives fewer axes than it gets."""
    return bool(row.inputs and row.outputs) and len(row.outputs[0]) < len(row.inputs[0])


def reasons(error: ShapecalcError, failure: Failure | Miss, *, given: bool) -> Iterable[str]:
    """Say which layer is to blame; ``given`` tells whether the input shape came from outside."""
    if isinstance(failure, Miss):
        return _miss_reasons(failure)
    if isinstance(error, RankError):
        return _rank_reasons(failure, given=given)
    if failure.row.model.merges:
        return _merge_reasons(failure.trace, failure.row)
    return ()


def _miss_reasons(miss: Miss) -> Iterator[str]:
    """Say how the axis that is wrong became so, and which layer lost or kept one too many."""
    surplus = len(miss.shape) - len(miss.pattern)
    (name,) = miss.sources
    if surplus:
        for row in miss.ancestors:
            if sequences(row.model) is (surplus > 0):
                what = "returns every step" if surplus > 0 else "returns only its last step"
                yield f"{row.name} {what}: return_sequences is {surplus > 0}"
                return
        return
    for axis, (size, required) in enumerate(zip(miss.shape, miss.pattern, strict=True)):
        if required is not None and size != required:
            sizes = _sizes(_path(miss.trace, name), None, axis, len(miss.shape))
            if len(sizes) > 1:
                yield f"axis {axis} to {name}: {_shortened(sizes)}"


def _rank_reasons(failure: Failure, *, given: bool) -> Iterator[str]:
    """Say where the axis was lost that the layer lacks, or which one the input may lack."""
    rank, nodes = len(failure.row.inputs[0]), failure.network.inputs
    if given and len(nodes) == 1 and nodes[0].origin is not None:
        yield f"the spec expects {shape_text(nodes[0].shape)}"
    culprit = next((row for row in failure.ancestors if shrinks(row)), None)
    if culprit is not None:
        if len(culprit.outputs[0]) == rank:
            yield _shrinking(culprit)
    elif failure.lacks_axis and (failure.network.inputs[0].origin is not None or given):
        yield "shapes include the batch: the batch or the channels may be missing in the input"


def _shrinking(row: Row) -> str:
    layer = row.model.in_spec()
    written = row.name if layer is None else layer_text(layer, row.dialect)
    if sequences(row.model) is False:
        return f"{written} before it returns only its last step: return_sequences is False"
    before, after = shape_text(row.inputs[0]), shape_text(row.outputs[0])
    return f"{written} before it turns {before} into {after}"


def differing(shapes: Sequence[Shape]) -> tuple[int, int] | None:
    """Return the first tensor of a merge that differs from the first one, and in which axis."""
    first = shapes[0]
    for place, shape in enumerate(shapes[1:], 1):
        if len(shape) == len(first):
            for axis, (a, b) in enumerate(zip(first, shape, strict=True)):
                if a != b:
                    return place, axis
    return None


def differing_axes(row: Row) -> list[int]:
    """Return the axes in which two tensors of a merge differ, and must not."""
    found = differing(row.inputs)
    if found is None:
        return []
    other, _ = found
    merged = getattr(row.model, "axis", getattr(row.model, "dim", None))
    rank = len(row.inputs[0])
    skipped = merged % rank if isinstance(merged, int) else None
    pairs = enumerate(zip(row.inputs[0], row.inputs[other], strict=True))
    apart = [(axis, a, b) for axis, (a, b) in pairs if a != b and axis != skipped]
    if merged is not None or hasattr(row.model, "axes"):
        return [axis for axis, _, _ in apart]
    return [axis for axis, a, b in apart if axis == 0 or not _repeats(a, b)]


def _repeats(a: Size, b: Size) -> bool:
    """Return whether one size is 1, which is broadcast to the other, element-wise."""
    return isinstance(a, int) and isinstance(b, int) and 1 in {a, b}


def _merge_reasons(trace: Trace, row: Row) -> Iterator[str]:
    """Say how a size changed from the tensor that both come from to each of them."""
    axes = differing_axes(row)
    found = differing(row.inputs)
    if found is None or not axes:
        return
    other, _ = found
    common, *paths = ways(trace, row, other)
    for place, path in zip((0, other), paths, strict=True):
        name = row.sources[place]
        sizes = _sizes(path, common, axes[0])
        if len(sizes) > 1:
            begin = f"from {common} to" if common else "up to"
            yield f"axis {axes[0]} {begin} {name}: {_shortened(sizes)}"


def ways(trace: Trace, row: Row, other: int) -> tuple[str | None, Path, Path]:
    """Return the tensor that the first and another one of a merge come from, and both ways back."""
    one, two = (_path(trace, row.sources[place]) for place in (0, other))
    reached = dict(two)
    return next((name for name, _ in one if name in reached), None), one, two


def _shortened(sizes: Sequence[Size]) -> str:
    """Write sizes one after the other, of many the first and the last."""
    shown = [str(size) for size in sizes]
    if len(shown) > MAX_SIZES:
        shown = [*shown[: MAX_SIZES // 2], "…", *shown[-MAX_SIZES // 2 :]]
    return ", ".join(shown)


def _path(trace: Trace, name: str) -> Path:
    """Return the tensors on the way back to an input, through the first that each layer reads."""
    rows = {row.name: row for row in trace.layers}
    inputs = dict(trace.inputs)
    path: Path = []
    while name in rows:
        row = rows[name]
        path.append((name, row.outputs[0]))
        if not row.sources:
            break
        name = row.sources[0]
    if name in inputs:
        path.append((name, inputs[name]))
    return path


def _sizes(path: Path, common: str | None, axis: int, rank: int | None = None) -> list[Size]:
    """Return the sizes of an axis from the common tensor on, each once; as long as the rank is."""
    sizes: list[Size] = []
    for name, shape in path:
        if rank is not None and len(shape) != rank:
            break
        size = shape[axis] if axis < len(shape) else None
        if size is not None and (not sizes or sizes[-1] != size):
            sizes.append(size)
        if name == common:
            break
    return sizes[::-1]
