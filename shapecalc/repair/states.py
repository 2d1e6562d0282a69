"""Initial states that do not fit: what a recurrent layer may read of the one that gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import ShapecalcError
from shapecalc.layers.parameters import parameters
from shapecalc.network import STATES, Edit, Joined, Read, Replace, Tensor
from shapecalc.repair.layers import changed, innermost, sequences
from shapecalc.repair.widths import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Size
    from shapecalc.layers.layer import Layer
    from shapecalc.repair.failure import Failure
    from shapecalc.tracing.rows import Row

#: What states that are joined are called: the hidden state, and the memory of an LSTM.
LABELS = ("h", "c")


def state_edits(failure: Failure) -> Iterator[Sequence[Edit]]:
    """Let a layer read the states of the encoder that it reads, joined where there are two."""
    row = failure.row
    read = row.node.inputs[1:]
    if not row.model.reads_states or not read:
        return
    if all(len(shape) == 2 for shape in row.inputs[1:]):  # noqa: PLR2004  (states have no steps)
        width = row.inputs[1][-1]
        yield from failure.replaced(row, _wide(row.model, width))
    encoders = {tensor.node for tensor in read}
    giving = [each for each in failure.trace.layers if failure.place(each) in encoders]
    if len(giving) == len(encoders) == 1 and sequences(giving[0].model) is not None:
        yield from _encoder(failure, giving[0])


def _encoder(failure: Failure, encoder: Row) -> Iterator[Sequence[Edit]]:
    row, place = failure.row, failure.place(encoder)
    needed = _states(failure.row.model, row)
    layer = _giving(failure, encoder)
    given = _states(layer, encoder)
    turned = [Replace(place, layer)] if layer != encoder.model else []
    target = failure.place(row)
    tensors = [Tensor(place, port) for port in range(1, given + 1)]
    both = "merge_mode" in parameters(type(encoder.model))
    if needed < 1 or given < 1:
        return
    if needed == given:
        yield [*turned, Read(target, (Tensor(place, STATES),))]
    elif both and given == 2 * needed:
        yield from _joined(failure, encoder, tensors, turned)
    elif needed == 2 * given:
        yield [*turned, Read(target, (*tensors, *tensors))]
    elif needed < given:
        yield [*turned, Read(target, tuple(tensors[:needed]))]


def _joined(
    failure: Failure, encoder: Row, tensors: Sequence[Tensor], turned: Sequence[Edit]
) -> Iterator[Sequence[Edit]]:
    """Put the states of both directions side by side, or add them up."""
    row, half = failure.row, len(tensors) // 2
    target, pairs = failure.place(row), list(zip(tensors[:half], tensors[half:], strict=True))
    width = getattr(innermost(encoder.model), "units", None)
    wide = None if width is None else _wide(row.model, 2 * width)
    for merge, layer in (("Concatenate", wide), ("Add", row.model)):
        joined = failure.made(merge)
        if joined is not None and layer is not None:
            made = (Joined(joined, pair, LABELS[n]) for n, pair in enumerate(pairs))
            other = [Replace(target, layer)] if layer != row.model else []
            yield [*turned, Read(target, tuple(made)), *other]


def _wide(layer: Layer, width: Size) -> Layer | None:
    """Return a layer with states of another width."""
    known = parameters(type(innermost(layer)))
    return next((changed(layer, **{name: width}) for name in WIDTHS if name in known), None)


def _giving(failure: Failure, encoder: Row) -> Layer:
    """Return an encoder that gives its states, and every step only where that is read."""
    place, model = failure.place(encoder), encoder.model
    if getattr(innermost(model), "return_state", False):
        return model
    reading = [
        tensor
        for node in failure.network.nodes
        if node is not failure.row.node
        for tensor in getattr(node, "inputs", ())
    ]
    outputs = (*reading, *failure.network.outputs)
    steps = {} if Tensor(place) in outputs else {"return_sequences": False}
    return changed(model, return_state=True, **steps) or model


def _states(layer: Layer, row: Row) -> int:
    """Return how many states a recurrent layer has, which is that of a row or as it."""
    giving = changed(layer, return_state=True)
    try:
        shapes = giving.compute_output_shape(row.inputs[0]) if giving else ()
    except ShapecalcError:
        return 0
    return len(shapes) - 1
