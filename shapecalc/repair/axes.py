"""Axes that a layer works on, and those that it should: edits of torch's ``dim`` and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.layers.parameters import parameters
from shapecalc.network import Append
from shapecalc.repair.channels import SEQUENCE
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit
    from shapecalc.repair.failure import Failure, Stopped

#: Parameters that name one axis.
NAMES: Final = ("dim", "axis", "dim0", "dim1", "start_dim", "end_dim")


def axes_that_are_there(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Name an axis that the input has where one is named that it has not."""
    row, rank = failure.row, len(failure.row.inputs[0])
    for name in NAMES:
        axis = getattr(row.model, name, None)
        if isinstance(axis, int) and not -rank <= axis < rank:
            last = (-1, *range(1, rank - 1)) if name in NAMES[:2] else range(1, rank)
            for other in (*last, 0):
                yield from failure.replaced(row, changed(row.model, **{name: other}))


def other_reductions(failure: Failure, declared: Size) -> Iterator[Sequence[Edit]]:
    """Reduce over all axes but the batch and the one that has the declared size."""
    for row in filter(lambda each: each.inputs, failure.ancestors[:1]):
        for layer in _keeping(row.inputs[0], declared, row.model):
            yield from failure.replaced(row, layer)


def _keeping(x: Shape, declared: Size, layer: Layer) -> Iterator[Layer | None]:
    if not {"dim", "keepdim"} <= parameters(type(layer)).keys():
        return
    for axis, size in enumerate(x[1:], 1):
        if size == declared:
            dims = tuple(other for other in range(1, len(x)) if other != axis)
            yield changed(layer, dim=dims[0] if len(dims) == 1 else dims)


def mean_of_places(stopped: Stopped, shape: Shape, *, first: bool) -> Layer | None:
    """Make the mean over all axes of places, with the channels first, or last."""
    dims = range(2, len(shape)) if first else range(1, len(shape) - 1)
    return stopped.made("Mean", dim=tuple(dims))


def last_steps(stopped: Stopped) -> Iterator[Sequence[Edit]]:
    """Go on with the last step of what a recurrent module of torch returns of every step."""
    for row in stopped.ancestors:
        batch_first = getattr(row.model, "batch_first", None)
        if isinstance(batch_first, bool) and "hidden_size" in parameters(type(row.model)):
            axis = int(batch_first and len(row.outputs[0]) == SEQUENCE)
            layer = stopped.made("Select", dim=axis, index=-1)
            if layer is not None:
                yield [Append(stopped.place(row), (layer,))]
