"""Merges that do not fit: edits that may bring their tensors together."""

from __future__ import annotations

from itertools import combinations, takewhile
from itertools import product as pairs_of
from math import prod
from typing import TYPE_CHECKING

from shapecalc.dims import Shape
from shapecalc.layers.arguments import spread
from shapecalc.layers.parameters import parameters
from shapecalc.network import Edit, Input, Reshape
from shapecalc.repair.failure import ancestors, differing, differing_axes, ways
from shapecalc.repair.fitting import (
    axes_order,
    poolings,
    projection,
    resizing,
    rounded,
    scaled,
    scaling,
    strides_of,
)
from shapecalc.repair.layers import FEATURES_RANK, changed, layout_of, sequences
from shapecalc.repair.widths import (
    flattened,
    keeping_sizes,
    same_padding,
    turned_row,
    unstrided,
    widths,
)
from shapecalc.repair.windows import exact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.repair.failure import Failure
    from shapecalc.tracing.rows import Row


def merge_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Yield edits by which one tensor of a merge is made like the other."""
    yield from _multiplied_axes(failure)
    yield from _other_ranks(failure)
    yield from _broadcast_width(failure)
    pair = _pair(failure)
    if pair is not None:
        # What is multiplied along an axis need not be of the same size elsewhere.
        maps = pair.spatial and "axes" not in parameters(type(failure.row.model))
        yield from pair.other_maps() if maps else pair.other_widths()


def grown_as_often(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Yield edits by which maps grow again by as much as they became smaller."""
    pair = _pair(failure)
    if pair is not None and pair.spatial:
        yield from pair.as_often()


def _pair(failure: Failure) -> _Pair | None:
    found = differing(failure.row.inputs)
    if found is None or 0 in differing_axes(failure.row):
        return None
    return _Pair(failure, found[0])


