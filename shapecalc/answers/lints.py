"""What a model and a loss compute without an error, and what is not meant: each with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.analysis.axes import Axes
from shapecalc.analysis.endings import ending_of
from shapecalc.dims import letters
from shapecalc.layers.layout import FEATURES, other_name
from shapecalc.layers.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.analysis.endings import Ending
    from shapecalc.dims import Size
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.losses import Loss
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

SOFTMAX_OF_ONE: Final = "softmax-of-one"

#: The lints by name, each with what it is about.
LINTS: Final = {
    SOFTMAX_OF_ONE: "a softmax over one unit gives 1 for every sample",
    "sigmoid-of-several": "a loss over exclusive classes reads probabilities that do not sum to 1",
    "logits": "a loss of probabilities reads logits",
    "probabilities": "a loss of logits reads probabilities",
    "broadcast": "y and the output broadcast, and each value is compared with others",
    "batch": "a reshape changes the number of samples",
    "norm-axis": "a BatchNormalization learns per position of an axis that is not the channels",
    "steps": "a layer over steps reads channels, or the batch, as its steps",
}


class Lint(NamedTuple):
    """A lint: its name, what is wrong, and the layer that it is about."""

    rule: str
    message: str
    row: Row | None = None
    #: The activation that the layer should have, where that is known.
    activation: str | None = None


def of_loss(ending: Ending, loss: Loss) -> Iterator[Lint]:
    """Yield likely mistakes in an output under a loss."""
    kind, row = ending.range, ending.activation
    if alone := _alone(ending):
        yield alone
        return
    if kind is None or kind in loss.due or ending.activation is None:
        return
    is_among = bool(loss.classes)
    if kind is Range.SHARES and is_among and Range.DISTRIBUTION in loss.due:
        message = f"{loss.name} expects class probabilities"
        yield Lint(
            "sigmoid-of-several", f"{message}, but those of sigmoid do not sum to 1", row, "softmax"
        )
    elif kind in {Range.DISTRIBUTION, Range.SHARES, Range.LOGARITHMS} and _is_of_logits(loss):
        if kind is Range.LOGARITHMS and is_among:
            return  # which a second log_softmax does not change
        message = f"{loss.name} expects logits, but {ending.name} outputs {kind.value}"
        yield Lint("probabilities", message, row, "linear")
    elif kind in {Range.NUMBERS, Range.POSITIVE, Range.SIGNED} and _is_of_probabilities(loss):
        given = f"{ending.name} outputs {kind.value}" if ending.name else "the output is logits"
        due = Range.DISTRIBUTION if Range.DISTRIBUTION in loss.due else loss.due[0]
        wanted = "softmax" if is_among else "sigmoid"
        if due is Range.LOGARITHMS:
            wanted = "log_softmax"
        yield Lint("logits", f"{loss.name} expects {due.value}, but {given}", row, wanted)
    elif kind in {Range.DISTRIBUTION, Range.SHARES} and loss.due == (Range.LOGARITHMS,):
        message = (
            f"{loss.name} expects {Range.LOGARITHMS.value}, but {ending.name} outputs {kind.value}"
        )
        yield Lint("logits", message, row, "log_softmax")


def _alone(ending: Ending) -> Lint | None:
    """Return that a softmax has nothing to share: over one unit its output is always 1."""
    if ending.range is not Range.DISTRIBUTION or ending.width != 1:
        return None
    message = "softmax over one unit outputs 1 for every sample, so nothing is learned"
    return Lint(SOFTMAX_OF_ONE, message, ending.activation, "sigmoid")


def _is_of_logits(loss: Loss) -> bool:
    return Range.NUMBERS in loss.due and (bool(loss.classes) or "0 or 1" in _kinds(loss))


def _is_of_probabilities(loss: Loss) -> bool:
    return set(loss.due) <= {Range.DISTRIBUTION, Range.SHARES, Range.LOGARITHMS}


def _kinds(loss: Loss) -> set[str]:
    return {target.name for target in loss.takes}


def of_trace(trace: Trace) -> Iterator[Lint]:
    """Yield likely mistakes in the layers themselves."""
    axes = Axes(trace)
    for row in trace.layers:
        # Along other axes there may be one position today, and more tomorrow.
        if (ending := ending_of(row)).axis == -1 and (alone := _alone(ending)):
            yield alone
        if row.model.learns_per_channel:
            yield from _normalized(row, axes)
        if _inner(row.model).reads_steps:
            yield from _stepped(row, axes)
        if row.model.attends_along_steps and len(row.outputs[0]) == 2:  # noqa: PLR2004
            yield Lint("steps", f"{row.name} attends along the batch: it reads no steps", row)
    yield from _multiplied(trace)


def _multiplied(trace: Trace) -> Iterator[Lint]:
    batch = trace.inputs[0][1][:1] if trace.inputs else ()
    for row in trace.layers:
        rows = _rows_made(row, batch[0]) if batch else None
        if rows is not None:
            text = f"{row.name} turns {batch[0]} samples into {rows}"
            yield Lint("batch", text, row)
            return


def _normalized(row: Row, axes: Axes) -> Iterator[Lint]:
    names = axes.read.get(row.name)
    for axis in row.model.feature_axes():
        other = other_name(names, axis)
        channels = [at for at, name in enumerate(names or ()) if name in FEATURES]
        if other is not None and channels:
            text = f"{row.name} normalizes each position of the {other}, not each channel"
            yield Lint("norm-axis", f"{text}: the channels are axis {channels[0]}", row)


def _stepped(row: Row, axes: Axes) -> Iterator[Lint]:
    """Yield a recurrent layer whose steps are something else by the layer before it."""
    given = axes.given.get(row.sources[0])
    natural = row.model.input_letters()
    known = row.dialect.letters.names
    if given is None or natural is None or len(given) != len(natural) or row.node.inputs[0].port:
        return
    for axis, letter in enumerate(natural):
        is_steps = known.get(letter) in {"steps", "length"}
        is_batch = str(row.inputs[0][axis]) == row.dialect.letters.batch
        name = "batch" if is_batch else given[axis]
        if is_steps and name in {*FEATURES, "batch"}:
            text = f"{row.name} reads the {name} of {row.sources[0]} as its steps"
            yield Lint("steps", text, row)


def _inner(layer: Layer) -> Layer:
    """Return the layer that one wraps, or itself."""
    return layer.inside()[0] if layer.holds == "layer" else layer


def _rows_made(row: Row, batch: Size) -> Size | None:
    """Return how many samples a reshape makes of the batch; None where it is as it was."""
    name = str(batch)
    if isinstance(batch, int) or not row.outputs or not row.model.reshapes:
        return None
    if batch in row.outputs[0] or batch not in row.inputs[0]:
        return None
    return next((size for size in row.outputs[0] if name in letters(size)), None)
