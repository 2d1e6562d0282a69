"""Inputs and tensors with another number of axes than a layer needs: edits that give it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim, Shape, Size
from shapecalc.layers.letters import free_letter
from shapecalc.layers.parameters import parameters
from shapecalc.network import Apply, Edit, Input, LeaveOut, Replace, Reshape
from shapecalc.repair.channels import CHANNELS, SEQUENCE
from shapecalc.repair.failure import shrinks
from shapecalc.repair.layers import FEATURES_RANK, SPATIAL, sequences, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure

#: How many numbers are tried to be an image, and how many channels are likely at the least.
MAX_FOLDED: Final = 10_000_000
MIN_CHANNELS: Final = 16
#: How many channels a picture has that is an input.
IMAGE_CHANNELS: Final = (1, 3)
#: The letters that an axis of samples usually has.
BATCHES: Final = ("B", "N")
#: From how many on the first numbers of a shape are taken for samples rather than steps.
MANY_SAMPLES: Final = 1000


def more_axes(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
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
    letter = failure.network.dialect.letters.batch
    with_channels = (*shape, 1)
    if shape and str(shape[0]) in {letter, *BATCHES}:
        yield [Reshape(place, with_channels)]
        return
    with_batch = (free_letter(letter, set(failure.trace.letters)), *shape)
    # Of three numbers before an image the first are the samples, if the last are not channels.
    layout = failure.row.model.layout()
    image = layout is not None and layout.rank > 1 and bool(shape) and shape[-1] not in CHANNELS
    likely_batch = bool(shape) and not (image and isinstance(shape[0], int))
    for other in (with_batch, with_channels) if likely_batch else (with_channels, with_batch):
        yield [Reshape(place, other)]


def superfluous_axis(failure: Failure, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Take an axis of size 1, or that of samples, out of an input with one axis too many."""
    natural, shape = failure.row.model.input_letters(), failure.row.inputs[0]
    nodes = [n for n, node in enumerate(failure.network.nodes) if isinstance(node, Input)]
    if not failure.rank or natural is None or len(shape) != len(natural) + 1 or len(nodes) != 1:
        return
    ((_, known),) = failure.trace.inputs
    if known != shape or not (given or failure.network.nodes[nodes[0]].origin is not None):
        return
    pictures = len(natural) > SEQUENCE
    for axis in range(1, len(known)):
        # The last axis of pictures has their channels, of which there may be 1.
        alone = known[axis] == 1 and not (pictures and axis == len(known) - 1 and _large(known))
        if alone or (axis == 1 and _samples(failure, known, pictures=pictures)):
            yield [Reshape(nodes[0], (*known[:axis], *known[axis + 1 :]))]


def _large(shape: Shape) -> bool:
    return shape[-2] not in CHANNELS


def _samples(failure: Failure, shape: Shape, *, pictures: bool) -> bool:
    """Return whether the axis behind the batch is one of samples, rather than of steps."""
    if not isinstance(shape[1], int) or isinstance(shape[0], int):
        return False
    steps = any(sequences(layer) is not None for layer in failure.network.layers)
    return shape[1] > MANY_SAMPLES or (pictures and shape[-1] in CHANNELS and not steps)


