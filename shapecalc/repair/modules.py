"""Repairs of torch's modules and functions: windows and padding, skips, views, targets.

Their sizes are declared in numbers, so that what one of them makes another one must say too.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Size, product
from shapecalc.layers.arguments import spread
from shapecalc.layers.layout import Layout
from shapecalc.layers.letters import free_letter
from shapecalc.layers.parameters import parameters
from shapecalc.network import Input, LeaveOut, Replace, Reshape
from shapecalc.repair.failure import differing, differing_axes
from shapecalc.repair.fitting import factor_of, framed, projection
from shapecalc.repair.layers import SPATIAL, changed, padded
from shapecalc.repair.widths import widths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit
    from shapecalc.repair.failure import Failure
    from shapecalc.tracing.rows import Row

#: Whose modules they are for.
TORCH: Final = "torch"
#: How many axes stand before the spatial ones: batch and channels.
FRONT: Final = 2
CHANNELS_FIRST: Final = "channels_first"


def module_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Yield edits of a layer that does not fit its input."""
    if failure.row.model.framework != TORCH:
        return
    if failure.rank:
        yield from _other_rank(failure)
    else:
        yield from _batch_first(failure)
        yield from _larger_batch(failure)
        yield from _window(failure)
        yield from _groups(failure)
        yield from _view(failure)
    yield from _normalized(failure)
    yield from _padding_row(failure)
    yield from _target(failure)


def _takes(layer: Layer, *names: str) -> bool:
    known = parameters(type(layer))
    return all(name in known for name in names)