class _Pair:
    """Two tensors of a merge that differ: the main one, and the skip, which took fewer layers."""

    def __init__(self, failure: Failure, other: int) -> None:
        row = failure.row
        self.failure = failure
        ways_of = _apart(failure, other)
        places = [0, other]
        if len(ways_of[0]) < len(ways_of[1]):
            ways_of.reverse()
            places.reverse()
        self.main, self.skip = places
        self.path = ways_of[0]
        #: The layers of both, where both are branches, rather than one made of the other.
        self.branches = [*ways_of[0], *ways_of[1]] if ways_of[1] else []
        self.shapes = row.inputs
        self.layout = layout_of(failure.ancestors, row.inputs[0])
        channels = self.layout.channels if self.layout else -1
        self.channels = channels % len(row.inputs[0])
        self.axes = differing_axes(row)
        self.spatial = self.axes != [self.channels]

    def other_widths(self) -> Iterator[Sequence[Edit]]:
        """Make as many channels: by the layer that made them, or by a projection."""
        yield from _joined_axis(self.failure)
        yield from self._width(self.main, self.skip)
        yield from self._projected(self.skip, self.main)
        yield from self._width(self.skip, self.main)
        yield from self._projected(self.main, self.skip)

    def other_maps(self) -> Iterator[Sequence[Edit]]:
        """Make maps of the same size: a skip becomes smaller as the main path does."""
        failure, joins = (
            self.failure,
            {"axis", "dim"} & set(parameters(type(self.failure.row.model))),
        )
        for mine, theirs in ((self.main, self.skip), (self.skip, self.main)):
            yield from self._turned(mine, theirs)
        for each in self.branches:
            yield from unstrided(failure, each)
        if self.branches:
            yield from keeping_sizes(failure, _side_by_side(failure))
        if joins:
            yield from self._scaled(self.main, self.skip)
        yield from self._smaller_skip()
        same = list(same_padding(failure, learning=True))
        yield from same
        yield from _joined_axis(failure)
        nearest = list(self._nearest())
        yield from nearest[:1]
        sides = [(self.main, self.skip), (self.skip, self.main)]
        # A path of windows that stay inside is meant to lose its rim.
        for mine, theirs in reversed(sides) if same else sides:
            for layer in resizing(failure, self.layout, *self._shapes(mine, theirs)):
                yield from failure.inserted(failure.row, layer, read=mine)
        yield from nearest[1:]
        for mine, theirs in sides:
            yield from self._projected(mine, theirs)
        yield from same_padding(failure)

    def _shapes(self, mine: int, theirs: int) -> tuple[Shape, Shape]:
        return self.shapes[mine], self.shapes[theirs]

    def _width(self, mine: int, theirs: int) -> Iterator[Sequence[Edit]]:
        """Let the layer that made the channels make as many as the other tensor has."""
        width = self.shapes[theirs][self.channels]
        yield from widths(self.failure, _leading(self.failure, mine), width)

    def _projected(self, mine: int, theirs: int) -> Iterator[Sequence[Edit]]:
        shape, other = self._shapes(mine, theirs)
        pairs = enumerate(zip(shape, other, strict=True))
        wanted = tuple(b if axis in self.axes else a for axis, (a, b) in pairs)
        path = self.path if mine == self.skip else ()
        layer = projection(self.failure, self.layout, shape, wanted, path)
        if layer is not None:
            yield from self.failure.inserted(self.failure.row, layer, read=mine)

    def _scaled(self, mine: int, theirs: int) -> Iterator[Sequence[Edit]]:
        if self.layout is not None:
            shapes = self._shapes(mine, theirs)
            path = self.path if mine == self.main else ()
            for layer in scaled(self.failure, self.layout, *shapes, path, up=True):
                yield from self.failure.inserted(self.failure.row, layer, read=mine)

    def as_often(self) -> Iterator[Sequence[Edit]]:
        """Make the main path larger again by as much as its windows made it smaller."""
        layout = self.layout
        if layout is None:
            return
        scales = [
            (row, name, spread(getattr(row.model, name), layout.rank))
            for row, name in scaling(self.path)
        ]
        # Layers of another number of spatial axes stand between reshapes.
        growing = [each for each in scales if len(each[2]) == layout.rank]
        factors = [factor for _, _, factor in growing]
        for row, name, factor in growing:
            others = [
                prod(each) // own
                for each, own in zip(zip(*factors, strict=True), factor, strict=True)
            ]
            pairs = list(zip(strides_of(self.path, layout.rank), others, strict=True))
            amounts = tuple(down // up for down, up in pairs)
            whole = min(amounts) > 0 and all(down % up == 0 for down, up in pairs)
            if whole and amounts != tuple(factor):
                amount = amounts[0] if len(set(amounts)) == 1 else amounts
                layer = changed(row.model, **{name: amount})
                for each in (layer and list(exact(layer))) or [layer]:
                    yield from self.failure.replaced(row, each)

    def _turned(self, mine: int, theirs: int) -> Iterator[Sequence[Edit]]:
        """Put the axes of one tensor into the order of the other."""
        order = axes_order(*self._shapes(mine, theirs))
        if order is not None:
            layer = self.failure.made("Permute", dims=order)
            yield from self.failure.inserted(self.failure.row, layer, read=mine)

    def _smaller_skip(self) -> Iterator[Sequence[Edit]]:
        """Pool the skip as the main path is pooled, or project it with strides."""
        layers = poolings(self.path)
        if self.channels not in self.axes and layers:
            yield from self.failure.inserted(self.failure.row, *layers, read=self.skip)
        yield from self._projected(self.skip, self.main)

    def _nearest(self) -> Iterator[Sequence[Edit]]:
        """Yield the input sizes that can be halved and doubled again."""
        nodes = [n for n, node in enumerate(self.failure.network.nodes) if isinstance(node, Input)]
        if len(nodes) != 1 or self.layout is None:
            return
        ((_, shape),) = self.failure.trace.inputs
        mine, theirs = self._shapes(self.main, self.skip)
        gaps = [a - b for a, b in zip(mine, theirs, strict=True)]
        way = [row for row in self.failure.ancestors if len(row.outputs[0]) == len(mine)]
        if len(shape) == len(mine) and all(isinstance(gaps[axis], int) for axis in self.axes):
            for other in rounded(way, self.layout, shape):
                yield [Reshape(nodes[0], other)]


def _apart(failure: Failure, other: int) -> list[list[Row]]:
    """Return the layers that only one of two tensors of a merge went through, nearest first."""
    rows = {each.name: each for each in failure.trace.layers}
    common, *paths = ways(failure.trace, failure.row, other)
    return [
        [rows[name] for name, _ in takewhile(lambda at: at[0] != common, path) if name in rows]
        for path in paths
    ]


def _side_by_side(failure: Failure) -> list[Row]:
    """Return the layers through which only some of the tensors of a merge went."""
    others = range(1, len(failure.row.inputs))
    paths = [path for other in others for path in _apart(failure, other)]
    return [*{row.name: row for path in paths for row in path}.values()]


def _leading(failure: Failure, tensor: int) -> list[Row]:
    """Return the rows that lead to one of the tensors, nearest first."""
    return list(ancestors(failure.trace, [failure.row.sources[tensor]]))


def _other_ranks(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let recurrent layers return every step or only the last; else flatten what has more axes."""
    shapes = failure.row.inputs
    ranks = [len(shape) for shape in shapes]
    if len(set(ranks)) == 1:
        return
    yield from _unsqueezed(failure)
    for tensor, rank in enumerate(ranks):
        on = rank < max(ranks)
        for row in _leading(failure, tensor):
            if sequences(row.model) is (not on):
                yield from turned_row(failure, row, on=on)
    for tensor, rank in enumerate(ranks):
        if rank > FEATURES_RANK == min(ranks):
            flat, *pooled = flattened(failure, shapes[tensor])
            yield from failure.inserted(failure.row, flat, read=tensor)
            yield from _repeated(failure, shapes[tensor])
            for layer in pooled:
                yield from failure.inserted(failure.row, layer, read=tensor)
        if rank + 1 == max(ranks):
            yield from _one_more_axis(failure, tensor)


def _unsqueezed(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Put axes of size 1 where a tensor of fewer axes then fits, in a dialect that has a layer."""
    shapes = failure.row.inputs
    most = max(shapes, key=len)
    axis = getattr(failure.row.model, "dim", None)
    joined = axis % len(most) if isinstance(axis, int) else None
    for tensor, shape in enumerate(shapes):
        all_places = combinations(range(len(most)), len(most) - len(shape))
        # What has the batch in front keeps it there.
        for places in sorted(all_places, key=lambda each: 0 in each and shape[0] == most[0]):
            wide = list(shape)
            for place in places:
                wide.insert(place, 1)
            pairs = [pair for at, pair in enumerate(zip(wide, most, strict=True)) if at != joined]
            fits = all(a == b or (joined is None and 1 in {a, b}) for a, b in pairs)
            fits = fits and (0 in places or shape[0] == most[0])
            if places and (fits or (failure.rank and joined is None)):
                layers = [failure.made("Unsqueeze", dim=place) for place in places]
                yield from failure.inserted(failure.row, *layers, read=tensor)


def _repeated(failure: Failure, steps: Shape) -> Iterator[Sequence[Edit]]:
    """Give every step the single vector."""
    if len(steps) == FEATURES_RANK + 1:
        for tensor, shape in enumerate(failure.row.inputs):
            if len(shape) == FEATURES_RANK:
                layer = failure.made("RepeatVector", n=steps[1])
                yield from failure.inserted(failure.row, layer, read=tensor)


def _one_more_axis(failure: Failure, tensor: int) -> Iterator[Sequence[Edit]]:
    """Add an axis of size 1 to a tensor, where an input has it in its shape."""
    shape, node = failure.row.inputs[tensor], failure.row.node.inputs[tensor].node
    if isinstance(failure.network.nodes[node], Input):
        yield [Reshape(node, (*shape, 1))]
    layer = failure.made("Reshape", target_shape=(*shape[1:], 1))
    yield from failure.inserted(failure.row, layer, read=tensor)


def _broadcast_width(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let a vector that is to meet each place of a map have as many numbers as it has channels."""
    shapes = failure.row.inputs
    ranks = [len(shape) for shape in shapes]
    if {"axis", "axes", "dim"} & set(parameters(type(failure.row.model))) or len(set(ranks)) == 1:
        return
    width = shapes[ranks.index(max(ranks))][-1]
    for tensor, shape in enumerate(shapes):
        if len(shape) < max(ranks) and shape[-1] not in {width, 1}:
            yield from widths(failure, _leading(failure, tensor), width)
            layer = failure.made("Dense", units=width)
            yield from failure.inserted(failure.row, layer, read=tensor)


def _multiplied_axes(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Multiply along axes that have the same size, the last ones first."""
    row = failure.row
    if "axes" not in parameters(type(row.model)) or len(row.inputs) != 2:  # noqa: PLR2004  (a pair)
        return
    x, y = row.inputs
    choices = pairs_of(range(len(x) - 1, 0, -1), range(len(y) - 1, 0, -1))
    for pair in choices:
        if x[pair[0]] == y[pair[1]]:
            axes = pair[0] if pair[0] == pair[1] else pair
            yield from failure.replaced(row, changed(row.model, axes=axes))


def _joined_axis(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Join along the only axis in which the tensors differ."""
    row = failure.row
    if "axis" not in parameters(type(row.model)):
        return
    axes = differing_axes(row)
    if len(axes) == 1 and axes[0] != 0:
        yield from failure.replaced(row, changed(row.model, axis=axes[0]))


def attended_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Project the query of an attention to the width of the key, or what it is compared with."""
    row = failure.row
    if "value" not in row.model.reads or len(row.inputs) < 2:  # noqa: PLR2004  (query and value)
        return
    query, *others = row.inputs
    for read, mine, theirs in ((0, query, others[-1]), (1, others[0], query)):
        if mine[-1] != theirs[-1]:
            layer = failure.made("Dense", units=theirs[-1])
            yield from failure.inserted(row, layer, read=read)
