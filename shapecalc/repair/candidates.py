"""The edits that may repair a failure, likeliest first.

None is made for a special case; each is tried, and the trace says whether it works.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, Size, product
from shapecalc.layers.arguments import spread
from shapecalc.layers.letters import free_letter
from shapecalc.layers.parameters import flags, parameters
from shapecalc.network import Apply, Edit, Input, LeaveOut, Replace, Reshape
from shapecalc.repair.channels import CHANNELS, channel_edits
from shapecalc.repair.declared import declared_edits
from shapecalc.repair.failure import Miss, shrinks
from shapecalc.repair.layers import SPATIAL, changed, innermost, keeping_axes, unwrapped
from shapecalc.repair.merges import merge_edits
from shapecalc.repair.modules import module_edits, skip_edits
from shapecalc.repair.targets import FEATURES_RANK, target_edits, turned_sequences
from shapecalc.repair.unbuilt import build_edits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure

#: How many numbers are tried to be an image, and how many channels are likely at the least.
MAX_FOLDED: Final = 10_000_000
MIN_CHANNELS: Final = 16
#: From how many on the first numbers of a shape are taken for samples rather than steps.
MANY_SAMPLES: Final = 1000


def candidates(failure: Failure | Miss, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Give all edits for a failure; ``given`` tells whether input shapes came from outside."""
    if isinstance(failure, Miss):
        yield from target_edits(failure)
    elif failure.unbuilt:
        # The others would give the unknown size a letter, which is no repair.
        yield from build_edits(failure)
    elif failure.row.model.merges:
        yield from skip_edits(failure)
        yield from merge_edits(failure)
    else:
        yield from declared_edits(failure)
        yield from channel_edits(failure, given=given)
        yield from module_edits(failure)
        yield from _more_axes(failure, given=given)
        yield from _superfluous_axis(failure, given=given)
        yield from _keep_sequences(failure)
        yield from _later_steps(failure)
        if failure.rank:
            yield from _wrappers(failure)
            yield from _kept_axes(failure)
        yield from _smaller_window(failure)
        yield from _arguments(failure)
        if not failure.rank:
            yield from _wrappers(failure)
        yield from _without_reducer(failure)
        yield from _insertions(failure)
        yield from _without_layer(failure)


