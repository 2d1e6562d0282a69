"""The edits that may repair a failure, likeliest first.

None is made for a special case; each is tried, and the trace says whether it works.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

from shapecalc.layers.arguments import spread
from shapecalc.layers.parameters import flags, parameters
from shapecalc.network import Apply, Edit, LeaveOut, Replace
from shapecalc.repair.axes import axes_that_are_there
from shapecalc.repair.channels import channel_edits
from shapecalc.repair.declared import declared_edits
from shapecalc.repair.failure import Miss, shrinks
from shapecalc.repair.layers import FEATURES_RANK, changed, innermost, keeping_axes, sequences
from shapecalc.repair.merges import attended_edits, grown_as_often, merge_edits
from shapecalc.repair.modules import module_edits, skip_edits
from shapecalc.repair.order import moved_back, moved_forward, moved_into_merge
from shapecalc.repair.ranks import (
    fewer_spatial_axes,
    flattened_steps,
    insertions,
    later_steps,
    more_axes,
    superfluous_axis,
    unembedded,
    wrappers,
)
from shapecalc.repair.reshapes import reshape_edits
from shapecalc.repair.states import state_edits
from shapecalc.repair.targets import target_edits
from shapecalc.repair.unbuilt import build_edits
from shapecalc.repair.widths import turned_sequences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure


def candidates(failure: Failure | Miss, *, given: bool) -> Iterator[Sequence[Edit]]:
    """Yield all edits for a failure; ``given`` tells whether input shapes came from outside."""
    if isinstance(failure, Miss):
        yield from target_edits(failure)
    elif failure.unbuilt:
        # The others would give the unknown size a letter, which is not a repair.
        yield from build_edits(failure)
    elif failure.row.model.merges:
        yield from moved_into_merge(failure)
        yield from grown_as_often(failure)
        yield from skip_edits(failure)
        yield from merge_edits(failure)
    else:
        yield from state_edits(failure)
        yield from moved_forward(failure)
        yield from reshape_edits(failure, getattr(failure.row.model, "target_shape", ()))
        yield from declared_edits(failure)
        yield from axes_that_are_there(failure)
        yield from channel_edits(failure, given=given)
        yield from module_edits(failure)
        yield from unembedded(failure)
        yield from more_axes(failure, given=given)
        yield from superfluous_axis(failure, given=given)
        yield from fewer_spatial_axes(failure)
        yield from _keep_sequences(failure)
        yield from later_steps(failure)
        if failure.rank:
            yield from _last_steps(failure, learning=False)
            yield from flattened_steps(failure)
            yield from wrappers(failure)
            yield from _last_steps(failure, learning=True)
            if sequences(failure.row.model) is not None:
                yield from _without_reducer(failure)
            yield from _kept_axes(failure)
        yield from _smaller_window(failure)
        yield from _arguments(failure)
        if not failure.rank:
            yield from attended_edits(failure)
            yield from wrappers(failure)
        yield from _without_reducer(failure)
        yield from moved_back(failure)
        yield from insertions(failure)
        yield from _without_layer(failure)


def _keep_sequences(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let a recurrent layer before return the state after every step."""
    if failure.rank:
        yield from turned_sequences(failure, on=True)


def _last_steps(failure: Failure, *, learning: bool) -> Iterator[Sequence[Edit]]:
    """Let a recurrent layer before return only the last step, for a layer that reads features."""
    row = failure.row
    features = len(row.model.input_letters() or ()) == FEATURES_RANK
    if features and learning is (row.model.declares is not None or _learns(row.model)):
        yield from turned_sequences(failure, on=False)


def _learns(layer: Layer) -> bool:
    return any(name.endswith("_initializer") for name in parameters(type(layer)))


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


def _arguments(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Pad, or change the number that does not fit."""
    row = failure.row
    layer = innermost(row.model)
    if "same" in flags(type(layer)) and getattr(layer, "padding", None) == "valid":
        yield from _all_same(failure)
        yield from failure.replaced(row, changed(row.model, padding="same"))
    yield from _fewer_groups(failure, layer)
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


def _last_axis(failure: Failure, layer: Layer) -> Iterator[Sequence[Edit]]:
    """Work on the last axis, which every input has."""
    axis = getattr(layer, "axis", None)
    if isinstance(axis, int) and axis != parameters(type(layer))["axis"].default:
        yield from failure.replaced(failure.row, changed(failure.row.model, axis=-1))


def _without_reducer(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Leave out the nearest layer that dropped an axis, or that of each branch before a merge."""
    reducers = [row for row in failure.ancestors if shrinks(row) and not row.weights]
    for row in reducers[:1]:
        yield [LeaveOut(failure.place(row))]
    alike = [row for row in reducers if type(row.model) is type(reducers[0].model)]
    if len(alike) > 1:
        yield [LeaveOut(failure.place(row)) for row in alike]


def _without_layer(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Go on without the failing layer, where it learns nothing."""
    layer = failure.row.model
    if not _learns(layer) and layer.declares is None and not layer.holds:
        yield [LeaveOut(failure.place(failure.row))]
