"""What a model and a loss compute without an error, and what is not meant: each with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.layers.losses import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.analysis.endings import Ending
    from shapecalc.layers.losses import Loss
    from shapecalc.tracing.rows import Row, Trace

#: The lints by name, each with what it is about.
LINTS: Final = {
    "softmax-of-one": "a softmax over one unit gives 1 for every sample",
    "sigmoid-of-several": "a loss of one class among several reads shares that do not add up to 1",
    "logits": "a loss of probabilities reads logits",
    "probabilities": "a loss of logits reads probabilities",
    "broadcast": "y and the output broadcast, so that numbers are compared with others",
    "batch": "a reshape changes the number of samples",
    "norm-axis": "a BatchNormalization learns for each place of the width, not for each channel",
    "steps": "a recurrent layer reads the channels of an image as its steps",
}


class Lint(NamedTuple):
    """A lint: its name, what is wrong, and the layer that it is about."""

    rule: str
    message: str
    row: Row | None = None
    #: The activation that the layer should have, where that is known.
    activation: str | None = None


def of_loss(ending: Ending, loss: Loss) -> Iterator[Lint]:
    """What is not meant of an output under a loss."""
    kind, row = ending.range, ending.activation
    if kind is Range.DISTRIBUTION and ending.width == 1:
        message = "softmax over one unit gives 1 for every sample: nothing is learned"
        yield Lint("softmax-of-one", message, row, "sigmoid")
        return
    if kind is None or kind in loss.due or ending.activation is None:
        return
    is_among = bool(loss.classes)
    if kind is Range.SHARES and is_among and Range.DISTRIBUTION in loss.due:
        message = f"{loss.name} expects one class among several, but sigmoid gives each its own"
        yield Lint("sigmoid-of-several", f"{message}: shares do not add up to 1", row, "softmax")
    elif kind in {Range.DISTRIBUTION, Range.SHARES, Range.LOGARITHMS} and _is_of_logits(loss):
        if kind is Range.LOGARITHMS and is_among:
            return  # which a second log_softmax does not change
        message = f"{loss.name} expects logits, but {ending.name} gives {kind.value}"
        yield Lint("probabilities", message, row, "linear")
    elif kind in {Range.NUMBERS, Range.POSITIVE, Range.SIGNED} and _is_of_probabilities(loss):
        given = f"{ending.name} gives {kind.value}" if ending.name else "the output has logits"
        due = Range.DISTRIBUTION if Range.DISTRIBUTION in loss.due else loss.due[0]
        wanted = "softmax" if is_among else "sigmoid"
        if due is Range.LOGARITHMS:
            wanted = "log_softmax"
        yield Lint("logits", f"{loss.name} expects {due.value}, but {given}", row, wanted)
    elif kind in {Range.DISTRIBUTION, Range.SHARES} and loss.due == (Range.LOGARITHMS,):
        message = f"{loss.name} expects {Range.LOGARITHMS.value}, but {ending.name} gives none"
        yield Lint("logits", message, row, "log_softmax")


def _is_of_logits(loss: Loss) -> bool:
    return Range.NUMBERS in loss.due and (bool(loss.classes) or "0 or 1" in _kinds(loss))


def _is_of_probabilities(loss: Loss) -> bool:
    return set(loss.due) <= {Range.DISTRIBUTION, Range.SHARES, Range.LOGARITHMS}


def _kinds(loss: Loss) -> set[str]:
    return {target.name for target in loss.takes}


def of_trace(trace: Trace) -> Iterator[Lint]:
    """What is not meant of the layers themselves."""
    first: dict[int, bool] = {}
    places = {id(node): place for place, node in enumerate(trace.network.nodes)}
    for row in trace.layers:
        reads_first = any(first.get(tensor.node, False) for tensor in row.node.inputs)
        place = places[id(row.node)]
        layout = row.model.layout()
        if layout is not None and layout.data_format is not None and layout.rank > 1:
            first[place] = layout.data_format == "channels_first"
        else:
            first[place] = reads_first and row.model.transparent
        if reads_first and _normalizes_last(row):
            first[place] = True
            yield Lint(
                "norm-axis",
                f"{row.name} learns for each place of the last axis, which is the width: "
                "the layer before it is channels_first, so the channels are axis 1",
                row,
            )


def _normalizes_last(row: Row) -> bool:
    axis = getattr(row.model, "axis", None)
    rank = len(row.inputs[0]) if row.inputs else 0
    name = type(row.model).__name__
    return name == "BatchNormalization" and rank > 2 and axis in {-1, rank - 1}  # noqa: PLR2004