def _more_axes(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Give the input a batch or a channel axis, where the failing layer reads it directly."""
    if any(shrinks(row) for row in failure.ancestors) or len(failure.trace.inputs) != 1:
        return
    nodes = enumerate(failure.network.nodes)
    place, node = next((place, node) for place, node in nodes if isinstance(node, Input))
    ((_, shape),) = failure.trace.inputs
    if (node.origin is None and not given) or not failure.lacks_axis:
        return
    if getattr(failure.row.model, "shape", None) and not failure.rank:
        # A view takes any number of axes.
        return
    batch = free_letter(failure.network.dialect.letters.batch, set(failure.trace.letters))
    with_batch, with_channels = (batch, *shape), (*shape, 1)
    # Of three numbers before an image the first are the samples, if the last are no channels.
    layout = failure.row.model.layout()
    image = layout is not None and layout.rank > 1 and bool(shape) and shape[-1] not in CHANNELS
    likely_batch = bool(shape) and isinstance(shape[0], int) and not image
    for other in (with_batch, with_channels) if likely_batch else (with_channels, with_batch):
        yield [Reshape(place, other)]


def _superfluous_axis(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Take an axis of size 1, or that of samples, out of an input with one axis too many."""
    natural, shape = failure.row.model.natural_input(), failure.row.inputs[0]
    nodes = [n for n, node in enumerate(failure.network.nodes) if isinstance(node, Input)]
    if not failure.rank or natural is None or len(shape) != len(natural) + 1 or len(nodes) != 1:
        return
    ((_, known),) = failure.trace.inputs
    written = given or failure.network.nodes[nodes[0]].origin is not None
    for axis in range(1, len(known)):
        samples = axis == 1 and isinstance(known[1], int) and known[1] > MANY_SAMPLES
        if (known[axis] == 1 or samples) and known == shape and written:
            yield [Reshape(nodes[0], (*known[:axis], *known[axis + 1 :]))]


def _keep_sequences(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let a recurrent layer before return the state after every step."""
    if failure.rank:
        yield from turned_sequences(failure, on=True)


def _later_steps(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Apply this layer, and those of its class that come later, to every step."""
    if len(failure.row.inputs[0]) <= FEATURES_RANK or not failure.rank:
        return
    first, cls = failure.place(failure.row), type(failure.row.model)
    edits: list[Edit] = []
    for place, node in enumerate(failure.network.nodes[first:], first):
        if isinstance(node, Apply) and type(node.layer) is cls:
            layer = failure.wrapped(node.layer)
            edits += [Replace(place, layer)] if layer is not None else []
    if len(edits) > 1:
        yield edits


def _kept_axes(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let a pooling before keep the axes that it pools, with size 1."""
    for row in failure.ancestors:
        if shrinks(row):
            yield from failure.replaced(row, keeping_axes(row.model))
            return


def _smaller_window(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Pool over as many places as there are, where a window is too large for them."""
    row = failure.row
    layer, layout = innermost(row.model), innermost(row.model).layout()
    if "pool_size" not in parameters(type(layer)) or layout is None or failure.rank:
        return
    sizes = row.inputs[0][len(row.inputs[0]) - layout.rank - 2 :][layout.spatial]
    window: Any = getattr(layer, "pool_size", 1)
    windows = spread(window, layout.rank)
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) < layout.rank:
        return
    fitting = tuple(map(min, windows, numbers))
    if fitting == windows or max(fitting) == 1:
        return
    pool_size = fitting if len(set(fitting)) > 1 else fitting[0]
    yield from failure.replaced(row, changed(row.model, pool_size=pool_size))
    whole = all(size <= taps for size, taps in zip(numbers, windows, strict=True))
    if whole and layer is row.model:
        pooling = failure.made(f"Global{layer.called}", data_format=layout.data_format)
        yield from failure.replaced(row, pooling)


def _wrappers(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Take a wrapper from around a layer, or apply the layer to every step."""
    row = failure.row
    for layer in unwrapped(row.model):
        yield from failure.replaced(row, layer)
    # An input that is made for the layer itself has no steps for it to be applied to.
    given = failure.ancestors or failure.network.inputs[0].origin is not None
    if len(row.inputs[0]) > FEATURES_RANK and given:
        yield from failure.replaced(row, failure.wrapped(row.model))


def _arguments(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Pad, or change the number that does not fit."""
    row = failure.row
    layer = innermost(row.model)
    if "same" in flags(type(layer)) and getattr(layer, "padding", None) == "valid":
        yield from failure.replaced(row, changed(row.model, padding="same"))
        yield from _all_same(failure)
    yield from _fewer_groups(failure, layer)
    yield from _free_size(failure, layer)
    yield from _last_axis(failure, layer)


def _all_same(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let all convolutions up to this layer, or in the whole network, keep the size."""
    for last in (failure.place(failure.row), len(failure.network.nodes)):
        edits = [
            Replace(place, layer)
            for place, node in enumerate(failure.network.nodes)
            if place <= last
            and isinstance(node, Apply)
            and "kernel_size" in parameters(type(node.layer))
            and getattr(node.layer, "padding", None) == "valid"
            and (layer := changed(node.layer, padding="same")) is not None
        ]
        if len(edits) > 1:
            yield edits


def _fewer_groups(failure: Failure, layer: Layer) -> Iterator[Sequence[Edit]]:
    groups = getattr(layer, "groups", None)
    filters = getattr(layer, "filters", 0)
    if not isinstance(groups, int) or not isinstance(filters, int):
        return
    first = getattr(layer, "data_format", None) == "channels_first"
    # An input of too few axes has no channels, and fewer groups do not help it.
    channels = failure.row.inputs[0][1:2] if first else failure.row.inputs[0][-1:]
    if not channels or not isinstance(channels[0], int):
        return
    fitting = gcd(groups, channels[0], filters)
    yield from failure.replaced(failure.row, changed(failure.row.model, groups=fitting))


def _free_size(failure: Failure, layer: Layer) -> Iterator[Sequence[Edit]]:
    """Let one size of a reshape follow from the others, or project to as many as it takes."""
    sizes: tuple[Size, ...] = getattr(layer, "target_shape", ())
    if not sizes or -1 in sizes:
        return
    for axis in reversed(range(len(sizes))):
        target = (*sizes[:axis], -1, *sizes[axis + 1 :])
        yield from failure.replaced(failure.row, changed(failure.row.model, target_shape=target))
    flat = len(failure.row.inputs[0]) == 2  # noqa: PLR2004  (batch, features)
    dense = failure.made("Dense", units=product(sizes))
    yield from failure.inserted(failure.row, *([] if flat else [failure.made("Flatten")]), dense)


def _last_axis(failure: Failure, layer: Layer) -> Iterator[Sequence[Edit]]:
    """Work on the last axis, which every input has."""
    axis = getattr(layer, "axis", None)
    if isinstance(axis, int) and axis != parameters(type(layer))["axis"].default:
        yield from failure.replaced(failure.row, changed(failure.row.model, axis=-1))


def _without_reducer(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Leave out the nearest layer that dropped an axis."""
    for row in failure.ancestors:
        if shrinks(row) and not row.weights:
            yield [LeaveOut(failure.place(row))]
            return


def _without_layer(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Go on without the failing layer, where it learns nothing."""
    layer = failure.row.model
    learns = any(name.endswith("_initializer") for name in parameters(type(layer)))
    learns = learns or layer.declares is not None
    if not learns and not layer.holds:
        yield [LeaveOut(failure.place(failure.row))]


def _insertions(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Put a layer before the failing one that gives it another number of axes."""
    for layer in _other_ranks(failure):
        yield from failure.inserted(failure.row, layer)


def _other_ranks(failure: Failure) -> Iterator[Layer | None]:
    shape = failure.row.inputs[0]
    rank = len(shape)
    with_channel = failure.made("Reshape", target_shape=(*shape[1:], 1))
    if rank > 3:  # noqa: PLR2004  (batch, steps, features)
        yield failure.made("TimeDistributed", layer=failure.made("Flatten"))
        yield failure.made("Reshape", target_shape=(-1, shape[-1]))
        if rank - 2 in SPATIAL:
            yield failure.made(f"GlobalAveragePooling{rank - 2}D")
        yield failure.made("Flatten")
    elif rank == 3:  # noqa: PLR2004
        yield failure.made("Flatten")
        yield failure.made("GlobalAveragePooling1D")
        yield with_channel
    elif rank == 2:  # noqa: PLR2004
        yield from _folded(failure, shape[-1], len(failure.row.model.natural_input() or ()) - 2)
        yield failure.made("RepeatVector", n=_steps(failure))
        yield with_channel


def _folded(failure: Failure, size: Size, axes: int) -> Iterator[Layer | None]:
    """Reshape a row of numbers to a square image, or a cube; one with some channels first."""
    if not isinstance(size, int) or axes < 2 or size > MAX_FOLDED:  # noqa: PLR2004  (an image)
        return
    sides = [n for n in range(round(size ** (1 / axes)) + 1, 1, -1) if size % n**axes == 0]
    sides.sort(key=lambda side: size // side**axes < MIN_CHANNELS)
    for side in sides[:1]:
        yield failure.made("Reshape", target_shape=(*[side] * axes, size // side**axes))


def _steps(failure: Failure) -> Size:
    """Return how many steps there were last, where that is a number, or a letter for them."""
    sequences = [row.inputs[0] for row in failure.ancestors if row.inputs]
    known = next((shape[1] for shape in sequences if len(shape) == FEATURES_RANK + 1), None)
    if isinstance(known, int):
        return known
    used = failure.trace.letters
    names = ("T", "N", "S", "T_1", "N_1", "S_1")
    return Dim(next(name for name in names if name not in used))