def _other_rank(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Take the module of the same name for as many spatial axes as there are: conv2d for conv1d."""
    row = failure.row
    name, rank = row.model.called, len(row.inputs[0]) - FRONT
    if name[-2:] in {f"{n}d" for n in SPATIAL} and rank in SPATIAL and name[-2] != str(rank):
        yield from failure.replaced(row, failure.made(f"{name[:-2]}{rank}d", **row.model.given()))


def _batch_first(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Read the batch first where it is read behind the steps."""
    if getattr(failure.row.model, "batch_first", None) is False:
        yield from failure.replaced(failure.row, changed(failure.row.model, batch_first=True))


def _larger_batch(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Leave the size of a batch of one open, which is too few for what a norm learns from it."""
    row = failure.row
    ((_, shape), *others) = failure.trace.inputs
    place = next(n for n, node in enumerate(failure.network.nodes) if isinstance(node, Input))
    if _takes(row.model, "track_running_stats") and shape[:1] == (1,) and not others:
        letter = failure.network.dialect.letters.batch
        yield [Reshape(place, (free_letter(letter, set(failure.trace.letters)), *shape[1:]))]


def _window(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Pad what a kernel is too large for, take a smaller one, or leave out what made it so small.

    Padding that keeps the size comes first: ``(reach - 1)/2`` at both ends.
    """
    row = failure.row
    layer, layout = row.model, row.model.layout()
    if layout is None or not _takes(layer, "kernel_size", "stride"):
        return
    sizes = row.inputs[0][layout.spatial]
    numbers = [size for size in sizes if isinstance(size, int)]
    kernel = spread(getattr(layer, "kernel_size"), layout.rank)  # noqa: B009  (of torch alone)
    if len(numbers) < layout.rank or all(a >= b for a, b in zip(numbers, kernel, strict=True)):
        return
    yield from failure.replaced(row, _padded(layer))
    fitting = tuple(map(min, kernel, numbers))
    if min(fitting) > 0:
        smaller = fitting[0] if len(set(fitting)) == 1 else fitting
        yield from failure.replaced(row, changed(layer, kernel_size=smaller))
    yield from padded_before(failure, [row, *failure.ancestors])
    for before in failure.ancestors:
        if not before.weights and _takes(before.model, "kernel_size"):
            yield [LeaveOut(failure.place(before))]


def _padded(layer: Layer) -> Layer | None:
    """Return a convolution whose padding keeps the size; None of other layers."""
    return padded(layer) if _takes(layer, "out_channels") else None


def padded_before(failure: Failure, rows: Sequence[Row]) -> Iterator[Sequence[Edit]]:
    """Let the convolutions that lead to a tensor keep the size: each of them, or all."""
    edits: list[Edit] = []
    for row in rows:
        layer = _padded(row.model)
        if layer is not None and layer != row.model:
            edits.append(Replace(failure.place(row), layer))
    for edit in edits:
        yield [edit]
    if len(edits) > 1:
        yield edits


def _normalized(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Normalize the last axes that come in."""
    shape: Any = getattr(failure.row.model, "normalized_shape", ())
    x, count = failure.row.inputs[0], 1 if isinstance(shape, int) else len(shape)
    if 0 < count < len(x):
        last = x[-1] if count == 1 else x[-count:]
        yield from failure.replaced(failure.row, changed(failure.row.model, normalized_shape=last))


def _padding_row(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Name the last row of an embedding where one is named that it has not, or have that one."""
    row, index = failure.row, getattr(failure.row.model, "padding_idx", None)
    rows = getattr(row.model, "num_embeddings", None)
    if isinstance(index, int) and isinstance(rows, int) and not -rows <= index < rows:
        for near in (rows - 1, -index - 1):
            yield from failure.replaced(row, changed(row.model, padding_idx=near))


def _groups(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Take as many groups as share all channels equally."""
    row = failure.row
    layout = row.model.layout()
    if layout is None or not _takes(row.model, "groups", "out_channels"):
        return
    channels = row.inputs[0][layout.channels]
    made: Any = getattr(row.model, "out_channels")  # noqa: B009
    groups: Any = getattr(row.model, "groups")  # noqa: B009
    if isinstance(channels, int) and isinstance(made, int):
        yield from failure.replaced(row, changed(row.model, groups=gcd(groups, channels, made)))


def _view(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Give a view the numbers of an example, or let it find a size that does not fit."""
    row = failure.row
    x, sizes = row.inputs[0], getattr(row.model, "unflattened_size", ())
    if sizes and -1 not in sizes and len(x) == FRONT:
        yield from _as_wide(failure, product(sizes))
    shape: tuple[Size, ...] = getattr(row.model, "shape", ())
    if not shape or not _takes(row.model, "shape"):
        return
    if len(shape) == FRONT and len(x) > 1:
        yield from failure.replaced(row, changed(row.model, shape=(shape[0], product(x[1:]))))
    for axis in reversed(range(len(shape))):
        target = tuple(-1 if n == axis else size for n, size in enumerate(shape))
        if target.count(-1) == 1:
            yield from failure.replaced(row, changed(row.model, shape=target))
    if len(x) == FRONT < len(shape) and -1 not in shape[1:]:
        yield from _as_wide(failure, product(shape[1:]))


def _as_wide(failure: Failure, width: Size) -> Iterator[Sequence[Edit]]:
    """Make as many features as are divided into axes: by the layer before, or by one more."""
    yield from widths(failure, failure.ancestors, width)
    given = failure.row.inputs[0][-1]
    linear = failure.made("Linear", in_features=given, out_features=width)
    yield from failure.inserted(failure.row, linear)


def _target(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Bring the output and the target of a loss together."""
    row = failure.row
    if "target" not in row.model.reads or len(row.inputs) != 2:  # noqa: PLR2004  (and the target)
        return
    x, target = row.inputs
    for read, shape in ((1, target), (0, x)):
        for axis in range(len(shape) - 1, 0, -1):
            if shape[axis] == 1:
                yield from failure.inserted(row, failure.made("Squeeze", dim=(axis,)), read=read)
    yield from _given_target(failure, target)
    if len(x) > FRONT and target[:1] == x[:1] and x[1:-1] == target[1:]:
        # The classes stand last.
        order = (0, len(x) - 1, *range(1, len(x) - 1))
        layer = failure.made("Transpose", dim0=1, dim1=2)
        yield from failure.inserted(
            row, layer if len(x) == FRONT + 1 else failure.made("Permute", dims=order)
        )
    if len(target) == len(x) and len(x) > 1 and target[1] != 1:
        yield from _wider(failure, target[1])
        yield from failure.inserted(row, failure.made("Argmax", dim=1), read=1)
    if len(target) == len(x) - 1:
        yield from failure.inserted(row, failure.made("Unsqueeze", dim=-1), read=1)


def _given_target(failure: Failure, target: Shape) -> Iterator[Sequence[Edit]]:
    """Yield a target that is an input without an axis of size 1."""
    place = failure.row.node.inputs[1].node
    if isinstance(failure.network.nodes[place], Input):
        for axis in range(len(target) - 1, 0, -1):
            if target[axis] == 1:
                yield [Reshape(place, (*target[:axis], *target[axis + 1 :]))]


def _wider(failure: Failure, width: Size) -> Iterator[Sequence[Edit]]:
    """Let the last layer that makes features make so many."""
    for row in failure.ancestors:
        for name in ("out_features", "out_channels"):
            if _takes(row.model, name):
                yield from failure.replaced(row, changed(row.model, **{name: width}))
                return
        if not (row.model.keeps_rank or row.model.keeps_axes):
            return


def skip_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Yield edits that bring the sizes of a skip connection together."""
    yield from _turned_factor(failure)
    row, found = failure.row, differing(failure.row.inputs)
    if found is None or row.model.framework != TORCH:
        return
    axes, (other, _) = differing_axes(row), found
    dim = getattr(row.model, "dim", None)
    if dim is not None and len(axes) == 1 and axes[0] != 0:
        yield from failure.replaced(row, changed(row.model, dim=axes[0]))
    sides = ((0, other), (other, 0))
    spatial = [axis for axis in axes if axis >= FRONT]
    if spatial and spatial == axes:
        for mine, theirs in sides:
            yield from _rescaled(failure, mine, row.inputs[theirs])
        yield from padded_before(failure, [row, *failure.ancestors])
        for mine, theirs in sides:
            layout = Layout(len(row.inputs[mine]) - FRONT, CHANNELS_FIRST)
            if _multiples(row.inputs[mine], row.inputs[theirs]):
                continue
            for layer in framed(failure, layout, row.inputs[mine], row.inputs[theirs]):
                yield from failure.inserted(row, layer, read=mine)
    for mine, theirs in reversed(sides):
        for layer in _projection(failure, row.inputs[mine], row.inputs[theirs], axes):
            yield from failure.inserted(row, layer, read=mine)


def _multiples(mine: Shape, theirs: Shape) -> bool:
    """Return whether maps are so many times as large as others, rather than a few places."""
    pairs = list(zip(mine[FRONT:], theirs[FRONT:], strict=True))
    return all((factor_of(a, b) or factor_of(b, a) or 0) > 1 for a, b in pairs)


def _turned_factor(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Turn the second of two matrices that are multiplied."""
    row = failure.row
    product_of = {"Matmul", "Bmm", "Mm"}
    # Of a tensor and a constant there is one input.
    several = len(row.inputs) > 1 and min(map(len, row.inputs)) >= FRONT
    if row.model.called in product_of and several:
        x, y = row.inputs
        if x[-1] == y[-1]:
            layer = failure.made("Transpose", dim0=-2, dim1=-1)
            yield from failure.inserted(row, layer, read=1)


def _rescaled(failure: Failure, tensor: int, theirs: Shape) -> Iterator[Sequence[Edit]]:
    """Let what made a tensor larger make it as large as the other one."""
    rows = {each.name: each for each in failure.ancestors}
    row = rows.get(failure.row.sources[tensor])
    while row is not None:
        mine = row.outputs[0]
        if _takes(row.model, "size", "scale_factor"):
            size = theirs[FRONT:]
            each = size[0] if len(set(size)) == 1 else size
            yield from failure.replaced(row, changed(row.model, size=each, scale_factor=None))
            return
        if _takes(row.model, "output_padding"):
            gaps = [b - a for a, b in zip(mine[FRONT:], theirs[FRONT:], strict=False)]
            if all(isinstance(gap, int) and gap >= 0 for gap in gaps):
                gap = gaps[0] if len(set(gaps)) == 1 else tuple(gaps)
                yield from failure.replaced(row, changed(row.model, output_padding=gap))
            return
        if not (row.model.keeps_rank or row.model.keeps_axes) or not row.sources:
            return
        row = rows.get(row.sources[0])


def _projection(
    failure: Failure, mine: Shape, theirs: Shape, axes: Sequence[int]
) -> Iterator[Layer | None]:
    """Yield the layer by which a shortcut gets other channels, and with a stride other sizes."""
    rank = len(mine) - FRONT
    if 0 in axes or getattr(failure.row.model, "dim", None) is not None:
        return
    if rank in SPATIAL and (1 in axes or rank > 1):
        yield projection(failure, Layout(rank, CHANNELS_FIRST), mine, theirs)
    if list(axes) == [len(mine) - 1]:
        yield projection(failure, None, mine, theirs)