def later_steps(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Apply this layer to every step, and those that follow: up to what reads steps, or alike."""
    if len(failure.row.inputs[0]) <= FEATURES_RANK or not failure.rank:
        return
    first, cls = failure.place(failure.row), type(failure.row.model)
    rest = list(enumerate(failure.network.nodes[first:], first))
    applied = [(place, node.layer) for place, node in rest if isinstance(node, Apply)]
    reading = [place for place, layer in applied if sequences(layer) is not None]
    if reading and reading[0] > first and failure.row.model.layout() is not None:
        until = [(place, layer) for place, layer in applied if place < reading[0]]
        every = [(place, layer) for place, layer in until if not layer.keeps_rank]
        yield from _every_step(failure, every)
    yield from _every_step(
        failure, [(place, layer) for place, layer in applied if type(layer) is cls]
    )


def _every_step(failure: Failure, applied: Sequence[tuple[int, Layer]]) -> Iterator[Sequence[Edit]]:
    """Apply layers to every step, where there are several."""
    wrapped = [(place, failure.wrapped(layer)) for place, layer in applied]
    edits = [Replace(place, layer) for place, layer in wrapped if layer is not None]
    if len(edits) > 1:
        yield edits


def unembedded(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Leave out an embedding that reads vectors, or give it the numbers of words."""
    for row in failure.ancestors:
        embeds = {"input_dim", "output_dim"} <= parameters(type(row.model)).keys()
        if embeds and failure.rank and len(row.inputs[0]) > FEATURES_RANK:
            words = row.node.inputs[0].node
            numbers: list[Edit] = [Reshape(words, row.inputs[0][:-1])]
            written = isinstance(failure.network.nodes[words], Input)
            one = row.inputs[0][-1] == 1
            yield from [numbers] if written and one else []
            yield [LeaveOut(failure.place(row))]
            yield from [numbers] if written and not one else []


def fewer_spatial_axes(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let all layers that slide over pictures slide over steps, where there are only steps."""
    layout = failure.row.model.layout()
    if layout is None or layout.rank == 1 or not failure.lacks_axis:
        return
    edits = []
    for place, node in enumerate(failure.network.nodes):
        found = node.layer.layout() if isinstance(node, Apply) else None
        if isinstance(node, Apply) and found is not None and found.rank == layout.rank:
            name = re.sub(r"\d(?=[dD]$)", str(layout.rank - 1), type(node.layer).__name__)
            layer = failure.made(name, **node.layer.given())
            if layer is None:
                return
            edits.append(Replace(place, layer))
    yield edits


def flattened_steps(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Make a vector of the picture of each step, for a layer that reads steps."""
    shape = failure.row.inputs[0]
    if sequences(failure.row.model) is None or len(shape) <= SEQUENCE:
        return
    maps = any(getattr(row.model.layout(), "rank", 1) > 1 for row in failure.ancestors)
    square = any(isinstance(a, int) and a == b for a, b in pairwise(shape[1:]))
    if maps or square or shape[-1] in CHANNELS:
        yield from failure.inserted(failure.row, failure.wrapped(failure.made("Flatten")))


def wrappers(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Take a wrapper from around a layer, or apply the layer to every step."""
    row = failure.row
    for layer in unwrapped(row.model):
        yield from failure.replaced(row, layer)
    # An input that is made for the layer itself has no steps for it to be applied to.
    given = failure.ancestors or failure.network.inputs[0].origin is not None
    if len(row.inputs[0]) > FEATURES_RANK and given:
        yield from failure.replaced(row, failure.wrapped(row.model))


def insertions(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Put a layer before the failing one that gives it another number of axes."""
    for layer in _other_ranks(failure):
        yield from failure.inserted(failure.row, layer)


def _other_ranks(failure: Failure) -> Iterator[Layer | None]:
    shape = failure.row.inputs[0]
    rank = len(shape)
    with_channel = failure.made("Reshape", target_shape=(*shape[1:], 1))
    if rank > 3:  # noqa: PLR2004  (batch, steps, features)
        if len(failure.row.model.input_letters() or ()) == FEATURES_RANK:
            yield failure.made("Flatten")
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
        yield from _folded(failure, shape[-1], len(failure.row.model.input_letters() or ()) - 2)
        steps = _steps(failure)
        if steps is None:
            yield with_channel
        yield failure.made("RepeatVector", n=_any_steps(failure) if steps is None else steps)
        yield with_channel


def _folded(failure: Failure, size: Size, axes: int) -> Iterator[Layer | None]:
    """Reshape a row of numbers to a square image, or a cube, of as many channels as are likely."""
    if not isinstance(size, int) or axes < 2 or size > MAX_FOLDED:  # noqa: PLR2004  (an image)
        return
    sides = [n for n in range(round(size ** (1 / axes)) + 1, 1, -1) if size % n**axes == 0]
    model = failure.row.model
    if model.declared is not None:
        sides = [side for side in sides if size // side**axes == model.declared]
    elif any(row.weights for row in failure.ancestors):
        sides.sort(key=lambda side: size // side**axes < MIN_CHANNELS)
    else:
        sides.sort(key=lambda side: size // side**axes not in IMAGE_CHANNELS)
    layout = model.layout()
    first = layout is not None and layout.data_format == "channels_first"
    for side in sides[:1]:
        spatial, channels = [side] * axes, size // side**axes
        shape = (channels, *spatial) if first else (*spatial, channels)
        keras = failure.made("Reshape", target_shape=shape)
        yield keras or failure.made("Unflatten", dim=1, unflattened_size=shape)


def _steps(failure: Failure) -> Size | None:
    """Return how many steps there were last; None where there were none."""
    sequences_before = [row.inputs[0] for row in failure.ancestors if row.inputs]
    known = [shape[1] for shape in sequences_before if len(shape) == SEQUENCE]
    if known and not isinstance(known[0], int):
        return _any_steps(failure)
    return known[0] if known else None


def _any_steps(failure: Failure) -> Dim:
    """Return a letter for as many steps as there may be."""
    used = failure.trace.letters
    names = ("T", "N", "S", "T_1", "N_1", "S_1")
    return Dim(next(name for name in names if name not in used))
